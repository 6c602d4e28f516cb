"""The nets of the plain GAN and of the conditional DCGAN: counts by hand, shapes, what a label changes."""

import keras
import numpy as np
import pytest

from keras_course.gan import (
    build_conditional_dcgan_discriminator,
    build_conditional_dcgan_generator,
    build_gan_discriminator,
    build_gan_generator,
)


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_counts_of_the_plain_gan():
    # 100-256-512 without bias, scale and shift of each unit, 512-784 with bias
    generator = 100 * 256 + 256 * 512 + 2 * (256 + 512) + 512 * 784 + 784
    assert trainable(build_gan_generator((28, 28, 1))) == generator
    assert trainable(build_gan_generator((28, 28, 1), batch_norm=False)) == generator - (256 + 512)
    discriminator = 784 * 512 + 512 + 512 * 256 + 256 + 256 + 1
    assert trainable(build_gan_discriminator((28, 28, 1))) == discriminator


def test_counts_of_the_conditional_dcgan():
    # as the DCGAN's of 28x28x1 in test_dcgan, with a first map for each class
    generator = 100 * 6_272 + 16 * (128 * 64 + 64) + 2 * (128 + 64) + 10 * 6_272
    assert trainable(build_conditional_dcgan_generator((28, 28, 1), 10)) == generator
    discriminator = 16 * (64 + 64 * 128) + 2 * 128 + 6_272 + 10 * 6_272
    assert trainable(build_conditional_dcgan_discriminator((28, 28, 1), 10)) == discriminator
    assert trainable(build_conditional_dcgan_discriminator((28, 28, 1), 10, batch_norm=False)) == discriminator - 256


def test_images_in_and_out():
    latents = 50 * np.random.default_rng(0).standard_normal((5, 7), np.float32)
    images = build_gan_generator((8, 6, 3), latent_dim=7, hidden=(9,))(latents)
    assert images.shape == (5, 8, 6, 3)
    assert keras.ops.max(keras.ops.abs(images)) <= 1
    assert build_gan_discriminator((8, 6, 3), hidden=(9,))(images).shape == (5, 1)


def test_no_hidden_layer_is_a_linear_pair():
    assert trainable(build_gan_generator((2, 2, 1), latent_dim=3, hidden=())) == 3 * 4 + 4
    assert trainable(build_gan_discriminator((2, 2, 1), hidden=())) == 4 + 1


def test_label_changes_the_image_and_the_logit():
    generator = build_conditional_dcgan_generator((8, 8, 1), 3, latent_dim=4, base_filters=2)
    discriminator = build_conditional_dcgan_discriminator((8, 8, 1), 3, base_filters=2)
    latents, labels = np.ones((3, 4), np.float32), np.arange(3, dtype=np.int32)
    images = keras.ops.convert_to_numpy(generator([latents, labels]))
    assert images.shape == (3, 8, 8, 1)
    assert not np.allclose(images[0], images[1])
    logits = keras.ops.convert_to_numpy(discriminator([images[[0, 0, 0]], labels]))
    assert logits.shape == (3, 1) and len(np.unique(logits)) == 3


def test_class_adds_its_map_to_that_of_the_latents():
    generator = build_conditional_dcgan_generator((8, 8, 1), 3, latent_dim=4, base_filters=2)
    tapped = [generator.get_layer(name).output for name in ("stage1_bn", "stage1_and_label")]
    latents = np.random.default_rng(0).standard_normal((2, 4), np.float32)
    of_latents, total = keras.Model(generator.inputs, tapped)([latents, np.array([2, 0])])
    maps = generator.get_layer("label_embedding").embeddings.numpy()[[2, 0]]
    np.testing.assert_allclose(total - of_latents, maps.reshape(2, 2, 2, 4), atol=1e-6)


def test_logit_of_a_class_is_the_features_times_its_own_weights():
    discriminator = build_conditional_dcgan_discriminator((8, 8, 1), 3, base_filters=2)
    image = np.random.default_rng(0).random((1, 8, 8, 1), np.float32)
    features = keras.Model(discriminator.inputs[0], discriminator.get_layer("flatten").output)(image)
    shared = discriminator.get_layer("logits").kernel.numpy()[:, 0]
    own = discriminator.get_layer("label_embedding").embeddings.numpy()[1]
    logit = discriminator([image, np.array([1])])
    expected = features.numpy()[0] @ (shared + own)
    np.testing.assert_allclose(logit[0, 0], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: build_gan_generator((8, 8)), "`image_shape` must be"),
        (lambda: build_gan_generator((8, 8, 1), latent_dim=0), "`latent_dim`"),
        (lambda: build_gan_generator((8, 8, 1), hidden=(3, 0)), "`hidden`"),
        (lambda: build_gan_discriminator((8, 8, 1), dropout=1), "`dropout`"),
        (lambda: build_gan_discriminator((8, 8, 1), hidden="9"), "`hidden`"),
        (lambda: build_conditional_dcgan_generator((9, 9, 1), 3), "`image_shape` must be"),
        (lambda: build_conditional_dcgan_generator((8, 8, 1), 1), "`num_classes`"),
        (lambda: build_conditional_dcgan_discriminator((8, 8, 1), 3, base_filters=0), "`base_filters`"),
    ],
)
def test_bad_arguments_are_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()
