"""A descent along directions, each as far as a line search says."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_number
from keras_course.array_arguments import FloatArray, finite_array, require_array

Function = Callable[[FloatArray], float]
Gradient = Callable[[FloatArray], ArrayLike]
SUFFICIENT = 1e-4  # share of the decrease that the slope promises; Nocedal and Wright (2006), section 3.1
MOST_TRIALS = 40  # of one line search: then float64 has no lower value
NEAREST = 0.1  # to an end of its bracket that a trial may lie, as a share


class Point(NamedTuple):
    """A place, with the value and the gradient there."""

    x: FloatArray
    value: float
    gradient: FloatArray


class Descent(NamedTuple):
    """The path ω₀, ω₁, … of shape (steps + 1, parameters), and how often function and gradient were evaluated.

    Example:
        >>> from keras_course.numerics.optimizers import lbfgs
        >>> descent = lbfgs(lambda x: x @ x / 2, lambda x: x, [3.0, 4.0])
        >>> descent.path.shape, descent.evaluations  # a step of length 1, then all the way
        ((3, 2), 3)
    """

    path: FloatArray
    evaluations: int


class Objective:
    """A function with its gradient, which counts how often it is evaluated.

    Args:
        function: From an array of shape (parameters,) to a number.
        gradient: From the same array to its gradient there.
    """

    def __init__(self, function: Function, gradient: Gradient):
        self.function, self.gradient, self.evaluations = function, gradient, 0

    def at(self, x: FloatArray) -> Point:
        """Evaluates both."""
        self.evaluations += 1
        with np.errstate(over="ignore", invalid="ignore"):
            value = np.asarray(self.function(x))
            if value.size != 1 or value.dtype.kind not in "biuf":
                raise ValueError(f"`function` must return a number. Received: {value!r:.100}")
            return Point(x, value.item(), require_array("gradient", self.gradient(x), x.shape))


def descend(
    function: Function,
    gradient: Gradient,
    initial: ArrayLike,
    direction: Callable[[list[Point]], tuple[FloatArray, float]],
    *,
    num_steps: int,
    tolerance: float,
    flatness: float,
) -> Descent:
    """Walks until no entry of the gradient is above the tolerance, the steps are used up or none leads further down.

    Args:
        function: F.
        gradient: ∂F/∂ω.
        initial: ω₀.
        direction: From the points so far to a direction of descent, and how far to try first, in its length.
        num_steps: The most steps.
        tolerance: For each entry of the gradient.
        flatness: How much of the slope may be left where a line search stops, as a share.
    """
    require_integer("num_steps", num_steps, at_least=0)
    require_number("tolerance", tolerance, at_least=0)
    objective = Objective(function, gradient)
    points = [objective.at(finite_array("initial", initial, ("parameters",)))]
    while len(points) <= num_steps and np.abs(points[-1].gradient).max() > tolerance:
        way, first = direction(points)
        found = wolfe_point(objective, points[-1], way, first=first, flatness=flatness)
        if found is None:
            break
        points.append(found)
    return Descent(np.array([point.x for point in points]), objective.evaluations)


def wolfe_point(
    objective: Objective, start: Point, direction: FloatArray, *, first: float, flatness: float
) -> Point | None:
    """Finds t > 0 with F(x + t d) <= F(x) + 1e-4 t s and |slope at t| <= `flatness` |s|, where s < 0 is the slope at 0.

    The bracket has a t whose slope still falls steeply on its left, and on its right one that is too high or rises; a
    trial is where the slopes, were they on a line, would be 0.

    Returns:
        The point, or None if there is none that float64 can tell from `start`.
    """
    slope = float(start.gradient @ direction)
    left, right, t = (0.0, slope), (np.inf, np.nan), first
    for _ in range(MOST_TRIALS):
        point = objective.at(start.x + t * direction)
        here = float(point.gradient @ direction)
        low = point.value <= start.value + SUFFICIENT * t * slope  # False for NaN
        if low and abs(here) <= -flatness * slope:
            return point
        if low and here < 0:
            left = t, here
        else:
            right = t, here
        t = _between(left, right) if np.isfinite(right[0]) else 2 * t
    return None


def _between(left: tuple[float, float], right: tuple[float, float]) -> float:
    width = right[0] - left[0]
    share = left[1] / (left[1] - right[1]) if right[1] > 0 else 0.5
    return left[0] + width * min(max(share, NEAREST), 1 - NEAREST)
