import os
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_course.export import export_saved_model, load_saved_model


@pytest.fixture(scope="module")
def exported(convnet, tmp_path_factory):
    return export_saved_model(convnet, tmp_path_factory.mktemp("convnet"), class_names=list("abcde"))


@pytest.fixture(scope="module")
def classifier(exported):
    return load_saved_model(exported)


def test_single_image_is_a_batch_of_one(classifier, images):
    batch = classifier.predict(images)
    assert batch.class_name == [classifier.class_names[index] for index in batch.class_id]
    for one in (images[2], images[2, :, :, 0], images[2:3], Image.fromarray(images[2, :, :, 0]), images[2].copy("F")):
        prediction = classifier.predict(one)
        assert prediction.probabilities.shape == (1, 5)
        np.testing.assert_allclose(prediction.probabilities, batch.probabilities[2:3], atol=1e-6)
        assert prediction.class_name == batch.class_name[2:3]


def test_list_of_pictures_is_a_batch(classifier, images):
    pictures = [Image.fromarray(image[:, :, 0]) for image in images]
    np.testing.assert_array_equal(classifier.predict(pictures).class_id, classifier.predict(images).class_id)


def test_highest_version_is_taken_and_unfinished_ones_ignored(exported, tmp_path):
    for version in ["2", "10"]:
        shutil.copytree(exported, tmp_path / version)
    for other in ["11", ".tmp-dead", "v12"]:
        (tmp_path / other).mkdir()
    assert load_saved_model(str(tmp_path)).path == tmp_path / "10"


@pytest.mark.parametrize("name", ["[bold]", "what?", "*"])
def test_names_that_look_like_patterns_load(exported, classifier, images, tmp_path, name):
    copy = load_saved_model(shutil.copytree(exported, tmp_path / name / "1"))
    assert copy.path == tmp_path / name / "1"
    np.testing.assert_array_equal(copy.predict(images).probabilities, classifier.predict(images).probabilities)


BAD_IMAGES = {
    "size": (np.zeros((10, 12, 1), np.uint8), r"takes, \(12, 10, 1\) .* Received: images.shape=\(10, 12, 1\)"),
    "batch size": (
        np.zeros((2, 10, 12, 1), np.uint8),
        r"\(batch, 12, 10, 1\); .*shape=\(2, 10, 12, 1\)",
    ),
    "channels": (np.zeros((12, 10, 3), np.uint8), r"Received: images.shape=\(12, 10, 3\)"),
    "grey batch without channels": (np.zeros((7, 12, 10), np.uint8), r"Received: images.shape=\(7, 12, 10\)"),
    "one axis": (np.zeros(120, np.uint8), r"Received: images.shape=\(120,\)"),
    "five axes": (np.zeros((1, 1, 12, 10, 1), np.uint8), r"Received: images.shape=\(1, 1, 12, 10, 1\)"),
    "no image": (np.zeros((0, 12, 10, 1), np.uint8), r"at least one image\. Received: images.shape=\(0, 12, 10, 1\)"),
    "floats": (np.zeros((12, 10, 1), np.float32), "uint8 in 0..255. Received: images.dtype=float32"),
    "signed": (np.zeros((12, 10, 1), np.int64), "uint8 in 0..255. Received: images.dtype=int64"),
    "lists": ([[0] * 10] * 12, "PIL images only, at least one. Received: \\['list'\\]"),
    "no pictures": ([], "at least one. Received: \\[\\]"),
    "a path": ("picture.png", "Received: a str"),
    "nothing": (None, "Received: a NoneType"),
    "picture size": (Image.new("L", (12, 10)), r"Received: images.shape=\(10, 12, 1\)"),
    "one picture of two": ([Image.new("L", (10, 12)), Image.new("L", (5, 5))], r"Received: images.shape=\(5, 5, 1\)"),
    "16 bits": (Image.new("I;16", (10, 12)), "mode 'I;16'"),
    "CMYK": (Image.new("CMYK", (10, 12)), "mode 'CMYK'"),
    "transparent": (Image.new("RGBA", (10, 12), (0, 0, 0, 0)), "opaque.* Received: a PIL image of mode 'RGBA'"),
}


@pytest.mark.parametrize(("bad", "message"), BAD_IMAGES.values(), ids=BAD_IMAGES)
def test_images_that_do_not_fit(classifier, bad, message):
    with pytest.raises(ValueError, match=f"`images` .*{message}"):
        classifier.predict(bad)


def test_path_without_a_saved_model(tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` must exist. Received: path=.*missing"):
        load_saved_model(tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="`path` must be a SavedModel or a folder of numbered SavedModels"):
        load_saved_model(tmp_path)
    (tmp_path / "file").write_text("no model")
    with pytest.raises(FileNotFoundError, match="`path` must be a SavedModel or a folder of numbered SavedModels"):
        load_saved_model(tmp_path / "file")


@pytest.mark.parametrize(
    "broken", ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]
)
def test_damaged_files(exported, tmp_path, broken):
    copy = shutil.copytree(exported, tmp_path / "1")
    (copy / broken).write_bytes((copy / broken).read_bytes()[:100])
    with pytest.raises(ValueError, match="`path` must hold a whole export .*Received: path=.*1") as caught:
        load_saved_model(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["a\nb\n", None])
def test_class_names_that_do_not_fit(exported, tmp_path, text):
    copy = shutil.copytree(exported, tmp_path / "1")
    shutil.rmtree(copy / "assets.extra")  # an export of 0.1.0, without digests
    (copy / "assets" / "class_names.txt").unlink()
    if text is not None:
        (copy / "assets" / "class_names.txt").write_text(text)
    with pytest.raises(ValueError, match="class_names.txt (has 2 lines|is no regular file)"):
        load_saved_model(copy)


@pytest.mark.parametrize("file", ["class_names.txt", "training_images.json"])
def test_assets_that_would_fill_the_memory_or_block(exported, tmp_path, file):
    copy = shutil.copytree(exported, tmp_path / "1")
    shutil.rmtree(copy / "assets.extra")  # an export of 0.1.0, without digests
    asset = copy / "assets" / file
    asset.unlink(missing_ok=True)
    with asset.open("wb") as stream:
        stream.truncate(10 * 1024**3)  # a sparse file: 10 GiB that take no space
    with pytest.raises(ValueError, match=f"{file} has more than 16777216 bytes"):
        load_saved_model(copy)
    asset.unlink()
    os.mkfifo(asset)  # nobody writes: reading would block
    with pytest.raises(ValueError, match=f"{file} is no regular file"):
        load_saved_model(copy)


@pytest.mark.parametrize("polarity", [None, "light on dark", "dark on light", "mixed"])
def test_polarity_travels(convnet, tmp_path, polarity):
    version = export_saved_model(convnet, tmp_path, polarity=polarity)
    assert load_saved_model(version).polarity == polarity
    assert (version / "assets" / "training_images.json").exists() == (polarity is not None)
    with pytest.raises(ValueError, match="`polarity` must be one of 'light on dark', .* Received: polarity='dark'"):
        export_saved_model(convnet, tmp_path, polarity="dark")


def test_saved_models_of_others_are_refused(tmp_path):
    module = tf.Module()
    module.double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec((None,), tf.float32)])
    tf.saved_model.save(module, str(tmp_path / "1"))
    with pytest.raises(ValueError, match="must hold a whole export of export_saved_model.*its signature"):
        load_saved_model(tmp_path)
