"""Muon: momentum whose matrix is made orthogonal before the step (deck, chapter 10)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import FloatArray, finite_array, require_array
from keras_course.numerics.optimizers.steps import checked_parameters, checked_state

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # steepest at 0 of all odd quintics that keep [0, 1] near 1


def newton_schulz(matrix: ArrayLike, num_steps: int = 5) -> FloatArray:
    """Computes about U Vᵗ of a matrix U Σ Vᵗ by steps X ← a X + b (X Xᵗ) X + c (X Xᵗ)² X from X = matrix / |matrix|.

    Each step applies σ ← a σ + b σ³ + c σ⁵ to all singular values and turns no direction: products of matrices only.

    Args:
        matrix: Array of shape (rows, columns).
        num_steps: Integer >= 0, default 5.

    Returns:
        Float64 of the same shape; after five steps the singular values are in about [0.7, 1.2], unless they were below
        a thousandth of |matrix|.

    Raises:
        ValueError: If the shape is another, a number is not finite, or `num_steps` is negative.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import newton_schulz
        >>> np.linalg.svd(newton_schulz([[3.0, 0.0], [0.0, 0.1]]), compute_uv=False).round(2)  # 3 and 0.1
        array([1.13, 0.7 ])

    Source: deck, chapter 10, "more evolved optimisation"; Jordan et al. (2024),
        https://kellerjordan.github.io/posts/muon/; Bernstein and Newhouse (2024), arXiv:2409.20325.
    """
    require_integer("num_steps", num_steps, at_least=0)
    x = finite_array("matrix", matrix, ("rows", "columns"))
    wide = x if x.shape[0] <= x.shape[1] else x.T
    wide = wide / (np.linalg.norm(wide) + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(num_steps):
        gram = wide @ wide.T
        wide = a * wide + (b * gram + c * gram @ gram) @ wide
    return wide if x.shape[0] <= x.shape[1] else wide.T


def muon_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: FloatArray | None = None,
    *,
    learning_rate: float,
    momentum: float = 0.95,
    nesterov: bool = True,
) -> tuple[FloatArray, FloatArray]:
    """Computes m' = μm + ∂F/∂ω, then ω - 0.2 λ √max(rows, columns) O with O = U Vᵗ, nearly, of ∂F/∂ω + μm'.

    All directions get the same step; in momentum and Adam a few directions of large gradients get nearly all of it.

    Args:
        parameters: Array of shape (rows, columns), one layer's weights. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Array of the same shape. m; `None` is 0.
        learning_rate: Float > 0. λ; the factor 0.2 √max(rows, columns) makes steps of about Adam's size.
        momentum: Float in [0, 1). μ, default 0.95.
        nesterov: Whether O is that of ∂F/∂ω + μm', default, or of m'.

    Returns:
        The new parameters and m', float64 of the same shape.

    Raises:
        ValueError: If a shape is another or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import muon_step
        >>> parameters, _ = muon_step(np.zeros((2, 2)), [[100.0, 0.0], [0.0, 1.0]], learning_rate=0.1)
        >>> np.abs(parameters.diagonal()).round(3)  # 100 to 1 in the gradient
        array([0.02, 0.02])

    Source: deck, chapter 10, "more evolved optimisation"; Jordan et al. (2024),
        https://kellerjordan.github.io/posts/muon/; the factor: Liu et al. (2025), arXiv:2502.16982, section 2.2.

    Note: `keras.optimizers.Muon` takes this step for every matrix but embeddings, the kernel before the logits and the
        four fused ones of an LSTM too, and Adam's for the rest, convolutions included; `keras_course.training.Muon`
        takes it for convolutions as well.
    """
    require_number("momentum", momentum, at_least=0, below=1)
    require_array("parameters", parameters, ("rows", "columns"))
    finite_array("gradient", gradient)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    average = momentum * checked_state("state", state, omega) + slope
    direction = newton_schulz(slope + momentum * average if nesterov else average)
    return omega - 0.2 * learning_rate * max(omega.shape) ** 0.5 * direction, average
