"""How large a gradient can be after t steps back through time."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, finite_array


def gradient_bound(recurrent: ArrayLike, steps: ArrayLike, *, slope: float = 1.0) -> FloatArray:
    """Computes (γ σ₁(U))ᵗ ≥ ‖∂h_T/∂h_{T-t}‖, the most by which t steps multiply a vanilla cell's gradient.

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
        ValueError: If `recurrent` is not a square matrix, a step is negative, or `slope` is not positive.

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
    with np.errstate(over="ignore"):
        return (slope * np.linalg.norm(matrix, 2)) ** t
