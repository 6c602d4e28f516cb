"""The decay callbacks in `fit`, resumed, and on optimizers they must refuse."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.callbacks import (
    DECAY_LAWS,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateDecay,
    LearningRateRangeTest,
    OneCycle,
    StepDecay,
    WarmupCosine,
    anchored,
    decay_over,
    law_by_step,
)


def tiny(optimizer):
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1, name="out")(inputs))
    model.compile(optimizer, "mse")
    return model


def rates(model, decay, **options):
    history = model.fit(np.ones((4, 2)), np.ones((4, 1)), callbacks=[decay], verbose=0, **options)
    return history.history["learning_rate"]


@pytest.mark.parametrize(
    ("decay", "law"),
    [
        (StepDecay(0.4, drop=0.5, every=2), [0.4, 0.4, 0.2, 0.2, 0.1]),
        (ExponentialDecay(0.4, decay_rate=0.3), 0.4 * np.exp(-0.3 * np.arange(5))),
        (InverseTimeDecay(0.4, decay_rate=0.3), 0.4 / (1 + 0.3 * np.arange(5))),
    ],
    ids=["step", "exponential", "inverse-time"],
)
def test_rate_follows_the_law_and_resumes(decay, law):
    np.testing.assert_allclose(rates(tiny("sgd"), decay, epochs=5), law, rtol=1e-6)
    np.testing.assert_allclose(rates(tiny("sgd"), decay, initial_epoch=3, epochs=5), law[3:], rtol=1e-6)


def test_initial_rate_comes_from_the_optimizer_and_is_kept_for_it():
    decay = ExponentialDecay(decay_rate=1.0)
    model = tiny(keras.optimizers.SGD(0.25))
    whole = 0.25 * np.exp(-np.arange(4.0))
    np.testing.assert_allclose(rates(model, decay, epochs=2), whole[:2], rtol=1e-6)
    np.testing.assert_allclose(rates(model, decay, initial_epoch=2, epochs=4), whole[2:], rtol=1e-6)
    np.testing.assert_allclose(rates(tiny(keras.optimizers.SGD(0.5)), decay, epochs=1), [0.5], rtol=1e-6)


def test_loss_scale_optimizer_decays_too():
    model = tiny(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.2)))
    np.testing.assert_allclose(rates(model, StepDecay(every=1), epochs=3), [0.2, 0.1, 0.05], rtol=1e-6)


class RatesOfSteps(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))


def test_a_cosine_by_steps_is_the_schedule_of_keras_and_resumes():
    # three epochs of four steps, a warm-up of one epoch
    schedule = keras.optimizers.schedules.CosineDecay(
        0.5 / 25, decay_steps=8, alpha=0.1, warmup_target=0.5, warmup_steps=4
    )
    expected = [float(schedule(step)) for step in range(12)]
    steps = RatesOfSteps()
    data = {"x": np.ones((4, 2)), "y": np.ones((4, 1)), "batch_size": 1, "verbose": 0, "epochs": 3}
    decay = WarmupCosine(0.5, epochs=3, warmup=1, final=0.1)
    model = tiny("sgd")
    history = model.fit(**data, callbacks=[decay, steps]).history
    np.testing.assert_allclose(steps.rates, expected, rtol=1e-5)
    np.testing.assert_allclose(history["learning_rate"], expected[3::4], rtol=1e-5)
    tiny("sgd").fit(**data, initial_epoch=2, callbacks=[decay, steps])
    np.testing.assert_allclose(steps.rates, expected[8:], rtol=1e-5)


def test_one_cycle_by_steps_resumes_and_by_epochs_stays():
    steps = RatesOfSteps()
    data = {"x": np.ones((4, 2)), "y": np.ones((4, 1)), "batch_size": 1, "verbose": 0, "epochs": 3}
    expected = np.interp(np.arange(12) / 12, [0, 0.45, 0.9, 1], [0.02, 0.5, 0.02, 2e-6])
    tiny("sgd").fit(**data, callbacks=[OneCycle(0.5, epochs=3), steps])
    np.testing.assert_allclose(steps.rates, expected, rtol=1e-5)
    tiny("sgd").fit(**data, initial_epoch=1, callbacks=[OneCycle(0.5, epochs=3), steps])
    np.testing.assert_allclose(steps.rates, expected[4:], rtol=1e-5)
    tiny("sgd").fit(**data, callbacks=[OneCycle(0.5, epochs=3, per="epoch"), steps])
    np.testing.assert_allclose(steps.rates, np.repeat(expected[::4], 4), rtol=1e-5)


def test_only_a_rate_that_changes_by_steps_has_a_law_to_draw():
    for decay in (OneCycle(0.5, epochs=3, rise=0.25), WarmupCosine(0.5, epochs=3, final=0.1)):
        law = law_by_step({"law": type(decay).__name__, **decay.get_config()})
        assert [law(t) for t in (0, 0.3, 2.9)] == [decay.rate(t) for t in (0, 0.3, 2.9)]
    for decay in (StepDecay(0.5), WarmupCosine(0.5, epochs=3, per="epoch")):
        assert law_by_step({"law": type(decay).__name__, **decay.get_config()}) is None
    assert law_by_step({"law": "MyDecay", "end": 4}) is None
    assert law_by_step(None) is None


def test_a_cosine_by_epochs_keeps_the_rate_within_one():
    steps = RatesOfSteps()
    decay = WarmupCosine(0.5, epochs=2, per="epoch")
    tiny("sgd").fit(np.ones((2, 2)), np.ones((2, 1)), batch_size=1, epochs=2, verbose=0, callbacks=[decay, steps])
    np.testing.assert_allclose(steps.rates, [0.5, 0.5, 0.25, 0.25], rtol=1e-6)


def test_a_decay_by_steps_must_know_how_many_an_epoch_has():
    batches = tf.data.Dataset.from_generator(
        lambda: iter([(np.ones((1, 2)), np.ones((1, 1)))]),
        output_signature=(tf.TensorSpec((1, 2)), tf.TensorSpec((1, 1))),
    )
    with pytest.raises(ValueError, match="unknown length.*steps_per_epoch"):
        tiny("sgd").fit(batches, epochs=1, shuffle=False, verbose=0, callbacks=[WarmupCosine(0.1, epochs=1)])


def test_schedule_object_is_refused():
    model = tiny(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)))
    with pytest.raises(ValueError, match="StepDecay sets `learning_rate`.*SGD with a learning-rate schedule"):
        rates(model, StepDecay(0.1), epochs=1)


@pytest.mark.parametrize("law", DECAY_LAWS)
def test_decay_over_ends_where_it_says(law):
    decay = decay_over(law, 20, 0.8)
    highest = {"cosine": 1, "one-cycle": 9}.get(law, 0)  # a cosine has a warm-up of a twentieth before it
    assert decay.rate(highest) == pytest.approx(0.8)
    factor = {"step": 16, "one-cycle": 25 * 20}.get(law, 20)
    assert decay.rate(19 if law == "step" else 20) == pytest.approx(0.8 / factor)


def halvings(epochs):
    """Counts by whole numbers how often the rate of each epoch is halved: four times in five stretches."""
    return [5 * t // epochs if epochs > 5 else 4 * t // max(epochs - 1, 1) for t in range(epochs)]


@pytest.mark.parametrize("epochs", [*range(1, 34), 97, 100, 1001])
def test_a_step_decay_has_halved_four_times_in_the_last_epoch_of_any_training(epochs):
    decay = decay_over("step", epochs, 0.8)
    rates_by_hand = [0.8 / 2**n for n in halvings(epochs)]
    assert [decay.rate(t) for t in range(epochs)] == rates_by_hand
    assert rates_by_hand[-1] == (0.8 / 16 if epochs > 1 else 0.8)


@pytest.mark.parametrize("law", ["exponential", "inverse-time", "cosine"])
def test_decay_over_divides_the_rate_by_the_factor(law):
    assert decay_over(law, 5, 0.8, factor=64).rate(5) == pytest.approx(0.8 / 64)


def test_config_makes_an_equal_callback():
    decay = StepDecay(0.3, drop=0.2, every=3)
    assert [StepDecay(**decay.get_config()).rate(epoch) for epoch in range(9)] == [decay.rate(e) for e in range(9)]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: StepDecay(0.0), "initial_rate"),
        (lambda: StepDecay("fast"), "initial_rate"),
        (lambda: StepDecay(0.1, drop=1.5), "drop"),
        (lambda: StepDecay(0.1, every=0), "every"),
        (lambda: StepDecay(0.1, every="few"), "every"),
        (lambda: ExponentialDecay(0.1, decay_rate=-1), "decay_rate"),
        (lambda: InverseTimeDecay(-0.1, decay_rate=1), "initial_rate"),
        (lambda: InverseTimeDecay(0.1, decay_rate=None), "decay_rate"),
        (lambda: decay_over("linear", 10), "law"),
        (lambda: WarmupCosine(0.1, epochs=0), "epochs"),
        (lambda: WarmupCosine(0.1, epochs=2, warmup=2), "warmup"),
        (lambda: WarmupCosine(0.1, epochs=2, final=1.5), "final"),
        (lambda: WarmupCosine(0.1, epochs=2, per="batch"), "per"),
        (lambda: OneCycle(0.1, epochs=2, rise=0), "rise"),
        (lambda: OneCycle(0.1, epochs=2, per="batch"), "per"),
        (lambda: decay_over("step", 0), "epochs"),
        (lambda: decay_over("exponential", 5, factor=0.5), "factor"),
        (lambda: StepDecay(0.1).rate(-1), "epoch"),
    ],
)
def test_bad_arguments_are_named(make, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        make()


def test_rate_is_unknown_before_fit():
    with pytest.raises(ValueError, match="`initial_rate` is None"):
        StepDecay().rate(0)


def test_two_decays_in_one_fit_are_refused():
    model = tiny("sgd")
    decays = [StepDecay(0.4, every=2), ExponentialDecay(decay_rate=0.5)]
    names = (
        r"StepDecay\(initial_rate=0.4, drop=0.5, every=2\) and ExponentialDecay\(initial_rate=None, decay_rate=0.5\)"
    )
    for order in (1, -1):
        with pytest.raises(ValueError, match="one learning-rate decay per `fit`") as error:
            model.fit(np.ones((4, 2)), np.ones((4, 1)), callbacks=decays[::order], verbose=0)
        if order == 1:
            error.match(names)
    kept = keras.callbacks.History()
    for decay in decays:  # one after the other they may, even with a History that outlives its `fit`
        model.fit(np.ones((4, 2)), np.ones((4, 1)), callbacks=[kept, decay], verbose=0)


def test_decay_of_ones_own():
    class Linear(LearningRateDecay):
        def law(self, epoch, initial_rate, end):
            return initial_rate * (1 - epoch / end)

    decay = anchored(Linear(end=4), [keras.optimizers.SGD(0.2)])
    np.testing.assert_allclose(rates(tiny("sgd"), decay, epochs=3), [0.2, 0.15, 0.1], rtol=1e-6)


def test_anchored_takes_the_rate_of_the_first_optimizer_without_the_noise_of_float32():
    decay = InverseTimeDecay(decay_rate=0.5)
    known = anchored(decay, [keras.optimizers.Adam(0.001), keras.optimizers.Adam(0.7)])
    assert known.get_config() == {"initial_rate": 0.001, "decay_rate": 0.5}
    assert decay.initial_rate is None
    assert anchored(StepDecay(0.3), [keras.optimizers.SGD(0.1)]).initial_rate == 0.3
    assert anchored(StepDecay(0.3), [keras.optimizers.SGD(0.1)], 0.3).initial_rate == 0.3
    assert anchored(None, [keras.optimizers.SGD(0.1)], 0.3) is None


def test_anchored_refuses_what_cannot_be_known():
    plain, scheduled = (
        keras.optimizers.SGD(rate) for rate in (0.1, keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9))
    )
    with pytest.raises(
        ValueError, match="`decay` must be a decay of keras_course.callbacks or None. Received: decay=0.5"
    ):
        anchored(0.5, [plain])
    with pytest.raises(ValueError, match="`decay` must be a decay"):
        anchored(LearningRateRangeTest(), [plain])
    with pytest.raises(ValueError, match="`decay` needs a number as learning rate.*schedule object"):
        anchored(StepDecay(0.1), [plain, scheduled])
    with pytest.raises(ValueError, match="`learning_rate` must be the decay's initial_rate or None.*learning_rate=0.2"):
        anchored(StepDecay(0.1), [plain], 0.2)
