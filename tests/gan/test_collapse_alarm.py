"""CollapseAlarm names each of the four failures, and is silent without one."""

import logging

import keras
import numpy as np
import pytest
from pairs import SHAPE, batches, plain

from keras_course.adversarial import collapse_verdict
from keras_course.gan import CollapseAlarm
from keras_course.gan.training.collapse_signs import mean_spread

GOOD = {"d_real": 0.6, "d_fake": 0.4, "generator_loss": 1.0}
NOISE = np.random.default_rng(0).integers(0, 256, (100, *SHAPE), np.uint8)


class Pretender:
    """A GAN that makes given images."""

    def __init__(self, images=NOISE, weight=0.0):
        self.images = images
        self.generator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="only")], name="maker")
        self.generator.layers[0].bias.assign([weight])
        self.discriminator = self.generator
        self.stop_training = False

    def generate(self, count, seed):
        return self.images[:count]


def watch(alarm, gan, *epochs):
    """Shows the alarm the logs of some epochs."""
    alarm.set_model(gan)
    for epoch, logs in enumerate(epochs):
        alarm.on_epoch_end(epoch, logs)
    return alarm


def classes(ids):
    return lambda images: np.asarray(ids)[np.arange(len(images)) % len(ids)]


def test_a_sound_training_rings_nothing():
    alarm = watch(CollapseAlarm(real=NOISE, classify=classes([0, 1, 2])), Pretender(), *[dict(GOOD)] * 4)
    assert alarm.findings == [] and alarm.ringing == []
    assert collapse_verdict(alarm.findings, False).startswith("no collapse")


def test_lost_game_must_last(caplog):
    lost = {**GOOD, "d_real": 0.999, "d_fake": 0.001}
    logs = [dict(lost), dict(GOOD), dict(lost), dict(lost), dict(lost), dict(GOOD)]
    with caplog.at_level(logging.WARNING):
        alarm = watch(CollapseAlarm(real=NOISE), Pretender(), *logs)
    [finding] = alarm.findings
    assert (finding.epoch, finding.kind) == (3, "D(x) at 1")
    assert "0.9990 on real" in finding.message and "0.0010 on generated" in finding.message
    assert [row["collapse"] for row in logs] == [0, 0, 0, 1, 1, 0]
    assert caplog.text.count("D(x) at 1") == 1
    assert collapse_verdict(alarm.findings, False) == "recovered: D(x) at 1 from epoch 4, over at the end"
    assert collapse_verdict(alarm.findings, True) == "collapsed: D(x) at 1 from epoch 4"


@pytest.mark.parametrize(
    ("loss", "smoothing", "real", "fake", "rings"),
    [
        ("non-saturating", 0.1, 0.897, 0.002, True),  # the target of real images is 0.9
        ("non-saturating", 0.0, 0.897, 0.002, False),
        ("minimax", 0.1, 0.85, 0.002, False),
        ("least-squares", 0.0, 0.73, 0.27, True),  # σ(1) and σ(-1)
        ("least-squares", 0.0, 0.69, 0.27, False),
        ("wasserstein-gp", 0.0, 0.999, 0.001, False),  # a critic, whose σ(l) means nothing
    ],
)
def test_what_a_sure_discriminator_says_depends_on_the_loss(loss, smoothing, real, fake, rings):
    gan = Pretender()
    gan.loss_name, gan.label_smoothing = loss, smoothing
    alarm = watch(CollapseAlarm(patience=1), gan, {**GOOD, "d_real": real, "d_fake": fake})
    assert [finding.kind for finding in alarm.findings] == ["D(x) at 1"] * rings


def test_one_image_a_class_is_seen_though_classes_differ():
    gan = Pretender(np.where(np.arange(100)[:, None, None, None] % 2, NOISE, NOISE[:1]))
    assert watch(CollapseAlarm(real=NOISE, patience=1), gan, dict(GOOD)).findings == []
    gan.num_classes = 2
    [finding] = watch(CollapseAlarm(real=NOISE, patience=1), gan, dict(GOOD)).findings
    assert finding.kind == "one image"
    assert finding.message == "generated images of class '0' have 0 % of the spread of real ones: mode collapse"


@pytest.mark.parametrize("real", [NOISE, None])
def test_one_image(real):
    alike = np.clip(NOISE[:1] * np.ones((100, 1, 1, 1)) + np.random.default_rng(1).normal(0, 2, NOISE.shape), 0, 255)
    alarm = watch(CollapseAlarm(real=real, patience=1), Pretender(alike.astype(np.uint8)), dict(GOOD))
    assert [finding.kind for finding in alarm.findings] == ["one image"]


def test_one_class_is_named():
    alarm = CollapseAlarm(classify=classes([1] * 9 + [2]), class_names=("cat", "dog", "eel"), patience=1)
    [finding] = watch(alarm, Pretender(), dict(GOOD)).findings
    assert finding.kind == "one class"
    assert finding.message == "90 % of the generated images are of class 'dog'"


@pytest.mark.parametrize(
    ("weight", "logs", "what"),
    [(0.0, {**GOOD, "generator_loss": np.nan}, "`generator_loss`"), (np.inf, GOOD, "only/bias of maker")],
)
def test_nan_is_named_and_ends_the_training(weight, logs, what):
    gan = Pretender(weight=weight)
    [finding] = watch(CollapseAlarm(), gan, dict(logs)).findings
    assert finding.kind == "NaN" and what in finding.message
    assert gan.stop_training


def test_nan_ends_the_epoch_too():
    gan, alarm, steps = plain(), CollapseAlarm(count=4), []
    gan.compile(keras.optimizers.SGD(np.inf), keras.optimizers.SGD(np.inf), run_eagerly=True)
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))
    gan.fit(batches(8)[0], batch_size=6, epochs=3, verbose=0, callbacks=[alarm, count])
    assert [finding.kind for finding in alarm.findings] == ["NaN"]
    assert len(steps) < 8


def test_spread_is_the_distance_from_the_mean():
    images = NOISE.astype(np.float64)
    expected = np.sqrt(np.mean((images - images.mean(axis=0)) ** 2))
    assert mean_spread(NOISE) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    "options", [{"count": 1}, {"seed": -1}, {"patience": 0}, {"certainty": 0.5}, {"spread": 0}, {"share": 1}]
)
def test_bad_arguments_are_named(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must be"):
        CollapseAlarm(**options)
