"""The gradients of a step are those of two tapes, each of which runs the passes that it needs anew."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from pairs import LATENT, SHAPE, batches, conditional, dcgan, plain

from keras_course.adversarial import gradient_penalty
from keras_course.gan import build_conditional_dcgan_discriminator
from keras_course.gan.model.losses import LOSSES
from keras_course.gan.model.step import step_gradients

LATENTS = tf.constant(np.random.default_rng(2).standard_normal((6, LATENT)), tf.float32)
IMAGES, LABELS = (tf.constant(part[:6]) for part in batches())
MIXTURE = tf.linspace(0.0, 1.0, 6)


def sure(bias):
    """A plain pair whose discriminator is as sure as `bias` says."""
    gan = plain()
    gan.discriminator.get_layer("logits").bias.assign([bias])
    return gan


def conditional_critic():
    """A conditional pair whose discriminator has no batch normalisation."""
    gan = conditional()
    gan.discriminator = build_conditional_dcgan_discriminator(SHAPE, 3, base_filters=2, batch_norm=False)
    return gan


def step_of(gan, loss):
    return step_gradients(
        gan.generator,
        gan.discriminator,
        LOSSES[loss],
        real=2 * IMAGES - 1,
        latents=LATENTS,
        labels=tf.cast(LABELS, tf.int32) if gan.conditional else None,
        label_smoothing=0.1 if LOSSES[loss].smooths else 0.0,
        penalty=7.0,
        mixture=MIXTURE if LOSSES[loss].penalizes else None,
    )


CASES = [(build, loss) for build in (dcgan, conditional) for loss in LOSSES if not LOSSES[loss].penalizes]
CASES += [(build, "wasserstein-gp") for build in (plain, conditional_critic)]
CASES += [(lambda bias=bias: sure(bias), "non-saturating") for bias in (3.0, -30.0, -150.0)]


@pytest.mark.parametrize(("build", "loss"), CASES)
def test_gradients_equal_those_of_two_tapes(build, loss):
    gan, real = build(), 2 * IMAGES - 1
    labels = [tf.cast(LABELS, tf.int32)] if gan.conditional else []

    def judged(x):
        return gan.discriminator([x, *labels] if labels else x, training=True)

    def made():
        return gan.generator([LATENTS, *labels] if labels else LATENTS, training=True)

    with tf.GradientTape() as tape:
        generator_loss = LOSSES[loss].generator(judged(made()))
    for_generator = tape.gradient(generator_loss, gan.generator.trainable_variables)
    fake = made()  # outside the tape: nothing leads back to the generator
    with tf.GradientTape() as tape:
        smoothing = 0.1 if LOSSES[loss].smooths else 0.0
        discriminator_loss = LOSSES[loss].discriminator(judged(real), judged(fake), smoothing)
        if LOSSES[loss].penalizes:
            discriminator_loss += 7.0 * gradient_penalty(judged, real, fake, MIXTURE)
    for_discriminator = tape.gradient(discriminator_loss, gan.discriminator.trainable_variables)
    step = step_of(gan, loss)
    for got, want in zip(step.generator + step.discriminator, for_generator + for_discriminator, strict=True):
        want = tf.zeros_like(got) if want is None else tf.convert_to_tensor(want)  # a critic's last bias has none
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6 * np.abs(want).max())
    np.testing.assert_allclose(step.generator_loss, generator_loss, rtol=1e-5)
    np.testing.assert_allclose(step.discriminator_loss, discriminator_loss, rtol=1e-5)


@pytest.mark.parametrize("bias", [-30.0, -150.0])
def test_gradient_of_the_generator_does_not_vanish_under_a_sure_discriminator(bias):
    assert max(np.abs(gradient).max() for gradient in step_of(sure(bias), "non-saturating").generator) > 1e-3


def test_batch_norm_sees_real_and_generated_images_apart():
    """The moving mean of the discriminator's first batch norm is that of two passes, real images first."""
    gan = dcgan()
    layer = gan.discriminator.get_layer("stage2_conv1_bn")
    maps = keras.Model(gan.discriminator.input, layer.input)
    means = [np.mean(maps(x), axis=(0, 1, 2)) for x in (2 * IMAGES - 1, gan.generator(LATENTS, training=True))]
    step_of(gan, "non-saturating")
    np.testing.assert_allclose(layer.moving_mean, 0.9 * 0.1 * means[0] + 0.1 * means[1], rtol=1e-3, atol=1e-7)
