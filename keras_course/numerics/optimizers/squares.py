"""Steps that divide by the root of squared gradients: a rate for each parameter (deck, chapters 6 and 10)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import FloatArray, require_array
from keras_course.numerics.optimizers.steps import checked_parameters, checked_state


def adagrad_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: FloatArray | None = None,
    *,
    learning_rate: float,
    initial_accumulator: float = 0.1,
    epsilon: float = 1e-7,
) -> tuple[FloatArray, FloatArray]:
    """Computes v' = v + (∂F/∂ω)², then ω - λ ∂F/∂ω / √(v' + ε): the rate of each parameter only falls.

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Array of the same shape. v; `None` is `initial_accumulator`.
        learning_rate: Float > 0. λ.
        initial_accumulator: Float >= 0, in the squared unit of the gradient, default 0.1, as in Keras.
        epsilon: Float > 0. ε, in the squared unit of the gradient, default 1e-7, as in Keras.

    Returns:
        The new parameters and v', float64 of the same shape.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import adagrad_step
        >>> omega, squares = adagrad_step([0.0], [3.0], learning_rate=0.5, initial_accumulator=0.0)
        >>> omega, squares = adagrad_step(omega, [4.0], squares, learning_rate=0.5)  # -½ (3/3 + 4/5)
        >>> omega.round(4), squares
        (array([-0.9]), array([25.]))

    Source: deck, chapter 10, "more evolved optimisation"; Duchi et al. (2011), figure 1, which has ε beside the root.

    Note: As in `keras.optimizers.Adagrad` v starts at 0.1, so that gradients well below 0.3 take small steps at first:
        with v from 0 and ε beside the root, as in the paper, the first step of every parameter is λ.
    """
    require_number("initial_accumulator", initial_accumulator, at_least=0)
    require_number("epsilon", epsilon, above=0)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    squares = (initial_accumulator if state is None else require_array("state", state, omega.shape)) + slope**2
    return omega - learning_rate * slope / np.sqrt(squares + epsilon), squares


def rmsprop_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: FloatArray | None = None,
    *,
    learning_rate: float,
    rho: float = 0.9,
    epsilon: float = 1e-7,
) -> tuple[FloatArray, FloatArray]:
    """Computes v' = ρv + (1 - ρ)(∂F/∂ω)², then ω - λ ∂F/∂ω / √(v' + ε).

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Array of the same shape. v; `None` is 0.
        learning_rate: Float > 0. λ.
        rho: Float in [0, 1). ρ, default 0.9.
        epsilon: Float > 0. ε, in the squared unit of the gradient, default 1e-7, as in Keras.

    Returns:
        The new parameters and v', float64 of the same shape.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import rmsprop_step
        >>> parameters, second = rmsprop_step([0.0], [2.0], learning_rate=0.1, rho=0.75)  # v' = 2²/4
        >>> parameters.round(4), second
        (array([-0.2]), array([1.]))

    Source: deck, eq. 38, the average of squares, which came before Adam's eq. 36 to eq. 40; Tieleman and Hinton (2012).

    Note: ε is under the root as in `keras.optimizers.RMSprop`; in the deck's Adam it stands beside the root.
    """
    require_number("rho", rho, at_least=0, below=1)
    require_number("epsilon", epsilon, above=0)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    second = rho * checked_state("state", state, omega) + (1 - rho) * slope**2
    return omega - learning_rate * slope / np.sqrt(second + epsilon), second


def adadelta_step(
    parameters: ArrayLike,
    gradient: ArrayLike,
    state: tuple[FloatArray, FloatArray] | None = None,
    *,
    learning_rate: float,
    rho: float = 0.95,
    epsilon: float = 1e-7,
) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
    """Computes Δ = -√(s + ε) / √(v' + ε) ∂F/∂ω, then ω + λΔ, with averages v of (∂F/∂ω)² and s of Δ².

    Args:
        parameters: Array, any shape. ω.
        gradient: Array of the same shape. ∂F/∂ω there.
        state: Tuple of two arrays of the same shape, v and s; `None` is 0 and 0.
        learning_rate: Float > 0. λ, without unit: Δ has that of ω already, and the paper has λ = 1.
        rho: Float in [0, 1). ρ of both averages, default 0.95.
        epsilon: Float > 0. ε, default 1e-7, as in Keras: it decides how the first steps go, when s is 0.

    Returns:
        The new parameters, float64 of the same shape, and the new v and s.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import adadelta_step
        >>> parameters, _ = adadelta_step([0.0], [-10.0], learning_rate=1.0, rho=0.75, epsilon=1e-4)  # 10 · 0.01 / 5
        >>> parameters.round(4)
        array([0.02])

    Source: deck, chapter 10, "more evolved optimisation"; Zeiler (2012), arXiv:1212.5701, algorithm 1.

    Note: `keras.optimizers.Adadelta` has λ = 0.001 unless told otherwise, a thousandth of the paper's step.
    """
    require_number("rho", rho, at_least=0, below=1)
    require_number("epsilon", epsilon, above=0)
    omega, slope = checked_parameters(parameters, gradient, learning_rate)
    if state is not None and not (isinstance(state, tuple) and len(state) == 2):
        raise ValueError(f"`state` must be two arrays, v and s, or None. Received: state={state!r}")
    before = (None, None) if state is None else state
    squares, steps = (checked_state(f"state[{place}]", before[place], omega) for place in (0, 1))
    squares = rho * squares + (1 - rho) * slope**2
    step = -np.sqrt(steps + epsilon) / np.sqrt(squares + epsilon) * slope
    return omega + learning_rate * step, (squares, rho * steps + (1 - rho) * step**2)
