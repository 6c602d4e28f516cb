"""Rosenblatt's perceptron: the rule with its history, a bound on its mistakes, a proof that it cycles (chapter 4)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.array_arguments import FloatArray, IndexArray, finite_array
from keras_course.numerics.linear_regression.least_squares import design_matrix, linear_model


@dataclass(frozen=True)
class PerceptronHistory:
    """Every update of a perceptron while it learned; it updates on each mistake.

    Attributes:
        weights: Float64 of shape (mistakes + 1, features + 1). ω before the first and after each update, ω₀ first.
        samples: Integers of shape (mistakes,). The index of the sample that caused each update.
        epochs: Integers of shape (mistakes,). The epoch of each update, from 0.
        converged: Whether an epoch passed without a mistake.
        cycle: (epoch, period) if ω at the beginning of `epoch` came back `period` epochs later, else `None`. An epoch
            depends on ω alone, so it then repeats for ever. Where ω is exact, as with whole-numbered features, that
            proves that no line separates the classes.

    Example:
        >>> from keras_course.numerics.perceptron import train_perceptron
        >>> x, t = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, -1, -1, 1]  # AND
        >>> history = train_perceptron(x, t)
        >>> history.converged, history.weights[-1]
        (True, array([-4.,  3.,  2.]))
        >>> len(history.samples), history.cycle
        (18, None)
    """

    weights: FloatArray
    samples: IndexArray
    epochs: IndexArray
    converged: bool
    cycle: tuple[int, int] | None


def perceptron_output(x: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Computes y(xᵢ) = +1 if ω₀ + Σⱼ ωⱼ xᵢⱼ > 0, else -1.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        weights: Array of shape (features + 1,). ω, the intercept ω₀ first.

    Returns:
        Classes -1 and +1, float64 of shape (samples,).

    Raises:
        ValueError: If a shape does not fit or a number is not finite.

    Example:
        >>> from keras_course.numerics.perceptron import perceptron_output
        >>> perceptron_output([[0, 1], [1, 1]], weights=[-1.5, 1, 1])  # AND
        array([-1.,  1.])

    Source: deck, chapter 4, "Perceptron algorithm"; Rosenblatt (1958), "The perceptron".
    """
    return np.where(linear_model(x, weights) > 0, 1.0, -1.0)


def train_perceptron(x: ArrayLike, t: ArrayLike, *, max_epochs: int = 1000) -> PerceptronHistory:
    """Goes through the samples in order and at each mistake, tᵢ ωᵗ(1, xᵢ) <= 0, adds tᵢ (1, xᵢ) to ω, from ω = 0.

    It ends after an epoch without a mistake, when ω at the end of an epoch is one that an epoch began with before
    (then it would repeat for ever), or after `max_epochs`. With whole-numbered features ω is exact and bounded, so
    that one of the first two always happens, given enough epochs.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,) of -1 and +1. The classes.
        max_epochs: Integer >= 1, default 1000.

    Returns:
        The history; `history.weights[-1]` are the last weights.

    Raises:
        ValueError: If a shape does not fit, a number is not finite, or `t` holds anything but -1 and +1.

    Example:
        >>> from keras_course.numerics.perceptron import train_perceptron
        >>> x = [[0, 0], [0, 1], [1, 0], [1, 1]]
        >>> train_perceptron(x, [-1, -1, -1, 1]).converged  # AND
        True
        >>> train_perceptron(x, [-1, 1, 1, -1]).converged  # XOR
        False

    Source: deck, chapter 4, "Perceptron algorithm" and "The issue is the XOR"; Rosenblatt (1958); Block and Levin
        (1970) for the cycle.

    Note: There is no learning rate: from ω = 0 it would scale all weights alike and change no output.
    """
    require_integer("max_epochs", max_epochs, at_least=1)
    signed = _signed(x, t)
    weights, samples, epochs = [np.zeros(signed.shape[1])], [], []
    begun = {weights[-1].tobytes(): 0}
    converged, cycle = False, None
    for epoch in range(max_epochs):
        mistakes = _sweep(signed, weights)
        samples += mistakes
        epochs += [epoch] * len(mistakes)
        converged = not mistakes
        first = begun.setdefault(weights[-1].tobytes(), epoch + 1)
        if converged:
            break
        if first <= epoch:
            cycle = (first, epoch + 1 - first)
            break
    return PerceptronHistory(np.array(weights), np.array(samples, np.intp), np.array(epochs, np.intp), converged, cycle)


def novikoff_bound(x: ArrayLike, t: ArrayLike, separator: ArrayLike) -> float:
    """Computes (R / γ)², the most mistakes that the perceptron can make on samples that `separator` separates.

    R is the largest |(1, xᵢ)|, γ the margin, the least tᵢ uᵗ(1, xᵢ) / |u|. The bound holds for every separator u; the
    one of largest margin makes it tightest.

    Args:
        x: Array of shape (samples, features), or (samples,) for one feature.
        t: Array of shape (samples,) of -1 and +1. The classes.
        separator: Array of shape (features + 1,). u, the intercept first, for instance the weights that were learned.

    Returns:
        The bound, at least 1, without unit; the number of mistakes is a whole number not above it.

    Raises:
        ValueError: If a shape does not fit, a number is not finite, or `separator` has a sample on the wrong side.

    Example:
        >>> from keras_course.numerics.perceptron import novikoff_bound
        >>> novikoff_bound([-1, 1], [-1, 1], separator=[0, 1])  # R² = 1 + 1, γ = 1
        2.0

    Source: deck, chapter 4, "Perceptron algorithm"; Novikoff (1962), "On convergence proofs for perceptrons".
    """
    signed = _signed(x, t)
    u = finite_array("separator", separator, (signed.shape[1],))
    margins = signed @ u
    if margins.min() <= 0:
        wrong = int(np.sum(margins <= 0))
        raise ValueError(
            f"`separator` must have every sample on the right side. Received: one with {wrong} on the wrong side"
        )
    margin = margins.min() / math.sqrt(u @ u)
    return float(np.max(np.sum(signed**2, axis=1)) / margin**2)


def _signed(x: ArrayLike, t: ArrayLike) -> FloatArray:
    """Returns tᵢ (1, xᵢ), what a mistake adds; its product with ω is positive on samples that are right."""
    matrix = design_matrix(x)
    t = finite_array("t", t, (len(matrix),))
    if not np.all(np.abs(t) == 1):
        raise ValueError(f"`t` must hold -1 and +1 only. Received: t with the values {np.unique(t)[:5]}")
    return matrix * t[:, np.newaxis]


def _sweep(signed: FloatArray, weights: list[FloatArray]) -> list[int]:
    """Runs one epoch, appends to `weights` after each mistake and returns the samples of the mistakes."""
    mistakes: list[int] = []
    position = 0
    while len(wrong := np.flatnonzero(signed[position:] @ weights[-1] <= 0)):
        position += int(wrong[0])
        mistakes.append(position)
        weights.append(weights[-1] + signed[position])
        position += 1
    return mistakes
