"""Evaluate a classifier, a network or an estimator, and fetch single images back from the data."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline

from keras_course.arguments import require_choice
from keras_course.data import Examples
from keras_course.data.pipeline import unit_interval
from keras_course.evaluation.classification import ClassifierEvaluation
from keras_course.export.saved_classifier import SavedClassifier
from keras_course.models.conventions import (
    check_logits,
    check_not_probabilities,
    check_pixel_scale,
    first_output,
    require_tensorflow,
)

DECISIONS = ("probability", "predict")
BATCH_SIZE = 128
NONE = "`examples` must hold at least one image. Received: none"
SMALLEST_PROBABILITY = np.finfo(np.float64).eps  # of the true class in the loss, as in scikit-learn: a tree gives 0


def evaluate(
    model: Any,
    examples: Examples | tf.data.Dataset,
    class_names: Sequence[str] | None = None,
    *,
    decision: str = "probability",
) -> ClassifierEvaluation:
    """Evaluates a Keras model, an export, or a fitted scikit-learn estimator or pipeline, on images with labels.

    The evaluation keeps the order of `examples`, so a `tf.data.Dataset` must not shuffle if images are to be found
    again with `select_images`.

    Args:
        model: A Keras model with logits of shape (batch, num_classes); of several outputs the first counts. It needs no
            `compile` and runs in inference mode, compiled, in one pass. Or what `load_classifier` returns. Or a fitted
            estimator of images (n, height, width, channels). Without `predict_proba` the class that it predicts gets
            the probability 1, and the loss is NaN.
        examples: `Examples`, uint8 in 0..255, of which a network gets images / 255, 128 at a time; or a finite
            `tf.data.Dataset` of batches (images in [0, 1], int labels of shape (batch,)), of which an estimator gets
            uint8 in 0..255, as an export does.
        class_names: num_classes names; None numbers the classes from 0, and takes those of an export. An estimator may
            know fewer classes.
        decision: "probability": the predicted class is the most probable one, and the loss counts a probability of the
            true class below 2.2e-16 as that, so a tree that is sure and wrong loses 36 nats and not infinitely many.
            "predict", which makes no difference for a network: the predicted class is that of `predict`, and the loss
            is `log_loss`, as scikit-learn's scorers and `cross_validate` have them. The two predictions differ where a
            classifier's probabilities are fitted apart from its decisions, as those of `SVC(probability=True)`.

    Returns:
        The evaluation, with the mean cross-entropy in nats; a network's is computed from its logits by log-sum-exp.

    Raises:
        ValueError: If `examples` are infinite, empty or not of that form, `class_names` leaves a class out, the
            logits have another shape or are NaN, the network outputs probabilities or scales pixels in [0, 1] as if
            they were in 0..255, or the estimator refuses the images.

    Example:
        >>> import numpy as np
        >>> from sklearn.dummy import DummyClassifier
        >>> from keras_course.data import Examples
        >>> from keras_course.evaluation import evaluate
        >>> examples = Examples(np.zeros((4, 8, 8, 1), np.uint8), np.array([0, 1, 1, 1]))
        >>> evaluation = evaluate(DummyClassifier().fit(*examples), examples, ["cat", "dog"])
        >>> evaluation.accuracy, round(evaluation.loss, 4)
        (0.75, 0.5623)

    Source: deck, chapter 7, "Reporting performances".
    """
    require_choice("decision", decision, DECISIONS)
    if isinstance(model, keras.Model):
        require_tensorflow("evaluation of a network")
        return _evaluate_network(model, _as_dataset(examples), class_names)
    if isinstance(model, SavedClassifier):
        return _evaluate_export(model, _as_examples(examples), class_names)
    if not hasattr(model, "predict"):
        raise ValueError(
            "`model` must be a Keras model, an export, or a fitted estimator with predict. "
            f"Received: a {type(model).__name__}"
        )
    return _evaluate_estimator(model, _as_examples(examples), class_names, decision)


def select_images(examples: Examples | tf.data.Dataset, indices: Sequence[int] | np.ndarray) -> np.ndarray:
    """Fetches single images by their positions; from a `tf.data.Dataset` in one pass, which ends at the last one.

    Args:
        examples: `Examples`, or a `tf.data.Dataset` of batches (images, labels) in a fixed order.
        indices: Ints of shape (k,), each in [0, number of images), in any order; repeats are allowed.

    Returns:
        The images in the order of `indices`, of shape (k, height, width, channels), as they are in `examples`.

    Raises:
        ValueError: If an index is no int, negative, or beyond the images.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import Examples
        >>> from keras_course.evaluation import select_images
        >>> examples = Examples(np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), np.zeros(4, int))
        >>> select_images(examples, [3, 1]).ravel()
        array([3, 1], dtype=uint8)
    """
    wanted = np.asarray(indices)
    if wanted.ndim != 1 or (wanted.size and not np.issubdtype(wanted.dtype, np.integer)):
        raise ValueError(
            "`indices` must be integers of shape (k,). "
            f"Received: indices.dtype={wanted.dtype}, indices.shape={wanted.shape}"
        )
    unique, inverse = np.unique(wanted, return_inverse=True)
    if unique.size and unique[0] < 0:
        raise ValueError(f"`indices` must be >= 0. Received: {unique[0]} among them")
    if not isinstance(examples, Examples):
        _check_pairs(examples)
    found, start = [], 0
    for images, _ in [examples] if isinstance(examples, Examples) else examples.as_numpy_iterator():
        here = (unique >= start) & (unique < start + len(images))
        found.append(images[unique[here].astype(np.intp) - start])
        start += len(images)
        if not unique.size or start > unique[-1]:
            return np.concatenate(found)[inverse]
    raise ValueError(f"`indices` must be < {start}, the number of images. Received: {wanted.max(initial=0)} among them")


def _evaluate_network(
    model: keras.Model, dataset: tf.data.Dataset, class_names: Sequence[str] | None
) -> ClassifierEvaluation:
    step = _compiled_step(model, dataset.element_spec[0])
    labels: list[np.ndarray] = []
    probabilities, losses = [], []
    for images, batch_labels in dataset:
        batch_probabilities, log_probabilities, logits = (tensor.numpy() for tensor in step(images))
        batch_labels = batch_labels.numpy()
        _check_batch(batch_probabilities, batch_labels)
        if not labels:
            _check_numbers(model, images.numpy(), logits)
        labels.append(batch_labels)
        probabilities.append(batch_probabilities)
        losses.append(-log_probabilities[np.arange(len(batch_labels)), batch_labels])
    if not labels:
        raise ValueError(NONE)
    return ClassifierEvaluation(
        labels=np.concatenate(labels),
        probabilities=np.concatenate(probabilities),
        class_names=_names(class_names, probabilities[0].shape[1]),
        loss=float(np.concatenate(losses).mean(dtype=np.float64)),
    )


def _evaluate_export(
    export: SavedClassifier, examples: Examples, class_names: Sequence[str] | None
) -> ClassifierEvaluation:
    images, labels = examples
    starts = range(0, len(images), BATCH_SIZE)
    probabilities = [export.predict(images[start : start + BATCH_SIZE]).probabilities for start in starts]
    joined = np.concatenate(probabilities)
    _check_batch(joined, labels)
    of_truth = np.maximum(joined[np.arange(len(labels)), labels], SMALLEST_PROBABILITY)
    names = export.class_names if class_names is None else class_names
    return ClassifierEvaluation(labels, joined, tuple(names), -float(np.log(of_truth, dtype=np.float64).mean()))


def _evaluate_estimator(
    estimator: Any, examples: Examples, class_names: Sequence[str] | None, decision: str
) -> ClassifierEvaluation:
    images, labels = examples
    if isinstance(estimator, Pipeline) and len(estimator) > 1:  # `predict` and `predict_proba` would both transform
        images, estimator = estimator[:-1].transform(images), estimator[-1]
    certain = not hasattr(estimator, "predict_proba")
    predicted = np.asarray(estimator.predict(images)) if certain or decision == "predict" else None
    known = np.asarray(predicted if certain else estimator.classes_)
    labelled = np.union1d(known, labels)
    names = _names(class_names, 1 + int(labelled[-1]))
    strangers = np.setdiff1d(labelled, np.arange(len(names)))
    if strangers.size:
        raise ValueError(
            f"`class_names` must name every class, from 0. Received: {len(names)} names, "
            f"and {strangers[0]} among the labels and the classes of the model"
        )
    if certain:
        return ClassifierEvaluation(labels, np.eye(len(names))[known], names, loss=np.nan)
    probabilities = np.zeros((len(labels), len(names)))
    probabilities[:, known] = estimator.predict_proba(images)
    if decision == "predict":
        probabilities /= probabilities.sum(axis=1, keepdims=True)  # of float32 they sum to 1 only nearly
        loss = float(log_loss(labels, probabilities, labels=range(len(names))))
    else:
        of_truth = np.maximum(probabilities[np.arange(len(labels)), labels], SMALLEST_PROBABILITY)
        loss = -float(np.log(of_truth).mean())
    return ClassifierEvaluation(labels, probabilities, names, loss, predicted)


def _names(class_names: Sequence[str] | None, num_classes: int) -> tuple[str, ...]:
    return tuple(map(str, range(num_classes))) if class_names is None else tuple(class_names)


def _as_dataset(examples: Examples | tf.data.Dataset) -> tf.data.Dataset:
    if not isinstance(examples, Examples):
        return _checked_dataset(examples)
    if examples.images.dtype != np.uint8:
        raise ValueError(f"`examples` must have uint8 images for a network. Received: {examples.images.dtype}")
    batches = tf.data.Dataset.from_tensor_slices(tuple(examples)).batch(BATCH_SIZE)
    return batches.map(lambda images, labels: (unit_interval(images), labels))


def _as_examples(examples: Examples | tf.data.Dataset) -> Examples:
    if isinstance(examples, Examples):
        batches = [examples] if len(examples.labels) else []
    else:
        batches = [
            Examples(np.rint(255 * images).astype(np.uint8), labels)
            for images, labels in _checked_dataset(examples).as_numpy_iterator()
        ]
    if not batches:
        raise ValueError(NONE)
    return Examples(*map(np.concatenate, zip(*batches, strict=True)))


def _compiled_step(model: keras.Model, spec: tf.TensorSpec) -> Callable[[tf.Tensor], tuple[tf.Tensor, ...]]:
    """Returns a compiled function from images to probabilities, their logarithms and the logits, float32.

    It is traced here, once, for a batch of any size: TensorFlow warns whoever calls one function after another.
    """

    @tf.function
    def step(images):
        outputs = model(images, training=False)
        logits = tf.cast(first_output(outputs), tf.float32)  # half precision would cost digits of the loss
        return tf.nn.softmax(logits), tf.nn.log_softmax(logits), logits

    return step.get_concrete_function(spec)


def _check_numbers(model: keras.Model, images: np.ndarray, logits: np.ndarray) -> None:
    """Raises ValueError if the model outputs probabilities, or scales pixels in [0, 1] as if they were in 0..255."""
    if getattr(model, "outputs", None):
        check_logits(model)
    check_not_probabilities(model, logits)
    if getattr(model, "inputs", None) and len(model.inputs) == 1 and images.max() <= 1:
        check_pixel_scale(model)


def _check_batch(probabilities: np.ndarray, labels: np.ndarray) -> None:
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:
        raise ValueError(
            "`model` must output logits of shape (batch, num_classes >= 2). "
            f"Received: an output of shape {('batch', *probabilities.shape[1:])}"
        )
    if labels.min() < 0 or labels.max() >= probabilities.shape[1]:
        raise ValueError(
            f"`examples` must have labels in [0, {probabilities.shape[1]}), the classes of the model. "
            f"Received: labels in [{labels.min()}, {labels.max()}]"
        )


def _checked_dataset(dataset: tf.data.Dataset) -> tf.data.Dataset:
    _check_pairs(dataset)
    labels = dataset.element_spec[1]
    if labels.shape.rank not in (1, None) or not labels.dtype.is_integer:
        raise ValueError(
            "`examples` must have integer labels of shape (batch,). "
            f"Received: labels {labels.dtype.name} of shape {labels.shape}"
        )
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError("`examples` must be finite: end them with take(number of batches). Received: an infinite set")
    return dataset


def _check_pairs(dataset: tf.data.Dataset) -> None:
    if not isinstance(dataset, tf.data.Dataset):
        raise ValueError(
            "`examples` must be Examples, or a tf.data.Dataset of (images, labels). "
            f"Received: a {type(dataset).__name__}"
        )
    if not isinstance(dataset.element_spec, tuple) or len(dataset.element_spec) != 2:
        raise ValueError(
            f"`examples` must yield (images, labels). Received: examples.element_spec={dataset.element_spec}"
        )
