"""An exported generator makes the images of the model."""

import keras
import numpy as np
import pytest

from keras_course.export import (
    SavedClassifier,
    SavedGenerator,
    export_generator,
    export_saved_model,
    load_classifier,
    load_saved_model,
)
from keras_course.models import build_dcgan_discriminator, build_dcgan_generator, build_mlp

SHAPE, LATENT = (8, 8, 1), 5


@pytest.fixture(scope="module")
def plain():
    keras.utils.set_random_seed(0)
    return build_dcgan_generator(SHAPE, LATENT, 2)


@pytest.fixture(scope="module")
def conditional():
    latents, labels = keras.Input((LATENT,)), keras.Input((), dtype="int32")
    vectors = keras.layers.Embedding(3, LATENT, embeddings_initializer="random_normal")(labels)
    x = keras.layers.Dense(64, activation="tanh")(keras.layers.Add()([latents, vectors]))
    return keras.Model([latents, labels], keras.layers.Reshape(SHAPE)(x))


@pytest.fixture(scope="module")
def exported(plain, tmp_path_factory):
    return export_generator(plain, tmp_path_factory.mktemp("exports") / "plain")


def pixels(images):
    return np.rint(127.5 * (keras.ops.convert_to_numpy(images) + 1))


def test_images_are_those_of_the_model(plain, exported):
    saved = load_saved_model(exported.parent)
    assert (exported.name, saved.latent_dim, saved.image_shape, saved.class_names) == ("1", LATENT, SHAPE, None)
    latents = 3 * np.random.default_rng(4).standard_normal((6, LATENT), np.float32)
    images = saved.images_of(latents)
    assert images.dtype == np.uint8
    assert np.abs(images - pixels(plain(latents))).max() <= 1
    np.testing.assert_array_equal(saved.sample(4, seed=2), saved.sample(6, seed=2)[:4])
    assert not np.array_equal(saved.sample(4, seed=2), saved.sample(4, seed=3))


def test_a_class_can_be_asked_for(conditional, tmp_path):
    saved = load_saved_model(export_generator(conditional, tmp_path, class_names=["cat", "dog", "eel"]))
    assert saved.class_names == ["cat", "dog", "eel"]
    latents = np.random.default_rng(4).standard_normal((6, LATENT), np.float32)
    asked = [0, 1, 2, 2, 1, 0]
    expected = pixels(conditional([latents, np.array(asked, np.int32)]))
    assert np.abs(saved.images_of(latents, labels=asked) - expected).max() <= 1
    np.testing.assert_array_equal(saved.images_of(latents), saved.images_of(latents, labels=[0, 1, 2, 0, 1, 2]))
    np.testing.assert_array_equal(saved.images_of(latents, labels=2)[3], saved.images_of(latents, labels=asked)[3])


def test_nothing_is_overwritten(plain, exported):
    assert export_generator(plain, exported.parent).name == "2"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda saved: saved.sample(0), "`count` must be"),
        (lambda saved: saved.sample(2, seed=-1), "`seed` must be"),
        (lambda saved: saved.sample(2, labels=1), "`labels` must be None"),
        (lambda saved: saved.images_of(np.zeros((2, 4))), r"`latents` must have shape \(count >= 1, 5\)"),
        (lambda saved: export_generator(build_mlp(SHAPE, 3), "out"), "`generator` must map latents"),
    ],
)
def test_bad_arguments_are_named(exported, act, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        act(load_saved_model(exported))
    assert not list(tmp_path.iterdir())


def test_class_names_belong_to_conditional_generators(plain, conditional, tmp_path):
    with pytest.raises(ValueError, match="`class_names` must be None"):
        export_generator(plain, tmp_path, class_names=["a", "b"])
    with pytest.raises(ValueError, match="`class_names` must be given"):
        export_generator(conditional, tmp_path)
    with pytest.raises(ValueError, match="`class_names`.*3"):
        export_generator(conditional, tmp_path, class_names=["a", "b"])


def test_no_latents_are_refused_and_many_come_in_blocks(plain, tmp_path, monkeypatch):
    saved = load_saved_model(export_generator(plain, tmp_path))
    with pytest.raises(ValueError, match="`latents` must have shape"):
        saved.images_of(np.zeros((0, LATENT)))
    whole = saved.sample(7, seed=1)
    monkeypatch.setattr("keras_course.export.saved_generator.BLOCK", 3)
    np.testing.assert_array_equal(saved.sample(7, seed=1), whole)


def test_a_gan_hands_over_its_averaged_generator_settled(tmp_path):
    from keras_course.gan import GAN

    keras.utils.set_random_seed(0)
    gan = GAN(build_dcgan_generator(SHAPE, LATENT, 2), build_dcgan_discriminator(SHAPE, 2), averaging=0.5)
    gan.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01))
    for _ in range(3):  # `train_on_batch` leaves the average unsettled, unlike `fit`
        gan.train_on_batch(np.random.default_rng(0).random((8, *SHAPE), np.float32))
    saved = load_saved_model(export_generator(gan, tmp_path))
    latents = np.random.default_rng(4).standard_normal((6, LATENT), np.float32)
    assert np.abs(saved.images_of(latents) - pixels(gan.averaged_generator(latents))).max() <= 1
    np.testing.assert_allclose(saved.images_of(latents).astype(int), gan.images_of(latents).astype(int), atol=1)
    assert np.abs(saved.images_of(latents) - pixels(gan.generator(latents))).max() > 1


def test_a_conditional_gan_without_average_takes_class_names(conditional, tmp_path):
    from keras_course.gan import GAN

    images, labels = keras.Input(SHAPE), keras.Input((), dtype="int32")
    scores = keras.layers.Embedding(3, 64)(labels)
    logits = keras.layers.Dot(1)([keras.layers.Flatten()(images), scores])
    gan = GAN(conditional, keras.Model([images, labels], logits))
    saved = load_saved_model(export_generator(gan, tmp_path, class_names=["cat", "dog", "eel"]))
    latents = np.random.default_rng(4).standard_normal((3, LATENT), np.float32)
    expected = pixels(conditional([latents, np.array([2, 2, 2], np.int32)]))
    assert np.abs(saved.images_of(latents, labels=2) - expected).max() <= 1
    with pytest.raises(ValueError, match="`class_names` must have a name for each of the model's 3 classes"):
        export_generator(gan, tmp_path, class_names=["cat", "dog"])


def test_the_signature_tells_classifiers_and_generators_apart(exported, tmp_path):
    assert isinstance(load_saved_model(exported), SavedGenerator)
    version = export_saved_model(build_mlp(SHAPE, 3, hidden=()), tmp_path)
    assert isinstance(load_saved_model(version), SavedClassifier)
    with pytest.raises(ValueError, match="`path` must hold an image classifier. Received: .* a generator of images"):
        load_classifier(exported)
