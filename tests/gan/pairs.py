"""Tiny GANs for the tests."""

import keras
import numpy as np

from keras_course.data import Examples, ImageData
from keras_course.gan import (
    GAN,
    build_conditional_dcgan_discriminator,
    build_conditional_dcgan_generator,
    build_gan_discriminator,
    build_gan_generator,
)
from keras_course.models import build_dcgan_discriminator, build_dcgan_generator

SHAPE, LATENT = (8, 8, 1), 5


def plain(*, seed=0, dropout=0.0, compiled=True, loss="non-saturating", **options):
    """A plain GAN with a hidden layer a side."""
    keras.utils.set_random_seed(seed)
    nets = (
        build_gan_generator(SHAPE, latent_dim=LATENT, hidden=(12,)),
        build_gan_discriminator(SHAPE, hidden=(12,), dropout=dropout),
    )
    return finished(nets, loss=loss if compiled else None, **options)


def dcgan(*, seed=0, **options):
    """A DCGAN of two filters, batch normalisation in both nets."""
    keras.utils.set_random_seed(seed)
    nets = build_dcgan_generator(SHAPE, LATENT, 2), build_dcgan_discriminator(SHAPE, 2)
    return finished(nets, **options)


def conditional(*, seed=0, classes=3, **options):
    """A conditional DCGAN of two filters."""
    keras.utils.set_random_seed(seed)
    nets = (
        build_conditional_dcgan_generator(SHAPE, classes, latent_dim=LATENT, base_filters=2),
        build_conditional_dcgan_discriminator(SHAPE, classes, base_filters=2),
    )
    return finished(nets, **options)


def finished(nets, *, adam=1e-3, loss="non-saturating", eager=False, **options):
    """Compiles the pair unless `loss` is None; `eager` saves the seconds of tracing where a few steps are made."""
    gan = GAN(*nets, **options)
    if loss is not None:
        gan.compile(keras.optimizers.Adam(adam), keras.optimizers.Adam(2 * adam), loss, run_eagerly=eager)
    return gan


def batches(steps=3, size=6, classes=3):
    """Images in [0, 1] and labels, two arrays."""
    random = np.random.default_rng(5)
    count = steps * size
    return random.random((count, *SHAPE), np.float32), random.integers(0, classes, count)


def image_data(count=20, classes=3):
    """A data set of random pixels."""
    random = np.random.default_rng(6)
    examples = Examples(random.integers(0, 256, (count, *SHAPE), np.uint8), np.arange(count) % classes)
    return ImageData("noise", tuple("abc"[:classes]), examples, None, examples, batch_size=8, seed=1)


def same(a, b):
    """Whether two models have the same weights, to the bit."""
    return all(np.array_equal(x, y) for x, y in zip(a.get_weights(), b.get_weights(), strict=True))
