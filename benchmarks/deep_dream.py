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
from keras_course.inspection.tiles import Tiles, shapes_at, tiles_of, whole_picture
from keras_course.models import load_features

BAR = 0.5  # of the time of the Keras example
SIDE = 384
LAYER = "stage4_conv2"
OCTAVES, SCALE, STEPS = 3, 1.4, 20
RATE = 0.005  # the example's 0.01 for pixels in [-1, 1]
OUR_STEPS = 8  # the default
ROUNDS = 5
TILED_SIDE, TILED_LAYER = 192, "stage3_conv3"
TILES = (64, 100)  # one side that divides the picture's, one that doesn't
LARGEST_ERROR = 1e-4  # of the largest gradient
LARGEST_SEAM = 1.05  # of the mean edge; the photograph, and so the untiled dream, may have an edge of its own there


def run() -> list[Row]:
    """Measures ours and the example in turn, from the picture to the picture, with all compiling; then the tiles."""
    features = load_features()
    return [*_speed(features, _picture(SIDE)), *_tiled(features, _picture(TILED_SIDE))]


def _picture(side: int) -> np.ndarray:
    return as_uint8(tf.image.resize(astronaut() / np.float32(255), (side, side), antialias=True).numpy())


def _speed(features: keras.Model, picture: np.ndarray) -> list[Row]:
    ways = {
        "example": lambda: keras_example(features, picture, clip=False),
        "ours": lambda: deep_dream(picture, features=features, layers=LAYER, steps=OUR_STEPS).image,
        "clipped": lambda: keras_example(features, picture, clip=True),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    gains = {}
    for turn in range(ROUNDS):
        for name, way in ways.items():
            if name == "clipped" and turn:
                continue  # for comparison, once
            start = time.perf_counter()
            image = way()
            seconds[name].append(time.perf_counter() - start)
            gains[name] = _strength(features, image) / _strength(features, picture)

    def row(ours: str, theirs: str, what: str, judged: bool) -> Row:
        ratio = statistics.median(a / b for a, b in zip(seconds[ours], seconds[theirs], strict=False))
        times = [statistics.median(seconds[name]) for name in (ours, theirs)]
        rounds = len(seconds[theirs])
        measured = (
            f"{ratio:.2f} of its time ({times[0]:.1f} s against {times[1]:.1f} s, {rounds} round{'s' * (rounds > 1)}); "
            f"strength times {gains[ours]:.1f} against {gains[theirs]:.1f}"
        )
        met = ratio <= BAR and gains[ours] >= gains[theirs]
        bar = f"<= {BAR} of its time, at no less strength" if judged else "for comparison"
        return Row(f"{features.name}, {LAYER}, {SIDE}x{SIDE}: {what}", measured, bar, met or not judged)

    plain, clipped = "the Keras example's loop, 3 octaves x 20 steps", "that loop, clipped to [0, 1] after each step"
    return [
        row("ours", "example", f"3 octaves x {OUR_STEPS} steps of `deep_dream` / {plain}", True),
        row("ours", "clipped", f"the same / {clipped}", False),
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


def _tiled(features: keras.Model, picture: np.ndarray) -> list[Row]:
    """Compares one gradient, and looks for seams in a picture that was dreamed without shifts."""
    size = picture.shape[:2]
    objective = DreamObjective(features, TILED_LAYER)
    shape = shapes_at(objective.network, objective.layers, size)[id(objective.layers[0])]
    image = tf.constant(picture[np.newaxis] / np.float32(255))

    def gradient(tiles: Tiles) -> np.ndarray:
        return tf.function(dream_gradient(objective, tiles, size))(image, objective.weights)[1].numpy()

    def dream(tile_size: int | None) -> np.ndarray:
        options = {"octaves": 1, "steps": STEPS, "step_size": 0.01, "jitter": 0, "tile_size": tile_size}
        return deep_dream(picture, features=features, layers=TILED_LAYER, **options).image

    expected, untiled = gradient(whole_picture([shape], size)), dream(None)
    rows = []
    for side in TILES:
        tiles = tiles_of(objective.network, objective.layers, size, side)
        error = np.abs(gradient(tiles) - expected).max() / np.abs(expected).max()
        # where the units of a tile begin: the same along both axes
        places = np.unique((tiles.corners + tiles.first[:, 0] * (TILED_SIDE // shape[1]))[:, 0])[1:]
        tiled = dream(side)
        seam, usual, before = (_edge_at_seams(one, places) for one in (tiled, untiled, picture))
        measured = (
            f"largest difference of a gradient {error:.0e} of its largest value; edges at the {len(places)} seams of "
            f"each axis {seam:.3f} of the mean edge ({usual:.3f} in the untiled dream, {before:.3f} in the photograph)"
        )
        what = (
            f"{features.name}, {TILED_LAYER}, {TILED_SIDE}x{TILED_SIDE} in tiles of {side} (with their margin "
            f"{tiles.window[0]}): one gradient, then {STEPS} steps"
        )
        bar = f"<= {LARGEST_ERROR:.0e}; <= {LARGEST_SEAM}"
        rows.append(Row(what, measured, bar, bool(error <= LARGEST_ERROR and seam <= LARGEST_SEAM)))
    return rows


def _edge_at_seams(image: np.ndarray, places: np.ndarray) -> float:
    """Returns the mean step from pixel to pixel across seams, over that across all rows and columns."""
    values = image.astype(float)
    steps = [np.abs(np.diff(values, axis=axis)).mean(axis=(1 - axis, 2)) for axis in (0, 1)]
    return float(np.mean([one[places - 1].mean() for one in steps]) / np.mean([one.mean() for one in steps]))
