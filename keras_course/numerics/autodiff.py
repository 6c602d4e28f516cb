"""Reverse-mode differentiation over NumPy arrays (deck, chapter 6, "Chain rule" and "Forward/backward")."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from keras_course.numerics.activations import ACTIVATIONS
from keras_course.numerics.arguments import Array


class Variable:
    """A value in a computation graph: `+ - * / ** @` and the functions here make new ones and remember from what.

    Args:
        value: Number or array, any shape; held as float64.
        name: What `graph_text` and the drawing call it; empty gives it a number there.

    Attributes:
        gradient: ∂F/∂value, of its shape, once `backward` was called on F; None before.
        operation: The sign or function it comes from; empty for a value that was put in.
        parents: The variables it was computed from.
        depth: Operations on the longest way from a value that was put in.
    """

    __array_ufunc__ = None  # an array on the left of an operator leaves the work to the variable

    def __init__(self, value: ArrayLike, name: str = "") -> None:
        self.value: Array = np.asarray(value, dtype=np.float64)
        self.gradient: Array | None = None
        self.name, self.operation, self.depth = name, "", 0
        self.parents: tuple[Variable, ...] = ()
        self.pullbacks: tuple[Callable[[Array], Array], ...] = ()

    def named(self, name: str) -> "Variable":
        """Gives the variable a name and returns it, as in `u1 = (w1 * x).named("u1")`."""
        self.name = name
        return self

    def __add__(self, other: "Operand") -> "Variable":
        b = other if isinstance(other, Variable) else Variable(other)
        return _result("+", self.value + b.value, (self, b), lambda g: g, lambda g: g)

    def __mul__(self, other: "Operand") -> "Variable":
        b = other if isinstance(other, Variable) else Variable(other)
        return _result("×", self.value * b.value, (self, b), lambda g: g * b.value, lambda g: g * self.value)

    def __neg__(self) -> "Variable":
        return _result("−", -self.value, (self,), lambda g: -g)

    def __sub__(self, other: "Operand") -> "Variable":
        b = other if isinstance(other, Variable) else Variable(other)
        return _result("−", self.value - b.value, (self, b), lambda g: g, lambda g: -g)

    def __truediv__(self, other: "Operand") -> "Variable":
        b = other if isinstance(other, Variable) else Variable(other)
        value = self.value / b.value
        return _result("/", value, (self, b), lambda g: g / b.value, lambda g: -g * value / b.value)

    def __pow__(self, other: "Operand") -> "Variable":
        b, x = other if isinstance(other, Variable) else Variable(other), self.value
        q, value = b.value, x**b.value

        def to_exponent(g: Array) -> Array:
            return g * value * np.log(np.where(x > 0, x, 1))  # 0 where there is no logarithm, as in TensorFlow

        return _result("^", value, (self, b), lambda g: g * q * x ** np.where(q == 0, 1, q - 1), to_exponent)

    def __matmul__(self, other: "Operand") -> "Variable":
        a, b = self, other if isinstance(other, Variable) else Variable(other)
        row, column = a.value.ndim == 1, b.value.ndim == 1
        left = a.value[np.newaxis] if row else a.value
        right = b.value[:, np.newaxis] if column else b.value

        def lifted(g: Array) -> Array:  # puts back the axis that NumPy drops for a vector
            g = g[..., np.newaxis] if column else g
            return g[..., np.newaxis, :] if row else g

        return _result(
            "@",
            a.value @ b.value,
            (a, b),
            lambda g: lifted(g) @ right.swapaxes(-1, -2),
            lambda g: (left.swapaxes(-1, -2) @ lifted(g))[(..., 0) if column else ...],
        )

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: ArrayLike) -> "Variable":
        return Variable(other) - self

    def __rtruediv__(self, other: ArrayLike) -> "Variable":
        return Variable(other) / self

    def __rmatmul__(self, other: ArrayLike) -> "Variable":
        return Variable(other) @ self


Operand = Variable | ArrayLike


def exp(x: Variable) -> Variable:
    """Computes eˣ."""
    value = np.exp(x.value)
    return _result("exp", value, (x,), lambda g: g * value)


def log(x: Variable) -> Variable:
    """Computes the natural logarithm."""
    return _result("log", np.log(x.value), (x,), lambda g: g / x.value)


def relu(x: Variable) -> Variable:
    """Computes max(0, x) (deck, eq. 19); its derivative at 0 is taken as 0."""
    return _elementwise("relu", x)


def sigmoid(x: Variable) -> Variable:
    """Computes σ(x) = 1 / (1 + e⁻ˣ)."""
    return _elementwise("sigmoid", x)


def tanh(x: Variable) -> Variable:
    """Computes the hyperbolic tangent."""
    return _elementwise("tanh", x)


def sum(x: Variable, axis: int | tuple[int, ...] | None = None) -> Variable:  # as NumPy calls it
    """Adds up the values along the axes given, or all of them."""
    kept = x.value.sum(axis=axis, keepdims=True).shape
    return _result("sum", x.value.sum(axis), (x,), lambda g: np.broadcast_to(g.reshape(kept), x.value.shape))


def mean(x: Variable, axis: int | tuple[int, ...] | None = None) -> Variable:
    """Averages the values along the axes given, or all of them."""
    kept = x.value.mean(axis=axis, keepdims=True).shape
    n = x.value.size / np.prod(kept)
    return _result("mean", x.value.mean(axis), (x,), lambda g: np.broadcast_to(g.reshape(kept) / n, x.value.shape))


def reshape(x: Variable, shape: tuple[int, ...]) -> Variable:
    """Gives the values another shape; their order stays."""
    return _result("reshape", x.value.reshape(shape), (x,), lambda g: g.reshape(x.value.shape))


def backward(output: Variable) -> None:
    """Computes ∂h/∂xᵢ = Σₖ ∂f/∂g_k ∂g_k/∂xᵢ for every variable that `output` was computed from.

    Goes once from the output to the inputs, without recursion: depth has no limit. Each `gradient` is set anew.

    Args:
        output: F, a variable of one number.

    Raises:
        ValueError: If `output` holds more than one number.

    Source: deck, chapter 6, "Chain rule"; Rumelhart, Hinton and Williams 1986.

    Note: Printed for h = f(g₁, ..., g_n) with x of p entries is a gradient h' of n entries; right are p of them.
    """
    if output.value.size != 1:
        raise ValueError(f"`output` must hold one number. Received: output.value.shape={output.value.shape}")
    gradients = {output: np.ones_like(output.value)}
    for node in reversed(graph_nodes(output)):
        node.gradient = gradient = gradients.pop(node)
        for parent, pullback in zip(node.parents, node.pullbacks, strict=True):
            share = _unbroadcast(pullback(gradient), parent.value.shape)
            gradients[parent] = gradients[parent] + share if parent in gradients else share


def graph_nodes(output: Variable) -> list[Variable]:
    """Returns every variable that `output` was computed from, and itself last, each after its parents."""
    found, waiting = {output: None}, [output]
    while waiting:
        new = [parent for parent in waiting.pop().parents if parent not in found]
        found.update(dict.fromkeys(new))
        waiting += new
    return sorted(reversed(found), key=lambda node: node.depth)


def _result(
    operation: str, value: Array, parents: tuple[Variable, ...], *pullbacks: Callable[[Array], Array]
) -> Variable:
    node = Variable(value)
    node.operation, node.parents, node.pullbacks = operation, parents, pullbacks
    node.depth = 1 + max(parent.depth for parent in parents)
    return node


def _elementwise(name: str, x: Variable) -> Variable:
    function, derivative = ACTIVATIONS[name]
    return _result(name, function(x.value), (x,), lambda g: g * derivative(x.value))


def _unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Adds up a gradient over the axes along which NumPy repeated a value of `shape`."""
    added = gradient.ndim - len(shape)
    repeated = tuple(added + i for i, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=(*range(added), *repeated)).reshape(shape)
