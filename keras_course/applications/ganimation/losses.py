"""What the two nets of GANimation minimise, and the weights of the parts (Pumarola et al. 2018, section 4.2)."""

from dataclasses import dataclass, fields
from typing import Any

import keras

from keras_course.arguments import require_number

Tensor = Any


@dataclass(frozen=True)
class LossWeights:
    """The weights of the losses; for the discriminator the Wasserstein loss has 1.

    Args:
        adversarial: Float >= 0, of the critic's judgement of changed images, for the generator.
        gradient_penalty: Float >= 0, of the penalty on the critic's slope.
        real_units: Float >= 0, of the error of the discriminator's units on real images.
        units: Float >= 0, of the error of the units that the discriminator sees in changed images, for the generator.
        cycle: Float >= 0, of the mean absolute difference between an image and the same changed and changed back.
        attention: Float >= 0, of the mean of A, against a mask that is shut.
        sparsity: Float >= 0, of the mean of 1 - A, against a mask that is open.
        smoothness: Float >= 0, of the total variation of A.
        keep: Float >= 0, of the mean absolute change of an image that is asked for the units it has.

    Raises:
        ValueError: If a weight is out of range.

    Example:
        >>> LossWeights(cycle=10).cycle
        10

    Source: deck, chapter 8; Pumarola et al. (2018), section 4.2, whose values are the defaults.

    Note: `real_units` is `units` in the paper; `sparsity` and `keep` are this course's. Where the paper takes sums or
        norms over the pixels, these are means, so that weights hold for every size of images.
    """

    adversarial: float = 1.0
    gradient_penalty: float = 10.0
    real_units: float = 4000.0
    units: float = 4000.0
    cycle: float = 10.0
    attention: float = 0.1
    sparsity: float = 0.0
    smoothness: float = 1e-4
    keep: float = 0.0

    def __post_init__(self):
        for field in fields(self):
            require_number(field.name, getattr(self, field.name), at_least=0)


def units_loss(seen: Tensor, wanted: Tensor) -> Tensor:
    """Computes the mean squared error of units.

    Args:
        seen: Float (batch, num_units), of the discriminator.
        wanted: Float (batch, num_units).

    Returns:
        A scalar >= 0.

    Example:
        >>> import numpy as np
        >>> float(units_loss(np.array([[0.5, 0.0]]), np.array([[1.0, 0.0]])))
        0.125

    Source: deck, chapter 8; Pumarola et al. (2018), section 4.2.
    """
    return keras.ops.mean(keras.ops.square(seen - wanted))


def total_variation(attention: Tensor) -> Tensor:
    """Computes the mean squared difference between neighbours of a mask, down plus across.

    Args:
        attention: Float (batch, height, width, 1).

    Returns:
        A scalar >= 0.

    Example:
        >>> import numpy as np
        >>> float(total_variation(np.array([[0.0, 1.0], [0.0, 1.0]]).reshape(1, 2, 2, 1)))
        1.0

    Source: deck, chapter 8; Pumarola et al. (2018), section 4.2.
    """
    down = attention[:, 1:] - attention[:, :-1]
    across = attention[:, :, 1:] - attention[:, :, :-1]
    return keras.ops.mean(keras.ops.square(down)) + keras.ops.mean(keras.ops.square(across))


def mean_difference(images: Tensor, others: Tensor) -> Tensor:
    """Computes the mean absolute difference of images: the cycle loss of an image and what came back of it.

    Args:
        images: Float, any shape.
        others: Float of the same shape.

    Returns:
        A scalar >= 0.

    Example:
        >>> import numpy as np
        >>> float(mean_difference(np.array([0.0, 1.0]), np.array([0.5, 1.0])))
        0.25

    Source: deck, chapter 8; Pumarola et al. (2018), section 4.2.
    """
    return keras.ops.mean(keras.ops.abs(images - others))
