"""Deep dream: ours against the loop of the Keras example, and tiles against the whole picture."""

import statistics
import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from skimage.data import astronaut

from benchmarks.table import Row
from keras_course.applications.deep_dream import deep_dream
from keras_course.applications.deep_dream.dreaming import dream_gradient
from keras_course.applications.deep_dream.objective import DreamObjective
from keras_course.applications.pictures import as_uint8
from keras_course.inspection.tiles import shapes_at, tiles_of, whole_picture
from keras_course.models import load_features

BAR = 0.5  # of the time of the Keras example
SIDE = 384
LAYER = "stage4_conv2"
OCTAVES, SCALE, STEPS = 3, 1.4, 20
RATE = 0.005  # the example's 0.01 for pixels in [-1, 1]
OUR_STEPS = 10
ROUNDS = 2
TILES = (128, 100)  # one side that divides the picture's, one that doesn't
LARGEST_ERROR = 1e-4  # of the largest gradient
LARGEST_SEAM = 1.05  # times the mean edge


def run() -> list[Row]:
    """Measures ours and the example in turn, from the picture to the picture, with all compiling; then the tiles."""
    features = load_features()
    picture = as_uint8(tf.image.resize(astronaut() / np.float32(255), (SIDE, SIDE), antialias=True).numpy())
    return [*_speed(features, picture), *(_tiled(features, picture, side) for side in TILES)]


def _speed(features: keras.Model, picture: np.ndarray) -> list[Row]:
    ways = {
        "example": lambda: keras_example(features, picture, clip=False),
        "ours": lambda: deep_dream(picture, features=features, layers=LAYER, steps=OUR_STEPS).image,
        "clipped": lambda: keras_example(features, picture, clip=True),
        "as many steps": lambda: (
            deep_dream(picture, features=features, layers=LAYER, steps=STEPS, step_size=0.01).image
        ),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    gains = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            image = way()
            seconds[name].append(time.perf_counter() - start)
            gains[name] = _strength(features, image) / _strength(features, picture)

    def row(ours: str, theirs: str, what: str, judged: bool) -> Row:
        ratio = statistics.median(a / b for a, b in zip(seconds[ours], seconds[theirs], strict=True))
        times = [statistics.median(seconds[name]) for name in (ours, theirs)]
        measured = (
            f"{ratio:.2f} of its time ({times[0]:.1f} s against {times[1]:.1f} s, {ROUNDS} rounds); "
            f"strength times {gains[ours]:.1f} against {gains[theirs]:.1f}"
        )
        met = ratio <= BAR and gains[ours] >= gains[theirs]
        bar = f"<= {BAR} of its time, at no less strength" if judged else "for comparison"
        return Row(f"{features.name}, {LAYER}, {SIDE}x{SIDE}: {what}", measured, bar, met or not judged)

    plain, clipped = "the Keras example's loop, 3 octaves x 20 steps", "that loop, clipped to [0, 1] after each step"
    return [
        row("ours", "example", f"3 octaves x {OUR_STEPS} steps of `deep_dream` / {plain}", True),
        row("ours", "clipped", f"the same / {clipped}", False),
        row("as many steps", "clipped", f"3 octaves x {STEPS} steps, half as large / {clipped}", False),
    ]


def keras_example(features: keras.Model, picture: np.ndarray, *, clip: bool) -> np.ndarray:
    """Is the loop of keras.io/examples/generative/deep_dream, for one layer and pixels in [0, 1]."""
    extractor = keras.Model(features.inputs[0], features.get_layer(f"{LAYER}_relu").output)

    @tf.function
    def ascent_step(image: tf.Tensor, rate: float) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(image)
            maps = extractor(image)
            loss = tf.reduce_sum(tf.square(maps[:, 2:-2, 2:-2, :])) / tf.reduce_prod(
                tf.cast(tf.shape(maps), tf.float32)
            )
        gradient = tape.gradient(loss, image)
        gradient /= tf.maximum(tf.reduce_mean(tf.abs(gradient)), 1e-6)
        return loss, image + rate * gradient

    original: Any = tf.constant(picture[np.newaxis] / np.float32(255))
    shapes = [tuple(int(side / SCALE**number) for side in picture.shape[:2]) for number in range(OCTAVES)][::-1]
    shrunk, image = tf.image.resize(original, shapes[0]), original
    for shape in shapes:
        image = tf.image.resize(image, shape)
        for _ in range(STEPS):
            _, image = ascent_step(image, RATE)
            image = tf.clip_by_value(image, 0, 1) if clip else image
        same_size = tf.image.resize(original, shape)
        image += same_size - tf.image.resize(shrunk, shape)
        shrunk = same_size
    return as_uint8(image.numpy()[0])


def _strength(features: keras.Model, image: np.ndarray) -> float:
    extractor = keras.Model(features.inputs[0], features.get_layer(f"{LAYER}_relu").output)
    return float(tf.reduce_mean(extractor(image[np.newaxis] / np.float32(255)) ** 2))


def _tiled(features: keras.Model, picture: np.ndarray, side: int) -> Row:
    """Compares one gradient, and looks for seams in a picture that was dreamed without shifts."""
    size = picture.shape[:2]
    objective = DreamObjective(features, LAYER)
    shapes = shapes_at(objective.network, objective.layers, size)
    whole = whole_picture([shapes[id(layer)] for layer in objective.layers], size)
    tiles = tiles_of(objective.network, objective.layers, size, side)
    image = tf.constant(picture[np.newaxis] / np.float32(255))
    expected, found = (
        tf.function(dream_gradient(objective, one, size))(image, objective.weights)[1].numpy() for one in (whole, tiles)
    )
    error = np.abs(found - expected).max() / np.abs(expected).max()
    stride = SIDE // shapes[id(objective.layers[0])][1]
    places = np.unique((tiles.corners + tiles.first[:, 0] * stride)[:, 0])[1:]  # the same along both axes
    options = {"features": features, "layers": LAYER, "octaves": 1, "steps": STEPS, "step_size": 0.01, "jitter": 0}
    dreams = [deep_dream(picture, **options, tile_size=one).image for one in (side, None)]
    seams = [_edge_at_seams(dream, places) for dream in dreams]
    measured = (
        f"largest difference of a gradient {error:.0e} of its largest value; edges at the {len(places)} seams of each "
        f"axis {seams[0]:.3f} of the mean edge ({seams[1]:.3f} untiled)"
    )
    what = f"{features.name}, {LAYER}, {SIDE}x{SIDE} in tiles of {side} (windows of {tiles.window[0]}), {STEPS} steps"
    bar = f"<= {LARGEST_ERROR:.0e}; <= {LARGEST_SEAM}"
    return Row(what, measured, bar, bool(error <= LARGEST_ERROR and seams[0] <= LARGEST_SEAM))


def _edge_at_seams(image: np.ndarray, places: np.ndarray) -> float:
    """Returns the mean step from pixel to pixel across seams, over that across all rows and columns."""
    values = image.astype(float)
    steps = [np.abs(np.diff(values, axis=axis)).mean(axis=(1 - axis, 2)) for axis in (0, 1)]
    return float(np.mean([one[places - 1].mean() for one in steps]) / np.mean([one.mean() for one in steps]))
