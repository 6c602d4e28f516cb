"""A recurrent layer over the steps of a sequence, and the gradients back through time (Werbos 1990)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_sequence
from keras_course.array_arguments import Array, float_array, require_array
from keras_course.numerics.recurrent.cells import Cell, Change, States
from keras_course.numerics.recurrent.weights import RecurrentLayer, check_layer


class RecurrentPass(NamedTuple):
    """What `recurrent_backward` needs of a forward pass.

    Attributes:
        cell: Its name.
        inputs: x by time, of shape (steps, batch, inputs).
        hidden: h₁, h₂, ... by time, of shape (steps, batch, units).
        state: The states after the last step: (h,), of an LSTM (h, c), each of shape (batch, units).
        mask: Booleans of shape (batch, steps), or None.
        kept: What the cell keeps of each step.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.recurrent import initialize_recurrent, recurrent_forward
        >>> layer = initialize_recurrent(3, 4, np.random.default_rng(0))
        >>> passed = recurrent_forward(np.ones((2, 5, 3)), layer)
        >>> passed.outputs.shape, len(passed.state)
        ((2, 5, 4), 2)
    """

    cell: str
    inputs: Array
    hidden: Array
    state: States
    mask: Array | None
    kept: list[Any]

    @property
    def outputs(self) -> Array:
        """The output of every step, of shape (batch, steps, units)."""
        return self.hidden.swapaxes(0, 1)


class RecurrentGradients(NamedTuple):
    """The gradients of a loss F that `recurrent_backward` computes.

    Attributes:
        layer: ∂F/∂W, ∂F/∂U and ∂F/∂b.
        inputs: ∂F/∂x, of shape (batch, steps, inputs).
        hidden: ∂F/∂hₜ, all ways through later steps included, of shape (batch, steps, units).
        state: ∂F/∂h₀, and ∂F/∂c₀ of an LSTM, each of shape (batch, units).

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.recurrent import initialize_recurrent, recurrent_backward, recurrent_forward
        >>> layer = initialize_recurrent(3, 4, np.random.default_rng(0))
        >>> passed = recurrent_forward(np.ones((2, 5, 3)), layer)
        >>> gradients = recurrent_backward(passed, layer, np.ones((2, 4)))  # of the last output
        >>> gradients.layer.recurrent.shape, gradients.hidden.shape
        ((4, 16), (2, 5, 4))
    """

    layer: RecurrentLayer
    inputs: Array
    hidden: Array
    state: States


def recurrent_forward(
    x: ArrayLike,
    layer: RecurrentLayer,
    cell: str = "lstm",
    *,
    initial_state: Sequence[ArrayLike] | None = None,
    mask: ArrayLike | None = None,
) -> RecurrentPass:
    """Computes hₜ = step(W xₜ + b, hₜ₋₁) for t = 1, 2, ...; of a vanilla cell hₜ = tanh(W xₜ + U hₜ₋₁ + b).

    Args:
        x: Shape (batch, steps, inputs).
        layer: The parameters.
        cell: "vanilla", "lstm", "gru" (Keras's: the reset gate acts after the product with U) or "gru_reset_before"
            (Cho et al. 2014). Default "lstm".
        initial_state: h₀, or h₀ and c₀ of an LSTM, each of shape (batch, units); None for zeros.
        mask: Booleans of shape (batch, steps): where False, a step is skipped and the states stay. None for no mask.

    Returns:
        The outputs of all steps as `outputs`, the last states as `state`.

    Raises:
        ValueError: If the cell is unknown, or shapes don't fit it or each other.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.recurrent import RecurrentLayer, recurrent_forward
        >>> counter = RecurrentLayer(np.array([[1e-3]]), np.array([[1.0]]), np.zeros(1))  # tanh(x) = x nearly
        >>> recurrent_forward([[[1.0], [1.0], [1.0]]], counter, "vanilla").outputs.round(4).ravel()
        array([0.001, 0.002, 0.003])

    Source: deck, chapter 10, the recurrent networks that it did not show; Hochreiter and Schmidhuber (1997), "Long
    short-term memory"; Cho et al. (2014), arXiv:1406.1078.

    Note: Keras gives zeros, not h₀, as the output of masked steps before the first that counts.
    """
    layer, kind = check_layer(layer, cell)
    inputs, units = len(layer.weights), len(layer.recurrent)
    x = float_array("x", x, ("batch", "steps", inputs))
    batch, steps, _ = x.shape
    states = _initial_states(initial_state, kind, (batch, units), np.result_type(x, layer.weights))
    if mask is not None:
        mask = require_array("mask", mask, (batch, steps)).astype(bool)
    weights, recurrent, bias, recurrent_bias = _by_gate(layer, kind.gates)
    by_time = np.ascontiguousarray(x.swapaxes(0, 1))
    # one block for all: the allocator keeps it for the next call; and what belongs to a step lies together
    room = np.empty((steps, kind.gates + kind.spare + 1, batch, units), states[0].dtype)
    hidden, kept = room[:, -1], []
    with np.errstate(over="ignore"):
        for t in range(steps):
            sums, spare = room[t, : kind.gates], room[t, kind.gates : -1]
            np.matmul(by_time[t], weights, out=sums)
            sums += bias
            new, memory = kind.step(sums, spare, states, recurrent, recurrent_bias)
            states = new if mask is None else _choose(mask[:, t], new, states)
            hidden[t] = states[0]
            states = (hidden[t], *states[1:])
            kept.append(memory)
    return RecurrentPass(cell, by_time, hidden, states, mask, kept)


def recurrent_backward(
    forward_pass: RecurrentPass, layer: RecurrentLayer, output_gradient: ArrayLike, *, truncate: int | None = None
) -> RecurrentGradients:
    """Computes ∂F/∂hₜ = δₜ + Uᵗ(...) from the last step to the first, and from them the gradients of W, U, b and x.

    Args:
        forward_pass: The result of `recurrent_forward` with the same layer.
        layer: The parameters.
        output_gradient: δ, what each output by itself contributes to ∂F/∂hₜ, of shape (batch, steps, units); of shape
            (batch, units) if the loss sees the last output only.
        truncate: Integer >= 1: no gradient passes from one block of so many steps to the block before, while the state
            does (truncated backpropagation through time). None lets it pass everywhere.

    Returns:
        The gradients; with `truncate` that of the initial state comes from the first block alone.

    Raises:
        ValueError: If a shape doesn't fit the forward pass, or `truncate` is below 1.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.recurrent import RecurrentLayer, recurrent_backward, recurrent_forward
        >>> layer = RecurrentLayer(np.array([[0.0]]), np.array([[0.5]]), np.zeros(1))
        >>> passed = recurrent_forward(np.ones((1, 4, 1)), layer, "vanilla")  # all states are 0, where tanh' = 1
        >>> recurrent_backward(passed, layer, [[1.0]]).hidden.ravel()
        array([0.125, 0.25 , 0.5  , 1.   ])
        >>> recurrent_backward(passed, layer, [[1.0]], truncate=2).hidden.ravel()
        array([0. , 0. , 0.5, 1. ])

    Source: deck, chapter 10, the recurrent networks that it did not show, by the chain rule of chapter 6; Werbos
    (1990), "Backpropagation through time"; Williams and Peng (1990) for the truncation.
    """
    if not isinstance(forward_pass, RecurrentPass):
        raise ValueError(f"`forward_pass` must be a RecurrentPass. Received: a {type(forward_pass).__name__}")
    layer, kind = check_layer(layer, forward_pass.cell)
    steps, batch, units = forward_pass.hidden.shape
    if (len(layer.weights), len(layer.recurrent)) != (forward_pass.inputs.shape[-1], units):
        raise ValueError(
            f"`layer` must be that of the forward pass, {units} units on {forward_pass.inputs.shape[-1]} inputs. "
            f"Received: {len(layer.recurrent)} units on {len(layer.weights)}"
        )
    delta = float_array("output_gradient", output_gradient, (batch, steps, units), (batch, units))
    if truncate is not None:
        require_integer("truncate", truncate, at_least=1)
    total = _Total(layer, kind, forward_pass.inputs, np.result_type(delta, forward_pass.hidden))
    nothing = np.zeros((batch, units), total.dtype)
    states: States = (nothing,) * kind.states
    hidden = np.empty((steps, batch, units), total.dtype)
    for t in reversed(range(steps)):
        own = delta[:, t] if delta.ndim == 3 else delta if t == steps - 1 else nothing
        hidden[t] = states[0] + own
        states = _step_back(forward_pass, t, kind, (hidden[t], *states[1:]), total)
        if truncate is not None and t and t % truncate == 0:
            states = (nothing,) * kind.states
    return RecurrentGradients(total.layer(), total.x.swapaxes(0, 1), hidden.swapaxes(0, 1), states)


class _Total:
    """Adds up the gradients of the parameters step by step, while the arrays of a step are in the cache."""

    def __init__(self, layer: RecurrentLayer, kind: Cell, by_time: Array, dtype: Any):
        self.weights, self.recurrent, _, _ = _by_gate(layer, kind.gates)
        self.dtype, self.by_time, self.x = dtype, by_time, np.empty(by_time.shape, dtype)
        self.sums = [np.zeros(array.shape, dtype) for array in (self.weights, self.recurrent)]
        self.biases = np.zeros((kind.biases, kind.gates, by_time.shape[1], len(layer.recurrent)), dtype)

    def add(self, t: int, delta: Array, change: Change) -> None:
        """Adds those of step t."""
        self.sums[0] += self.by_time[t].T @ delta
        self.sums[1] += change.recurrent
        self.biases[0] += delta
        if change.fed_back is not None:
            self.biases[1] += change.fed_back
        self.x[t] = (delta @ self.weights.swapaxes(1, 2)).sum(axis=0)

    def layer(self) -> RecurrentLayer:
        """Returns the sums as Keras has parameters, the gates side by side."""
        weights, recurrent = (blocks.swapaxes(0, 1).reshape(blocks.shape[1], -1) for blocks in self.sums)
        biases = self.biases.sum(axis=2).reshape(len(self.biases), -1)
        return RecurrentLayer(weights, recurrent, biases if len(biases) == 2 else biases[0])


def _step_back(passed: RecurrentPass, t: int, kind: Cell, gradients: States, total: _Total) -> States:
    """Returns the gradients before step t: where the step is masked they pass as they are."""
    delta = np.empty((kind.gates, *passed.hidden.shape[1:]), total.dtype)
    if passed.mask is None:
        change = kind.step_back(passed.kept[t], gradients, total.recurrent, delta)
        total.add(t, delta, change)
        return change.states
    real = passed.mask[:, t, None]
    change = kind.step_back(passed.kept[t], tuple(array * real for array in gradients), total.recurrent, delta)
    total.add(t, delta, change)
    return _choose(passed.mask[:, t], change.states, gradients)


def _by_gate(layer: RecurrentLayer, gates: int) -> tuple[Array, Array, Array, Array | None]:
    """Returns W, U, b and b', None if there is none, as blocks of shape (gates, rows, units)."""
    weights, recurrent = (matrix.reshape(len(matrix), gates, -1).swapaxes(0, 1) for matrix in layer[:2])
    biases = layer.bias.reshape(-1, gates, 1, len(layer.recurrent))
    return weights, recurrent, biases[0], biases[1] if len(biases) == 2 else None


def _choose(real: Array, new: States, old: States) -> States:
    return tuple(np.where(real[:, None], one, other) for one, other in zip(new, old, strict=True))


def _initial_states(given: Any, kind: Cell, shape: tuple[int, int], dtype: Any) -> States:
    if given is None:
        return (np.zeros(shape, dtype),) * kind.states
    require_sequence("initial_state", given)
    if len(given) != kind.states:
        raise ValueError(
            f"`initial_state` must hold {kind.states} array{'s' * (kind.states > 1)}. Received: {len(given)}"
        )
    return tuple(float_array("initial_state", state, shape).astype(dtype, copy=False) for state in given)
