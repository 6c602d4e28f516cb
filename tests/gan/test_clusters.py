"""Clusters in the place of classes: how images are sorted, how latents draw them, what the GAN makes of them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from pairs import LATENT, SHAPE, batches, finished, image_data, same
from scipy.spatial.distance import cdist
from scipy.stats import norm

from keras_course.adversarial import Computing
from keras_course.gan import (
    ImageClusters,
    build_clustered_dcgan_generator,
    build_conditional_dcgan_discriminator,
    train_gan,
)
from keras_course.gan.model.clusters import clusters_of
from keras_course.gan.model.losses import LOSSES
from keras_course.gan.model.step import step_gradients

SIZES = (50, 30, 20)


@pytest.fixture
def images():
    """Three heaps of grey pictures, the largest the brightest."""
    random = np.random.default_rng(3)
    levels = np.repeat([200, 120, 30], SIZES)[:, None, None, None]
    return np.clip(levels + random.normal(0, 5, (100, *SHAPE)), 0, 255).astype(np.uint8)


def adapted(images, count=3):
    clusters = ImageClusters(count, SHAPE)
    clusters.adapt(images)
    return clusters


def clustered(*, eager=True, **options):
    keras.utils.set_random_seed(0)
    generator = build_clustered_dcgan_generator(SHAPE, 3, latent_dim=LATENT, base_filters=2)
    nets = generator, build_conditional_dcgan_discriminator(SHAPE, 3, base_filters=2)
    return finished(nets, eager=eager, **options)


def test_heaps_are_found_the_largest_first(images):
    found = np.asarray(adapted(images).nearest(images / 127.5 - 1))
    np.testing.assert_array_equal(found, np.repeat([0, 1, 2], SIZES))


def test_of_too_many_images_evenly_spaced_ones_are_sorted(images, monkeypatch):
    whole = adapted(images[::2]).centres.numpy()
    monkeypatch.setattr("keras_course.gan.model.clusters.MOST_VALUES", images.size // 2)
    np.testing.assert_array_equal(adapted(images).centres, whole)


def test_nearest_is_by_euclidean_distance(images):
    clusters = adapted(images, count=7)
    noise = np.random.default_rng(0).uniform(-1, 1, (40, *SHAPE)).astype(np.float32)
    expected = cdist(noise.reshape(40, -1), clusters.centres.numpy()).argmin(axis=1)
    np.testing.assert_array_equal(clusters.nearest(noise), expected)


def test_latents_draw_clusters_as_frequent_as_the_images(images):
    clusters = adapted(images)
    shares = np.diff([0, *norm.cdf(clusters.bounds.numpy()), 1])
    np.testing.assert_allclose(shares, np.array(SIZES) / 100, atol=1e-6)
    latents = np.zeros((3, LATENT), np.float32)
    latents[:, 0] = norm.ppf([0.49, 0.51, 0.81])
    np.testing.assert_array_equal(clusters(latents), [0, 1, 2])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((2, *SHAPE), np.uint8), "at least 3"),
        (np.zeros((9, 4, 4, 1), np.uint8), "at least 3"),
        (np.zeros((9, *SHAPE), np.uint8), "only 1"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_images_without_as_many_clusters_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        ImageClusters(3, SHAPE).adapt(given)


def test_step_judges_real_images_by_their_cluster_and_generated_ones_by_the_one_drawn():
    gan = clustered()
    real = tf.constant(2 * batches(1)[0] - 1)
    latents = tf.random.stateless_normal((6, LATENT), (1, 2))
    labels, drawn = tf.constant([0, 1, 2, 0, 1, 2]), tf.constant([2, 2, 1, 1, 0, 0])
    step = step_gradients(
        gan.generator,
        gan.discriminator,
        LOSSES["minimax"],
        real=real,
        latents=latents,
        labels=labels,
        fake_labels=drawn,
    )
    fake = gan.generator(latents, training=True)
    for logits, images, classes in ((step.real_logits, real, labels), (step.fake_logits, fake, drawn)):
        np.testing.assert_allclose(logits, gan.discriminator([images, classes], training=True), atol=1e-5)


def test_clustered_gan_takes_latents_alone_and_survives_saving(tmp_path, no_figures):
    data = image_data()
    gan = clustered(averaging=0.5)
    assert not gan.conditional and gan.num_classes is None
    assert not clusters_of(gan.generator).adapted
    run = train_gan(gan, data, epochs=1, verbose=0, run_dir=tmp_path / "run")
    assert clusters_of(gan.generator).adapted
    loaded = keras.models.load_model(run.run_dir / "model.keras")
    assert same(loaded, gan)
    np.testing.assert_array_equal(loaded.generate(5), gan.generate(5))
    np.testing.assert_array_equal(clusters_of(loaded.averaged_generator).bounds, clusters_of(gan.generator).bounds)


def test_bfloat16_draws_the_clusters_of_float32(images):
    gan = clustered()
    clusters = clusters_of(gan.generator)
    clusters.adapt(images)
    gan.generator.get_layer("conditional_dcgan_generator").get_layer("label_embedding").embeddings.assign(
        np.array([[0], [0], [100]], np.float32) * np.ones((1, 16), np.float32)
    )
    latents = np.zeros((4, LATENT), np.float32)
    # at 0.84 a unit of bfloat16 is 0.004: rounded, all four are one number
    latents[:, 0] = np.float32(clusters.bounds[1]) + np.array([-1e-4, -5e-5, 5e-5, 1e-4])
    whole, half = (np.asarray(Computing(gan.generator, kind)(latents)) for kind in ("float32", "bfloat16"))
    assert not np.allclose(whole[1], whole[2], atol=0.01)
    np.testing.assert_allclose(half, whole, atol=0.01)
