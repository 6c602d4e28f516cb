"""Gradients of large pictures tile by tile, equal to those of the whole picture.

Each unit of a layer belongs to one tile. What a tile computes has a margin around it, so wide that its units see all
that they see in the whole picture; the gradients of the tiles are added up.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from keras_course.inspection.gradient_ascent import Gradient, gradient_of
from keras_course.inspection.network import Network
from keras_course.inspection.receptive_field import Field, Fields, Shape, fields_of
from keras_course.reading import reason

# a window of the picture, and of each layer's map there the first unit that counts and the one behind the last,
# int32 of shape (layers, 2): the window's value (1,)
WindowValue = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


@dataclass(frozen=True)
class Tiles:
    """The windows that a picture is computed in, all of one size.

    Args:
        window: Height and width of a window, the margin included, in pixels.
        corners: int32 of shape (tiles, 2), the first row and column of each.
        first: int32 of shape (tiles, layers, 2), row and column of the first unit of each layer's map that counts.
        end: The same of the unit behind the last.
    """

    window: tuple[int, int]
    corners: np.ndarray
    first: np.ndarray
    end: np.ndarray


def tiles_of(network: Network, layers: Sequence[keras.KerasTensor], image_size: tuple[int, int], side: int) -> Tiles:
    """Divides a picture into tiles for the maps of layers.

    Args:
        network: Of the model.
        layers: Outputs of calls, of shape (batch, height, width, filters).
        image_size: Height and width of the picture.
        side: Int >= 1. Of a tile without its margin, in pixels, rounded up to a multiple of the layers' strides.

    Raises:
        ValueError: If it isn't known what a layer's units see, or they see the whole picture.
    """
    fields, shapes = _fields_at(network, layers, image_size, side)
    axes = [
        _along_axis(size, side, [field[axis] for field in fields], [shape[1 + axis] for shape in shapes])
        for axis, size in enumerate(image_size)
    ]
    window, *parts = zip(*axes, strict=True)
    rows, columns = (values.ravel() for values in np.mgrid[: len(parts[0][0]), : len(parts[0][1])])
    corners, first, end = (np.stack([part[0][rows], part[1][columns]], axis=-1).astype(np.int32) for part in parts)
    return Tiles(window, corners, first, end)


def require_tile(network: Network, layers: Sequence[keras.KerasTensor], image_size: tuple[int, int], side: int) -> None:
    """Checks that tiles are no smaller than the receptive field: their windows have about four times their pixels then.

    Args:
        network: As for `tiles_of`, like all others.
        layers: Outputs of calls.
        image_size: Height and width of the picture.
        side: Int >= 1. Of a tile.

    Raises:
        ValueError: If tiles are smaller, or there can be none, see `tiles_of`.
    """
    fields, _ = _fields_at(network, layers, image_size, side)
    seen = max(field.size for both in fields for field in both)
    if side < seen:
        raise ValueError(
            f"`tile_size` must be an integer >= {seen} for these layers, whose units see {seen} pixels along a side: "
            f"smaller tiles would be mostly margin. Received: tile_size={side}"
        )


def whole_picture(shapes: Sequence[Shape], image_size: tuple[int, int]) -> Tiles:
    """Returns the one tile that is the whole picture.

    Args:
        shapes: (batch, height, width, filters) of each layer's map.
        image_size: Height and width of the picture.
    """
    end = np.array([[shape[1:3] for shape in shapes]], np.int32)
    return Tiles(image_size, np.zeros((1, 2), np.int32), np.zeros_like(end), end)


def shapes_at(
    network: Network, maps: Sequence[keras.KerasTensor], image_size: tuple[int, int], name: str = "image"
) -> dict[int, Shape]:
    """Returns the shape of each map for one image of a size, by the id of the tensor.

    Args:
        network: Of the model.
        maps: Outputs of calls.
        image_size: Height and width in pixels.
        name: The argument's name, for the message.

    Raises:
        ValueError: If a layer can't be computed at that size, or nothing is left of a map.
    """
    channels = network.calls[0].outputs[0].shape[-1]
    run = tf.function(lambda images: network.run(images, *maps), autograph=False)
    try:
        found = run.get_concrete_function(tf.TensorSpec((1, *image_size, channels), tf.float32)).structured_outputs
        if any(0 in one.shape for one in found):
            raise ValueError("nothing is left of a map")
    except (ValueError, TypeError, tf.errors.InvalidArgumentError) as error:
        received = f"Received: {name} of {image_size[0]}x{image_size[1]} pixels: {reason(error)}"
        raise ValueError(f"`{name}` must be large enough for the layers. {received}") from error
    return {id(one): tuple(spec.shape) for one, spec in zip(maps, found, strict=True)}


def gradient_in_tiles(value: WindowValue, tiles: Tiles, image_size: tuple[int, int]) -> Gradient:
    """Returns the function that gives the sum of the tiles' values, and its gradient, one tile at a time.

    Args:
        value: Of a window, of the units that count there.
        tiles: From `tiles_of`.
        image_size: Height and width of the picture.
    """
    (height, width), corners, first, end = tiles.window, *map(tf.constant, (tiles.corners, tiles.first, tiles.end))

    def gradient(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def body(number: tf.Tensor, total: tf.Tensor, slope: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            top, left = tf.unstack(corners[number])
            window = tf.slice(images, tf.stack([0, top, left, 0]), [1, height, width, images.shape[-1]])
            found, part = gradient_of(lambda pixels: value(pixels, first[number], end[number]))(window)
            rows, columns = [top, image_size[0] - height - top], [left, image_size[1] - width - left]
            part = tf.ensure_shape(tf.pad(part, [[0, 0], rows, columns, [0, 0]]), images.shape)
            return number + 1, total + found, slope + part

        start = (tf.constant(0), tf.zeros(1), tf.zeros_like(images))
        _, total, slope = tf.while_loop(
            lambda number, *_: number < len(tiles.corners), body, start, parallel_iterations=1
        )
        return total, slope

    return gradient


def _fields_at(
    network: Network, layers: Sequence[keras.KerasTensor], image_size: tuple[int, int], side: int
) -> tuple[list[Fields], list[Shape]]:
    """Returns receptive field and shape of each layer's map for a picture of a size; raises as `tiles_of` does."""
    calls = network.leading_to(*layers)
    shapes = shapes_at(network, [tensor for call in calls for tensor in call.outputs], image_size)
    fields: dict[int, Fields] = {}
    for call in calls:
        around = [shapes[id(tensor)] for tensor in (*call.inputs, call.outputs[0])]
        seen = fields_of(call.layer, [fields[id(tensor)] for tensor in call.inputs], around)
        if seen is None or 0 in (seen[0].step, seen[1].step):
            reason = "may depend on" if seen is None else "sees"
            raise ValueError(f"`tile_size` must be None: {call.name!r} {reason} the whole picture. Received: {side}")
        fields |= dict.fromkeys(map(id, call.outputs), seen)
    return [fields[id(one)] for one in layers], [shapes[id(one)] for one in layers]


def _along_axis(
    size: int, side: int, fields: Sequence[Field], counts: Sequence[int]
) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Divides an axis: returns the windows' size, their first pixels (n,), and the units that count, (n, layers).

    Windows begin at multiples of all strides, and are shorter than the picture by such a multiple, so that poolings and
    padding fall in their places.
    """
    period = math.lcm(*(field.step for field in fields))
    edges = range(0, size, -(-side // period) * period)
    units = [
        [min(edge // field.step * len(field.windows), count) for field, count in zip(fields, counts, strict=True)]
        for edge in edges
    ]
    begins, ends = np.array(units), np.array([*units[1:], counts])
    used = (ends > begins).any(axis=1)
    begins, ends = begins[used], ends[used]
    spans = []
    for tile in zip(begins, ends, strict=True):
        seen = [
            (field.window(first)[0], field.window(end - 1)[1])
            for field, first, end in zip(fields, *tile, strict=True)
            if end > first
        ]
        low, high = max(0, min(low for low, _ in seen)), min(size, 1 + max(high for _, high in seen))
        spans.append((int(low) // period * period, int(high)))
    shorter = size - max(high - low for low, high in spans)
    window = size - shorter // period * period
    corners = np.array([min(low, size - window) for low, _ in spans])
    offsets = np.stack([corners // field.step * len(field.windows) for field in fields], axis=1)
    return window, corners, begins - offsets, ends - offsets
