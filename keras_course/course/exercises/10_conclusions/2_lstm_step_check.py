"""Checks `lstm_step`: which gate does what, and what the output sees."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, sizes
from keras_course.numerics import recurrent as recurrent_module

IMPORTS = ("keras_course.numerics.activations.sigmoid", "keras_course.numerics.activations.tanh")
RESULTS = ("h'", "c'")
CASES = [
    (
        np.array([[1, -1]]),
        np.array([[2]]),
        np.array([[-1]]),
        np.array([[1, 0, -1, 2], [0, 1, 1, -1]]),
        np.array([[1, -1, 0, 1]]),
        np.array([0, 1, 1, 0]),
    )  # integers
]


def inputs(draw):
    """Draws a small layer and its state."""
    batch, inputs, units = draw(sizes(1, 3)), draw(sizes(1, 3)), draw(sizes(1, 3))
    shapes = (batch, inputs), (batch, units), (batch, units), (inputs, 4 * units), (units, 4 * units), 4 * units
    return tuple(draw_array(draw, shape, -2, 2) for shape in shapes)


def expected(x, hidden, memory, weights, recurrent, bias):
    """Returns what is right, as a sequence of one step."""
    layer = recurrent_module.RecurrentLayer(weights, recurrent, bias)
    steps = np.asarray(x)[:, np.newaxis]
    return tuple(recurrent_module.recurrent_forward(steps, layer, "lstm", initial_state=(hidden, memory)).state)


def lstm_step(x, hidden, memory, weights, recurrent, bias):
    """Splits the columns, opens the gates."""
    i, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    memory = f * memory + i * np.tanh(g)
    return o * np.tanh(memory), memory


def sigmoid(values):
    """Computes σ."""
    return 1 / (1 + np.exp(-values))


def gates(x, hidden, weights, recurrent, bias):
    """Returns i, f, g and o."""
    i, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def wrong_gates_exchanged(x, hidden, memory, weights, recurrent, bias):
    """Forgetting and writing are exchanged: which gate multiplies the old memory?"""
    i, f, g, o = gates(x, hidden, weights, recurrent, bias)
    memory = i * memory + f * g
    return o * np.tanh(memory), memory


def wrong_candidate_last(x, hidden, memory, weights, recurrent, bias):
    """You take the third block for the output gate and the fourth for g: in which order do they come?"""
    i, f, o, g = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(memory), memory


def wrong_interleaved(x, hidden, memory, weights, recurrent, bias):
    """Right for one unit: the columns of a gate lie side by side."""
    sums = x @ weights + hidden @ recurrent + bias
    i, f, g, o = (sums[:, gate::4] for gate in range(4))
    memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(memory), memory


def wrong_no_output_gate(x, hidden, memory, weights, recurrent, bias):
    """The memory is right, but all of it is shown: which gate stands before the output?"""
    i, f, g, _ = gates(x, hidden, weights, recurrent, bias)
    memory = f * memory + i * g
    return np.tanh(memory), memory


def wrong_memory_unsquashed(x, hidden, memory, weights, recurrent, bias):
    """The memory is right, but the output should stay between -1 and 1."""
    i, f, g, o = gates(x, hidden, weights, recurrent, bias)
    memory = f * memory + i * g
    return o * memory, memory


def wrong_memory_squashed(x, hidden, memory, weights, recurrent, bias):
    """The output is right, but you hand on what it shows of the memory instead of the memory."""
    hidden, memory = lstm_step(x, hidden, memory, weights, recurrent, bias)
    return hidden, np.tanh(memory)


def wrong_old_memory(x, hidden, memory, weights, recurrent, bias):
    """The memory is right, but the output doesn't know of it yet: which of the two memories does it show?"""
    i, f, g, o = gates(x, hidden, weights, recurrent, bias)
    return o * np.tanh(memory), f * memory + i * g


def wrong_sigmoid_candidate(x, hidden, memory, weights, recurrent, bias):
    """Your memory can only be added to: what is written may be negative."""
    i, f, g, o = (sigmoid(part) for part in np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1))
    memory = f * memory + i * g
    return o * np.tanh(memory), memory


def wrong_nothing_forgotten(x, hidden, memory, weights, recurrent, bias):
    """Nothing is ever forgotten: this is the cell of 1997, which had no gate for it."""
    i, _, g, o = gates(x, hidden, weights, recurrent, bias)
    memory = memory + i * g
    return o * np.tanh(memory), memory


def wrong_coupled_gates(x, hidden, memory, weights, recurrent, bias):
    """You write as much as you forget, as a GRU does: an LSTM has a gate for each."""
    _, f, g, o = gates(x, hidden, weights, recurrent, bias)
    memory = f * memory + (1 - f) * g
    return o * np.tanh(memory), memory


def wrong_forgetting_inverted(x, hidden, memory, weights, recurrent, bias):
    """Right where the forget gate is half open: what becomes of the old memory where it is fully open?"""
    i, f, g, o = gates(x, hidden, weights, recurrent, bias)
    memory = (1 - f) * memory + i * g
    return o * np.tanh(memory), memory


def wrong_hidden_kept(x, hidden, memory, weights, recurrent, bias):
    """The forget gate stands before the wrong state: which of the two is kept from step to step?"""
    return lstm_step(x, hidden, hidden, weights, recurrent, bias)


def wrong_memory_in_gates(x, hidden, memory, weights, recurrent, bias):
    """Right where h and c are equal: which of the two states do the gates look at?"""
    return lstm_step(x, memory, memory, weights, recurrent, bias)


def wrong_first_memory(x, hidden, memory, weights, recurrent, bias):
    """Right for a batch of one: whose memory does each further sample go on with?"""
    return lstm_step(x, hidden, memory[:1], weights, recurrent, bias)


def wrong_hidden_left_out(x, hidden, memory, weights, recurrent, bias):
    """Right where the state before is 0: the gates look at it, too."""
    return lstm_step(x, 0 * hidden, memory, weights, recurrent, bias)


def wrong_bias_left_out(x, hidden, memory, weights, recurrent, bias):
    """Right where the biases are 0."""
    return lstm_step(x, hidden, memory, weights, recurrent, 0 * bias)


def wrong_order(x, hidden, memory, weights, recurrent, bias):
    """Both are right, but h' comes first."""
    return lstm_step(x, hidden, memory, weights, recurrent, bias)[::-1]
