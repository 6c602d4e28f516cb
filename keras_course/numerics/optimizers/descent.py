"""Gradient descent as a loop that returns its path, and why it descends (deck, chapter 6)."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import FloatArray, IndexArray, finite_array
from keras_course.numerics.optimizers.squared_error import mini_batches
from keras_course.numerics.optimizers.steps import gradient_descent_step

Step = Callable[..., tuple[FloatArray, Any]]


def difference_quotient(function: Callable[[FloatArray], float], x: ArrayLike, h: float) -> FloatArray:
    """Computes (g(x + h) - g(x)) / h along each coordinate, which tends to ∂g/∂x as h tends to 0.

    In double precision the error is least for h near 1e-8 |x|: above it the curve bends, below it digits cancel.

    Args:
        function: Callable. g, from an array of the shape of `x` to a number.
        x: Number or array, any shape.
        h: Float, not 0. The step, in the unit of `x`.

    Returns:
        The quotients, float64 of the shape of `x`.

    Raises:
        ValueError: If a number is not finite or `h` is 0.

    Example:
        >>> from keras_course.numerics.optimizers import difference_quotient
        >>> difference_quotient(lambda x: x @ x, [1.0, 3.0], h=1e-8).round(4)  # of |x|²: 2x
        array([2., 6.])

    Source: deck, eq. 23, eq. 24.
    """
    require_number("h", h)
    if h == 0:
        raise ValueError(f"`h` must not be 0. Received: h={h!r}")
    x = finite_array("x", x)
    steps = (h * np.eye(x.size)).reshape(x.size, *x.shape)
    return (np.array([function(x + step) for step in steps]).reshape(x.shape) - function(x)) / h


def first_order_change(gradient: ArrayLike, learning_rate: float) -> float:
    """Computes g(x + h) - g(x) ≃ -λ |∂g/∂x|² for the step h = -λ ∂g/∂x.

    Args:
        gradient: Number or array, any shape. ∂g/∂x.
        learning_rate: Float > 0. λ.

    Returns:
        The change of g to first order, never positive, in the unit of g.

    Raises:
        ValueError: If a number is not finite or `learning_rate` is not positive.

    Example:
        >>> from keras_course.numerics.optimizers import first_order_change
        >>> first_order_change([3.0, 4.0], learning_rate=0.1)  # -0.1 · 5²
        -2.5

    Source: deck, eq. 25, for one coordinate or several.
    """
    require_number("learning_rate", learning_rate, above=0)
    return -learning_rate * float(np.sum(finite_array("gradient", gradient) ** 2))


def descends(function: Callable[[FloatArray], float], x: ArrayLike, gradient: ArrayLike, learning_rate: float) -> bool:
    """Tells whether g(x + h) < g(x) for the step h = -λ ∂g/∂x.

    Args:
        function: Callable. g, from an array of the shape of `x` to a number.
        x: Number or array, any shape.
        gradient: Array of the shape of `x`. ∂g/∂x there.
        learning_rate: Float > 0. λ.

    Returns:
        Whether this step descends.

    Raises:
        ValueError: If a shape does not fit, a number is not finite or `learning_rate` is not positive.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import descends
        >>> [descends(np.square, 1.0, 2.0, rate) for rate in (0.9, 1.1)]  # x² has L = 2, and 2/L = 1
        [True, False]

    Source: deck, eq. 26.

    Note: The deck concludes this from λ > 0 alone. It takes a gradient that is not 0 and a λ small enough: below 2/L
        where no curvature is above L. On g = L x²/2 a step with λ > 2/L climbs.
    """
    require_number("learning_rate", learning_rate, above=0)
    x = finite_array("x", x)
    gradient = finite_array("gradient", gradient, x.shape)
    return bool(function(x - learning_rate * gradient) < function(x))


def minimize(
    gradient: Callable[[FloatArray], ArrayLike],
    initial: ArrayLike,
    step: Step = gradient_descent_step,
    *,
    num_steps: int,
    **settings: Any,
) -> FloatArray:
    """Takes `num_steps` steps ω_{t+1} = step(ω_t, ∂F/∂ω(ω_t)) from ω₀ and returns the trajectory.

    Args:
        gradient: Callable. ∂F/∂ω as a function of ω.
        initial: Array, any shape. ω₀.
        step: One of the steps of `optimizers`, default `gradient_descent_step`.
        num_steps: Integer >= 0.
        **settings: The step's settings, `learning_rate` at least.

    Returns:
        ω₀, ω₁, …: float64 of shape (num_steps + 1, *shape of `initial`). A path that diverges ends in
        infinities and NaN, without a warning.

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import minimize
        >>> path = minimize(lambda omega: 2 * omega, [1.0], num_steps=3, learning_rate=0.25)
        >>> path.ravel()  # the gradient is that of ω²: each step halves ω
        array([1.   , 0.5  , 0.25 , 0.125])

    Source: deck, eq. 22, "at each iteration we calculate".

    Note: The deck has F checked first to be convex, "F'' > 0", and of class C1. F'' takes a function of class C2, and
        convex is F'' >= 0: ω⁴ is convex with F''(0) = 0. Without convexity the path may end in a local minimum.
    """
    require_integer("num_steps", num_steps, at_least=0)
    return _walk((gradient for _ in range(num_steps)), initial, step, settings)


def minimize_batches(
    gradient: Callable[[FloatArray, IndexArray], ArrayLike],
    initial: ArrayLike,
    step: Step = gradient_descent_step,
    *,
    num_samples: int,
    batch_size: int,
    num_epochs: int,
    generator: np.random.Generator,
    **settings: Any,
) -> FloatArray:
    """Takes a step ω_{t+1} = step(ω_t, ∂F_j/∂ω(ω_t)) for every batch B_j of every epoch and returns the trajectory.

    Args:
        gradient: Callable. ∂F_j/∂ω as a function of ω and of the indices of the batch's samples.
        initial: Array, any shape. ω₀.
        step: One of the steps of `optimizers`, default `gradient_descent_step`.
        num_samples: Integer >= 1. N₁.
        batch_size: Integer >= 1. Samples per batch; the last batch of an epoch has the rest.
        num_epochs: Integer >= 0. Passes over the samples.
        generator: Draws the order of the samples, anew in each epoch.
        **settings: The step's settings, `learning_rate` at least.

    Returns:
        ω₀, ω₁, …: float64 of shape (num_epochs · ⌈num_samples / batch_size⌉ + 1, *shape of `initial`).

    Raises:
        ValueError: If a shape does not fit or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import minimize_batches
        >>> t = np.array([1.0, 3.0, 5.0, 7.0])
        >>> path = minimize_batches(
        ...     lambda omega, batch: 2 * (omega - t[batch].mean()),
        ...     [0.0],
        ...     num_samples=4,
        ...     batch_size=4,
        ...     num_epochs=2,
        ...     generator=np.random.default_rng(0),
        ...     learning_rate=0.5,
        ... )
        >>> path.ravel()  # the mean, in one step
        array([0., 4., 4.])

    Source: deck, eq. 30, eq. 31, eq. 33; with `momentum_step` eq. 34, eq. 35, with `adam_step` eq. 36 to eq. 40.
    """
    require_integer("num_epochs", num_epochs, at_least=0)
    epochs = (mini_batches(num_samples, batch_size, generator) for _ in range(num_epochs))
    gradients = ((lambda omega, batch=batch: gradient(omega, batch)) for batches in epochs for batch in batches)
    return _walk(gradients, initial, step, settings)


def _walk(
    gradients: Iterable[Callable[[FloatArray], ArrayLike]], initial: ArrayLike, step: Step, settings: dict[str, Any]
) -> FloatArray:
    path = [finite_array("initial", initial)]
    state = None
    with np.errstate(over="ignore", invalid="ignore"):
        for gradient in gradients:
            omega, state = step(path[-1], gradient(path[-1]), state, **settings)
            path.append(omega)
    return np.array(path)
