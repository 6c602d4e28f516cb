"""The parameters of a recurrent layer: their checks and first values."""

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from keras_course.arguments import require_choice, require_integer
from keras_course.array_arguments import Array, float_array
from keras_course.numerics.initialization import xavier_std
from keras_course.numerics.recurrent.cells import CELLS, Cell


class RecurrentLayer(NamedTuple):
    """The parameters of a recurrent layer, or their gradients, as `get_weights` of Keras returns them.

    The gates lie side by side in the columns: of an LSTM input, forget, candidate, output; of a GRU update, reset,
    candidate. Each block is stored transposed, so that W xₜ is computed as `x @ weights`.

    Attributes:
        weights: W, of shape (inputs, gates · units).
        recurrent: U, of shape (units, gates · units).
        bias: b, of shape (gates · units,); for "gru" two rows, (2, 3 · units), b beside W and b' beside U.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.recurrent import RecurrentLayer, recurrent_forward
        >>> layer = RecurrentLayer(np.ones((1, 1)), np.zeros((1, 1)), np.zeros(1))  # or (*keras_layer.get_weights())
        >>> recurrent_forward([[[0.0], [100.0]]], layer, "vanilla").outputs
        array([[[0.],
                [1.]]])

    Source: deck, chapter 10, the recurrent networks that it did not show.
    """

    weights: Array
    recurrent: Array
    bias: Array


def check_layer(layer: RecurrentLayer, cell: str) -> tuple[RecurrentLayer, Cell]:
    """Returns the parameters as arrays of floats, and how the cell computes.

    Raises:
        ValueError: If the cell is unknown, or `layer` is none, or its shapes don't fit the cell or each other.
    """
    require_choice("cell", cell, tuple(CELLS))
    if not isinstance(layer, RecurrentLayer):
        raise ValueError(f"`layer` must be a RecurrentLayer. Received: a {type(layer).__name__}")
    kind = CELLS[cell]
    recurrent = float_array("recurrent", layer.recurrent, ("units", "gates · units"))
    units = len(recurrent)
    recurrent = float_array("recurrent", recurrent, (units, kind.gates * units))
    weights = float_array("weights", layer.weights, ("inputs", kind.gates * units))
    rows = () if kind.biases == 1 else (kind.biases,)
    return RecurrentLayer(weights, recurrent, float_array("bias", layer.bias, (*rows, kind.gates * units))), kind


def initialize_recurrent(
    inputs: int, units: int, generator: np.random.Generator, cell: str = "lstm", dtype: DTypeLike = np.float32
) -> RecurrentLayer:
    """Draws W uniformly with the variance 2 / (inputs + gates · units) and U orthogonal; biases are 0, that of f is 1.

    An orthogonal U keeps the length of a state and of a gradient; an open forget gate keeps the memory.

    Args:
        inputs: Integer >= 1, the numbers of one time step.
        units: Integer >= 1. n.
        generator: Where the numbers come from.
        cell: "vanilla", "lstm", "gru" or "gru_reset_before". Default "lstm".
        dtype: The type of the parameters, default float32.

    Returns:
        Parameters with which `recurrent_forward` takes this cell.

    Raises:
        ValueError: If a size is below 1, or the cell is unknown.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.recurrent import initialize_recurrent
        >>> layer = initialize_recurrent(28, 64, np.random.default_rng(0), "gru")
        >>> sum(array.size for array in layer)  # 3 n (n + m + 2)
        18048

    Source: deck, chapter 10, the recurrent networks that it did not show; Jozefowicz, Zaremba, Sutskever (2015), "An
    empirical exploration of recurrent network architectures", for the forget gate.

    Note: Like Keras, it makes the n rows of all gates of U together orthonormal, which leaves the single n x n blocks
        of an LSTM with singular values below 1.
    """
    require_choice("cell", cell, tuple(CELLS))
    for name, value in (("inputs", inputs), ("units", units)):
        require_integer(name, value, at_least=1)
    kind = CELLS[cell]
    columns = kind.gates * units
    limit = np.sqrt(3) * xavier_std(inputs, columns)
    weights = generator.uniform(-limit, limit, (inputs, columns))
    basis, triangle = np.linalg.qr(generator.standard_normal((columns, units)))
    recurrent = (basis * np.sign(np.diag(triangle))).T  # without the signs some rotations are likelier than others
    bias = np.zeros(columns if kind.biases == 1 else (kind.biases, columns))
    if cell == "lstm":
        bias[units : 2 * units] = 1
    return RecurrentLayer(weights.astype(dtype), recurrent.astype(dtype), bias.astype(dtype))
