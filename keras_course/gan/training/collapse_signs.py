"""The signs of a GAN that has stopped learning."""

from typing import Any

import numpy as np

from keras_course.gan.model.losses import LOSSES

ONE_IMAGE, ONE_CLASS, LOST_GAME = "one image", "one class", "D(x) at 1"


def mean_spread(images: np.ndarray) -> float:
    """Computes the root mean square distance of images from their mean, per pixel, in grey levels.

    Args:
        images: uint8 (n, height, width, channels).
    """
    return float(np.sqrt(np.mean(np.var(images.astype(np.float32), axis=0))))


def least_spread(gan: Any, images: np.ndarray) -> tuple[int | None, float]:
    """Returns the spread of the images; of a conditional GAN the class with the smallest one, and that."""
    classes = getattr(gan, "num_classes", None)
    if not classes or len(images) < 2 * classes:
        return None, mean_spread(images)
    spreads = [mean_spread(images[label::classes]) for label in range(classes)]
    return int(np.argmin(spreads)), min(spreads)


def is_sure(gan: Any, logs: dict[str, Any], certainty: float) -> bool:
    """Tells whether D separates real from generated images almost perfectly, by its means over an epoch.

    Args:
        gan: The model.
        logs: Its figures of the epoch.
        certainty: Float in (1/2, 1), see `CollapseAlarm`.
    """
    loss = LOSSES[getattr(gan, "loss_name", "non-saturating")]
    ends = loss.surest_means(getattr(gan, "label_smoothing", 0.0))
    if ends is None:
        return False
    part = 2 * certainty - 1
    real, fake = logs.get("d_real", 0.5), logs.get("d_fake", 0.5)
    return real - 0.5 > part * (ends[0] - 0.5) and 0.5 - fake > part * (0.5 - ends[1])
