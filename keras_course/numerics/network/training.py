"""Mini-batch training of a dense network (deck, chapter 6)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from keras_course.numerics.arguments import IndexArray, require_array, require_integer, require_number
from keras_course.numerics.initialization import he_std
from keras_course.numerics.network.cross_entropy import softmax_cross_entropy
from keras_course.numerics.network.layers import Layer, backward, forward
from keras_course.numerics.optimizers.squared_error import mini_batches


def predict_classes(x: ArrayLike, layers: Sequence[Layer], activation: str = "relu") -> IndexArray:
    """Computes argmax_k d_k, the class with the largest output.

    Args:
        x: Shape (batch, inputs).
        layers: The parameters of each layer, input side first.
        activation: "linear", "relu", "sigmoid" or "tanh". Default "relu".

    Returns:
        Integers in [0, num_classes - 1], of shape (batch,).

    Raises:
        ValueError: As `forward` does.

    Source: deck, chapter 4, the outputs d of eq. 11.
    """
    return forward(x, layers, activation).output.argmax(axis=1)


def initialize_layers(
    units: Sequence[int], generator: np.random.Generator, dtype: DTypeLike = np.float32
) -> list[Layer]:
    """Draws ω from a normal law of mean 0 and variance 2 / M, where M is the number of inputs; biases are 0.

    Args:
        units: Integers >= 1: the inputs, the units of each hidden layer, the outputs.
        generator: Where the numbers come from.
        dtype: The type of the parameters, default float32.

    Returns:
        One layer fewer than `units` has entries.

    Raises:
        ValueError: If there are fewer than two entries, or one is below 1.

    Source: deck, eq. 47; He et al. 2015, arXiv:1502.01852.
    """
    if len(units) < 2:
        raise ValueError(f"`units` must hold at least the inputs and the outputs. Received: units={units!r}")
    for number in units:
        require_integer("units", number, at_least=1)
    return [
        Layer(generator.normal(0, he_std(fan_in), (fan_in, fan_out)).astype(dtype), np.zeros(fan_out, dtype))
        for fan_in, fan_out in zip(units[:-1], units[1:], strict=True)
    ]


def train_epoch(
    layers: Sequence[Layer],
    x: ArrayLike,
    labels: ArrayLike,
    *,
    learning_rate: float,
    generator: np.random.Generator,
    batch_size: int = 64,
    activation: str = "relu",
) -> tuple[list[Layer], float]:
    """Applies ω ← ω - λ ∂F_j/∂ω for each mini-batch B_j of one pass over the data, F_j being the mean cross-entropy.

    Args:
        layers: The parameters of each layer, input side first; left as they are.
        x: Shape (samples, inputs).
        labels: Integers in [0, num_classes - 1], of shape (samples,).
        learning_rate: Float > 0. λ.
        generator: Draws the order of the samples.
        batch_size: Integer >= 1, the samples in B_j; the last batch takes what is left. Default 64.
        activation: "linear", "relu", "sigmoid" or "tanh". Default "relu".

    Returns:
        The new parameters, and the mean loss over the epoch, in nats, each batch with the parameters it met.

    Raises:
        ValueError: If an argument is out of range, or shapes don't fit each other.

    Source: deck, eq. 31, with cross-entropy in place of the squared error of eq. 32.
    """
    require_number("learning_rate", learning_rate, above=0)
    rate = float(learning_rate)  # a NumPy float64 would widen float32 parameters
    samples = require_array("x", x, ("samples", "inputs"))
    t = require_array("labels", labels, (len(samples),))
    current, total = list(layers), 0.0
    for batch in mini_batches(len(samples), batch_size, generator):
        passed = forward(samples[batch], current, activation)
        loss, output_gradient = softmax_cross_entropy(passed.output, t[batch])
        gradients = backward(passed, current, output_gradient, activation)
        current = [
            Layer(layer.weights - rate * step.weights, layer.bias - rate * step.bias)
            for layer, step in zip(current, gradients, strict=True)
        ]
        total += loss * len(batch)
    return current, total / len(samples)
