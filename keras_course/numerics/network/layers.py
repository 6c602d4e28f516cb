"""Dense layers, forward and backward through any number of them (deck, chapter 4, eq. 7 to eq. 11)."""

from collections.abc import Sequence
from typing import NamedTuple

from numpy.typing import ArrayLike

from keras_course.arguments import require_choice, require_sequence
from keras_course.array_arguments import Array, require_array
from keras_course.numerics.activations import ACTIVATIONS


class Layer(NamedTuple):
    """The parameters of a dense layer, or their gradients.

    Attributes:
        weights: ω_{j,k}, of shape (inputs, units), as Keras holds it.
        bias: ω_{0,k}, of shape (units,).

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import Layer, dense
        >>> layer = Layer(weights=np.ones((3, 2)), bias=np.zeros(2))
        >>> dense([1, 2, 3], *layer)
        array([6., 6.])

    Source: deck, the parameters of eq. 8, eq. 10 and eq. 11.
    """

    weights: Array
    bias: Array


class ForwardPass(NamedTuple):
    """What `backward` needs of a forward pass.

    Attributes:
        inputs: What each layer received, v, z⁽¹⁾, z⁽²⁾, ..., each of shape (batch, inputs).
        sums: What each layer computed before its activation, c, ..., d, each of shape (batch, units).

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import Layer, forward
        >>> passed = forward([[1.0, -2.0]], [Layer(np.eye(2), np.zeros(2)), Layer(np.ones((2, 1)), np.zeros(1))])
        >>> passed.inputs[1]  # after the ReLU
        array([[1., 0.]])
        >>> passed.output
        array([[1.]])
    """

    inputs: list[Array]
    sums: list[Array]

    @property
    def output(self) -> Array:
        """The network's output d, of shape (batch, units of the last layer)."""
        return self.sums[-1]


def dense(x: ArrayLike, weights: ArrayLike, bias: ArrayLike) -> Array:
    """Computes c_k = ω_{0,k} + Σⱼ ω_{j,k} x_j for every neuron k of a layer.

    Args:
        x: Shape (batch, inputs), or (inputs,) for one sample.
        weights: ω_{j,k}, of shape (inputs, units).
        bias: ω_{0,k}, of shape (units,).

    Returns:
        Array of shape (batch, units), or (units,) for one sample.

    Raises:
        ValueError: If the shapes don't fit each other.

    Example:
        >>> from keras_course.numerics.network import dense
        >>> dense([1, 2], weights=[[1, 10], [100, 1000]], bias=[0.5, 0])
        array([ 201.5, 2010. ])

    Source: deck, eq. 8, eq. 10; eq. 7 with one unit.

    Note: Beside eq. 10 the deck calls d "the outputs of the CNN". Nothing is convolved here: the two layers of eq. 8 to
        eq. 11 are a multilayer perceptron.
    """
    weights = require_array("weights", weights, ("inputs", "units"))
    inputs, units = weights.shape
    bias = require_array("bias", bias, (units,))
    return require_array("x", x, (inputs,), ("batch", inputs)) @ weights + bias


def forward(x: ArrayLike, layers: Sequence[Layer], activation: str = "relu") -> ForwardPass:
    """Computes d = ω⁽ᴸ⁾ a(... a(ω⁽¹⁾ x)), all the sums on the way kept.

    Args:
        x: Shape (batch, inputs).
        layers: The parameters of each layer, input side first; two of them are eq. 11.
        activation: "linear", "relu", "sigmoid" or "tanh", applied after each layer but the last. Default "relu".

    Returns:
        The inputs and the sums of every layer; `output` is d, which are logits if a softmax follows.

    Raises:
        ValueError: If there is no layer, shapes don't fit each other, or the activation is unknown.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import Layer, forward
        >>> layers = [Layer(np.array([[1.0, -1.0]]), np.zeros(2)), Layer(np.array([[1.0], [1.0]]), np.zeros(1))]
        >>> forward([[-3.0], [2.0]], layers).output  # relu(x) + relu(-x) = |x|
        array([[3.],
               [2.]])

    Source: deck, eq. 9, eq. 11, and "Neural network deeper".
    """
    require_sequence("layers", layers, at_least=1)
    require_choice("activation", activation, tuple(ACTIVATIONS))
    inputs = [require_array("x", x, ("batch", "inputs"))]
    sums = [dense(inputs[0], *layers[0])]
    for layer in layers[1:]:
        inputs.append(ACTIVATIONS[activation].function(sums[-1]))
        sums.append(dense(inputs[-1], *layer))
    return ForwardPass(inputs, sums)


def backward(
    forward_pass: ForwardPass, layers: Sequence[Layer], output_gradient: ArrayLike, activation: str = "relu"
) -> list[Layer]:
    """Computes ∂F/∂ω of every layer: δ⁽ᴸ⁾ = ∂F/∂d, δ⁽ˡ⁻¹⁾ = (δ⁽ˡ⁾ ω⁽ˡ⁾ᵗ) a'(c⁽ˡ⁻¹⁾), ∂F/∂ω⁽ˡ⁾ = z⁽ˡ⁻¹⁾ᵗ δ⁽ˡ⁾.

    Args:
        forward_pass: The result of `forward` with the same layers and activation.
        layers: The parameters of each layer, input side first.
        output_gradient: ∂F/∂d, of shape (batch, units of the last layer).
        activation: The activation of the forward pass. Default "relu".

    Returns:
        The gradients, in the order and shapes of `layers`.

    Raises:
        ValueError: If `output_gradient` has another shape than the output, the forward pass is of another number of
            layers, or the activation is unknown.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import Layer, backward, forward
        >>> layers = [Layer(np.array([[2.0]]), np.zeros(1)), Layer(np.array([[5.0]]), np.zeros(1))]
        >>> first, last = backward(forward([[3.0]], layers), layers, output_gradient=[[1.0]])  # d = 5 relu(2 · 3)
        >>> first.weights, last.weights
        (array([[15.]]), array([[6.]]))

    Source: deck, the gradient of eq. 11 by the chain rule of chapter 6.
    """
    require_choice("activation", activation, tuple(ACTIVATIONS))
    if len(forward_pass.sums) != len(layers):
        raise ValueError(
            f"`layers` must be those of the forward pass, {len(forward_pass.sums)} of them. "
            f"Received: {len(layers)} layers"
        )
    delta = require_array("output_gradient", output_gradient, forward_pass.output.shape)
    gradients = []
    for number in range(len(layers) - 1, -1, -1):
        gradients.append(Layer(forward_pass.inputs[number].T @ delta, delta.sum(axis=0)))
        if number:
            slope = ACTIVATIONS[activation].derivative(forward_pass.sums[number - 1])
            delta = (delta @ layers[number].weights.T) * slope
    return gradients[::-1]
