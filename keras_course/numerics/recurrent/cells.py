"""One time step of each recurrent cell, and the same step back: the equations, with nothing of time in them.

A step gets W xₜ + b from the layer. Arrays of all gates have the shape
(gates, batch, units) and U the shape (gates, units, units), so that each gate is one contiguous block.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from keras_course.array_arguments import Array

States = tuple[Array, ...]  # (h,), of an LSTM (h, c), each of shape (batch, units)


class Change(NamedTuple):
    """The gradients that one step hands back.

    Attributes:
        states: With respect to the states before the step.
        recurrent: With respect to U, of shape (gates, units, units).
        fed_back: With respect to U hₜ₋₁ + b' of a cell with a bias b' beside U, of shape (gates, batch, units).
    """

    states: States
    recurrent: Array
    fed_back: Array | None = None


class Cell(NamedTuple):
    """How a cell computes.

    Attributes:
        gates: The blocks of W and U.
        states: 1 for h, 2 for h and c.
        biases: 1, or 2 if one of its own goes with U.
        spare: How many arrays of shape (batch, units) a step keeps beside the gates.
        step: From W xₜ + b, which it overwrites with the activations, the spare arrays, which it fills, the states, U
            and b' to the new states, and what `step_back` needs.
        step_back: From that, the gradients with respect to the new states, U and an array to fill with the gradient
            with respect to W xₜ + b to the `Change`.
    """

    gates: int
    states: int
    biases: int
    spare: int
    step: Callable[[Array, Array, States, Array, Array | None], tuple[States, Any]]
    step_back: Callable[[Any, States, Array, Array], Change]


def vanilla_step(sums: Array, spare: Array, states: States, recurrent: Array, _: Array | None) -> tuple[States, Any]:
    """Computes hₜ = tanh(W xₜ + U hₜ₋₁ + b)."""
    (before,) = states
    sums += before @ recurrent
    h = np.tanh(sums, out=sums)[0]
    return (h,), (before, h)


def vanilla_step_back(kept: Any, gradients: States, recurrent: Array, delta: Array) -> Change:
    """Computes δ = ∂F/∂hₜ (1 - hₜ²) and ∂F/∂hₜ₋₁ = Uᵗ δ."""
    before, h = kept
    delta[0] = gradients[0] * (1 - h * h)
    return Change((_through(recurrent, delta),), before.T @ delta)


def lstm_step(sums: Array, spare: Array, states: States, recurrent: Array, _: Array | None) -> tuple[States, Any]:
    """Computes cₜ = f cₜ₋₁ + i g and hₜ = o tanh(cₜ), where i, f, o = σ(W xₜ + U hₜ₋₁ + b) and g = tanh(...)."""
    before, memory = states
    sums += before @ recurrent
    i, f, g, o = sums
    _gate(sums[:2])
    np.tanh(g, out=g)
    _gate(o)
    c, squashed = spare
    np.multiply(f, memory, out=c)
    c += i * g
    np.tanh(c, out=squashed)
    return (o * squashed, c), (before, memory, sums, squashed)


def lstm_step_back(kept: Any, gradients: States, recurrent: Array, delta: Array) -> Change:
    """Computes ∂F/∂cₜ₋₁ = f ∂F/∂cₜ, the way on which a gradient passes no matrix, and the rest by the chain rule."""
    before, memory, gates, squashed = kept
    i, f, g, o = gates
    dh, dc = gradients
    dc = dc + dh * o * (1 - squashed * squashed)
    np.multiply(dc, g, out=delta[0])
    np.multiply(dc, memory, out=delta[1])
    np.multiply(dc, i, out=delta[2])
    np.multiply(dh, squashed, out=delta[3])
    delta *= _slopes(gates)
    return Change((_through(recurrent, delta), dc * f), before.T @ delta)


def gru_step(sums: Array, spare: Array, states: States, recurrent: Array, bias: Array | None) -> tuple[States, Any]:
    """Computes hₜ = z hₜ₋₁ + (1 - z) g with g = tanh(W xₜ + b + r (U hₜ₋₁ + b')): the reset r after the product."""
    (before,) = states
    fed_back = before @ recurrent
    fed_back += bias
    z, r, g = sums
    sums[:2] += fed_back[:2]
    _gate(sums[:2])
    (product,) = spare
    product[:] = fed_back[2]
    g += r * product
    np.tanh(g, out=g)
    return (g + z * (before - g),), (before, sums, product)


def gru_step_back(kept: Any, gradients: States, recurrent: Array, delta: Array) -> Change:
    """Computes the gradients of `gru_step`; that of U hₜ₋₁ differs from that of W xₜ by r in the third block."""
    before, gates, product = kept
    z, r, g = gates
    (dh,) = gradients
    np.multiply(dh, before - g, out=delta[0])
    np.multiply(dh, 1 - z, out=delta[2])
    slopes = _slopes(gates)
    np.multiply(delta[2] * slopes[2], product, out=delta[1])
    delta *= slopes
    fed_back = delta.copy()
    fed_back[2] *= r
    return Change((dh * z + _through(recurrent, fed_back),), before.T @ fed_back, fed_back)


def gru_reset_before_step(
    sums: Array, spare: Array, states: States, recurrent: Array, _: Array | None
) -> tuple[States, Any]:
    """Computes hₜ = z hₜ₋₁ + (1 - z) g with g = tanh(W xₜ + b + U (r hₜ₋₁)): the reset r before the product."""
    (before,) = states
    z, r, g = sums
    sums[:2] += before @ recurrent[:2]
    _gate(sums[:2])
    g += (r * before) @ recurrent[2]
    np.tanh(g, out=g)
    return (g + z * (before - g),), (before, sums)


def gru_reset_before_step_back(kept: Any, gradients: States, recurrent: Array, delta: Array) -> Change:
    """Computes the gradients of `gru_reset_before_step`."""
    before, gates = kept
    z, r, g = gates
    (dh,) = gradients
    slopes = _slopes(gates)
    np.multiply(dh, before - g, out=delta[0])
    np.multiply(dh, 1 - z, out=delta[2])
    reset = (delta[2] * slopes[2]) @ recurrent[2].T  # with respect to r hₜ₋₁
    np.multiply(reset, before, out=delta[1])
    delta *= slopes
    change = np.concatenate([before.T @ delta[:2], [(r * before).T @ delta[2]]])
    return Change((dh * z + reset * r + _through(recurrent[:2], delta[:2]),), change)


def _slopes(gates: Array) -> Array:
    """Computes the slopes of the activations from their values: a (1 - a) of a sigmoid, 1 - g² of the third, a tanh."""
    slopes = gates - gates * gates
    np.subtract(1, gates[2] * gates[2], out=slopes[2])
    return slopes


def _through(recurrent: Array, delta: Array) -> Array:
    """Computes Uᵗ δ, summed over the gates."""
    return (delta @ recurrent.swapaxes(1, 2)).sum(axis=0)


def _gate(x: Array) -> None:
    """Overwrites x with σ(x) = 1 / (1 + e⁻ˣ); where e⁻ˣ overflows, 0 is right."""
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1
    np.reciprocal(x, out=x)


CELLS = {
    "vanilla": Cell(1, 1, 1, 0, vanilla_step, vanilla_step_back),
    "lstm": Cell(4, 2, 1, 2, lstm_step, lstm_step_back),
    "gru": Cell(3, 1, 2, 1, gru_step, gru_step_back),
    "gru_reset_before": Cell(3, 1, 1, 0, gru_reset_before_step, gru_reset_before_step_back),
}
