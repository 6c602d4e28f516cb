"""The squared-error objective, its gradient, and mini-batches that estimate it (deck, chapter 6)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import FloatArray, IndexArray, finite_array


def weighted_squared_error(prediction: ArrayLike, target: ArrayLike, noise_precision: float) -> float:
    """Computes F(ω) = β/2 Σᵢ |f(ω, xᵢ) - tᵢ|².

    Args:
        prediction: Array of shape (samples, outputs), or (samples,) for one output. f(ω, xᵢ).
        target: Array of the same shape. tᵢ.
        noise_precision: Float > 0. β, in one over the squared unit of the targets.

    Returns:
        The objective, without unit.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import weighted_squared_error
        >>> weighted_squared_error([1.0, 2.0], [1.0, 4.0], noise_precision=3)  # 3/2 · 2²
        6.0

    Source: deck, eq. 20.
    """
    require_number("noise_precision", noise_precision, above=0)
    return noise_precision / 2 * squared_error(prediction, target)


def squared_error(prediction: ArrayLike, target: ArrayLike) -> float:
    """Computes F(ω) = Σᵢ |f(ω, xᵢ) - tᵢ|², a sum over samples and outputs.

    Args:
        prediction: Array of shape (samples, outputs), or (samples,) for one output. f(ω, xᵢ).
        target: Array of the same shape. tᵢ; from eq. 27 on the deck calls it yᵢ.

    Returns:
        The objective, in the squared unit of the targets.

    Raises:
        ValueError: If the shapes differ or a number is not finite.

    Example:
        >>> from keras_course.numerics.optimizers import squared_error
        >>> squared_error([[1.0, 2.0], [3.0, 4.0]], [[1.0, 4.0], [3.0, 1.0]])  # 2² + 3²
        13.0

    Source: deck, eq. 21.

    Note: The deck calls this "the previous problem", eq. 20, but the factor β/2 is gone. The minimum is at the same
        ω; the gradient is 2/β times as long, so that λ means another step.
    """
    return float(np.sum(_residual(prediction, target) ** 2))


def squared_error_gradient(prediction: ArrayLike, target: ArrayLike, jacobian: ArrayLike) -> FloatArray:
    """Computes ∂F/∂ω = Σᵢ (∂(fᵗf)/∂ω - ∂(2yᵗf)/∂ω) = 2 Σᵢ (∂f(ω, xᵢ)/∂ω)ᵗ (f(ω, xᵢ) - yᵢ).

    Args:
        prediction: Array of shape (samples, outputs), or (samples,) for one output. f(ω, xᵢ).
        target: Array of the same shape. yᵢ, the tᵢ of eq. 21.
        jacobian: Array of the shape of `prediction` followed by that of ω. ∂f(ω, xᵢ)/∂ω; for a linear model of one
            output it is the design matrix.

    Returns:
        The gradient, float64 of the shape of ω.

    Raises:
        ValueError: If the shapes do not fit or a number is not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import squared_error_gradient
        >>> x, omega, t = np.array([[1.0, 2.0], [1.0, 3.0]]), np.array([0.0, 1.0]), np.array([1.0, 4.0])
        >>> squared_error_gradient(x @ omega, t, jacobian=x)  # 2 xᵗ(xω - t) with the residuals 1 and -1
        array([ 0., -2.])

    Source: deck, eq. 27, eq. 28, eq. 29; on the samples of one batch it is eq. 32.
    """
    residual = _residual(prediction, target)
    shape = np.shape(jacobian)
    slopes = finite_array("jacobian", jacobian, residual.shape + shape[residual.ndim :])
    return 2 * np.tensordot(residual, slopes, axes=residual.ndim)


def mini_batches(num_samples: int, batch_size: int, generator: np.random.Generator) -> list[IndexArray]:
    """Splits the samples in random order into batches B₁, B₂, …, so that one epoch sees each sample once.

    Args:
        num_samples: Integer >= 1. N₁.
        batch_size: Integer >= 1. Samples per batch; the last batch has the rest.
        generator: Where the order comes from.

    Returns:
        Indices of the samples of each batch.

    Raises:
        ValueError: If a number is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import mini_batches
        >>> batches = mini_batches(5, 2, np.random.default_rng(0))
        >>> [len(batch) for batch in batches], np.sort(np.concatenate(batches))
        ([2, 2, 1], array([0, 1, 2, 3, 4]))

    Source: deck, eq. 30, "we take all the possible B_j", and eq. 31.
    """
    require_integer("num_samples", num_samples, at_least=1)
    require_integer("batch_size", batch_size, at_least=1)
    order = generator.permutation(num_samples)
    return [order[start : start + batch_size] for start in range(0, num_samples, batch_size)]


def estimated_gradient(batch_gradient: ArrayLike, batch_size: int, num_samples: int) -> FloatArray:
    """Computes ∂F/∂ω ≃ N₁/|Bⱼ| ∂Fⱼ/∂ω, the full gradient as one random batch estimates it, without bias.

    Args:
        batch_gradient: Array, any shape. ∂Fⱼ/∂ω, the gradient of the sum over the batch, eq. 32.
        batch_size: Integer >= 1. |Bⱼ|.
        num_samples: Integer >= `batch_size`. N₁.

    Returns:
        The estimate, float64 of the same shape.

    Raises:
        ValueError: If a number is out of range.

    Example:
        >>> from keras_course.numerics.optimizers import estimated_gradient
        >>> estimated_gradient([1.0, -2.0], batch_size=32, num_samples=320)
        array([ 10., -20.])

    Source: deck, eq. 30.

    Note: The deck has no factor N₁/|Bⱼ|. Its sum over a batch is near |Bⱼ|/N₁ of the sum over all samples, not near
        the whole.
    """
    require_integer("batch_size", batch_size, at_least=1)
    require_integer("num_samples", num_samples, at_least=batch_size)
    return finite_array("batch_gradient", batch_gradient) * (num_samples / batch_size)


def _residual(prediction: ArrayLike, target: ArrayLike) -> FloatArray:
    prediction = finite_array("prediction", prediction, ("samples", "outputs"), ("samples",))
    return prediction - finite_array("target", target, prediction.shape)
