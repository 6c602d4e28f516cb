"""Reverse-mode differentiation over NumPy arrays (deck, chapter 6, "Chain rule" and "Forward/backward")."""

import weakref
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import FloatArray, require_array
from keras_course.numerics import activations

Pullback = Callable[..., FloatArray]  # from the gradient and the value of the result, and the values of the operands


class Variable:
    """A value in a graph (deck, chapter 6); `+ - * / ** @` and the functions here make new ones from it.

    Args:
        value: Number or array, any shape; held as float64.
        name: Its name in `graph_text` and in the drawing; without a name it gets a number there.

    Attributes:
        gradient: ∂F/∂value, of its shape, once `backward` was called on F; None before.
        target: A weak reference to that F, the last one if there were several.
        operation: The sign or function it comes from; empty for a value that was put in.
        parents: The variables it was computed from.
        depth: Operations on the longest way from a value that was put in.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward
        >>> w, x = Variable(3), Variable(2)
        >>> y = w * x + w**2
        >>> backward(y)
        >>> print(y.value, w.gradient, x.gradient)  # 3 · 2 + 3², 2 + 2 · 3, 3
        15.0 8.0 3.0
    """

    __array_ufunc__ = None  # an array on the left of an operator leaves the work to the variable

    def __init__(self, value: ArrayLike, name: str = "") -> None:
        self.value: FloatArray = require_array("value", value).astype(np.float64, copy=False)
        self.gradient: FloatArray | None = None
        self.target: weakref.ref[Variable] | None = None
        self.name, self.operation, self.depth = name, "", 0
        self.parents: tuple[Variable, ...] = ()
        self.pullbacks: tuple[Pullback, ...] = ()

    def named(self, name: str) -> "Variable":
        """Gives the variable a name and returns it, as in `u1 = (w1 * x).named("u1")`."""
        self.name = name
        return self

    def __add__(self, other: "Operand") -> "Variable":
        return _result("+", np.add, (self, other), lambda g, y, a, b: g, lambda g, y, a, b: g)

    def __mul__(self, other: "Operand") -> "Variable":
        return _result("×", np.multiply, (self, other), lambda g, y, a, b: g * b, lambda g, y, a, b: g * a)

    def __neg__(self) -> "Variable":
        return _result("−", np.negative, (self,), lambda g, y, a: -g)

    def __sub__(self, other: "Operand") -> "Variable":
        return _result("−", np.subtract, (self, other), lambda g, y, a, b: g, lambda g, y, a, b: -g)

    def __truediv__(self, other: "Operand") -> "Variable":
        return _result("/", np.divide, (self, other), lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b)

    def __pow__(self, other: "Operand") -> "Variable":
        def power(g: FloatArray, y: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
            return g * y * np.log(np.where(a > 0, a, 1))  # 0 where there is no logarithm, as in TensorFlow

        return _result("^", np.power, (self, other), lambda g, y, a, b: g * b * a ** np.where(b == 0, 1, b - 1), power)

    def __matmul__(self, other: "Operand") -> "Variable":
        def to_left(g: FloatArray, y: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
            if b.ndim == 1:
                return g[..., np.newaxis] * b
            return (g[..., np.newaxis, :] if a.ndim == 1 else g) @ b.swapaxes(-1, -2)

        def to_right(g: FloatArray, y: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
            if a.ndim == 1:
                return a * g if b.ndim == 1 else a[:, np.newaxis] * g[..., np.newaxis, :]
            g = g[..., np.newaxis] if b.ndim == 1 else g
            return (a.swapaxes(-1, -2) @ g)[(..., 0) if b.ndim == 1 else ...]

        return _result("@", np.matmul, (self, other), to_left, to_right)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: ArrayLike) -> "Variable":
        return Variable(other) - self

    def __rtruediv__(self, other: ArrayLike) -> "Variable":
        return Variable(other) / self

    def __rpow__(self, other: ArrayLike) -> "Variable":
        return Variable(other) ** self

    def __rmatmul__(self, other: ArrayLike) -> "Variable":
        return Variable(other) @ self


Operand = Variable | ArrayLike
Axis = int | tuple[int, ...] | None


def exp(x: Operand) -> Variable:
    """Computes eˣ.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.autodiff import Variable, backward, exp, sum
        >>> x = Variable([0.0, np.log(2)])
        >>> exp(x).value
        array([1., 2.])
        >>> backward(sum(exp(x)))
        >>> x.gradient
        array([1., 2.])
    """
    return _result("exp", np.exp, (x,), lambda g, y, x: g * y)


def log(x: Operand) -> Variable:
    """Computes the natural logarithm.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward, log, sum
        >>> x = Variable([1.0, 4.0])
        >>> backward(sum(log(x)))
        >>> x.gradient
        array([1.  , 0.25])
    """
    return _result("log", np.log, (x,), lambda g, y, x: g / x)


def relu(x: Operand) -> Variable:
    """Computes max(0, x) (deck, eq. 19); its derivative at 0 is taken as 0.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward, relu, sum
        >>> x = Variable([-1.0, 2.0])
        >>> backward(sum(relu(x)))
        >>> x.gradient
        array([0., 1.])
    """
    return _result("relu", activations.relu, (x,), lambda g, y, x: g * activations.relu_derivative(x))


def sigmoid(x: Operand) -> Variable:
    """Computes σ(x) = 1 / (1 + e⁻ˣ) (deck, chapter 6, "Chain rule").

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward, sigmoid
        >>> x = Variable(0.0)
        >>> y = sigmoid(x)
        >>> backward(y)
        >>> print(y.value, x.gradient)
        0.5 0.25
    """
    return _result("sigmoid", activations.sigmoid, (x,), lambda g, y, x: g * activations.sigmoid_derivative(x))


def tanh(x: Operand) -> Variable:
    """Computes the hyperbolic tangent (deck, the a of eq. 9).

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.autodiff import Variable, backward, tanh
        >>> x = Variable(np.log(2))
        >>> y = tanh(x)
        >>> backward(y)
        >>> print(y.value.round(6), x.gradient.round(6))
        0.6 0.64
    """
    return _result("tanh", activations.tanh, (x,), lambda g, y, x: g * activations.tanh_derivative(x))


def sum(x: Operand, axis: Axis = None) -> Variable:  # as NumPy calls it
    """Adds up the values along the axes given, or all of them.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward, sum
        >>> x = Variable([[1.0, 2.0], [3.0, 4.0]])
        >>> sum(x, axis=0).value
        array([4., 6.])
        >>> backward(sum(x))
        >>> x.gradient
        array([[1., 1.],
               [1., 1.]])
    """
    return _result("sum", lambda x: x.sum(axis), (x,), lambda g, y, x: _spread(g, x.shape, axis))


def mean(x: Operand, axis: Axis = None) -> Variable:
    """Averages the values along the axes given, or all of them.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward, mean
        >>> x = Variable([1.0, 2.0, 3.0, 6.0])
        >>> y = mean(x)
        >>> backward(y)
        >>> print(y.value, x.gradient)
        3.0 [0.25 0.25 0.25 0.25]
    """
    return _result("mean", lambda x: x.mean(axis), (x,), lambda g, y, x: _spread(g * y.size / x.size, x.shape, axis))


def reshape(x: Operand, shape: tuple[int, ...]) -> Variable:
    """Gives the values another shape and keeps their order.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, reshape
        >>> x = Variable([1.0, 2.0, 3.0, 4.0])
        >>> reshape(x, (2, 2)).value
        array([[1., 2.],
               [3., 4.]])
    """
    return _result("reshape", lambda x: x.reshape(shape), (x,), lambda g, y, x: g.reshape(x.shape))


def backward(output: Variable) -> None:
    """Computes ∂h/∂xᵢ = Σₖ ∂f/∂g_k ∂g_k/∂xᵢ for every variable that `output` was computed from.

    Goes once from the output to the inputs, without recursion: depth has no limit. Each `gradient` is set anew.

    Args:
        output: F, a variable of one number.

    Raises:
        ValueError: If `output` holds more than one number.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward
        >>> x = Variable([1.0, 2.0])
        >>> w = Variable([3.0, 5.0])
        >>> backward(w @ x)
        >>> w.gradient, x.gradient
        (array([1., 2.]), array([3., 5.]))

    Source: deck, chapter 6, "Chain rule"; Rumelhart, Hinton and Williams 1986.

    Note: Printed for h = f(g₁, ..., g_n) with x of p entries is a gradient h' of n entries; right are p of them.
    """
    if output.value.size != 1:
        raise ValueError(f"`output` must hold one number. Received: output.value.shape={output.value.shape}")
    gradients = {output: np.ones_like(output.value)}
    for node in reversed(graph_nodes(output)):
        node.gradient = gradient = gradients.pop(node)
        node.target = weakref.ref(output)
        values = [parent.value for parent in node.parents]
        for parent, pullback in zip(node.parents, node.pullbacks, strict=True):
            share = _unbroadcast(pullback(gradient, node.value, *values), parent.value.shape)
            gradients[parent] = gradients[parent] + share if parent in gradients else share


def graph_nodes(output: Variable) -> list[Variable]:
    """Returns every variable that `output` was computed from, and itself last, each after its parents.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, graph_nodes
        >>> x = Variable(2.0, "x")
        >>> y = (x * x).named("y")
        >>> [node.name for node in graph_nodes(y)]
        ['x', 'y']
    """
    found, waiting = {output: None}, [output]
    while waiting:
        new = [parent for parent in waiting.pop().parents if parent not in found]
        found.update(dict.fromkeys(new))
        waiting += new
    return sorted(reversed(found), key=lambda node: node.depth)


def _result(
    operation: str, function: Callable[..., FloatArray], operands: tuple[Operand, ...], *pullbacks: Pullback
) -> Variable:
    parents = tuple(operand if isinstance(operand, Variable) else Variable(operand) for operand in operands)
    try:
        node = Variable(function(*(parent.value for parent in parents)))
    except ValueError as error:
        shapes = " and ".join(str(parent.value.shape) for parent in parents)
        raise ValueError(f"`{operation}` must get values of matching shapes. Received: {shapes}: {error}") from None
    node.operation, node.parents, node.pullbacks = operation, parents, pullbacks
    node.depth = 1 + max(parent.depth for parent in parents)
    return node


def _spread(gradient: FloatArray, shape: tuple[int, ...], axis: Axis) -> FloatArray:
    """Repeats a gradient over the axes along which a sum or a mean was taken."""
    return np.broadcast_to(gradient if axis is None else np.expand_dims(gradient, axis), shape)


def _unbroadcast(gradient: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Adds up a gradient over the axes along which NumPy repeated a value of `shape`."""
    added = gradient.ndim - len(shape)
    repeated = tuple(added + i for i, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=(*range(added), *repeated)).reshape(shape)
