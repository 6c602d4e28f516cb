"""Gradients that are kept from being too long (deck, chapter 10)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number, require_sequence
from keras_course.array_arguments import FloatArray, require_array


def clip_by_value(gradient: ArrayLike, largest: float) -> FloatArray:
    """Limits each entry of a gradient to [-c, c], which changes its direction.

    Args:
        gradient: Array, any shape. ∂F/∂ω.
        largest: Float > 0. c, in the unit of the gradient.

    Returns:
        Float64 of the same shape.

    Raises:
        ValueError: If `largest` is not positive.

    Example:
        >>> from keras_course.numerics.optimizers import clip_by_value
        >>> clip_by_value([3.0, -0.5, -4.0], 1.0)
        array([ 1. , -0.5, -1. ])

    Source: deck, chapter 10, "more evolved optimisation"; `clipvalue` of every Keras optimizer.
    """
    require_number("largest", largest, above=0)
    return np.clip(require_array("gradient", gradient).astype(np.float64, copy=False), -largest, largest)


def clip_by_norm(gradient: ArrayLike, largest: float) -> FloatArray:
    """Computes g min(1, c / |g|): a longer gradient is shortened to the length c and keeps its direction.

    Args:
        gradient: Array, any shape. g = ∂F/∂ω of one layer's weights, say.
        largest: Float > 0. c, in the unit of the gradient.

    Returns:
        Float64 of the same shape.

    Raises:
        ValueError: If `largest` is not positive.

    Example:
        >>> from keras_course.numerics.optimizers import clip_by_norm
        >>> clip_by_norm([3.0, 4.0], 1.0)
        array([0.6, 0.8])

    Source: deck, chapter 10, "more evolved optimisation"; Pascanu et al. (2013), arXiv:1211.5063, algorithm 1;
        `clipnorm` of every Keras optimizer.
    """
    return clip_by_global_norm([require_array("gradient", gradient)], largest)[0]


def clip_by_global_norm(gradients: Sequence[ArrayLike], largest: float) -> list[FloatArray]:
    """Computes g min(1, c / |g|) of all gradients as one vector, which keeps the direction of the whole.

    Args:
        gradients: Arrays, one per layer or variable; g is all of them.
        largest: Float > 0. c, in the unit of the gradients.

    Returns:
        Float64 arrays of the same shapes.

    Raises:
        ValueError: If `largest` is not positive or there is no gradient.

    Example:
        >>> from keras_course.numerics.optimizers import clip_by_global_norm
        >>> clip_by_global_norm([[3.0], [4.0, 0.0]], 1.0)
        [array([0.6]), array([0.8, 0. ])]

    Source: deck, chapter 10, "more evolved optimisation"; Pascanu et al. (2013), arXiv:1211.5063, algorithm 1;
        `global_clipnorm` of every Keras optimizer.
    """
    require_number("largest", largest, above=0)
    require_sequence("gradients", gradients, at_least=1)
    arrays = [require_array("gradients", gradient).astype(np.float64, copy=False) for gradient in gradients]
    length = np.sqrt(sum(float(np.sum(array**2)) for array in arrays))
    return [array * min(1.0, largest / length) if length > 0 else array for array in arrays]
