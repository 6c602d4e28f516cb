"""An exported generator makes the images of the model, in a process without Keras too."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_course.export import export_generator, load_generator
from keras_course.models import build_dcgan_generator, build_mlp

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
    saved = load_generator(exported.parent)
    assert (exported.name, saved.latent_dim, saved.image_shape, saved.class_names) == ("1", LATENT, SHAPE, None)
    latents = 3 * np.random.default_rng(4).standard_normal((6, LATENT), np.float32)
    images = saved.images_of(latents)
    assert images.dtype == np.uint8
    assert np.abs(images - pixels(plain(latents))).max() <= 1
    np.testing.assert_array_equal(saved.sample(4, seed=2), saved.sample(6, seed=2)[:4])
    assert not np.array_equal(saved.sample(4, seed=2), saved.sample(4, seed=3))


def test_a_class_can_be_asked_for(conditional, tmp_path):
    saved = load_generator(export_generator(conditional, tmp_path, class_names=["cat", "dog", "eel"]))
    assert saved.class_names == ["cat", "dog", "eel"]
    latents = np.random.default_rng(4).standard_normal((6, LATENT), np.float32)
    asked = [0, 1, 2, 2, 1, 0]
    expected = pixels(conditional([latents, np.array(asked, np.int32)]))
    assert np.abs(saved.images_of(latents, labels=asked) - expected).max() <= 1
    np.testing.assert_array_equal(saved.images_of(latents), saved.images_of(latents, labels=[0, 1, 2, 0, 1, 2]))
    np.testing.assert_array_equal(saved.images_of(latents, labels=2)[3], saved.images_of(latents, labels=asked)[3])


def test_reading_needs_no_keras(exported):
    code = (
        "import json, sys\nsys.modules['keras'] = None  # as on a machine without Keras\n"
        "from keras_course.export import load_generator\n"
        f"print(json.dumps(load_generator({str(exported)!r}).sample(2, seed=7).tolist()))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    images = json.loads(result.stdout.splitlines()[-1])
    np.testing.assert_array_equal(images, load_generator(exported).sample(2, seed=7))


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
        act(load_generator(exported))
    assert not list(tmp_path.iterdir())


def test_class_names_belong_to_conditional_generators(plain, conditional, tmp_path):
    with pytest.raises(ValueError, match="`class_names` must be None"):
        export_generator(plain, tmp_path, class_names=["a", "b"])
    with pytest.raises(ValueError, match="`class_names` must be given"):
        export_generator(conditional, tmp_path)
    with pytest.raises(ValueError, match="`class_names`.*3"):
        export_generator(conditional, tmp_path, class_names=["a", "b"])


def test_no_latents_are_refused_and_many_come_in_blocks(plain, tmp_path, monkeypatch):
    saved = load_generator(export_generator(plain, tmp_path))
    with pytest.raises(ValueError, match="`latents` must have shape"):
        saved.images_of(np.zeros((0, LATENT)))
    whole = saved.sample(7, seed=1)
    monkeypatch.setattr("keras_course.export.loading_generator.BLOCK", 3)
    np.testing.assert_array_equal(saved.sample(7, seed=1), whole)


def test_other_exports_are_refused(tmp_path):
    from keras_course.export import export_saved_model

    with pytest.raises(ValueError, match="`path` must hold an export of export_generator"):
        load_generator(export_saved_model(build_mlp(SHAPE, 3, hidden=()), tmp_path))
    with pytest.raises(FileNotFoundError, match="`path` must exist"):
        load_generator(tmp_path / "nowhere")
