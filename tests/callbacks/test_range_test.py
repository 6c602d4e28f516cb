"""The learning-rate range test in `fit`: what it records, when it ends, and that nothing is left of it."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from keras_course.callbacks import LearningRateRangeTest, StepDecay
from keras_course.numerics.range_test import smoothed_losses, suggested_rate


def line(optimizer, **options):
    """A model w x + b, at first 0, with something random and something that moves in it."""
    inputs = keras.Input((1,))
    x = keras.layers.Dropout(0.0, seed=1)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, kernel_initializer="zeros", name="out")(x))
    model.compile(optimizer, "mse", **options)
    return model


X = np.random.default_rng(0).permutation(np.linspace(-1, 1, 60)).reshape(60, 1)


def run(model, test, **options):
    return model.fit(X, 3 * X + 1, batch_size=2, shuffle=False, verbose=0, callbacks=[test], **options)


def test_records_the_loss_of_each_batch_by_itself_at_rates_of_one_factor():
    test = LearningRateRangeTest(1e-9, highest=1e-8)  # so low that the weights stay 0
    run(line("sgd"), test)
    alone = ((3 * X + 1) ** 2).reshape(30, 2).mean(axis=1)
    assert_allclose(test.table["loss"], alone, rtol=1e-5)
    assert_allclose(test.table["learning_rate"], 1e-9 * 10 ** (np.arange(30) / 30), rtol=1e-6)
    assert_allclose(test.table["smoothed_loss"], smoothed_losses(test.table["loss"]))
    assert list(test.table.columns) == ["learning_rate", "loss", "smoothed_loss"]


def test_smoothed_losses_are_pandas_exponential_mean():
    import pandas as pd

    losses = np.random.default_rng(0).normal(size=50)
    assert_allclose(smoothed_losses(losses, 0.8), pd.Series(losses).ewm(alpha=0.2).mean())


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_ends_where_it_diverges_and_leaves_all_as_it_was(optimizer):
    model = line(optimizer)
    model.fit(X, X, epochs=1, verbose=0)  # so that the optimizer has a state
    before = [np.array(one) for one in (*model.variables, *model.optimizer.variables)]
    test = LearningRateRangeTest(1e-4, highest=1e4, epochs=4)
    run(model, test, epochs=4)
    assert 30 < len(test.table) < 120
    for was, now in zip(before, (*model.variables, *model.optimizer.variables), strict=True):
        np.testing.assert_array_equal(was, np.array(now))


def test_a_loss_that_is_no_number_ends_the_test():
    model = line(keras.optimizers.SGD(0.1))
    test = LearningRateRangeTest(1.0, highest=1e30)
    run(model, test)
    assert len(test.table) < 30
    assert np.isfinite(model.get_weights()[0]).all()
    assert 0.1 <= test.suggested_rate() < 1


def test_the_suggestion_is_a_tenth_of_the_best_rate_of_a_parabola():
    """Full batches: a step multiplies the error by 1 - 2 λ E[x²]: 0 at λ = 1 / 2E[x²], growing from twice that on.

    The loss that a rate is noted with is that before its step, so the last rate before the growth may be one too high.
    """
    model = line("sgd")
    test = LearningRateRangeTest(1e-3, highest=100.0, epochs=100, smoothing=0.0)
    model.fit(X, 3 * X, batch_size=60, epochs=100, verbose=0, callbacks=[test])
    assert 0.95 * 0.1 / (2 * np.mean(X**2)) <= test.suggested_rate() <= 1.13 * 0.1 / np.mean(X**2)


def test_its_curve_has_the_suggestion_in_it():
    test = LearningRateRangeTest(1e-3, highest=100.0)
    run(line("sgd"), test)
    lines = {one.get_label(): one for one in test.plot().axes[0].lines}
    assert lines["moving average"].get_xdata().tolist() == test.table["learning_rate"].tolist()
    assert lines[f"suggested rate: {test.suggested_rate():.2g}"].get_xdata()[0] == test.suggested_rate()


def test_it_starts_anew_and_its_config_makes_an_equal_one():
    test = LearningRateRangeTest(1e-4, highest=1e-3, smoothing=0.5)
    for _ in range(2):
        run(line("sgd"), test)
        assert len(test.table) == 30
    assert LearningRateRangeTest(**test.get_config()).get_config() == test.get_config()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: LearningRateRangeTest(0), "initial_rate"),
        (lambda: LearningRateRangeTest(1.0, highest=0.5), "highest"),
        (lambda: LearningRateRangeTest(epochs=0), "epochs"),
        (lambda: LearningRateRangeTest(smoothing=1.0), "smoothing"),
        (lambda: smoothed_losses([1.0], 1.0), "smoothing"),
        (lambda: suggested_rate([0.1, 0.2], [1.0]), "rates"),
        (lambda: suggested_rate([0.0], [1.0]), "rates"),
        (lambda: suggested_rate([0.1], [np.nan]), "losses"),
    ],
)
def test_bad_arguments_of_a_range_test_are_named(make, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}"):
        make()


def test_what_it_cannot_do_is_said():
    with pytest.raises(ValueError, match="nothing has been recorded"):
        LearningRateRangeTest().suggested_rate()
    with pytest.raises(ValueError, match="one learning-rate decay per `fit`"):
        line("sgd").fit(X, X, verbose=0, callbacks=[LearningRateRangeTest(), StepDecay(0.1)])
    falling = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))
    with pytest.raises(ValueError, match="LearningRateRangeTest sets `learning_rate`"):
        run(line(falling), LearningRateRangeTest())
