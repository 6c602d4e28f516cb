"""Mini-batch training of a dense network (deck, chapter 6)."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from keras_course.arguments import require_integer, require_number, require_sequence
from keras_course.array_arguments import Array, IndexArray, require_array
from keras_course.numerics.initialization import he_std
from keras_course.numerics.network.cross_entropy import softmax_cross_entropy
from keras_course.numerics.network.layers import Layer, backward, forward
from keras_course.numerics.optimizers.squared_error import mini_batches

Loss = Callable[[Array, Array], tuple[float, Array]]


def predict_classes(x: ArrayLike, layers: Sequence[Layer], activation: str = "relu") -> IndexArray:
    """Computes argmax_k d_k, the class with the largest output; for one output 1 where d > 0, else 0.

    Args:
        x: Shape (batch, inputs).
        layers: The parameters of each layer, input side first.
        activation: "linear", "relu", "sigmoid" or "tanh". Default "relu".

    Returns:
        Integers in [0, num_classes - 1], of shape (batch,); 0 and 1 for one output, whose σ(d) > 1/2 is class 1.

    Raises:
        ValueError: As `forward` does.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import Layer, predict_classes
        >>> predict_classes([[1.0, 3.0, 2.0], [9.0, 0.0, 1.0]], [Layer(np.eye(3), np.zeros(3))])
        array([1, 0])

    Source: deck, chapter 4, the outputs d of eq. 11.
    """
    outputs = forward(x, layers, activation).output
    return (outputs[:, 0] > 0).astype(np.intp) if outputs.shape[1] == 1 else outputs.argmax(axis=1)


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

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import initialize_layers
        >>> layers = initialize_layers([784, 128, 10], np.random.default_rng(0))
        >>> [(layer.weights.shape, layer.bias.shape) for layer in layers]
        [((784, 128), (128,)), ((128, 10), (10,))]

    Source: deck, eq. 47; He et al. 2015, arXiv:1502.01852.
    """
    require_sequence("units", units, at_least=2)
    for number in units:
        require_integer("units", number, at_least=1)
    return [
        Layer(generator.normal(0, he_std(fan_in), (fan_in, fan_out)).astype(dtype), np.zeros(fan_out, dtype))
        for fan_in, fan_out in zip(units[:-1], units[1:], strict=True)
    ]


def train_epoch(
    layers: Sequence[Layer],
    x: ArrayLike,
    targets: ArrayLike,
    *,
    learning_rate: float,
    generator: np.random.Generator,
    batch_size: int = 64,
    activation: str = "relu",
    loss: Loss = softmax_cross_entropy,
) -> tuple[list[Layer], float]:
    """Applies ω ← ω - λ ∂F_j/∂ω for each mini-batch B_j of one pass over the data, F_j being the mean loss.

    Args:
        layers: The parameters of each layer, input side first; left as they are.
        x: Shape (samples, inputs).
        targets: What `loss` compares the outputs with, one row per sample: for softmax_cross_entropy classes of shape
            (samples,), for sigmoid_cross_entropy probabilities of shape (samples, outputs).
        learning_rate: Float > 0. λ.
        generator: Draws the order of the samples.
        batch_size: Integer >= 1, the samples in B_j; the last batch takes what is left. Default 64.
        activation: "linear", "relu", "sigmoid" or "tanh". Default "relu".
        loss: Callable. From the outputs d and the targets of a batch to the loss and its gradient ∂F_j/∂d; default
            `softmax_cross_entropy`.

    Returns:
        The new parameters, and the mean loss over the epoch, each batch with the parameters of its step.

    Raises:
        ValueError: If an argument is out of range, or shapes don't fit each other.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.network import initialize_layers, predict_classes, train_epoch
        >>> x, labels = np.array([[-1.0], [1.0]]), np.array([0, 1])
        >>> generator = np.random.default_rng(0)
        >>> layers = initialize_layers([1, 2], generator)
        >>> _, first_loss = train_epoch(layers, x, labels, learning_rate=1.0, generator=generator)
        >>> for _ in range(20):
        ...     layers, loss = train_epoch(layers, x, labels, learning_rate=1.0, generator=generator)
        >>> loss < first_loss, predict_classes(x, layers)
        (True, array([0, 1]))

    Source: deck, eq. 31, with cross-entropy in place of the squared error of eq. 32.
    """
    require_number("learning_rate", learning_rate, above=0)
    rate = float(learning_rate)  # a NumPy float64 would widen float32 parameters
    samples = require_array("x", x, ("samples", "inputs"))
    t = require_array("targets", targets, (len(samples),), (len(samples), "outputs"))
    current, total = list(layers), 0.0
    for batch in mini_batches(len(samples), batch_size, generator):
        passed = forward(samples[batch], current, activation)
        batch_loss, output_gradient = loss(passed.output, t[batch])
        gradients = backward(passed, current, output_gradient, activation)
        current = [
            Layer(layer.weights - rate * step.weights, layer.bias - rate * step.bias)
            for layer, step in zip(current, gradients, strict=True)
        ]
        total += batch_loss * len(batch)
    return current, total / len(samples)
