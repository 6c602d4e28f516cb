"""The losses against their formulas in D, the penalty against finite differences."""

import numpy as np
import pytest
import scipy.optimize
import tensorflow as tf

from keras_course.adversarial import gradient_penalty
from keras_course.gan.model import losses

RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.normal(0, 3, (7, 1)), RANDOM.normal(0, 3, (7, 1))


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


D_REAL, D_FAKE = sigmoid(REAL), sigmoid(FAKE)
V = np.mean(np.log(D_REAL)) + np.mean(np.log(1 - D_FAKE))
S_REAL, S_FAKE = (1 + REAL) / 2, (1 + FAKE) / 2


@pytest.mark.parametrize(
    ("loss", "logits", "expected"),
    [
        (losses.value, (REAL, FAKE), V),
        (losses.cross_entropy_discriminator_loss, (REAL, FAKE), -V),
        (
            losses.cross_entropy_discriminator_loss,
            (REAL, FAKE, 0.1),
            -np.mean(0.9 * np.log(D_REAL) + 0.1 * np.log(1 - D_REAL)) - np.mean(np.log(1 - D_FAKE)),
        ),
        (losses.minimax_generator_loss, (FAKE,), np.mean(np.log(1 - D_FAKE))),
        (losses.non_saturating_generator_loss, (FAKE,), -np.mean(np.log(D_FAKE))),
        (losses.least_squares_discriminator_loss, (REAL, FAKE), np.mean((S_REAL - 1) ** 2 + S_FAKE**2) / 2),
        (losses.least_squares_discriminator_loss, (REAL, FAKE, 0.1), np.mean((S_REAL - 0.9) ** 2 + S_FAKE**2) / 2),
        (losses.least_squares_generator_loss, (FAKE,), np.mean((S_FAKE - 1) ** 2) / 2),
        (losses.wasserstein_discriminator_loss, (REAL, FAKE), FAKE.mean() - REAL.mean()),
        (losses.wasserstein_generator_loss, (FAKE,), -FAKE.mean()),
    ],
)
def test_loss_is_its_formula(loss, logits, expected):
    tensors = [tf.constant(x, tf.float32) if isinstance(x, np.ndarray) else x for x in logits]
    assert float(loss(*tensors)) == pytest.approx(expected, rel=1e-5)


def test_value_at_the_optimum_is_minus_two_log_two():
    assert float(losses.value(tf.zeros((4, 1)), tf.zeros((4, 1)))) == pytest.approx(-2 * np.log(2))


@pytest.mark.parametrize("name", losses.LOSSES)
def test_extreme_logits_stay_finite(name):
    huge = tf.constant([[1e4], [-1e4]])
    with tf.GradientTape() as tape:
        tape.watch(huge)
        total = losses.LOSSES[name].discriminator(huge, -huge, 0.0) + losses.LOSSES[name].generator(huge)
    assert np.isfinite(total) and np.isfinite(tape.gradient(total, huge)).all()


def test_minimax_gradient_vanishes_where_the_other_is_largest():
    """While D knows every generated image (D = 4.5e-5), the deck's loss moves by that much, the other by 1."""
    logits = tf.constant([[-10.0]])
    slopes = []
    for loss in (losses.minimax_generator_loss, losses.non_saturating_generator_loss):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            total = loss(logits)
        slopes.append(float(tape.gradient(total, logits)[0, 0]))
    np.testing.assert_allclose(slopes, [-sigmoid(-10.0), -sigmoid(10.0)], rtol=1e-5)


@pytest.mark.parametrize("name", ["non-saturating", "minimax", "least-squares"])
def test_the_best_discriminator_of_equal_images_says_one_half(name):
    """The slope of D's loss at l = 0 is 0 if real and generated images are the same."""
    logit = tf.constant([[0.0]])
    with tf.GradientTape() as tape:
        tape.watch(logit)
        total = losses.LOSSES[name].discriminator(logit, logit, 0.0)
    assert float(tape.gradient(total, logit)[0, 0]) == pytest.approx(0, abs=1e-7)


def test_gradient_penalty_equals_finite_differences():
    weights = RANDOM.normal(size=(6, 1))

    def critic(images, tanh=tf.tanh, cast=lambda x: tf.constant(x, tf.float32)):
        return tanh(tf.reshape(images, (-1, 6)) @ cast(weights)) * 3

    def critic_64(images):
        return np.tanh(images.reshape(-1, 6) @ weights) * 3

    real, fake, mixture = RANDOM.normal(size=(4, 2, 3, 1)), RANDOM.normal(size=(4, 2, 3, 1)), RANDOM.random(4)
    between = mixture[:, None, None, None] * real + (1 - mixture[:, None, None, None]) * fake
    steps = 1e-6 * np.eye(6).reshape(6, 1, 2, 3, 1)
    slopes = np.stack([(critic_64(between + h) - critic_64(between - h))[:, 0] / 2e-6 for h in steps], axis=1)
    expected = np.mean((np.linalg.norm(slopes, axis=1) - 1) ** 2)
    tensors = (tf.constant(x, tf.float32) for x in (real, fake, mixture))
    assert float(gradient_penalty(critic, *tensors)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", ["non-saturating", "minimax", "least-squares"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_optimum_is_where_the_loss_of_equal_images_is_least(name, smoothing):
    loss = losses.LOSSES[name]
    found = scipy.optimize.minimize_scalar(
        lambda logit: float(loss.discriminator(tf.fill((1, 1), logit), tf.fill((1, 1), logit), smoothing)),
        bounds=(-3, 3),
        method="bounded",
        options={"xatol": 1e-6},
    )
    assert loss.optimum(smoothing) == pytest.approx(sigmoid(found.x), abs=1e-3)
    assert losses.LOSSES["wasserstein-gp"].optimum(0.0) is None
