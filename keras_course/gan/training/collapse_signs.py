"""The signs of a GAN that has stopped learning, and their summary."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_course.gan.model.losses import LOSSES

NOT_FINITE, ONE_IMAGE, ONE_CLASS, LOST_GAME = "NaN", "one image", "one class", "D(x) at 1"


class Finding(NamedTuple):
    """What the alarm saw.

    Attributes:
        epoch: 0-based, the epoch after which it was seen.
        kind: "NaN", "one image", "one class" or "D(x) at 1".
        message: What exactly, with figures.

    Example:
        >>> from keras_course.gan import Finding
        >>> Finding(epoch=3, kind="one class", message="90 % of the generated images are of class '1'").kind
        'one class'
    """

    epoch: int
    kind: str
    message: str


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


def nonfinite_part(gan: Any, logs: dict[str, Any]) -> str | None:
    """Names the first figure of the logs, or else the first weight, that is NaN or infinite; None if all are finite."""
    for name, figure in logs.items():
        if not np.isfinite(figure):
            return f"`{name}`"
    for net in (gan.generator, gan.discriminator):
        for weight in net.weights:
            if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
                return f"weight {weight.path} of {net.name}"
    return None


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


def collapse_verdict(findings: Sequence[Finding], ringing: bool) -> str:
    """Sums up what the collapse alarm saw.

    Args:
        findings: All of them.
        ringing: Whether an alarm still rings at the end.
    """
    if not findings:
        return "no collapse: the alarm saw nothing"
    kinds = ", ".join(f"{kind} from epoch {epoch + 1}" for epoch, kind, _ in findings)
    return f"collapsed: {kinds}" if ringing else f"recovered: {kinds}, over at the end"
