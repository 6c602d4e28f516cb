"""The decay laws against Keras's own schedules and their closed forms."""

import keras
import numpy as np
import pytest

from keras_course.numerics.schedules import (
    exponential_decay,
    exponential_rise,
    inverse_time_decay,
    one_cycle,
    step_decay,
    warmup_cosine,
)

EPOCHS = np.arange(40)


def sampled(schedule):
    return np.array([float(schedule(int(epoch))) for epoch in EPOCHS])


def test_step_decay_equals_staircase_of_keras():
    expected = sampled(keras.optimizers.schedules.ExponentialDecay(0.3, decay_steps=7, decay_rate=0.4, staircase=True))
    np.testing.assert_allclose(step_decay(EPOCHS, 0.3, drop=0.4, every=7), expected, rtol=1e-5)


def test_step_decay_halves_every_five_epochs_by_default():
    np.testing.assert_allclose(step_decay([0, 4, 5, 9, 10], 1.0), [1, 1, 0.5, 0.5, 0.25])


def test_exponential_decay_equals_keras():
    expected = sampled(keras.optimizers.schedules.ExponentialDecay(0.3, decay_steps=1, decay_rate=np.exp(-0.23)))
    np.testing.assert_allclose(exponential_decay(EPOCHS, 0.3, 0.23), expected, rtol=1e-5)


def test_inverse_time_decay_equals_keras():
    expected = sampled(keras.optimizers.schedules.InverseTimeDecay(0.3, decay_steps=1, decay_rate=0.9))
    np.testing.assert_allclose(inverse_time_decay(EPOCHS, 0.3, 0.9), expected, rtol=1e-5)


def test_warmup_cosine_equals_keras():
    schedule = keras.optimizers.schedules.CosineDecay(
        0.3 / 25, decay_steps=20, alpha=0.05, warmup_target=0.3, warmup_steps=7
    )
    np.testing.assert_allclose(
        warmup_cosine(EPOCHS, 0.3, epochs=27, warmup=7, final=0.05), sampled(schedule), rtol=1e-5
    )


@pytest.mark.parametrize(("rise", "final"), [(0.45, 1e-4), (0.3, 0.5), (0.5, 0.01)])
def test_one_cycle_is_three_lines_of_keras(rise, final):
    turns, low = np.array([rise, 2 * rise, 1]) * 40, 0.3 / 25
    line = keras.optimizers.schedules.PolynomialDecay  # of power 1
    expected = []
    for t in range(41):
        if t <= turns[0]:
            expected.append(float(line(low, turns[0], 0.3)(t)))
        elif t <= turns[1]:
            expected.append(float(line(0.3, turns[1] - turns[0], low)(t - turns[0])))
        else:
            expected.append(float(line(low, turns[2] - turns[1], final * low)(t - turns[1])))
    found = one_cycle(np.arange(41), 0.3, epochs=40, rise=rise, final=final)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert one_cycle(50, 0.3, epochs=40, rise=rise, final=final) == pytest.approx(expected[-1])


def test_exponential_rise_multiplies_by_the_same_factor():
    rates = exponential_rise(np.arange(5) / 4, 1e-4, 1.0)
    np.testing.assert_allclose(rates, np.geomspace(1e-4, 1.0, 5))
    assert exponential_rise(7, 1e-4, 1.0, epochs=3) == pytest.approx(1.0)


@pytest.mark.parametrize("law", [exponential_decay, inverse_time_decay])
def test_rate_zero_keeps_the_rate(law):
    np.testing.assert_array_equal(law(EPOCHS, 0.1, 0.0), np.full(EPOCHS.shape, 0.1))


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: step_decay(-1, 0.1), "epoch"),
        (lambda: step_decay("a", 0.1), "epoch"),
        (lambda: inverse_time_decay([[1], [1, 2]], 0.1, 0.1), "epoch"),
        (lambda: step_decay(0, 0.0), "initial_rate"),
        (lambda: step_decay(0, "0.1"), "initial_rate"),
        (lambda: step_decay(0, 0.1, drop=0), "drop"),
        (lambda: step_decay(0, 0.1, drop=1.5), "drop"),
        (lambda: step_decay(0, 0.1, every=0), "every"),
        (lambda: exponential_decay(0, 0.1, -0.1), "decay_rate"),
        (lambda: exponential_decay(0, float("nan"), 0.1), "initial_rate"),
        (lambda: inverse_time_decay(0, 0.1, float("inf")), "decay_rate"),
        (lambda: inverse_time_decay(np.nan, 0.1, 0.1), "epoch"),
        (lambda: warmup_cosine(0, 0.1, epochs=0), "epochs"),
        (lambda: warmup_cosine(0, 0.1, epochs=2, warmup=2), "warmup"),
        (lambda: warmup_cosine(0, 0.1, epochs=2, final=1.5), "final"),
        (lambda: one_cycle(0, 0.1, epochs=0), "epochs"),
        (lambda: one_cycle(0, 0.1, epochs=2, rise=0.6), "rise"),
        (lambda: one_cycle(0, 0.1, epochs=2, final=-0.1), "final"),
        (lambda: exponential_rise(0, 0.1, highest=0.1), "highest"),
        (lambda: exponential_rise(0, 0.1, highest=1.0, epochs=0), "epochs"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}"):
        call()
