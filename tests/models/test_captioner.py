"""The captioner: shapes and names, what each word sees, and what is refused."""

import keras
import numpy as np
import pytest

from keras_course.models import build_captioner, build_resnet
from keras_course.models.caption_decoders import DECODERS
from keras_course.models.captioner import decoder_of


def small(**options):
    keras.utils.set_random_seed(0)
    return build_captioner((32, 32, 1), 9, **{"units": 8, "heads": 2, "length": 6, "width": 0.1, **options})


@pytest.mark.parametrize("kind", DECODERS)
def test_words_see_the_image_and_the_words_before_them_alone(kind):
    model, rng = small(decoder=kind), np.random.default_rng(0)
    images, words = rng.random((2, 32, 32, 1), np.float32), rng.integers(0, 9, (2, 6))
    logits = model([images, words])["logits"].numpy()
    assert logits.shape == (2, 6, 9)
    changed = words.copy()
    changed[:, 3] = (changed[:, 3] + 1) % 9
    moved = np.abs(model([images, changed])["logits"] - logits).max(axis=(0, 2))
    assert (moved[:3] < 1e-6).all() and (moved[3:] > 1e-6).all()
    other = np.abs(model([1 - images, words])["logits"] - logits).max(axis=(0, 2))
    assert (other > 1e-6).all()


def test_every_layer_has_a_name_of_its_own_and_the_model_can_be_saved(tmp_path):
    for kind in DECODERS:
        model = small(decoder=kind)
        assert not [layer.name for layer in model.layers if layer.name.startswith(("dense", "add", "dropout"))]
        model.save(tmp_path / "model.keras")
        copy = keras.models.load_model(tmp_path / "model.keras")
        words = np.zeros((1, 6), np.int32)
        image = np.random.default_rng(0).random((1, 32, 32, 1))
        np.testing.assert_allclose(copy([image, words])["logits"], model([image, words])["logits"], atol=1e-6)
        assert type(decoder_of(copy)) is type(decoder_of(model))


def test_at_the_start_cells_say_that_few_words_are_shown():
    seen = small()([np.zeros((1, 32, 32, 1)), np.zeros((1, 6))])["not_shown"].numpy()
    cells = 16
    np.testing.assert_allclose(seen, cells * np.log(0.99), rtol=0.3)


def test_a_trained_classifier_can_be_the_backbone():
    classifier = build_resnet((32, 32, 1), 10, depth=18, width=0.1, stem="small")
    model = small(backbone=classifier, stride=4)
    np.testing.assert_array_equal(
        model.get_layer("stage1_block1_conv1").kernel, classifier.get_layer("stage1_block1_conv1").kernel
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decoder": "lstm"}, "`decoder` must be one of"),
        ({"units": 9}, "`units` must be a multiple of heads=2"),
        ({"length": 1}, "`length` must be"),
        ({"dropout": 1}, "`dropout` must be"),
        ({"attention": 2}, "`attention` must be"),
        ({"stride": 5}, "`stride` must be"),
    ],
    ids=["decoder", "units", "length", "dropout", "attention", "stride"],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        small(**options)


def test_a_vocabulary_needs_a_word():
    with pytest.raises(ValueError, match="`vocabulary_size` must be"):
        build_captioner((32, 32, 1), 4)
