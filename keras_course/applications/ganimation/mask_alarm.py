"""MaskAlarm: tells when a GANimation has stopped learning, and whether its mask is shut or open."""

from typing import Any

import numpy as np

from keras_course.adversarial import Alarm, what_is_not_finite
from keras_course.applications.ganimation.checks import check_images
from keras_course.arguments import require_number

SHUT, OPEN = "the mask is shut", "the mask is open"


class MaskAlarm(Alarm):
    """Watches a GANimation's training for three ways of failing.

    | kind | what it saw |
    | --- | --- |
    | NaN | a loss or a weight is NaN or infinite; the training stops |
    | the mask is shut | A is above 1 - `margin` in all but a share `margin` of the pixels: nothing changes |
    | the mask is open | A is below `margin` in all but a share `margin` of the pixels: everything is repainted |

    The two of the mask must last for `patience` epochs in a row.

    Args:
        images: uint8 (n, height, width, channels), faces to look at.
        units: Floats in [0, 1], (n, num_units), of these faces; each is asked for those of another.
        margin: Float in (0, 1/2).
        patience: Integer >= 1, epochs.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.ganimation import GANimation, MaskAlarm
        >>> from keras_course.models import build_ganimation_discriminator, build_ganimation_generator
        >>> generator = build_ganimation_generator((8, 8, 3), 2, base_filters=2, blocks=0)
        >>> model = GANimation(generator, build_ganimation_discriminator((8, 8, 3), 2, base_filters=2, depth=2))
        >>> faces = np.zeros((4, 8, 8, 3), np.uint8)
        >>> MaskAlarm(faces, np.eye(4, 2)).look(model, {})
        {}
    """

    def __init__(self, images: np.ndarray, units: np.ndarray, *, margin: float = 0.02, patience: int = 2):
        super().__init__(patience=patience)
        require_number("margin", margin, above=0, below=0.5)
        check_images("images", images, np.shape(images)[1:])
        self.images, self.wanted = images, np.roll(units, 1, axis=0)
        self.margin = margin

    def look(self, model: Any, logs: dict[str, Any]) -> dict[str, str]:
        """Returns what can be seen now: a message for each kind of failure.

        Args:
            model: The GANimation.
            logs: Its figures of an epoch.
        """
        if seen := what_is_not_finite(model, logs):
            return seen
        _, masks = model.change_and_mask(self.images, self.wanted)
        for kind, failed, advice in (
            (SHUT, masks > 1 - self.margin, "nothing changes. A smaller weight of `attention` or `sparsity` opens it."),
            (OPEN, masks < self.margin, "everything is repainted. A larger weight of `sparsity` closes it."),
        ):
            if failed.mean() >= 1 - self.margin:
                share = f"{100 * failed.mean():.0f} % of the pixels have A {'>' if kind == SHUT else '<'}"
                bound = 1 - self.margin if kind == SHUT else self.margin
                return {kind: f"{share} {bound:g}: {advice}"}
        return {}
