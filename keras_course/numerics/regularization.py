"""Weight decay, dropout and batch normalisation (deck, chapter 7)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, finite_array


class BatchNormalizationCache(NamedTuple):
    """What the backward pass needs: x̂ of shape (batch, features), √(σ² + ε) and γ of shape (features,).

    Example:
        >>> from keras_course.numerics.regularization import batch_normalization
        >>> _, cache = batch_normalization([[-2.0], [2.0]], gamma=[1.0], beta=[0.0], epsilon=5.0)
        >>> cache.normalized.round(4), cache.scale  # x̂ and √(4 + 5)
        (array([[-0.6667],
               [ 0.6667]]), array([3.]))
    """

    normalized: FloatArray
    scale: FloatArray
    gamma: FloatArray


def l2_penalty(weights: ArrayLike, weight_decay: float) -> float:
    """Computes λ₂/2 |ω|², to be added to the loss: L(ω) = F_data(ω) + λ₂/2 |ω|².

    Args:
        weights: Array, any shape. ω.
        weight_decay: Float >= 0. λ₂.

    Returns:
        The penalty, in the unit of the loss.

    Raises:
        ValueError: If a number is outside its interval.

    Example:
        >>> from keras_course.numerics.regularization import l2_penalty
        >>> l2_penalty([3.0, 4.0], weight_decay=0.1)  # 0.1/2 · 5²
        1.25

    Source: deck, eq. 48.

    Note: `keras.regularizers.L2(l2)` has no ½: it is this penalty for l2 = λ₂/2.
    """
    require_number("weight_decay", weight_decay, at_least=0)
    return weight_decay / 2 * float(np.sum(finite_array("weights", weights) ** 2))


def l2_penalty_gradient(weights: ArrayLike, weight_decay: float) -> FloatArray:
    """Computes λ₂ω, to be added to the gradient: ∂L/∂ω = ∂F_data/∂ω + λ₂ω.

    Args:
        weights: Array, any shape. ω.
        weight_decay: Float >= 0. λ₂.

    Returns:
        The gradient of the penalty, float64 of the shape of `weights`.

    Raises:
        ValueError: If a number is outside its interval.

    Example:
        >>> from keras_course.numerics.regularization import l2_penalty_gradient
        >>> l2_penalty_gradient([3.0, 4.0], weight_decay=0.5)
        array([1.5, 2. ])

    Source: deck, eq. 49.

    Note: The deck writes ∂F/∂ω on the left; it is the derivative of L of eq. 48.
    """
    require_number("weight_decay", weight_decay, at_least=0)
    return weight_decay * finite_array("weights", weights)


def dropout(x: ArrayLike, rate: float, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Sets each value to 0 with probability p and divides the others by 1 - p, which keeps the mean.

    So nothing is left to do at test time (inverted dropout). The gradient with respect to `x` is the mask times the
    one that comes from above.

    Args:
        x: Array, any shape. Activations.
        rate: Float in [0, 1). p, the share that is dropped.
        generator: Where the choice comes from.

    Returns:
        mask · x and the mask, 0 or 1/(1 - p), each float64 of the shape of `x`.

    Raises:
        ValueError: If a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.regularization import dropout
        >>> y, mask = dropout([1.0, 2.0, 3.0, 4.0], 0.5, np.random.default_rng(0))
        >>> mask  # half are dropped on average, the others doubled
        array([2., 0., 0., 0.])
        >>> y
        array([2., 0., 0., 0.])

    Source: deck, chapter 7, "regularization with dropout"; Srivastava et al. (2014).
    """
    require_number("rate", rate, at_least=0, below=1)
    x = finite_array("x", x)
    mask = (generator.random(x.shape) >= rate) / (1 - rate)
    return mask * x, mask


def batch_normalization(
    x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, *, epsilon: float = 1e-3
) -> tuple[FloatArray, BatchNormalizationCache]:
    """Computes yᵢ = γ x̂ᵢ + β with x̂ᵢ = (xᵢ - μ) / √(σ² + ε), μ and σ² the mean and variance of the batch.

    Args:
        x: Array of shape (batch, features). The values of a mini-batch.
        gamma: Array of shape (features,). γ, the scale.
        beta: Array of shape (features,). β, the shift.
        epsilon: Float > 0. ε, in the squared unit of `x`, default 1e-3, as in Keras.

    Returns:
        y, float64 of shape (batch, features), and what `batch_normalization_backward` needs.

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.regularization import batch_normalization
        >>> y, _ = batch_normalization([[-2.0], [2.0]], gamma=[3.0], beta=[1.0], epsilon=5.0)
        >>> y  # 3 · (±2 / √(4 + 5)) + 1
        array([[-1.],
               [ 3.]])

    Source: deck, chapter 7, Algorithm 1; Ioffe and Szegedy (2015).

    Note: The deck has the training mode alone. At test time μ and σ² are running means over batches, so that the
        output for one image does not depend on the others.
    """
    require_number("epsilon", epsilon, above=0)
    x = finite_array("x", x, ("batch", "features"))
    gamma = finite_array("gamma", gamma, x.shape[1:])
    beta = finite_array("beta", beta, x.shape[1:])
    centred = x - x.mean(axis=0)
    scale = np.sqrt((centred**2).mean(axis=0) + epsilon)
    normalized = centred / scale
    return gamma * normalized + beta, BatchNormalizationCache(normalized, scale, gamma)


def batch_normalization_backward(
    gradient: ArrayLike, cache: BatchNormalizationCache
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Computes the gradients of Algorithm 1; ∂ℓ/∂xᵢ = γ/√(σ² + ε) (gᵢ - mean(g) - x̂ᵢ mean(g x̂)) with g = ∂ℓ/∂y.

    The means are there because each xᵢ moves μ and σ² too, so that a shift or a stretch of the whole batch changes
    nothing.

    Args:
        gradient: Array of shape (batch, features). ∂ℓ/∂y.
        cache: What `batch_normalization` returned.

    Returns:
        ∂ℓ/∂x of shape (batch, features), ∂ℓ/∂γ and ∂ℓ/∂β of shape (features,), float64.

    Raises:
        ValueError: If the shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.regularization import batch_normalization, batch_normalization_backward
        >>> _, cache = batch_normalization([[-2.0], [2.0]], gamma=[1.0], beta=[0.0])
        >>> gradient_x, gradient_gamma, gradient_beta = batch_normalization_backward([[1.0], [1.0]], cache)
        >>> gradient_x, gradient_beta  # a shift of the whole batch changes nothing
        (array([[0.],
               [0.]]), array([2.]))

    Source: deck, chapter 7, Algorithm 1; Ioffe and Szegedy (2015), section 3.
    """
    normalized, scale, gamma = cache
    gradient = finite_array("gradient", gradient, normalized.shape)
    along = (gradient * normalized).mean(axis=0)
    gradient_x = gamma / scale * (gradient - gradient.mean(axis=0) - normalized * along)
    return gradient_x, len(gradient) * along, gradient.sum(axis=0)
