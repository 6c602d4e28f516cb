"""One step of an LSTM (chapter 10, "recurrent networks"; Hochreiter and Schmidhuber 1997, with a forget gate).

Of x W + h U + b, the columns belong to four gates, one after the other: i = σ(...), f = σ(...), g = tanh(...) and
o = σ(...), each of `units` columns. Then c' = f · c + i · g and h' = o · tanh(c'), products element by element.

You may import `sigmoid` and `tanh` from `keras_course.numerics.activations`.

Tutorial: `tutorials/10_conclusions/2_recurrent_networks.py`.
"""

import numpy as np


def lstm_step(x, hidden, memory, weights, recurrent, bias):
    """Computes the new state and the new memory.

    Args:
        x: Of this step, shape (batch, inputs).
        hidden: h of the step before, shape (batch, units).
        memory: c of the step before, shape (batch, units).
        weights: W, shape (inputs, 4 · units).
        recurrent: U, shape (units, 4 · units).
        bias: b, shape (4 · units,).

    Returns:
        h' and c', each of shape (batch, units).

    Example:
        >>> zero = np.zeros((1, 1))
        >>> hidden, memory = lstm_step(zero, zero, np.array([[2.0]]), np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
        >>> hidden.round(6), memory  # all gates are open by half: tanh(1) / 2 and 2 / 2
        (array([[0.380797]]), array([[1.]]))
    """
    raise NotImplementedError
