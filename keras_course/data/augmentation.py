"""Random flips, shifts, scales and colours of whole batches: image, boxes and mask move together.

Each batch is a pure function of (batch, seed).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from keras_course.arguments import IGNORE
from keras_course.data.objects import NO_OBJECT

AUGMENTATIONS = ("flip", "crop", "shift", "scale", "colour", "invert")
OF_IMAGES = ("flip", "crop")  # what `True` stands for where images have one label each
OF_SCENES = ("flip", "crop", "scale", "colour")  # and where boxes or masks move with them
CROP, SHIFT = 1 / 8, 1 / 20  # of the shorter side
LARGEST_SCALE = 4 / 3  # and its inverse the smallest
LARGEST_GAIN = 5 / 4  # and its inverse the smallest
LARGEST_OFFSET = 25  # of 255
VISIBLE = 1 / 4  # share of its area that keeps a box
Elements = dict[str, Any]


class Rows(NamedTuple):
    """Some rows of a batch: `start` to `end` - 1 of `size`."""

    start: Any
    end: Any
    size: Any


def chosen_augmentations(augment: Any, every: tuple[str, ...] = OF_IMAGES) -> tuple[str, ...]:
    """Returns the names of the augmentations asked for: those in `every` for `True`, none for `False`.

    Raises:
        ValueError: If `augment` is neither a bool nor names out of `AUGMENTATIONS`.

    Example:
        >>> chosen_augmentations(True), chosen_augmentations(["crop"])
        (('flip', 'crop'), ('crop',))
    """
    if isinstance(augment, bool):
        return every if augment else ()
    if isinstance(augment, (tuple, list, set, frozenset)) and set(augment) <= set(AUGMENTATIONS):
        return tuple(kind for kind in AUGMENTATIONS if kind in augment)
    raise ValueError(f"`augment` must be a bool or names out of {AUGMENTATIONS}. Received: augment={augment!r}")


def augment_batch(elements: Elements, kinds: tuple[str, ...], seed: tf.Tensor, rows: Rows | None = None) -> Elements:
    """Applies the named augmentations to a batch.

    - `"flip"` mirrors each image left to right with probability 1/2.
    - `"crop"` shifts each image by up to p pixels either way; p is an eighth of the shorter side. The same as padding
      by p pixels and cropping back, the recipe for CIFAR-10 (p = 4 at 32 x 32).
    - `"shift"` does the same with a twentieth: what a sentence tells of the image stays in it.
    - `"scale"` makes each image larger or smaller about its middle, by 3/4 to 4/3, uniform in the logarithm.
    - `"colour"` multiplies each channel by 4/5 to 5/4 and adds up to 25 of 255 to all.
    - `"invert"` takes the negative of each image with probability 1/2.

    What comes in from outside an image is black in the image and 255 (no class) in its mask. A box is cut off at the
    edge; if less than a quarter of its area is left it becomes padding, wherever it stands in its row.

    Args:
        elements: `"images"`, shape `(batch, height, width, channels)` with static height and width; where there are
            such labels `"masks"`, shape `(batch, height, width)`, or `"boxes"`, `"class_id"` and `"is_crowd"`, as
            `ObjectExamples` has them. Others stay as they are.
        kinds: Members of `AUGMENTATIONS`.
        seed: Integers, shape `(2,)`; each kind draws from a stream of its own.
        rows: Which rows of a larger batch these are: each changes as it does in the whole batch. None is all of it.

    Returns:
        Tensors of the same names and shapes; images of the same dtype unless scaled or coloured, then float32 in
        0..255.

    Source: Krizhevsky et al. 2012, section 4.1 (reflections); He et al. 2015, arXiv:1512.03385, section 4.2 (crops);
    Liu et al. 2016, arXiv:1512.02325, section 2.2 (scales and colours of images with boxes). Against overfitting (deck,
    chapter 7), a remedy that the deck doesn't list.
    """
    moved = dict(elements)
    if {"flip", "crop", "shift", "scale"} & set(kinds):
        images = moved["images"]
        move = _drawn_move(images, kinds, seed, rows)
        moved["images"] = _moved_images(images, move, smooth="scale" in kinds)
        if "masks" in moved:
            masks = _moved_pixels(moved["masks"][..., tf.newaxis], move, IGNORE)
            moved["masks"] = tf.squeeze(masks, axis=-1)
        if "boxes" in moved:
            moved |= _moved_boxes(moved, move, images.shape[1:3])
    if "colour" in kinds:
        moved["images"] = _recoloured(moved["images"], tf.random.fold_in(seed, 3), rows)
    if "invert" in kinds:
        images = moved["images"]
        is_negative = _uniform(images, rows, [EACH, 1, 1, 1], tf.random.fold_in(seed, 5)) < 0.5
        moved["images"] = tf.where(is_negative, tf.cast(255, images.dtype) - images, images)
    return moved


class Move(NamedTuple):
    """How each image of a batch moves: first mirrored, then scaled about the middle, then shifted; shapes `(batch,)`.

    A point at `x` right of the middle goes to `scale * (sign * x - shift)`.
    """

    sign: tf.Tensor  # -1 mirrors left to right
    scale: tf.Tensor
    rows: tf.Tensor  # shift in pixels before scaling
    columns: tf.Tensor


EACH = -1  # in the shape of a draw: one for each image


def _uniform(images: tf.Tensor, rows: Rows | None, shape: list[int], *given: Any, **options: Any) -> tf.Tensor:
    """Draws as `tf.random.stateless_uniform` does for a whole batch, and returns what is for the rows of it."""
    size = tf.shape(images)[0] if rows is None else rows.size
    drawn = tf.random.stateless_uniform([size if side == EACH else side for side in shape], *given, **options)
    if rows is None:
        return drawn
    own = slice(rows.start, rows.end)
    return drawn[own] if shape[0] == EACH else drawn[:, own]


def _drawn_move(images: tf.Tensor, kinds: tuple[str, ...], seed: tf.Tensor, rows_of_batch: Rows | None) -> Move:
    batch = tf.shape(images)[0]
    flip_seed, crop_seed = tf.unstack(tf.random.split(seed, 2))
    sign, scale = tf.ones([batch]), tf.ones([batch])
    rows = columns = tf.zeros([batch])
    if "flip" in kinds:
        sign = tf.where(_uniform(images, rows_of_batch, [EACH], flip_seed) < 0.5, -1.0, 1.0)
    for kind, share, own_seed in (("crop", CROP, crop_seed), ("shift", SHIFT, tf.random.fold_in(seed, 4))):
        if kind in kinds:
            margin = max(1, round(min(images.shape[1:3]) * share))
            highest = 2 * margin + 1
            corners = _uniform(images, rows_of_batch, [2, EACH], own_seed, 0, highest, dtype=tf.int32)
            down, right = tf.unstack(tf.cast(corners - margin, tf.float32))
            rows, columns = rows + down, columns + right
    if "scale" in kinds:
        scale = LARGEST_SCALE ** _uniform(images, rows_of_batch, [EACH], tf.random.fold_in(seed, 2), -1.0, 1.0)
    return Move(sign, scale, rows, columns)


def _sources(size: int, scale: tf.Tensor, shift: tf.Tensor, sign: tf.Tensor | float = 1.0) -> tf.Tensor:
    """Returns where along an axis the centre of each new pixel was, continuous, shape `(batch, size)`."""
    from_middle = tf.range(size, dtype=tf.float32) + 0.5 - size / 2
    before = from_middle / scale[:, tf.newaxis] + shift[:, tf.newaxis]
    return (sign[:, tf.newaxis] if isinstance(sign, tf.Tensor) else sign) * before + size / 2


def _moved_pixels(pixels: tf.Tensor, move: Move, fill: int) -> tf.Tensor:
    """Takes for each new pixel the old one that its centre lay in, `fill` from outside."""

    def take(padded: tf.Tensor, sources: tf.Tensor) -> tf.Tensor:
        return _taken(padded, tf.floor(sources))

    return _moved_along_axes(pixels, move, fill, take)


def _moved_images(images: tf.Tensor, move: Move, *, smooth: bool) -> tf.Tensor:
    """Moves images on black; `smooth` interpolates between pixels, linear along each axis."""
    return _moved_along_axes(images, move, 0, _interpolated) if smooth else _moved_pixels(images, move, 0)


def _moved_along_axes(images: tf.Tensor, move: Move, fill: int, take: Callable) -> tf.Tensor:
    """Applies `take` to the rows, then to the columns, which become rows for it: whole rows are gathered faster."""
    _, height, width, _ = images.shape
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=fill)
    rows = take(padded, _sources(height, move.scale, move.rows))
    columns = take(tf.transpose(rows, [0, 2, 1, 3]), _sources(width, move.scale, move.columns, move.sign))
    return tf.transpose(columns, [0, 2, 1, 3])


def _interpolated(padded: tf.Tensor, sources: tf.Tensor) -> tf.Tensor:
    below = tf.floor(sources - 0.5)
    weight = (sources - 0.5 - below)[..., tf.newaxis, tf.newaxis]
    before, after = (tf.cast(_taken(padded, index), tf.float32) for index in (below, below + 1))
    return before + weight * (after - before)


def _taken(padded: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Takes rows by their index; those outside are the padding of one row at both ends."""
    inside = tf.cast(tf.clip_by_value(index, -1, padded.shape[1] - 2), tf.int32) + 1
    return tf.gather(padded, inside, axis=1, batch_dims=1)


def _moved_boxes(elements: Elements, move: Move, size: tuple[int, int]) -> Elements:
    height, width = size
    x_min, y_min, x_max, y_max = tf.unstack(elements["boxes"], axis=-1)
    sign, scale, up, left = (value[:, tf.newaxis] for value in move)

    def across(x):
        return scale * (sign * (x - width / 2) - left) + width / 2

    def down(y):
        return scale * (y - height / 2 - up) + height / 2

    one, other = across(x_min), across(x_max)
    whole = [tf.minimum(one, other), down(y_min), tf.maximum(one, other), down(y_max)]
    cut = [tf.clip_by_value(side, 0.0, float(end)) for side, end in zip(whole, (width, height) * 2, strict=True)]
    area, visible = ((sides[2] - sides[0]) * (sides[3] - sides[1]) for sides in (whole, cut))
    # what is left of a crowd stays ignored, however little
    seen = (visible > 0) & (elements["is_crowd"] | (visible >= VISIBLE * area))
    kept = (elements["class_id"] != NO_OBJECT) & seen
    return {
        "boxes": tf.where(kept[..., tf.newaxis], tf.stack(cut, axis=-1), 0.0),
        "class_id": tf.where(kept, elements["class_id"], tf.constant(NO_OBJECT, tf.int64)),
        "is_crowd": elements["is_crowd"] & kept,
    }


def _recoloured(images: tf.Tensor, seed: tf.Tensor, rows: Rows | None) -> tf.Tensor:
    channels = images.shape[-1]
    gain_seed, offset_seed = tf.unstack(tf.random.split(seed, 2))
    gain = LARGEST_GAIN ** _uniform(images, rows, [EACH, 1, 1, channels], gain_seed, -1.0, 1.0)
    offset = _uniform(images, rows, [EACH, 1, 1, 1], offset_seed, -LARGEST_OFFSET, LARGEST_OFFSET)
    return tf.clip_by_value(tf.cast(images, tf.float32) * gain + offset, 0.0, 255.0)
