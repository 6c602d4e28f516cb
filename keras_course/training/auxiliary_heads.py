"""Models of several outputs: all learn from the same labels, and the first one, the main head, is the classifier."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_course.data import ImageData
from keras_course.data.pipeline import Share

AUXILIARY_WEIGHT = 0.3
CROSS_ENTROPY = "cross_entropy"


def compile_heads(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    """Compiles a model with the cross-entropy of its logits, in nats: L = L₁ + 0.3 (L₂ + L₃ + ...).

    Args:
        model: A functional or Sequential model of one output, or of several in a list, the main one first.
        optimizer: A Keras optimizer.

    Source: Szegedy et al. (2014), section 5, for the weight of an auxiliary head.
    """
    losses = [keras.losses.SparseCategoricalCrossentropy(from_logits=True) for _ in model.outputs]
    if len(losses) == 1:
        model.compile(optimizer, losses[0], metrics=["accuracy"])
    else:
        weights = [1.0] + [AUXILIARY_WEIGHT] * (len(losses) - 1)
        # Keras's own mean of each loss gives a last, smaller batch the weight of a whole one: these count images.
        entropies: list[list] = [[_cross_entropy()] for _ in losses]
        accuracy: list[list] = [["accuracy"], *([] for _ in losses[1:])]
        model.compile(optimizer, losses, loss_weights=weights, metrics=accuracy, weighted_metrics=entropies)
    _build_metrics(model)


class HeadsData:
    """Gives every head of a model the labels of each batch, and each training image the weight of its class.

    Leaves the batches for a single output without class weights as they are.

    Args:
        data: Batches of (images, labels).
        model: The model.
        class_weights: A number per class, by label, or None.
        share: What one of several workers reads of each batch, in pairs with the size of the whole; None reads all.
    """

    def __init__(
        self,
        data: ImageData,
        model: keras.Model,
        class_weights: Sequence[float] | None = None,
        share: Share | None = None,
    ):
        self._data, self._share = data, share
        self._heads = len(model.outputs)
        self._class_weights = class_weights

    @property
    def validation(self) -> tf.data.Dataset | None:
        """The validation batches, or None."""
        batches = self._data.validation if self._share is None else self._data.validation_of(self._share)
        return None if batches is None else self._repeated(batches, None)

    def train_from(self, epoch: int) -> tf.data.Dataset:
        """The training batches from an epoch on."""
        return self._repeated(self._data.train_from(epoch, self._share), self._class_weights)

    def _repeated(self, batches: tf.data.Dataset, class_weights: Sequence[float] | None) -> tf.data.Dataset:
        if self._heads == 1 and class_weights is None:
            return batches

        def batch(images, labels):
            parts = (
                (labels,) if class_weights is None else (labels, tf.gather(tf.cast(class_weights, "float32"), labels))
            )
            return images, *(part if self._heads == 1 else (part,) * self._heads for part in parts)

        return batches.map(batch if self._share is None else lambda rows, size: (batch(*rows), size))


def mean_weight(class_weights: Sequence[float] | None, data: ImageData) -> float:
    """Returns the mean weight of the training images, 1 without class weights."""
    return 1.0 if class_weights is None else float(np.mean(np.take(class_weights, data.train_examples.labels)))


class MainHeadLogs(keras.callbacks.Callback):
    """Lets the logs of an epoch mean what they mean for a model of one output.

    `loss`, `accuracy`, `val_loss` and `val_accuracy` become those of the main head; what is minimised moves to
    `weighted_loss` and `val_weighted_loss`, and each auxiliary head has its `<output>_loss` and `val_<output>_loss`.
    The logs of a batch keep the weighted sum as `loss`. Penalties on weights are part of the weighted sum alone.
    Comes before the callbacks that read logs.

    Args:
        mean_weight: Float > 0, of the training images. Keras divides the weighted losses of a head by the sum of the
            weights; times this it is the mean over the images, as it is for a model of one output.
    """

    def __init__(self, mean_weight: float = 1.0):
        super().__init__()
        self._mean_weight = mean_weight

    def on_epoch_end(self, epoch, logs=None):
        """Renames the entries in place."""
        if not logs or len(self.model.outputs) == 1:
            return
        main, *others = self.model.output_names
        names = {"weighted_loss": "loss", "loss": f"{main}_{CROSS_ENTROPY}", "accuracy": f"{main}_accuracy"}
        names |= {f"{head}_loss": f"{head}_{CROSS_ENTROPY}" for head in others}
        for name in names.values():
            if name.endswith(f"_{CROSS_ENTROPY}") and name in logs:
                logs[name] *= self._mean_weight
        names |= {f"val_{new}": f"val_{old}" for new, old in names.items()}
        renamed = {new: logs[old] for new, old in names.items() if old in logs}
        for name in {*names.values(), *(f"{part}{main}_loss" for part in ("", "val_"))}:
            logs.pop(name, None)
        logs.update(renamed)


def _build_metrics(model: keras.Model) -> None:
    """Makes the variables of losses and metrics: a first step that makes them is traced a second time without."""
    heads = [(tf.zeros(1, tf.int64), tf.zeros((1, *head.shape[1:]), head.dtype)) for head in model.outputs]
    labels, logits = heads[0] if len(heads) == 1 else zip(*heads, strict=True)
    model.compute_loss(y=labels, y_pred=logits)
    model.compute_metrics(None, labels, logits)
    model.reset_metrics()


def _cross_entropy() -> keras.metrics.Metric:
    return keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name=CROSS_ENTROPY)
