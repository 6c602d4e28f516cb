"""Rosenblatt's rule against a loop written out, a linear program that decides separability, and bounds by hand."""

import numpy as np
import pytest
import scipy.optimize

from keras_course.numerics.perceptron import novikoff_bound, perceptron_output, train_perceptron

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = np.array([-1, -1, -1, 1]), np.array([-1, 1, 1, 1]), np.array([-1, 1, 1, -1])


def written_out(x, t, epochs):
    """The rule, a sample at a time in plain Python."""
    weights, history, samples = [0.0] * (x.shape[1] + 1), [[0.0] * (x.shape[1] + 1)], []
    for _ in range(epochs):
        for i, (row, label) in enumerate(zip(x.tolist(), t.tolist(), strict=True)):
            if label * sum(w * v for w, v in zip(weights, [1, *row], strict=True)) <= 0:
                weights = [w + label * v for w, v in zip(weights, [1, *row], strict=True)]
                history.append(weights)
                samples.append(i)
    return history, samples


def separable(x, t):
    """Whether some ω has tᵢ ωᵗ(1, xᵢ) >= 1 for all samples."""
    signed = np.column_stack([np.ones(len(x)), x]) * t[:, None]
    free = [(None, None)] * signed.shape[1]
    return scipy.optimize.linprog(np.zeros(signed.shape[1]), -signed, -np.ones(len(x)), bounds=free).status == 0


@pytest.mark.parametrize("t", [AND, OR], ids=["and", "or"])
def test_and_and_or_are_learned(t):
    history = train_perceptron(CORNERS, t)
    assert history.converged and history.cycle is None
    np.testing.assert_array_equal(perceptron_output(CORNERS, history.weights[-1]), t)


def test_xor_is_proven_to_cycle():
    history = train_perceptron(CORNERS, XOR)
    assert not history.converged and not separable(CORNERS, XOR)
    start, period = history.cycle
    weights, _ = written_out(CORNERS, XOR, 50)
    begins = [np.searchsorted(history.epochs, epoch) for epoch in range(start + period + 1)]
    assert weights[begins[start]] == weights[begins[start + period]] == history.weights[-1].tolist()
    once = begins[start + period] - begins[start]  # the history written out goes round and round
    for lap in range(3):
        assert weights[begins[start] + lap * once] == weights[begins[start]]


@pytest.mark.parametrize("t", [AND, OR, XOR], ids=["and", "or", "xor"])
def test_history_equals_the_rule_written_out(t):
    history = train_perceptron(CORNERS, t)
    weights, samples = written_out(CORNERS, t, int(history.epochs[-1]) + 1)
    assert history.weights.tolist() == weights
    assert history.samples.tolist() == samples
    assert (np.diff(history.epochs) >= 0).all() and len(history.epochs) == len(samples)


def test_whole_numbers_converge_or_cycle_as_the_linear_program_says():
    rng = np.random.default_rng(0)
    outcomes = []
    for _ in range(60):
        x = rng.integers(-2, 3, size=(7, 2))
        t = rng.choice([-1, 1], size=7)
        history = train_perceptron(x, t, max_epochs=100_000)
        assert history.converged == separable(x, t)
        assert history.converged == (history.cycle is None)
        outcomes.append(history.converged)
    assert 10 < sum(outcomes) < 50


def test_too_few_epochs_prove_nothing():
    history = train_perceptron(CORNERS, AND, max_epochs=1)
    assert not history.converged and history.cycle is None and len(history.weights) == 1 + len(history.samples)


def test_bound_of_and_by_hand():
    # u = (-3, 2, 2) has the outputs -3, -1, -1, 1 and |u|² = 17; the longest (1, x) is (1, 1, 1), squared 3
    assert novikoff_bound(CORNERS, AND, [-3, 2, 2]) == pytest.approx(3 * 17)


@pytest.mark.parametrize("t", [AND, OR], ids=["and", "or"])
def test_mistakes_stay_within_the_tightest_bound(t):
    signed = np.column_stack([np.ones(4), CORNERS]) * t[:, None]
    widest = scipy.optimize.minimize(
        lambda u: u @ u / 2, np.ones(3), constraints={"type": "ineq", "fun": lambda u: signed @ u - 1}
    ).x
    history = train_perceptron(CORNERS, t)
    mistakes = len(history.samples)
    tightest = novikoff_bound(CORNERS, t, widest)
    assert tightest == pytest.approx(3 * (widest @ widest), rel=1e-4)
    assert mistakes <= tightest <= novikoff_bound(CORNERS, t, history.weights[-1]) * (1 + 1e-6)


def test_mistakes_on_random_separable_data_stay_within_the_bound():
    rng = np.random.default_rng(0)
    for _ in range(20):
        separator = rng.normal(size=5)
        x = rng.normal(size=(50, 4))
        t = np.where(separator[0] + x @ separator[1:] > 0, 1, -1)
        history = train_perceptron(x, t, max_epochs=100_000)
        assert history.converged
        assert len(history.samples) <= novikoff_bound(x, t, separator)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: train_perceptron(CORNERS, [0, 0, 0, 1]), "t"),
        (lambda: train_perceptron(CORNERS, [-1, 1]), "t"),
        (lambda: train_perceptron(CORNERS, AND, max_epochs=0), "max_epochs"),
        (lambda: perceptron_output(CORNERS, [1.0, 2.0]), "weights"),
        (lambda: novikoff_bound(CORNERS, XOR, [1.0, 1.0, 1.0]), "separator"),
        (lambda: novikoff_bound(CORNERS, AND, [1.0, 1.0]), "separator"),
    ],
)
def test_bad_perceptron_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: "):
        call()
