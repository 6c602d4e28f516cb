"""Deep dream: gradient ascent on a picture, octave by octave."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from keras_course.applications.deep_dream.objective import LARGEST_GUIDE, DreamObjective
from keras_course.applications.deep_dream.octaves import octave_sizes, resized
from keras_course.applications.pictures import as_uint8, unit_picture
from keras_course.arguments import require_integer, require_number
from keras_course.inspection.gradient_ascent import climb, random_shifts
from keras_course.inspection.tiles import Tiles, gradient_in_tiles, require_tile, shapes_at, tiles_of, whole_picture
from keras_course.models import load_features
from keras_course.models.conventions import require_tensorflow

LARGEST_MEASURED = 512  # pixels on the longer side of what weights are measured on
SMALLEST_TILE = 32  # pixels: what each tile costs by itself outweighs its convolutions in smaller ones
LARGEST = 2**22  # pixels at once: the maps of a VGG-16 take about 10 GB then


class Dream(NamedTuple):
    """What `deep_dream` returns.

    Attributes:
        image: uint8 (height, width, 3), the picture.
        strengths: float32 (octaves, steps), the weighted strength of the layers before each step, in that of the
            smallest octave before the first.
        features: Name of the model.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.deep_dream import Dream
        >>> dream = Dream(np.zeros((8, 8, 3), np.uint8), np.float32([[1, 2.5], [1.5, 4]]), "vgg16_edges")
        >>> float(dream.strengths[-1, -1])
        4.0
    """

    image: np.ndarray
    strengths: np.ndarray
    features: str


def deep_dream(
    image: np.ndarray,
    *,
    features: keras.Model | str | None = None,
    layers: str | Sequence[str] | Mapping[str, float] | None = None,
    octaves: int = 3,
    octave_scale: float = 1.4,
    steps: int = 8,
    step_size: float = 0.03,
    jitter: int = 16,
    tile_size: int | None = None,
    guide: np.ndarray | None = None,
    seed: int = 0,
) -> Dream:
    """Changes a picture x so that layers respond more to it: gradient ascent, from a small copy up to full size.

    Each step adds σ g / rms(g), where g is the gradient of Σ w m(x) / m(x₀) over the layers: m is the mean strength of
    a layer, see `strength`, w its weight, and x₀ the smallest copy of the picture (reduced to 512 pixels, if its longer
    side has more), so that weights mean the same for every layer. x stays in [0, 1]. What an octave has changed is
    enlarged and added to the picture at the next size, so that no detail is lost.

    Args:
        image: uint8 in 0..255 or floats in [0, 1], of shape (height, width), or (height, width, channels) with 1, 3 or
            4 channels. Grey becomes RGB; transparent pixels are put on white.
        features: A functional model of RGB images in [0, 1] of any size, or what `load_features` makes one from; None
            takes "auto".
        layers: Name of a layer whose output has shape (batch, height, width, filters), several names, or a mapping
            from names to weights > 0. None takes "stage4_conv2", or "stage3_conv3" if the model has no such layer, or
            its last map.
        octaves: Int >= 1. Sizes that the picture is dreamed at.
        octave_scale: Float > 1. Ratio of their sides.
        steps: Int >= 0. Steps per octave.
        step_size: Float > 0. σ, in units of the pixel range.
        jitter: Int >= 0. The picture is shifted before each step by up to so many pixels in each direction, and back.
        tile_size: Int >= 32, and >= the receptive field of the layers. Side of the tiles that the gradient is computed
            in, in pixels, without their margin, rounded up to a multiple of the layers' strides; None computes the
            whole picture at once. The gradient is the same; memory is that of one tile. With its margin,
            a tile as large as the receptive field has about four times its pixels, a smaller one even more; below 32
            pixels the tiles become too many.
        guide: A second picture, as `image`: then places become like those of the guide that they suit best, see
            `guided_strength`. It is reduced to 256 pixels on its longer side, and each map of it to 1,024 places.
        seed: Int >= 0, of the jitter.

    Returns:
        The picture and how the strength rose.

    Raises:
        ValueError: If an argument is out of range, the model lacks a layer, or the picture is too small for it in the
            smallest octave or, with more than 4,194,304 pixels, too large without tiles.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.applications.deep_dream import deep_dream
        >>> net = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3, name="conv")])
        >>> image = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
        >>> dream = deep_dream(image, features=net, layers="conv", octaves=2, steps=5)
        >>> dream.image.shape, dream.strengths.shape, bool(dream.strengths[-1, -1] > dream.strengths[0, 0])
        ((32, 48, 3), (2, 5), True)

    Source: deck, chapter 8, "Deep dream"; Mordvintsev, Olah, Tyka (2015), "Inceptionism: going deeper into neural
        networks", Google Research blog.
    """
    require_tensorflow("deep dream")
    picture = unit_picture("image", image)
    sizes = octave_sizes(picture.shape[0], picture.shape[1], octaves, octave_scale)
    require_number("step_size", step_size, above=0)
    shifts = random_shifts(steps, jitter, seed)
    if tile_size is not None:
        require_integer("tile_size", tile_size, at_least=SMALLEST_TILE)
    elif picture.shape[0] * picture.shape[1] > LARGEST:
        raise ValueError(
            f"`tile_size` must be given for pictures of more than {LARGEST:,} pixels. "
            f"Received: tile_size=None for {picture.shape[0]}x{picture.shape[1]} pixels"
        )
    leading = None if guide is None else _reduced(unit_picture("guide", guide), LARGEST_GUIDE)
    model = _model(features)
    objective = DreamObjective(model, layers, leading)
    if tile_size is not None:
        require_tile(objective.network, objective.layers, sizes[-1], tile_size)
    bases = [resized(picture, size).clip(0, 1) for size in sizes]
    divided = [_tiles(objective, size, tile_size) for size in sizes]
    weights = _relative_weights(objective, bases[0])
    change, strengths = np.zeros_like(bases[0]), []
    for base, (tiles, places) in zip(bases, divided, strict=True):
        ascend = compile_octave(objective, tiles, base.shape[:2], step_size)
        start = np.clip(base + resized(change, base.shape[:2]), 0, 1)
        dreamed, values = ascend(start[np.newaxis], shifts, weights / places)
        change = dreamed.numpy()[0] - base
        strengths.append(values.numpy()[:, 0])
    return Dream(as_uint8(bases[-1] + change), np.stack(strengths), model.name)


def compile_octave(objective: DreamObjective, tiles: Tiles, size: tuple[int, int], step_size: float) -> Any:
    """Compiles the ascent at one size.

    Args:
        objective: What to climb.
        tiles: Of pictures of this size.
        size: (height, width) in pixels.
        step_size: Float > 0.

    Returns:
        A function of pictures float32 (1, height, width, 3) in [0, 1], shifts int32 (steps, 2) and weights float32
        (layers,) of the sum of each layer's strength over its places; it returns the last picture, and the weighted
        sum before each step, (steps, 1).
    """
    gradient = dream_gradient(objective, tiles, size)

    def step(image: tf.Tensor, direction: tf.Tensor, progress: tf.Tensor) -> tf.Tensor:
        return tf.clip_by_value(image + step_size * direction, 0, 1)

    def ascend(image: tf.Tensor, shifts: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return climb(image, shifts, lambda shifted: gradient(shifted, weights), step)

    return tf.function(ascend, autograph=False)


def dream_gradient(objective: DreamObjective, tiles: Tiles, size: tuple[int, int]) -> Callable[..., Any]:
    """Returns the function from a picture and weights, as in `compile_octave`, to the weighted sum and its gradient."""

    def gradient(image: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def value(window: tf.Tensor, first: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
            sums = [
                tf.reduce_sum(strengths * _inside(first[k], end[k], strengths.shape[1:]), axis=[1, 2])
                for k, strengths in enumerate(objective.strengths(window))
            ]
            return tf.linalg.matvec(tf.stack(sums, axis=1), weights)

        return gradient_in_tiles(value, tiles, size)(image)

    return gradient


def _model(features: Any) -> keras.Model:
    if isinstance(features, keras.Model):
        return features
    try:
        return load_features("auto" if features is None else features)
    except (ValueError, FileNotFoundError) as error:
        message = str(error).replace("`source`", "`features`").replace("source=", "features=")
        raise type(error)(message) from error


def _inside(first: tf.Tensor, end: tf.Tensor, shape: tuple[int, int]) -> tf.Tensor:
    """Returns 1 for the units from `first` up to `end`, 0 for the others, float32 of `shape`."""
    rows, columns = (
        tf.cast((tf.range(size) >= first[axis]) & (tf.range(size) < end[axis]), tf.float32)
        for axis, size in enumerate(shape)
    )
    return rows[:, tf.newaxis] * columns


def _tiles(objective: DreamObjective, size: tuple[int, int], tile_size: int | None) -> tuple[Tiles, np.ndarray]:
    """Returns the tiles of pictures of a size, and the number of places in each layer's map, float32 (layers,)."""
    network, layers = objective.network, objective.layers
    found = shapes_at(network, layers, size)
    shapes = [found[id(layer)] for layer in layers]
    places = np.array([shape[1] * shape[2] for shape in shapes], np.float32)
    return whole_picture(shapes, size) if tile_size is None else tiles_of(network, layers, size, tile_size), places


def _relative_weights(objective: DreamObjective, picture: np.ndarray) -> np.ndarray:
    """Returns each layer's weight in units of its mean strength for a picture; of a layer at rest as it is."""
    measure = tf.function(lambda image: [tf.reduce_mean(one) for one in objective.strengths(image)], autograph=False)
    means = np.array(measure(_reduced(picture, LARGEST_MEASURED)[np.newaxis]), np.float32)
    return objective.weights / np.where(means > 0, means, 1)


def _reduced(picture: np.ndarray, longest: int) -> np.ndarray:
    """Returns a picture whose longer side has at most so many pixels."""
    shrink = min(1.0, longest / max(picture.shape[:2]))
    return resized(picture, [max(1, round(shrink * side)) for side in picture.shape[:2]]).clip(0, 1)
