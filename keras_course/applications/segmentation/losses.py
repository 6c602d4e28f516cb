"""What a segmenter minimises. Each loss has one value per image, so that a mean over any batch weighs all images alike.

So they add up over several machines and over a partial last batch, and `compile(loss=...)` takes them as they are.
"""

from typing import Any

import keras

from keras_course.arguments import IGNORE

Tensor = Any


@keras.saving.register_keras_serializable(package="keras_course")
def pixel_cross_entropy(masks: Tensor, logits: Tensor) -> Tensor:
    """Computes -1/n Σ log p_y, the mean over the n pixels of an image that have a class y.

    Args:
        masks: Integers (batch, height, width): class ids from 0 on; 255 where there is none, which trains nothing. Of
            larger masks than logits, as with U-Net without padding, the middle counts.
        logits: Floats (batch, rows, columns, num_classes).

    Returns:
        Float32 (batch,), >= 0 in nats; 0 for an image without any class.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.segmentation import pixel_cross_entropy
        >>> logits = np.log([[[[0.25, 0.75], [0.5, 0.5]]]])
        >>> np.asarray(pixel_cross_entropy(np.array([[[0, 255]]]), logits) / np.log(2)).round(4)
        array([2.], dtype=float32)

    Source: deck, chapter 8; Long et al. (2015), section 4.3; deck, chapter 3, cross-entropy.
    """
    labels, known, logits = _pixels(masks, logits)
    losses = keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return keras.ops.sum(losses * known, axis=(1, 2)) / keras.ops.maximum(keras.ops.sum(known, axis=(1, 2)), 1.0)


@keras.saving.register_keras_serializable(package="keras_course")
def dice_loss(masks: Tensor, logits: Tensor) -> Tensor:
    """Computes 1 - mean over the classes in an image of 2 Σ p y / (Σ p + Σ y), the soft Dice coefficient.

    p is a class's probability and y its indicator, summed over the pixels that have a class: a class of few pixels
    counts as much as one of many.

    Args:
        masks: As for `pixel_cross_entropy`.
        logits: Floats (batch, rows, columns, num_classes).

    Returns:
        Float32 (batch,), in [0, 1]; 0 for an image without any class.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.segmentation import dice_loss
        >>> even = np.zeros((1, 1, 4, 2))  # p = 1/2 in 4 pixels, three of class 0 and one of class 1
        >>> np.asarray(dice_loss(np.array([[[0, 0, 0, 1]]]), even)).round(4)  # 1 - (3/5 + 1/3) / 2
        array([0.5333], dtype=float32)

    Source: Milletari et al. (2016), arXiv:1606.04797, section 3, which has squares in the denominator; deck, chapter 8.

    Note: A class that isn't in the image has no overlap to gain. Where it is predicted, the classes that are there
        lose.
    """
    labels, known, logits = _pixels(masks, logits)
    truth = keras.ops.one_hot(labels, logits.shape[-1]) * known[..., None]
    share = keras.ops.softmax(logits) * known[..., None]
    overlap, predicted, pixels = (keras.ops.sum(one, axis=(1, 2)) for one in (share * truth, share, truth))
    there = keras.ops.cast(pixels > 0, "float32")
    lost = 1 - 2 * overlap / keras.ops.where(pixels > 0, predicted + pixels, 1.0)
    return keras.ops.sum(lost * there, axis=-1) / keras.ops.maximum(keras.ops.sum(there, axis=-1), 1.0)


@keras.saving.register_keras_serializable(package="keras_course")
def cross_entropy_dice_loss(masks: Tensor, logits: Tensor) -> Tensor:
    """Computes `pixel_cross_entropy` + `dice_loss`: the first is right pixel by pixel, the second about rare classes.

    Args:
        masks: As for `pixel_cross_entropy`.
        logits: Floats (batch, rows, columns, num_classes).

    Returns:
        Float32 (batch,), >= 0.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.segmentation import cross_entropy_dice_loss
        >>> loss = cross_entropy_dice_loss(np.array([[[0, 0, 0, 1]]]), np.zeros((1, 1, 4, 2)))
        >>> np.asarray(loss).round(4)  # log 2 + 0.5333
        array([1.2265], dtype=float32)

    Source: deck, chapter 8; Isensee et al. (2021), nnU-Net, doi:10.1038/s41592-020-01008-z.
    """
    return pixel_cross_entropy(masks, logits) + dice_loss(masks, logits)


LOSSES = {"cross-entropy": pixel_cross_entropy, "dice": dice_loss, "cross-entropy+dice": cross_entropy_dice_loss}


@keras.saving.register_keras_serializable(package="keras_course")
class MiddleIoU(keras.metrics.MeanIoU):
    """The mean over the classes of the IoU, of the pixels of all images so far that have a class.

    Takes masks and logits as `pixel_cross_entropy` does.

    Args:
        num_classes: Integer >= 2.
        name: Of the metric.

    Example:
        >>> import numpy as np
        >>> metric = MiddleIoU(2)
        >>> metric.update_state(np.array([[[0, 1, 255, 1]]]), np.log([[[[0.9, 0.1], [0.2, 0.8], [1, 1], [0.6, 0.4]]]]))
        >>> float(metric.result())  # 1/2 of each class
        0.5
    """

    def __init__(self, num_classes: int, name: str = "mean_iou", **options: Any):
        super().__init__(num_classes, name=name, **options)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Counts the pixels of a batch."""
        labels, known, logits = _pixels(y_true, y_pred)
        super().update_state(labels, keras.ops.argmax(logits, axis=-1), keras.ops.cast(known, "int32"))


def _pixels(masks: Tensor, logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Returns class ids, 0 where there is none; 1 where there is one, else 0; and logits in float32."""
    frame = [(masks.shape[axis] - logits.shape[axis]) // 2 for axis in (1, 2)]
    rows, columns = (slice(before, before + logits.shape[axis + 1]) for axis, before in enumerate(frame))
    masks = keras.ops.cast(masks, "int32")[:, rows, columns]
    known = masks != IGNORE
    return keras.ops.where(known, masks, 0), keras.ops.cast(known, "float32"), keras.ops.cast(logits, "float32")
