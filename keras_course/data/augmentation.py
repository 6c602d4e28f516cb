"""Random flips and crops of whole batches, each a pure function of (images, seed)."""

from typing import Any

import tensorflow as tf

AUGMENTATIONS = ("flip", "crop")


def chosen_augmentations(augment: Any) -> tuple[str, ...]:
    """Returns the names of the augmentations asked for: all for `True`, none for `False`.

    Raises:
        ValueError: If `augment` is neither a bool nor names out of `AUGMENTATIONS`.

    Example:
        >>> chosen_augmentations(True), chosen_augmentations(["crop"])
        (('flip', 'crop'), ('crop',))
    """
    if isinstance(augment, bool):
        return AUGMENTATIONS if augment else ()
    if isinstance(augment, (tuple, list, set, frozenset)) and set(augment) <= set(AUGMENTATIONS):
        return tuple(kind for kind in AUGMENTATIONS if kind in augment)
    raise ValueError(f"`augment` must be a bool or names out of {AUGMENTATIONS}. Received: augment={augment!r}")


def random_flip(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Mirrors each image left to right with probability 1/2.

    Args:
        images: Tensor, shape `(batch, height, width, channels)`.
        seed: Integers, shape `(2,)`.

    Returns:
        Tensor of the same shape and dtype.

    Source: Krizhevsky et al. 2012, section 4.1 (horizontal reflections), against overfitting (deck, chapter 7).
    """
    mirrored = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed) < 0.5
    return tf.where(mirrored, tf.reverse(images, axis=[2]), images)


def random_crop(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Shifts each image by up to p pixels either way, filled with black; p is an eighth of the shorter side.

    The same as padding by p pixels and cropping back, the recipe for CIFAR-10 (p = 4 at 32 x 32).

    Args:
        images: Tensor, shape `(batch, height, width, channels)` with static height and width.
        seed: Integers, shape `(2,)`.

    Returns:
        Tensor of the same shape and dtype.

    Source: He et al. 2015, arXiv:1512.03385, section 4.2; against overfitting (deck, chapter 7).
    """
    _, height, width, _ = images.shape
    margin = max(1, round(min(height, width) / 8))
    padded = tf.pad(images, [[0, 0], [margin, margin], [margin, margin], [0, 0]])
    top, left = tf.unstack(
        tf.random.stateless_uniform([2, tf.shape(images)[0], 1], seed, 0, 2 * margin + 1, dtype=tf.int32)
    )
    rows = tf.gather(padded, top + tf.range(height), axis=1, batch_dims=1)  # (batch, height, padded width, channels)
    return tf.gather(rows, left + tf.range(width), axis=2, batch_dims=1)


def augment_batch(images: tf.Tensor, kinds: tuple[str, ...], seed: tf.Tensor) -> tf.Tensor:
    """Applies the named augmentations to a batch.

    Args:
        images: Tensor, shape `(batch, height, width, channels)`.
        kinds: Members of `AUGMENTATIONS`.
        seed: Integers, shape `(2,)`; each kind draws from a stream of its own.

    Returns:
        Tensor of the same shape and dtype.

    Source: deck, chapter 7, "Overfitting", to which this is a remedy that the deck doesn't list.
    """
    flip_seed, crop_seed = tf.unstack(tf.random.split(seed, 2))
    if "flip" in kinds:
        images = random_flip(images, flip_seed)
    if "crop" in kinds:
        images = random_crop(images, crop_seed)
    return images
