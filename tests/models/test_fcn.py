"""FCN: scores by stride, the bilinear way up, hidden layers of VGG."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from outlines import outline, shapes

from keras_course.models import build_fcn

SMALL = {"width": 0.0625}


@pytest.mark.parametrize(("stride", "skips"), [(32, []), (16, [16]), (8, [16, 8])])
def test_scores_of_each_size_are_joined_from_the_coarsest_down(stride, skips):
    model = outline(build_fcn, (64, 96, 3), 5, stride=stride, **SMALL)
    found = shapes(model)
    assert found["scores32"] == (2, 3, 5)
    assert [name for name in found if name.endswith("_add")] == [f"scores{one}_add" for one in skips]
    for one in skips:
        assert found[f"scores{one}_upsample"] == found[f"scores{one}"] == (64 // one, 96 // one, 5)
    assert model.get_layer("logits").kernel_size == (2 * stride, 2 * stride)
    assert model.output.shape == (None, 64, 96, 5)
    assert model.name == f"fcn{stride}_vgg16"


def test_count_by_hand():
    # VGG-16's convolutions; 7x7x512 to 4,096, to 4,096; scores of 4,096, 512 and 256 channels in 21 classes; two
    # transposed convolutions of 4x4 and one of 16x16
    convolutions = 138_357_544 - 102_764_544 - 16_781_312 - 4_097_000
    hidden = 7 * 7 * 512 * 4096 + 4096 + 4096 * 4096 + 4096
    scores = (4096 + 1) * 21 + (512 + 1) * 21 + (256 + 1) * 21
    up = (4 * 4 + 4 * 4 + 16 * 16) * 21 * 21
    assert outline(build_fcn, (512, 512, 3), 21).count_params() == convolutions + hidden + scores + up


def test_at_the_start_logits_are_the_coarsest_scores_interpolated():
    model = build_fcn((128, 128, 1), 3, stride=8, **SMALL)
    images = np.random.default_rng(0).random((1, 128, 128, 1), np.float32)
    scores = keras.Model(model.input, model.get_layer("scores32").output)(images)
    finest = keras.Model(model.input, model.get_layer("scores8_add").output)(images)
    logits = np.asarray(model(images))
    inside = np.s_[:, 8:-8, 8:-8]
    np.testing.assert_allclose(logits[inside], np.asarray(tf.image.resize(finest, (128, 128)))[inside], atol=1e-5)
    twice = tf.image.resize(scores, (8, 8))
    inside = np.s_[:, 4:-4, 4:-4]
    np.testing.assert_allclose(finest[inside], np.asarray(tf.image.resize(twice, (16, 16)))[inside], atol=1e-5)


def test_the_last_interpolation_stays_and_the_others_learn():
    model = build_fcn((64, 64, 1), 3, backbone="resnet18", stride=16, **SMALL)
    frozen = [layer.name for layer in model.layers if layer.weights and not layer.trainable]
    assert frozen == ["logits"]
    assert model.get_layer("scores16_upsample").trainable


def test_hidden_layers_are_those_of_vgg_unless_told_otherwise():
    def hidden(**options):
        model = outline(build_fcn, (64, 64, 1), 3, **SMALL, **options)
        return {
            layer.name: (layer.filters, layer.kernel_size)
            for layer in model.layers
            if isinstance(layer, keras.layers.Conv2D) and layer.name.startswith("hidden")
        }

    assert hidden() == {"hidden1": (256, (7, 7)), "hidden2": (256, (1, 1))}
    assert hidden(backbone="resnet18") == hidden(hidden=()) == {}
    assert hidden(backbone="resnet18", hidden=(64,), dropout=0) == {"hidden1": (4, (7, 7))}


def test_saved_file_gives_the_same_logits_without_custom_objects(tmp_path):
    model = build_fcn((32, 32, 1), 2, backbone="resnet18", stem="small", **SMALL)
    images = np.random.default_rng(0).random((2, 32, 32, 1), np.float32)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(images), model(images))


@pytest.mark.parametrize(("name", "value"), [("dropout", 1), ("hidden", 4096), ("hidden", (0,)), ("hidden", (10**20,))])
def test_bad_arguments_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build_fcn((64, 64, 1), 2, **SMALL, **{name: value})
