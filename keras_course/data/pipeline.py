"""Arrays, or images on disk -> tf.data: an order that depends on (seed, epoch) alone, all work on whole batches."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from keras_course.data.augmentation import Elements, Rows, augment_batch
from keras_course.data.stored import StoredImages

PREFETCHED = 2  # batches

Batch = Callable[[Elements], tuple[tf.Tensor, Any]]


class Share(NamedTuple):
    """What a worker reads of each batch: the rows of its replicas, which are `first` to `last` - 1 of `replicas`.

    A batch of fewer rows than replicas is for every replica as a whole, so that none is without.

    Example:
        >>> Share(2, 4, 4).rows(11), Share(2, 4, 4).rows(3)
        ((5, 11), (0, 3))
    """

    first: int
    last: int
    replicas: int

    def rows(self, size: Any) -> tuple[Any, Any]:
        """Returns the first row and the end of the rows, of a batch of `size`, an integer or a tensor."""
        if isinstance(size, int):
            return (
                (0, size)
                if size < self.replicas
                else (size * self.first // self.replicas, size * self.last // self.replicas)
            )
        few = size < self.replicas
        return (
            tf.where(few, 0, size * self.first // self.replicas),
            tf.where(few, size, size * self.last // self.replicas),
        )


def training_dataset(
    tensors: Elements,
    batch: Batch,
    *,
    batch_size: int,
    seed: int,
    augment: tuple[str, ...] = (),
    first_epoch: int = 0,
    share: Share | None = None,
) -> tf.data.Dataset:
    """Builds a dataset whose i-th iteration gives epoch `first_epoch` + i in the order that (seed, epoch) defines.

    The epoch is counted when an iteration asks for its first batch. Each dataset counts for itself, so
    iterating one never moves another.

    Args:
        tensors: The fields of n examples by name, each of shape `(n, ...)`; images may be `StoredImages`.
        batch: Makes what the network and its loss see of the fields of some examples.
        batch_size: Integer >= 1. The last batch of an epoch holds what remains.
        seed: Integer in [0, 2**32).
        augment: Names from `AUGMENTATIONS`, applied to each batch anew in each epoch; they need `"images"` uint8.
        first_epoch: Integer >= 0. The epoch of the first iteration.
        share: What is read of each batch; None reads all of it.

    Returns:
        Dataset of what `batch` returns, of known cardinality; with a share, of pairs of that and the size of the whole
        batch.
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
        rows, whole = None, tf.shape(members)[0]
        if share is not None:
            rows = Rows(*share.rows(whole), whole)
            members = members[rows.start : rows.end]
        chosen = {name: _chosen(field, members) for name, field in tensors.items()}
        batch_of_rows = batch(augment_batch(chosen, augment, seed_of_batch, rows) if augment else chosen)
        return batch_of_rows if share is None else (batch_of_rows, whole)

    dataset = tf.data.Dataset.range(1).map(order).flat_map(batches_of_epoch)
    dataset = dataset.map(assemble, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(math.ceil(size / batch_size)))
    return dataset.prefetch(PREFETCHED).with_options(_options())


def _index_batches(shuffled: tf.Tensor, size: int, batch_size: int) -> tf.data.Dataset:
    """Cuts indices, shape `(size,)`, into batches: rows of a matrix, which is faster than slices, and the rest."""
    whole = size - size % batch_size
    batches = tf.data.Dataset.from_tensor_slices(tf.reshape(shuffled[:whole], [-1, batch_size]))
    return batches.concatenate(tf.data.Dataset.from_tensors(shuffled[whole:])) if whole < size else batches


def _chosen(field: Any, members: tf.Tensor) -> tf.Tensor:
    return field.gather(members) if isinstance(field, StoredImages) else tf.gather(field, members)


def _count(tensors: Elements) -> int:
    return int(next(iter(tensors.values())).shape[0])


def _options() -> tf.data.Options:
    options = tf.data.Options()
    # The thread that tunes may miss that its iterator is deleted, on one core it often does. The next epoch then waits,
    # for up to a minute, until the thread wakes up. There is nothing to tune: each map is one call per batch.
    options.autotune.enabled = False
    # Rewriting the graph at the start of each epoch costs more than it saves: there is nothing to rewrite.
    options.experimental_optimization.apply_default_optimizations = False
    # Copies for several workers each count the epochs for themselves.
    options.experimental_external_state_policy = tf.data.experimental.ExternalStatePolicy.IGNORE
    return options


def evaluation_dataset(
    tensors: Elements, batch: Batch, *, batch_size: int, share: Share | None = None
) -> tf.data.Dataset:
    """Builds a dataset in the order of the arrays, the same in every iteration.

    Args:
        tensors: The fields of n examples by name, each of shape `(n, ...)`; images may be `StoredImages`.
        batch: Makes what the network and its loss see of the fields of some examples.
        batch_size: Integer >= 1. The last batch holds what remains.
        share: What is read of each batch; None reads all of it.

    Returns:
        As `training_dataset` does.
    """
    size = _count(tensors)

    def assemble(step):
        first, end = step * batch_size, tf.minimum((step + 1) * batch_size, size)
        whole = tf.cast(end - first, tf.int32)
        if share is not None:
            start, stop = share.rows(whole)
            first, end = first + tf.cast(start, tf.int64), first + tf.cast(stop, tf.int64)
        rows = batch({name: _sliced(field, first, end) for name, field in tensors.items()})
        return rows if share is None else (rows, whole)

    steps = tf.data.Dataset.range(math.ceil(size / batch_size))
    dataset = steps.map(assemble, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    return dataset.prefetch(PREFETCHED).with_options(_options())


def _sliced(field: Any, first: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
    return field.gather(tf.range(first, end)) if isinstance(field, StoredImages) else field[first:end]


def unit_interval(images: tf.Tensor) -> tf.Tensor:
    """Computes images / 255 in float32: 0..255 to [0, 1], any shape.

    Example:
        >>> import tensorflow as tf
        >>> unit_interval(tf.constant([0, 51, 255], tf.uint8)).numpy()
        array([0. , 0.2, 1. ], dtype=float32)
    """
    return tf.cast(images, tf.float32) / 255.0
