"""The graph behind a differentiated value: as text, and the deck's chain of sigmoids as an example."""

from collections.abc import Sequence

from keras_course.arguments import require_sequence
from keras_course.array_arguments import Array
from keras_course.numerics.autodiff import Variable, graph_nodes, sigmoid

INFIX = ("+", "×", "−", "/", "^", "@")


def sigmoid_chain(x: float, weights: Sequence[float]) -> Variable:
    """Computes ŷ = σ(w_L ... σ(w₂ σ(w₁ x))) with the deck's names: u1 = w1 x, u2 = σ(u1), u3 = w2 u2, ..., ŷ.

    Args:
        x: Float.
        weights: w₁, w₂, ..., w_L, at least one.

    Returns:
        The variable ŷ; `backward` gives ∂ŷ/∂w₁ = σ'(u5) w₃ σ'(u3) w₂ σ'(u1) x for the deck's three weights.

    Raises:
        ValueError: If there is no weight.

    Example:
        >>> from keras_course.numerics.autodiff import backward, graph_nodes
        >>> from keras_course.numerics.computation_graph import sigmoid_chain
        >>> output = sigmoid_chain(1.0, [0.0, 0.0])
        >>> backward(output)
        >>> [(node.name, float(node.value)) for node in graph_nodes(output)]
        [('x', 1.0), ('w1', 0.0), ('w2', 0.0), ('u1', 0.0), ('u2', 0.5), ('u3', 0.0), ('ŷ', 0.5)]

    Source: deck, chapter 6, "Chain rule", f(x; w₁, w₂, w₃) = σ(w₃ σ(w₂ σ(w₁ x))).

    Note: Under "Vanishing gradients" the deck draws the weights from a Gaussian of small variance, "such that" they are
        in [-1, 1]. A Gaussian is unbounded: some weights are outside, and from there |∂ŷ/∂w₁| may be above x/4ᴸ.
    """
    require_sequence("weights", weights, at_least=1)
    u = Variable(x, "x")
    for number, weight in enumerate(weights, start=1):
        product = (Variable(weight, f"w{number}") * u).named(f"u{2 * number - 1}")
        u = sigmoid(product).named(f"u{2 * number}")
    return u.named("ŷ")


def graph_labels(output: Variable) -> dict[Variable, str]:
    """Returns a name for each variable behind `output`, in the order of computation.

    That is its own name, the number itself for a number put in without a name, and v1, v2, ... for all others.

    Example:
        >>> from keras_course.numerics.autodiff import Variable
        >>> from keras_course.numerics.computation_graph import graph_labels
        >>> x = Variable(3.0, "x")
        >>> list(graph_labels(2 * x + x).values())
        ['2', 'x', 'v1', 'v2']
    """
    labels: dict[Variable, str] = {}
    unnamed = 0
    for node in graph_nodes(output):
        if node.name:
            labels[node] = node.name
        elif is_constant(node):
            labels[node] = f"{node.value.item():.4g}"
        else:
            unnamed += 1
            labels[node] = f"v{unnamed}"
    return labels


def is_constant(node: Variable) -> bool:
    """Tells whether a variable is a number put in without a name, which formulas show as the number it is.

    Example:
        >>> from keras_course.numerics.autodiff import Variable
        >>> from keras_course.numerics.computation_graph import is_constant
        >>> x = Variable(3.0, "x")
        >>> is_constant(Variable(2.0)), is_constant(x), is_constant(2 * x)
        (True, False, False)
    """
    return not node.parents and not node.name and node.value.size == 1


def formula(node: Variable, labels: dict[Variable, str]) -> str:
    """Returns "u1 = w1 × x" or "u2 = sigmoid(u1)"; the name alone for a value that was put in.

    Example:
        >>> from keras_course.numerics.autodiff import Variable
        >>> from keras_course.numerics.computation_graph import formula, graph_labels
        >>> u = (Variable(2.0, "w") * Variable(3.0, "x")).named("u")
        >>> formula(u, graph_labels(u))
        'u = w × x'
    """
    names = [labels[parent] for parent in node.parents]
    if node.operation in INFIX and len(names) == 2:
        return f"{labels[node]} = {names[0]} {node.operation} {names[1]}"
    return f"{labels[node]} = {node.operation}({', '.join(names)})" if names else labels[node]


def gradient_of(output: Variable, node: Variable) -> Array | None:
    """Returns ∂output/∂node, or None if `backward` was not called, or later on another output that has this node.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward
        >>> from keras_course.numerics.computation_graph import gradient_of
        >>> x = Variable(3.0)
        >>> y = x * x
        >>> gradient_of(y, x)
        >>> backward(y)
        >>> print(gradient_of(y, x))
        6.0
    """
    return node.gradient if node.target is not None and node.target() is output else None


def array_text(array: Array) -> str:
    """Returns a number to three digits; of an array the shape and the largest magnitude.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.computation_graph import array_text
        >>> array_text(np.array(0.123456)), array_text(np.array([[1.0, -2.5]]))
        ('0.123', '(1, 2) max 2.5')
    """
    if array.size == 1:
        return f"{array.item():.3g}"
    return f"{array.shape} max {abs(array).max(initial=0):.2g}"


def graph_text(output: Variable) -> str:
    """Writes the graph with one line per variable, in the order of computation, with value and gradient.

    Args:
        output: The last variable; after `backward(output)` its gradients are shown too, but no other output's.

    Returns:
        Lines such as "u1 = w1 × x | value 1.2 | gradient -0.00467", in columns. Of an array they give the shape and
        the largest magnitude; numbers without a name have no line.

    Example:
        >>> from keras_course.numerics.autodiff import Variable, backward
        >>> from keras_course.numerics.computation_graph import graph_text
        >>> u = (Variable(2.0, "w") * Variable(3.0, "x")).named("u")
        >>> backward(u)
        >>> print(graph_text(u))
        x         | value 3 | gradient 2
        w         | value 2 | gradient 3
        u = w × x | value 6 | gradient 1

    Source: deck, chapter 6, "Chain rule", the forward and the backward pass.
    """
    labels = graph_labels(output)
    nodes = [node for node in labels if node is output or not is_constant(node)]
    columns = [[formula(node, labels) for node in nodes], [f"value {array_text(node.value)}" for node in nodes]]
    gradients = [gradient_of(output, node) for node in nodes]
    if any(gradient is not None for gradient in gradients):
        columns += [["" if gradient is None else f"gradient {array_text(gradient)}" for gradient in gradients]]
    widths = [max(map(len, column)) for column in columns]
    rows = zip(*columns, strict=True)
    return "\n".join(" | ".join(map(str.ljust, row, widths)).rstrip(" |") for row in rows)
