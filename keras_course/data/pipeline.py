"""Arrays in memory -> tf.data: an order that depends on (seed, epoch) alone, all work on whole batches."""

import math
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_course.data.augmentation import Elements, augment_batch

PREFETCHED = 2  # batches; a fixed number spares the tuning thread, which on two cores costs more than it gains

Batch = Callable[[Elements], tuple[tf.Tensor, Any]]


def training_dataset(
    tensors: Elements,
    batch: Batch,
    *,
    batch_size: int,
    seed: int,
    augment: tuple[str, ...] = (),
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """Builds a dataset whose i-th iteration gives epoch `first_epoch` + i in the order that (seed, epoch) defines.

    The epoch is counted when an iteration asks for its first batch. Each dataset counts for itself, so
    iterating one never moves another.

    Args:
        tensors: The fields of n examples by name, each of shape `(n, ...)`.
        batch: Makes what the network and its loss see of the fields of some examples.
        batch_size: Integer >= 1. The last batch of an epoch holds what remains.
        seed: Integer in [0, 2**32).
        augment: Names from `AUGMENTATIONS`, applied to each batch anew in each epoch; they need `"images"` uint8.
        first_epoch: Integer >= 0. The epoch of the first iteration.

    Returns:
        Dataset of what `batch` returns, of known cardinality.
    """
    size = _count(tensors)
    next_epoch = tf.Variable(first_epoch, dtype=tf.int64, trainable=False)

    def order(_):
        epoch = next_epoch.assign_add(1) - 1
        key = tf.stack([tf.constant(seed, tf.int64), epoch])
        return key, tf.random.experimental.stateless_shuffle(tf.range(size, dtype=tf.int64), key)

    def batches_of_epoch(key, shuffled):
        batches = _index_batches(shuffled, size, batch_size)
        if not augment:
            return batches
        return batches.enumerate().map(lambda step, members: (members, tf.random.fold_in(key, step)))

    def assemble(members, seed_of_batch=None):
        chosen = {name: tf.gather(tensor, members) for name, tensor in tensors.items()}
        return batch(augment_batch(chosen, augment, seed_of_batch) if augment else chosen)

    dataset = tf.data.Dataset.range(1).map(order).flat_map(batches_of_epoch)
    dataset = dataset.map(assemble, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(math.ceil(size / batch_size)))
    return dataset.prefetch(PREFETCHED).with_options(_options())


def _index_batches(shuffled: tf.Tensor, size: int, batch_size: int) -> tf.data.Dataset:
    """Cuts indices, shape `(size,)`, into batches: rows of a matrix, which is faster than slices, and the rest."""
    whole = size - size % batch_size
    batches = tf.data.Dataset.from_tensor_slices(tf.reshape(shuffled[:whole], [-1, batch_size]))
    return batches.concatenate(tf.data.Dataset.from_tensors(shuffled[whole:])) if whole < size else batches


def _count(tensors: Elements) -> int:
    return int(next(iter(tensors.values())).shape[0])


def _options() -> tf.data.Options:
    options = tf.data.Options()
    # Rewriting the graph at the start of each epoch costs more than it saves: there is nothing to rewrite.
    options.experimental_optimization.apply_default_optimizations = False
    # Copies for several workers each count the epochs for themselves.
    options.experimental_external_state_policy = tf.data.experimental.ExternalStatePolicy.IGNORE
    return options


def evaluation_dataset(tensors: Elements, batch: Batch, *, batch_size: int) -> tf.data.Dataset:
    """Builds a dataset in the order of the arrays, the same in every iteration.

    Args:
        tensors: The fields of n examples by name, each of shape `(n, ...)`.
        batch: Makes what the network and its loss see of the fields of some examples.
        batch_size: Integer >= 1. The last batch holds what remains.

    Returns:
        Dataset of what `batch` returns, of known cardinality.
    """

    def assemble(step):
        members = slice(step * batch_size, (step + 1) * batch_size)
        return batch({name: tensor[members] for name, tensor in tensors.items()})

    steps = tf.data.Dataset.range(math.ceil(_count(tensors) / batch_size))
    return steps.map(assemble, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(PREFETCHED)


def unit_interval(images: tf.Tensor) -> tf.Tensor:
    """Computes images / 255 in float32: 0..255 to [0, 1], any shape.

    Example:
        >>> import tensorflow as tf
        >>> unit_interval(tf.constant([0, 51, 255], tf.uint8)).numpy()
        array([0. , 0.2, 1. ], dtype=float32)
    """
    return tf.cast(images, tf.float32) / 255.0
