"""Activation functions and their derivatives (deck, chapters 4 to 6, eq. 9, eq. 19)."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import Array, float_array, require_array


def relu(x: ArrayLike) -> Array:
    """Computes a(x) = max(0, x), the rectified linear unit.

    Args:
        x: Number or array, any shape.

    Returns:
        Values >= 0, of the shape and type of `x`.

    Raises:
        ValueError: If `x` is empty or holds anything but real numbers.

    Example:
        >>> from keras_course.numerics.activations import relu
        >>> relu([-2.0, 0.0, 3.0])
        array([0., 0., 3.])

    Source: deck, eq. 19, the a of eq. 9; chapter 4, "The Neural Network".
    """
    return np.maximum(require_array("x", x), 0)


def relu_derivative(x: ArrayLike) -> Array:
    """Computes a'(x) = 1 where x > 0, else 0.

    Args:
        x: Number or array, any shape.

    Returns:
        Zeros and ones, of the shape of `x`; floats keep their type, integers give float64.

    Raises:
        ValueError: If `x` is empty or holds anything but real numbers.

    Example:
        >>> from keras_course.numerics.activations import relu_derivative
        >>> relu_derivative([-2.0, 0.0, 3.0])
        array([0., 0., 1.])

    Source: deck, the derivative of eq. 19; chapter 6, "Vanishing gradients".

    Note: Printed is 1 throughout; right is 1 on active units and 0 on the others. At x = 0 there is no derivative: 0 is
        taken, as Keras does.
    """
    x = float_array("x", x)
    return np.asarray(x > 0, dtype=x.dtype)


def sigmoid(x: ArrayLike) -> Array:
    """Computes σ(x) = 1 / (1 + e⁻ˣ), without overflow.

    Args:
        x: Number or array, any shape.

    Returns:
        Values in [0, 1], of the shape of `x`; floats keep their type, integers give float64.

    Raises:
        ValueError: If `x` is empty or holds anything but real numbers.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.activations import sigmoid
        >>> sigmoid([0, np.log(3)])  # e⁻ˣ = 1 and 1/3
        array([0.5 , 0.75])

    Source: deck, the a of eq. 9; chapter 4, "The Neural Network".
    """
    return np.exp(-np.logaddexp(0, -float_array("x", x)))


def sigmoid_derivative(x: ArrayLike) -> Array:
    """Computes σ'(x) = σ(x) (1 - σ(x)), at most 1/4.

    Args:
        x: Number or array, any shape.

    Returns:
        Values in [0, 1/4], of the shape of `x`; floats keep their type, integers give float64.

    Raises:
        ValueError: If `x` is empty or holds anything but real numbers.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.activations import sigmoid_derivative
        >>> sigmoid_derivative([0, np.log(3)])  # 1/2 · 1/2 and 3/4 · 1/4
        array([0.25  , 0.1875])

    Source: deck, the derivative of a in eq. 9; chapter 6, "Vanishing gradients".
    """
    x = float_array("x", x)
    return sigmoid(x) * sigmoid(-x)  # 1 - σ(x) = σ(-x), which doesn't round to 0


def tanh(x: ArrayLike) -> Array:
    """Computes a(x) = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ).

    Args:
        x: Number or array, any shape.

    Returns:
        Values in [-1, 1], of the shape of `x`; floats keep their type, integers give float64.

    Raises:
        ValueError: If `x` is empty or holds anything but real numbers.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.activations import tanh
        >>> tanh([0, np.log(2)])  # (2 - 1/2) / (2 + 1/2)
        array([0. , 0.6])

    Source: deck, the a of eq. 9; chapter 4, "The Neural Network".
    """
    return np.tanh(float_array("x", x))


def tanh_derivative(x: ArrayLike) -> Array:
    """Computes a'(x) = 1 - tanh²(x), at most 1.

    Args:
        x: Number or array, any shape.

    Returns:
        Values in [0, 1], of the shape of `x`; floats keep their type, integers give float64.

    Raises:
        ValueError: If `x` is empty or holds anything but real numbers.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.activations import tanh_derivative
        >>> tanh_derivative([0, np.log(2)])  # 1 - 0² and 1 - 0.6²
        array([1.  , 0.64])

    Source: deck, the derivative of a in eq. 9; chapter 4, "The Neural Network".
    """
    return 1 - tanh(x) ** 2


class Activation(NamedTuple):
    """A function and its derivative, each of an array, element by element.

    Example:
        >>> from keras_course.numerics.activations import ACTIVATIONS
        >>> ACTIVATIONS["relu"].function([-1.0, 2.0])
        array([0., 2.])
        >>> ACTIVATIONS["relu"].derivative([-1.0, 2.0])
        array([0., 1.])
    """

    function: Callable[[ArrayLike], Array]
    derivative: Callable[[ArrayLike], Array]


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(partial(require_array, "x"), np.ones_like),
    "relu": Activation(relu, relu_derivative),
    "sigmoid": Activation(sigmoid, sigmoid_derivative),
    "tanh": Activation(tanh, tanh_derivative),
}
