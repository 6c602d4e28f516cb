"""Run a Keras classifier over a data set once, and fetch single images back from it."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_course.evaluation.classification import ClassifierEvaluation


def evaluate_classifier(
    model: keras.Model, dataset: tf.data.Dataset, class_names: Sequence[str] | None = None
) -> ClassifierEvaluation:
    """Evaluates a model that outputs logits, in one compiled pass.

    The order of `labels` and `probabilities` is that of `dataset`, which therefore must not shuffle if images are to be
    found again with `select_images`.

    Args:
        model: Keras model with logits of shape (batch, num_classes); of several outputs the first counts. It needs no
            `compile`, and runs in inference mode.
        dataset: Finite `tf.data.Dataset` of batches (images, int labels of shape (batch,)).
        class_names: num_classes names; None numbers the classes from 0.

    Returns:
        The evaluation, with the mean cross-entropy in nats computed from the logits by log-sum-exp.

    Raises:
        ValueError: If the data set is infinite, empty or not of that form, or the logits have another shape or are NaN.

    Source: deck, chapter 7, "Reporting performances".
    """
    _check_dataset(dataset)
    step = _compiled_step(model, dataset.element_spec[0])
    labels, probabilities, losses = [], [], []
    for images, batch_labels in dataset:
        batch_probabilities, log_probabilities = (tensor.numpy() for tensor in step(images))
        batch_labels = batch_labels.numpy()
        _check_batch(batch_probabilities, batch_labels)
        labels.append(batch_labels)
        probabilities.append(batch_probabilities)
        losses.append(-log_probabilities[np.arange(len(batch_labels)), batch_labels])
    if not labels:
        raise ValueError("`dataset` must hold at least one batch. Received: none")
    num_classes = probabilities[0].shape[1]
    return ClassifierEvaluation(
        labels=np.concatenate(labels),
        probabilities=np.concatenate(probabilities),
        class_names=tuple(class_names) if class_names is not None else tuple(map(str, range(num_classes))),
        loss=float(np.concatenate(losses).mean(dtype=np.float64)),
    )


def select_images(dataset: tf.data.Dataset, indices: Sequence[int] | np.ndarray) -> np.ndarray:
    """Fetches single images from a batched data set in one pass, which ends at the last image wanted.

    Args:
        dataset: `tf.data.Dataset` of batches (images, labels) in a fixed order.
        indices: Ints of shape (k,), each in [0, number of images), in any order; repeats are allowed.

    Returns:
        The images in the order of `indices`, of shape (k, height, width, channels).

    Raises:
        ValueError: If an index is no int, negative, or beyond the data set.
    """
    _check_pairs(dataset)
    wanted = np.asarray(indices)
    if wanted.ndim != 1 or (wanted.size and not np.issubdtype(wanted.dtype, np.integer)):
        raise ValueError(
            "`indices` must be integers of shape (k,). "
            f"Received: indices.dtype={wanted.dtype}, indices.shape={wanted.shape}"
        )
    if not wanted.size:
        spec = dataset.element_spec[0]
        return np.zeros((0, *(size or 0 for size in spec.shape[1:])), spec.dtype.as_numpy_dtype)
    if wanted.min() < 0:
        raise ValueError(f"`indices` must be >= 0. Received: {wanted.min()} among them")
    unique, inverse = np.unique(wanted, return_inverse=True)
    found, start = [], 0
    for images, _ in dataset:
        here = unique[(unique >= start) & (unique < start + len(images))] - start
        if here.size:
            found.append(tf.gather(images, here).numpy())
        start += len(images)
        if start > unique[-1]:
            return np.concatenate(found)[inverse]
    raise ValueError(f"`indices` must be < {start}, the number of images. Received: {unique[-1]} among them")


def _compiled_step(model: keras.Model, spec: tf.TensorSpec) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """Returns a compiled function from images to probabilities and their logarithms, float32, both from the logits.

    It is traced here, once, for a batch of any size: TensorFlow warns whoever calls one function after another.
    """

    @tf.function
    def step(images):
        outputs = model(images, training=False)
        if isinstance(outputs, dict):
            outputs = list(outputs.values())
        logits = outputs[0] if isinstance(outputs, list | tuple) else outputs
        logits = tf.cast(logits, tf.float32)  # half precision would cost digits of the loss
        return tf.nn.softmax(logits), tf.nn.log_softmax(logits)

    return step.get_concrete_function(spec)


def _check_batch(probabilities: np.ndarray, labels: np.ndarray) -> None:
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:
        raise ValueError(
            "`model` must output logits of shape (batch, num_classes >= 2). "
            f"Received: an output of shape {('batch', *probabilities.shape[1:])}"
        )
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(
            f"`dataset` must have labels in [0, {probabilities.shape[1]}), as model has classes. "
            f"Received: labels in [{labels.min()}, {labels.max()}]"
        )


def _check_dataset(dataset: tf.data.Dataset) -> None:
    _check_pairs(dataset)
    labels = dataset.element_spec[1]
    if labels.shape.rank not in (1, None) or not labels.dtype.is_integer:
        raise ValueError(
            "`dataset` must have integer labels of shape (batch,). "
            f"Received: labels {labels.dtype.name} of shape {labels.shape}"
        )
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError("`dataset` must be finite: end it with take(number of batches). Received: an infinite one")


def _check_pairs(dataset: tf.data.Dataset) -> None:
    if not isinstance(dataset, tf.data.Dataset):
        raise ValueError(
            f"`dataset` must be a tf.data.Dataset of (images, labels). Received: a {type(dataset).__name__}"
        )
    if not isinstance(dataset.element_spec, tuple) or len(dataset.element_spec) != 2:
        raise ValueError(
            f"`dataset` must yield (images, labels). Received: dataset.element_spec={dataset.element_spec}"
        )
