"""How large a gradient can be after t steps back through time, and clipping one that is too large."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import Array, FloatArray, finite_array, require_array, require_number, require_sequence


def gradient_bound(recurrent: ArrayLike, steps: ArrayLike, *, slope: float = 1.0) -> FloatArray:
    """Computes (γ σ₁(U))ᵗ ≥ ‖∂h_T/∂h_{T-t}‖, what a vanilla cell's gradient is multiplied by in t steps at most.

    Each step back multiplies by Uᵗ and by the slope of the activation. If the largest singular value of U is below 1/γ
    the gradient vanishes exponentially; to explode it must be above.

    Args:
        recurrent: U, of shape (units, units).
        steps: t, numbers >= 0 of any shape, in time steps.
        slope: Float > 0. γ, the largest slope of the activation: 1 for tanh (default), 1/4 for the sigmoid. With the
            largest slope that occurs the bound is closer.

    Returns:
        The bound, of the shape of `steps`.

    Raises:
        ValueError: If `recurrent` is no square matrix, a step is negative, or `slope` not positive.

    Example:
        >>> from keras_course.numerics.recurrent import gradient_bound
        >>> gradient_bound([[0.0, 0.5], [0.25, 0.0]], [0, 1, 2])  # the singular values are 0.5 and 0.25
        array([1.  , 0.5 , 0.25])

    Source: deck, chapter 10, the recurrent networks that it did not show, and "Vanishing gradients" of chapter 6;
    Pascanu, Mikolov, Bengio (2013), arXiv:1211.5063.
    """
    matrix = finite_array("recurrent", recurrent, ("units", "units"))
    matrix = finite_array("recurrent", matrix, (len(matrix), len(matrix)))
    t = finite_array("steps", steps)
    if t.min() < 0:
        raise ValueError(f"`steps` must be >= 0. Received: steps={steps!r}")
    require_number("slope", slope, above=0)
    return (slope * np.linalg.norm(matrix, 2)) ** t


def clip_by_norm(gradients: Sequence[ArrayLike], max_norm: float) -> tuple[list[Array], float]:
    """Computes g ← g min(1, c / ‖g‖), where g holds the gradients of all parameters together.

    The direction stays, the length is at most c: one step on a cliff of the loss cannot throw the weights far away.

    Args:
        gradients: Arrays of any shapes.
        max_norm: Float > 0. c.

    Returns:
        The clipped gradients, and ‖g‖ before.

    Raises:
        ValueError: If there is no gradient, or `max_norm` isn't positive.

    Example:
        >>> from keras_course.numerics.recurrent import clip_by_norm
        >>> clip_by_norm([[3.0], [[4.0]]], max_norm=1.0)
        ([array([0.6]), array([[0.8]])], 5.0)

    Source: deck, chapter 10, the optimisation that it did not show; Pascanu, Mikolov, Bengio (2013), arXiv:1211.5063.
    """
    require_sequence("gradients", gradients, at_least=1)
    require_number("max_norm", max_norm, above=0)
    arrays = [require_array("gradients", gradient) for gradient in gradients]
    norm = float(np.sqrt(sum(np.sum(np.square(array, dtype=np.float64)) for array in arrays)))
    factor = min(1.0, max_norm / norm) if norm else 1.0
    return [array * factor for array in arrays], norm
