"""The gradients of a step are those of two tapes, each of which runs the passes that it needs anew."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from pairs import LATENT, batches, conditional, dcgan

from keras_course.gan.model.losses import LOSSES
from keras_course.gan.model.step import step_gradients

LATENTS = np.random.default_rng(2).standard_normal((6, LATENT)).astype(np.float32)


def gradients(gan, loss):
    images, labels = (tf.constant(part[:6]) for part in batches())
    compute = tf.function(
        lambda: step_gradients(
            gan.generator,
            gan.discriminator,
            LOSSES[loss],
            real=2 * images - 1,
            latents=tf.constant(LATENTS),
            labels=tf.cast(labels, tf.int32) if gan.conditional else None,
            mixture=tf.linspace(0.0, 1.0, 6) if LOSSES[loss].penalizes else None,
        )
    )
    return compute()


@pytest.mark.parametrize("loss", [name for name in LOSSES if not LOSSES[name].penalizes])
@pytest.mark.parametrize("build", [dcgan, conditional])
def test_gradients_equal_those_of_two_tapes(build, loss):
    gan = build()
    images, labels = (tf.constant(part[:6]) for part in batches())
    labels = [tf.cast(labels, tf.int32)] if gan.conditional else []

    def judged(x):
        return gan.discriminator([x, *labels] if labels else x, training=True)

    def made():
        return gan.generator([LATENTS, *labels] if labels else LATENTS, training=True)

    with tf.GradientTape() as tape:
        generator_loss = LOSSES[loss].generator(judged(made()))
    for_generator = tape.gradient(generator_loss, gan.generator.trainable_variables)
    with tf.GradientTape() as tape:
        discriminator_loss = LOSSES[loss].discriminator(judged(2 * images - 1), judged(tf.stop_gradient(made())), 0.0)
    for_discriminator = tape.gradient(discriminator_loss, gan.discriminator.trainable_variables)
    step = gradients(gan, loss)
    for got, want in zip(step.generator + step.discriminator, for_generator + for_discriminator, strict=True):
        want = tf.convert_to_tensor(want)
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6 * np.abs(want).max())
    np.testing.assert_allclose(step.discriminator_loss, discriminator_loss, rtol=1e-5)


def test_batch_norm_sees_real_and_generated_images_apart():
    """The moving mean of the discriminator's first batch norm is that of two passes, real images first."""
    gan = dcgan()
    layer = gan.discriminator.get_layer("stage2_conv1_bn")
    maps = keras.Model(gan.discriminator.input, layer.input)
    images = tf.constant(2 * batches()[0][:6] - 1)
    latents = tf.constant(LATENTS)
    means = [np.mean(maps(x), axis=(0, 1, 2)) for x in (images, gan.generator(latents, training=True))]
    gradients(gan, "non-saturating")
    np.testing.assert_allclose(layer.moving_mean, 0.9 * 0.1 * means[0] + 0.1 * means[1], rtol=1e-3, atol=1e-7)
