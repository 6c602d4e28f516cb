"""Newton's method, conjugate gradients and L-BFGS: steps that know how the gradient changes (deck, chapter 10)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import FloatArray, finite_array
from keras_course.numerics.optimizers.line_search import Descent, Function, Gradient, Point, descend

LOOSE, TIGHT = 0.9, 0.1  # slope left by a line search: a full step should pass; conjugacy needs more
SMALLEST_SHIFT = 1e-3  # of a Hessian that is not positive definite, as a share of its largest entry


def newton_method(
    function: Function,
    gradient: Gradient,
    hessian: Callable[[FloatArray], ArrayLike],
    initial: ArrayLike,
    *,
    num_steps: int = 100,
    tolerance: float = 1e-8,
) -> Descent:
    """Takes steps ω_{t+1} = ω_t - a H⁻¹ ∂F/∂ω, a = 1 where that descends: near a minimum the digits double in each.

    Args:
        function: Callable. F, from an array of shape (parameters,) to a number.
        gradient: Callable. ∂F/∂ω of the same array, of its shape.
        hessian: Callable. H = ∂²F/∂ω², of shape (parameters, parameters). Where it is not positive definite, as much
            of the unit matrix is added as makes it so.
        initial: Array of shape (parameters,). ω₀.
        num_steps: Integer >= 0, the most steps. Default 100.
        tolerance: Float >= 0. Stops where no entry of the gradient is above it. Default 1e-8.

    Returns:
        The path and the number of evaluations of F and ∂F/∂ω.

    Raises:
        ValueError: If a shape is wrong or a number is outside its interval.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.optimizers import newton_method
        >>> steep = np.diag([1.0, 100.0])
        >>> newton_method(lambda x: x @ steep @ x / 2, lambda x: steep @ x, lambda x: steep, [3.0, 4.0]).path
        array([[3., 4.],
               [0., 0.]])

    Source: deck, chapter 10, "more evolved optimisation"; Nocedal and Wright (2006), section 3.4.
    """

    def direction(points: list[Point]) -> tuple[FloatArray, float]:
        x, _, slope = points[-1]
        curvature = finite_array("hessian", hessian(x), (x.size, x.size))
        shift = 0.0
        while True:
            try:
                np.linalg.cholesky(shifted := curvature + shift * np.eye(x.size))
                return np.negative(np.linalg.solve(shifted, slope), dtype=np.float64), 1.0
            except np.linalg.LinAlgError:
                shift = max(2 * shift, SMALLEST_SHIFT * (np.abs(curvature).max() or 1.0))

    return descend(function, gradient, initial, direction, num_steps=num_steps, tolerance=tolerance, flatness=LOOSE)


def conjugate_gradients(
    matrix: ArrayLike,
    target: ArrayLike,
    initial: ArrayLike | None = None,
    *,
    num_steps: int | None = None,
    tolerance: float = 1e-10,
) -> FloatArray:
    """Minimises ωᵗAω/2 - bᵗω, where Aω = b, in at most as many steps as there are parameters (but for rounding).

    Every direction is conjugate to those before, dᵢᵗA dⱼ = 0, so that no step undoes another: with the residual
    r = b - Aω and d₀ = r₀, ω' = ω + a d with a = rᵗr / dᵗAd, and d' = r' + (r'ᵗr' / rᵗr) d.

    Args:
        matrix: A, symmetric and positive definite, of shape (parameters, parameters).
        target: b, of shape (parameters,).
        initial: ω₀ of shape (parameters,); `None` is 0.
        num_steps: Integer >= 0, the most steps; `None` is the number of parameters.
        tolerance: Float >= 0. Stops where |r| <= tolerance |b|. Default 1e-10.

    Returns:
        ω₀, ω₁, …: float64 of shape (steps + 1, parameters).

    Raises:
        ValueError: If a shape is wrong, A is not symmetric, or a direction shows that it is not positive definite.

    Example:
        >>> from keras_course.numerics.optimizers import conjugate_gradients
        >>> conjugate_gradients([[1.0, 0.0], [0.0, 3.0]], [1.0, 3.0]).round(3)  # b = A (1, 1): two steps
        array([[0.   , 0.   ],
               [0.357, 1.071],
               [1.   , 1.   ]])

    Source: deck, chapter 10, "more evolved optimisation"; Hestenes and Stiefel (1952); Nocedal and Wright (2006),
        algorithm 5.2.
    """
    b = finite_array("target", target, ("parameters",))
    a = finite_array("matrix", matrix, (b.size, b.size))
    if not np.allclose(a, a.T):
        raise ValueError(f"`matrix` must be symmetric. Received: matrix={matrix!r}")
    require_number("tolerance", tolerance, at_least=0)
    require_integer("num_steps", num_steps := b.size if num_steps is None else num_steps, at_least=0)
    path = [np.zeros_like(b) if initial is None else finite_array("initial", initial, b.shape)]
    residual = b - a @ path[0]
    direction, square = residual, residual @ residual
    while len(path) <= num_steps and square > tolerance**2 * (b @ b):
        turned = a @ direction
        if (curvature := direction @ turned) <= 0:
            raise ValueError(f"`matrix` must be positive definite. Received: matrix={matrix!r}")
        path.append(path[-1] + square / curvature * direction)
        residual = residual - square / curvature * turned
        direction, square = residual + residual @ residual / square * direction, residual @ residual
    return np.array(path)


def nonlinear_conjugate_gradients(
    function: Function, gradient: Gradient, initial: ArrayLike, *, num_steps: int = 1000, tolerance: float = 1e-6
) -> Descent:
    """Takes steps along d = -g' + max(0, g'ᵗy / sᵗy) s with the last step s and the change of the gradient y = g' - g.

    On ωᵗAω/2 with exact line searches these are `conjugate_gradients`; elsewhere a strong Wolfe search says how far.

    Args:
        function: Callable. F, from an array of shape (parameters,) to a number.
        gradient: Callable. g = ∂F/∂ω of the same array, of its shape.
        initial: Array of shape (parameters,). ω₀.
        num_steps: Integer >= 0, the most steps. Default 1000.
        tolerance: Float >= 0. Stops where no entry of the gradient is above it. Default 1e-6.

    Returns:
        The path and the number of evaluations of F and ∂F/∂ω.

    Raises:
        ValueError: If a shape is wrong or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import nonlinear_conjugate_gradients
        >>> valley = lambda x: x[0] ** 2 + 10 * x[1] ** 2
        >>> nonlinear_conjugate_gradients(valley, lambda x: x * [2, 20], [5.0, 1.0]).path[-1].round(6) + 0.0
        array([0., 0.])

    Source: deck, chapter 10, "more evolved optimisation"; Hestenes and Stiefel (1952); Nocedal and Wright (2006),
        (5.46), kept at 0 or above as (5.45).
    """

    def direction(points: list[Point]) -> tuple[FloatArray, float]:
        x, value, slope = points[-1]
        if len(points) == 1:
            return -slope, 1 / float(np.linalg.norm(slope))
        before = points[-2]
        step, change = x - before.x, slope - before.gradient
        way = -slope + max(0.0, float((slope @ change) / (step @ change))) * step
        if way @ slope >= 0:
            way = -slope
        return way, 2 * (value - before.value) / float(way @ slope)  # if it falls as much as the last time

    return descend(function, gradient, initial, direction, num_steps=num_steps, tolerance=tolerance, flatness=TIGHT)


def lbfgs_direction(gradient: ArrayLike, steps: ArrayLike, changes: ArrayLike) -> FloatArray:
    """Computes -Hg, where H is the inverse Hessian that the last steps tell, in two loops and without the matrix.

    H starts as (sᵗy / yᵗy) I of the last step s and change of the gradient y, and takes one update of BFGS for each
    pair, H ← (I - ρ s yᵗ) H (I - ρ y sᵗ) + ρ s sᵗ with ρ = 1 / sᵗy, the oldest first.

    Args:
        gradient: g, of shape (parameters,).
        steps: s of the steps remembered, of shape (memory, parameters), the oldest first.
        changes: y of the same steps, of the same shape, with sᵗy > 0.

    Returns:
        The direction, float64 of shape (parameters,).

    Raises:
        ValueError: If a shape is wrong or an sᵗy is not positive.

    Example:
        >>> from keras_course.numerics.optimizers import lbfgs_direction
        >>> lbfgs_direction([3.0, 8.0], [[1.0, 0.0]], [[2.0, 0.0]])  # the curvature is 2 along the step: -3/2
        array([-1.5, -4. ])

    Source: deck, chapter 10, "more evolved optimisation"; Nocedal (1980); Nocedal and Wright (2006), algorithm 7.4.
    """
    g = finite_array("gradient", gradient, ("parameters",))
    s = finite_array("steps", steps, ("memory", g.size))
    y = finite_array("changes", changes, s.shape)
    curvatures = np.einsum("mp,mp->m", s, y)
    if curvatures.min() <= 0:
        raise ValueError(f"`changes` must be along their steps, sᵗy > 0. Received: changes with sᵗy={curvatures.min()}")
    return _two_loops(g, s, y, 1 / curvatures)


def _two_loops(g: FloatArray, s: FloatArray, y: FloatArray, rho: FloatArray) -> FloatArray:
    way, shares = -g, np.zeros(len(s))
    for i in reversed(range(len(s))):
        shares[i] = rho[i] * (s[i] @ way)
        way = way - shares[i] * y[i]
    way = way / (rho[-1] * (y[-1] @ y[-1]))
    for i in range(len(s)):
        way = way + (shares[i] - rho[i] * (y[i] @ way)) * s[i]
    return way


def lbfgs(
    function: Function,
    gradient: Gradient,
    initial: ArrayLike,
    *,
    memory: int = 10,
    num_steps: int = 1000,
    tolerance: float = 1e-6,
) -> Descent:
    """Takes steps of Newton's kind with an inverse Hessian made of the last steps and changes of the gradient.

    Args:
        function: Callable. F, from an array of shape (parameters,) to a number.
        gradient: Callable. ∂F/∂ω of the same array, of its shape.
        initial: Array of shape (parameters,). ω₀.
        memory: Integer >= 1, how many steps are remembered. Default 10.
        num_steps: Integer >= 0, the most steps. Default 1000.
        tolerance: Float >= 0. Stops where no entry of the gradient is above it. Default 1e-6.

    Returns:
        The path and the number of evaluations of F and ∂F/∂ω.

    Raises:
        ValueError: If a shape is wrong or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.optimizers import lbfgs
        >>> valley = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2  # Rosenbrock's
        >>> slope = lambda x: [-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)]
        >>> lbfgs(valley, slope, [-1.2, 1.0]).path[-1].round(5)
        array([1., 1.])

    Source: deck, chapter 10, "more evolved optimisation"; Liu and Nocedal (1989),
        https://doi.org/10.1007/BF01589116.
    """
    require_integer("memory", memory, at_least=1)

    def direction(points: list[Point]) -> tuple[FloatArray, float]:
        slope = points[-1].gradient
        if len(points) == 1:
            return -slope, 1 / float(np.linalg.norm(slope))
        recent = points[-memory - 1 :]
        steps, changes = (np.diff([getattr(point, name) for point in recent], axis=0) for name in ("x", "gradient"))
        with np.errstate(divide="ignore", invalid="ignore"):  # at the last digits; NaN ends the descent
            return _two_loops(slope, steps, changes, 1 / np.einsum("mp,mp->m", steps, changes)), 1.0

    return descend(function, gradient, initial, direction, num_steps=num_steps, tolerance=tolerance, flatness=LOOSE)
