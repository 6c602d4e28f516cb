"""One way back through the discriminator gives what two would, and is left where it can't."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from pairs import LATENT, SHAPE, batches, conditional, dcgan, plain

from keras_course.gan import build_conditional_dcgan_discriminator, build_gan_discriminator
from keras_course.gan.model import step as step_module
from keras_course.gan.model.losses import LOSSES
from keras_course.gan.model.step import judges_apart, step_gradients
from keras_course.models import build_dcgan_discriminator


def gradients(gan, loss, **options):
    images, labels = (tf.constant(part[:6]) for part in batches())
    latents = tf.constant(np.random.default_rng(2).standard_normal((6, LATENT)), tf.float32)
    labels = tf.cast(labels, tf.int32) if gan.conditional else None
    mixture = tf.linspace(0.0, 1.0, 6) if LOSSES[loss].penalizes else None
    compute = tf.function(
        lambda: step_gradients(
            gan.generator, gan.discriminator, LOSSES[loss], 2 * images - 1, latents, labels, mixture=mixture, **options
        )
    )
    return compute()


def with_bias(gan, bias):
    """Makes the discriminator as sure as `bias` says."""
    gan.discriminator.get_layer("logits").bias.assign([bias])
    return gan


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("bias", [0.0, 3.0, -30.0, -150.0])
def test_one_way_back_gives_what_two_give(loss, bias, monkeypatch):
    gan = with_bias(plain(), bias)
    once = gradients(gan, loss)
    monkeypatch.setattr(step_module, "judges_apart", lambda net: False)
    twice = gradients(gan, loss)
    for ours, theirs in zip(once.generator + once.discriminator, twice.generator + twice.discriminator, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6 * np.abs(theirs).max())
    if loss == "non-saturating" and bias < 0:
        assert max(np.abs(gradient).max() for gradient in once.generator) > 1e-3, "it must not vanish"


def test_labels_go_the_same_way(monkeypatch):
    gan = conditional()
    gan.discriminator = build_conditional_dcgan_discriminator(SHAPE, 3, base_filters=2, batch_norm=False)
    assert judges_apart(gan.discriminator)
    once = gradients(gan, "non-saturating")
    monkeypatch.setattr(step_module, "judges_apart", lambda net: False)
    for ours, theirs in zip(once.generator, gradients(gan, "non-saturating").generator, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6 * np.abs(theirs).max())


def watched():
    inputs = keras.Input(SHAPE)
    layer = keras.layers.Dense(1, activity_regularizer="l2")
    return keras.Model(inputs, layer(keras.layers.Flatten()(inputs)))


@keras.saving.register_keras_serializable("tests")
class BatchMean(keras.layers.Dense):
    """A layer that no list of known ones has."""

    def call(self, inputs, training=None):
        return super().call(inputs - keras.ops.mean(inputs, axis=0))


def mixing():
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, BatchMean(1)(keras.layers.Flatten()(inputs)))


def centred():
    inputs = keras.Input(SHAPE)
    others = keras.ops.mean(inputs, axis=0, keepdims=True)
    return keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(inputs - others)))


@pytest.mark.parametrize(
    ("build", "apart"),
    [
        (lambda: build_gan_discriminator(SHAPE), True),
        (lambda: build_dcgan_discriminator(SHAPE, 2, batch_norm=False), True),
        (lambda: keras.Sequential([keras.Input(SHAPE), build_gan_discriminator(SHAPE)]), True),
        (lambda: build_dcgan_discriminator(SHAPE, 2), False),
        (watched, False),
        (mixing, False),
        (centred, False),
    ],
)
def test_only_known_layers_are_taken_to_judge_each_image_by_itself(build, apart):
    assert judges_apart(build()) is apart


def test_batch_norm_sees_real_and_generated_images_apart():
    """The moving mean of the discriminator's first batch norm is that of two passes, real images first."""
    gan = dcgan()
    layer = gan.discriminator.get_layer("stage2_conv1_bn")
    maps = keras.Model(gan.discriminator.input, layer.input)
    images = tf.constant(2 * batches()[0][:6] - 1)
    latents = tf.constant(np.random.default_rng(2).standard_normal((6, LATENT)), tf.float32)
    means = [np.mean(maps(x), axis=(0, 1, 2)) for x in (images, gan.generator(latents, training=True))]
    gradients(gan, "non-saturating")
    np.testing.assert_allclose(layer.moving_mean, 0.9 * 0.1 * means[0] + 0.1 * means[1], rtol=1e-3, atol=1e-7)
