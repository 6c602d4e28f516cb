"""Typical mistakes of `lstm_step`, written a second time."""

import numpy as np


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def gates_exchanged(x, hidden, memory, weights, recurrent, bias):
    z = x @ weights + hidden @ recurrent + bias
    f, i, g, o = np.split(z, 4, axis=1)
    new_memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_memory), new_memory


def candidate_last(x, hidden, memory, weights, recurrent, bias):
    units = hidden.shape[1]
    z = x @ weights + hidden @ recurrent + bias
    i = sigmoid(z[:, :units])
    f = sigmoid(z[:, units : 2 * units])
    o = sigmoid(z[:, 2 * units : 3 * units])
    g = np.tanh(z[:, 3 * units :])
    c = f * memory + i * g
    return o * np.tanh(c), c


def memory_unsquashed(x, hidden, memory, weights, recurrent, bias):
    i, f, g, o = np.hsplit(x @ weights + hidden @ recurrent + bias, 4)
    c = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * c
    return h, c


def sigmoid_candidate(x, hidden, memory, weights, recurrent, bias):
    gates = sigmoid(x @ weights + hidden @ recurrent + bias)
    i, f, g, o = np.split(gates, 4, axis=-1)
    c = f * memory + i * g
    return o * np.tanh(c), c


def old_memory(x, hidden, memory, weights, recurrent, bias):
    i, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    hidden_new = sigmoid(o) * np.tanh(memory)
    memory_new = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    return hidden_new, memory_new


def order(x, hidden, memory, weights, recurrent, bias):
    n = memory.shape[1]
    z = x.dot(weights) + hidden.dot(recurrent) + bias
    i, f, o = (sigmoid(z[:, k * n : (k + 1) * n]) for k in (0, 1, 3))
    g = np.tanh(z[:, 2 * n : 3 * n])
    c = f * memory + i * g
    return c, o * np.tanh(c)


def bias_left_out(x, hidden, memory, weights, recurrent, bias):
    i, f, g, o = np.split(x @ weights + hidden @ recurrent, 4, axis=1)
    c = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def hidden_left_out(x, hidden, memory, weights, recurrent, bias):
    z = np.matmul(x, weights) + bias
    i, f, g, o = np.split(z, 4, axis=1)
    c = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def memory_in_gates(x, hidden, memory, weights, recurrent, bias):
    z = x @ weights + memory @ recurrent + bias
    i, f, g, o = np.split(z, 4, axis=1)
    c = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def coupled_gates(x, hidden, memory, weights, recurrent, bias):
    _, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    keep = sigmoid(f)
    c = keep * memory + (1 - keep) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def forgetting_inverted(x, hidden, memory, weights, recurrent, bias):
    i, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    c = (1 - sigmoid(f)) * memory + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def interleaved(x, hidden, memory, weights, recurrent, bias):
    z = x @ weights + hidden @ recurrent + bias
    z = z.reshape(len(z), -1, 4)
    c = sigmoid(z[..., 1]) * memory + sigmoid(z[..., 0]) * np.tanh(z[..., 2])
    return sigmoid(z[..., 3]) * np.tanh(c), c


def hidden_kept(x, hidden, memory, weights, recurrent, bias):
    i, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    c = sigmoid(f) * hidden + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def memory_squashed(x, hidden, memory, weights, recurrent, bias):
    i, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    c = np.tanh(sigmoid(f) * memory + sigmoid(i) * np.tanh(g))
    return sigmoid(o) * c, c


def first_memory(x, hidden, memory, weights, recurrent, bias):
    batch, units = hidden.shape
    new_h, new_c = np.zeros((batch, units)), np.zeros((batch, units))
    for b in range(batch):
        z = x[b] @ weights + hidden[b] @ recurrent + bias
        for j in range(units):
            i, f, o = sigmoid(z[j]), sigmoid(z[units + j]), sigmoid(z[3 * units + j])
            g = np.tanh(z[2 * units + j])
            new_c[b, j] = f * memory[0, j] + i * g
            new_h[b, j] = o * np.tanh(new_c[b, j])
    return new_h, new_c
