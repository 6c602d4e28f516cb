"""Standard deviations of first weights and the variance that they carry through the layers (deck, chapter 6)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.integrate
from numpy.typing import ArrayLike

from keras_course.arguments import require_choice, require_integer, require_number, require_sequence
from keras_course.array_arguments import FloatArray, finite_array
from keras_course.numerics.activations import ACTIVATIONS


class MeasuredVariances(NamedTuple):
    """Variances of g by layer, and the standard error of each, float64 of shape (layers,).

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.initialization import measured_variances
        >>> generator = np.random.default_rng(0)
        >>> measured = measured_variances([1.0, 1.0], [2, 3], weight_stds=[0.0], num_draws=2, generator=generator)
        >>> measured.variances, measured.standard_errors  # weights of 0 give no variance
        (array([0.]), array([0.]))
    """

    variances: FloatArray
    standard_errors: FloatArray


def he_std(fan_in: int) -> float:
    """Computes √(2 / M_l): with it ReLU layers neither shrink nor magnify the variance.

    Args:
        fan_in: Integer >= 1. M_l, the inputs of a unit.

    Returns:
        The standard deviation of the weights, whose mean is 0.

    Raises:
        ValueError: If `fan_in` is less than 1.

    Example:
        >>> from keras_course.numerics.initialization import he_std
        >>> he_std(fan_in=200)  # √(2 / 200)
        0.1

    Source: deck, eq. 47; He et al. (2015).

    Note: The deck asks it of every layer from l = 1. The first has no ReLU before it and would keep the variance with
        1/M_1; that factor of 2 comes once and not in every layer.
    """
    require_integer("fan_in", fan_in, at_least=1)
    return math.sqrt(2 / fan_in)


def xavier_std(fan_in: int, fan_out: int) -> float:
    """Computes √(2 / (fan_in + fan_out)), between keeping the variance of signals and that of gradients.

    Args:
        fan_in: Integer >= 1. The inputs of a unit.
        fan_out: Integer >= 1. The units that an input feeds.

    Returns:
        The standard deviation of the weights, whose mean is 0.

    Raises:
        ValueError: If an argument is less than 1.

    Example:
        >>> from keras_course.numerics.initialization import xavier_std
        >>> xavier_std(fan_in=150, fan_out=50)  # √(2 / 200)
        0.1

    Source: deck, chapter 6, "Xavier initialisation"; Glorot and Bengio (2010).
    """
    require_integer("fan_in", fan_in, at_least=1)
    require_integer("fan_out", fan_out, at_least=1)
    return math.sqrt(2 / (fan_in + fan_out))


def variance_from_moments(g: ArrayLike) -> float:
    """Computes var(g) = E((g - E g)²) = E(g²) - (E g)² over all draws.

    Args:
        g: Array, any shape. Draws of g.

    Returns:
        The variance, in the squared unit of g.

    Raises:
        ValueError: If a number is not finite.

    Example:
        >>> from keras_course.numerics.initialization import variance_from_moments
        >>> variance_from_moments([1.0, 3.0])
        1.0

    Source: deck, eq. 41.

    Note: Eq. 41 is the second form, equal in exact arithmetic. In floating point it subtracts two large numbers where
        the mean is large beside the spread, and no digit may be left; so the first form is computed.
    """
    draws = finite_array("g", g)
    return float(np.mean((draws - np.mean(draws)) ** 2))


def preactivation_variance(fan_in: int, weight_variance: float, mean_square: float) -> float:
    """Computes var(g⁽ˡ⁾) = M_l var(ω⁽ˡ⁾ a⁽ˡ⁻¹⁾) = M_l var(ω⁽ˡ⁾) E((a⁽ˡ⁻¹⁾)²).

    Args:
        fan_in: Integer >= 1. M_l, the inputs of a unit.
        weight_variance: Float >= 0. var(ω⁽ˡ⁾); the weights have mean 0.
        mean_square: Float >= 0. E((a⁽ˡ⁻¹⁾)²), for the first layer the mean square of the input.

    Returns:
        The variance of g, the value before the activation.

    Raises:
        ValueError: If an argument is outside its interval.

    Example:
        >>> from keras_course.numerics.initialization import preactivation_variance
        >>> preactivation_variance(fan_in=100, weight_variance=0.02, mean_square=0.5)
        1.0

    Source: deck, eq. 42, eq. 43.

    Note: It takes biases of 0, or constant ones, which the deck leaves out from here on.
    """
    require_integer("fan_in", fan_in, at_least=1)
    require_number("weight_variance", weight_variance, at_least=0)
    require_number("mean_square", mean_square, at_least=0)
    return fan_in * weight_variance * mean_square


def activation_mean_square(variance: float, activation: str = "relu") -> float:
    """Computes E(a(g)²) for g ~ N(0, var(g)): ½ var(g) for ReLU, by quadrature for tanh and sigmoid.

    Args:
        variance: Float >= 0. var(g).
        activation: "linear", "relu", "tanh" or "sigmoid"; default "relu", the deck's.

    Returns:
        The mean square of the activation.

    Raises:
        ValueError: If `variance` is negative or `activation` is none of these.

    Example:
        >>> from keras_course.numerics.initialization import activation_mean_square
        >>> activation_mean_square(2.0)  # ReLU passes half of it
        1.0
        >>> round(activation_mean_square(1.0, "tanh"), 4)
        0.3943

    Source: deck, eq. 44, for ReLU, where any symmetric g does.
    """
    require_number("variance", variance, at_least=0)
    require_choice("activation", activation, tuple(ACTIVATIONS))
    if activation in ("linear", "relu"):
        return variance if activation == "linear" else variance / 2
    function, std = ACTIVATIONS[activation].function, math.sqrt(variance)
    width = 20 / max(std, 4)  # where a large std makes the activation steep
    weighted = scipy.integrate.quad(
        lambda z: function(std * z) ** 2 * math.exp(-(z**2) / 2), -10, 10, points=(-width, 0, width)
    )
    return float(weighted[0] / math.sqrt(2 * math.pi))


def predicted_variances(
    mean_square: float, layer_sizes: Sequence[int], weight_stds: Sequence[float], activation: str = "relu"
) -> FloatArray:
    """Computes var(g⁽¹⁾), …, var(g⁽ᴸ⁾), for ReLU var(g⁽ᴸ⁾) = var(g⁽¹⁾) ∏_{l=2..L} (M_l/2 var(ω⁽ˡ⁾)).

    Exact for linear and ReLU layers of any width; for tanh and sigmoid the limit of wide layers.

    Args:
        mean_square: Float >= 0. The mean square of the components of the input x.
        layer_sizes: Integers >= 1. M_1, the size of x, and the units of each layer: layers + 1 of them.
        weight_stds: Floats >= 0. The standard deviation of each layer's weights: one per layer.
        activation: "linear", "relu", "tanh" or "sigmoid"; default "relu", the deck's.

    Returns:
        The variance over the weights of the values before each activation, float64 of shape (layers,).

    Raises:
        ValueError: If an argument is out of range or the lengths do not fit.

    Example:
        >>> from keras_course.numerics.initialization import he_std, predicted_variances
        >>> predicted_variances(1.0, [200, 200, 200], [he_std(200)] * 2)  # He's weights keep the variance
        array([2., 2.])

    Source: deck, eq. 45 from layer to layer, eq. 46 through all of them.

    Note: The deck starts the product of eq. 46 with var(x). As it runs from l = 2, it starts with var(g⁽¹⁾) =
        M_1 var(ω⁽¹⁾) E(x²), as in He et al. (2015): the first layer is missing in the deck.
    """
    _check_layers(layer_sizes, weight_stds)
    variances: list[float] = []
    for fan_in, std in zip(layer_sizes, weight_stds, strict=False):
        variances.append(preactivation_variance(fan_in, std**2, mean_square))
        mean_square = activation_mean_square(variances[-1], activation)
    return np.array(variances)


def measured_variances(
    x: ArrayLike,
    layer_sizes: Sequence[int],
    weight_stds: Sequence[float],
    activation: str = "relu",
    *,
    num_draws: int,
    generator: np.random.Generator,
) -> MeasuredVariances:
    """Draws all weights `num_draws` times from N(0, std²) and measures var(g⁽ˡ⁾) of each layer for one input.

    Args:
        x: Array of shape (M_1,). The input.
        layer_sizes: Integers >= 1. M_1 and the units of each layer: layers + 1 of them.
        weight_stds: Floats >= 0. The standard deviation of each layer's weights: one per layer.
        activation: "linear", "relu", "tanh" or "sigmoid"; default "relu".
        num_draws: Integer >= 2. Networks drawn.
        generator: Where the weights come from.

    Returns:
        The variances and their standard errors, by what differs from network to network.

    Raises:
        ValueError: If an argument is out of range or the lengths do not fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.initialization import he_std, measured_variances, predicted_variances
        >>> stds = [he_std(50)] * 2
        >>> measured = measured_variances(
        ...     np.ones(50), [50, 50, 50], stds, num_draws=200, generator=np.random.default_rng(0)
        ... )
        >>> predicted = predicted_variances(1.0, [50, 50, 50], stds)
        >>> np.abs(measured.variances - predicted) < 4 * measured.standard_errors
        array([ True,  True])

    Source: deck, eq. 41, the left sides of eq. 42 to eq. 46.
    """
    _check_layers(layer_sizes, weight_stds)
    require_choice("activation", activation, tuple(ACTIVATIONS))
    require_integer("num_draws", num_draws, at_least=2)
    x = finite_array("x", x, (layer_sizes[0],))
    means, squares = np.empty((2, num_draws, len(weight_stds)))
    for draw in range(num_draws):
        a = x
        for layer, std in enumerate(weight_stds):
            weights = generator.normal(0, std, size=(layer_sizes[layer + 1], layer_sizes[layer]))
            g = weights @ a
            means[draw, layer], squares[draw, layer] = g.mean(), (g**2).mean()
            a = ACTIVATIONS[activation].function(g)
    return MeasuredVariances(
        squares.mean(axis=0) - means.mean(axis=0) ** 2, squares.std(axis=0, ddof=1) / math.sqrt(num_draws)
    )


def _check_layers(layer_sizes: Sequence[int], weight_stds: Sequence[float]) -> None:
    require_sequence("layer_sizes", layer_sizes)
    require_sequence("weight_stds", weight_stds)
    for size in layer_sizes:
        require_integer("layer_sizes", size, at_least=1)
    for std in weight_stds:
        require_number("weight_stds", std, at_least=0)
    if len(layer_sizes) != len(weight_stds) + 1 or not len(weight_stds):
        raise ValueError(
            "`layer_sizes` must have one more entry than `weight_stds`, which must not be empty. "
            f"Received: {len(layer_sizes)} sizes and {len(weight_stds)} standard deviations"
        )
