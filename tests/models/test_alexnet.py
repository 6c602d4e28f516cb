"""AlexNet: published counts and sizes, the towers against plain TensorFlow, stems, widths and options."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from outlines import outline, shapes

from keras_course.models.alexnet import build_alexnet
from keras_course.models.blocks import conv_block
from keras_course.models.layers.grouped_convolution import GroupedConv2D

NARROW = 1 / 16


def images(size, channels=3):
    return np.random.default_rng(0).random((2, size, size, channels), np.float32)


@pytest.mark.parametrize(("groups", "published"), [(2, 60_965_224), (1, 62_378_344)])
def test_published_count(groups, published):
    # kernel (height x width x input channels a group) x filters + biases; conv2, conv4 and conv5 see half the channels
    convolutions = (
        11 * 11 * 3 * 96 + 96,
        5 * 5 * (96 // groups) * 256 + 256,
        3 * 3 * 256 * 384 + 384,
        3 * 3 * (384 // groups) * 384 + 384,
        3 * 3 * (384 // groups) * 256 + 256,
    )
    dense = (6 * 6 * 256 * 4096 + 4096, 4096 * 4096 + 4096, 4096 * 1000 + 1000)
    assert sum(convolutions + dense) == published
    assert outline(build_alexnet, (227, 227, 3), 1000, groups=groups).count_params() == published


@pytest.mark.parametrize("groups", [1, 2])
def test_batch_normalisation_adds_scale_and_moving_statistics(groups):
    # Each bias gives way to a shift; new are a scale, a moving mean and a moving variance for each of
    # 96 + 256 + 384 + 384 + 256 channels and 2 x 4,096 hidden units.
    normalized = outline(build_alexnet, (227, 227, 3), 1000, groups=groups, normalization="batch")
    plain = outline(build_alexnet, (227, 227, 3), 1000, groups=groups)
    assert normalized.count_params() - plain.count_params() == 3 * (1_376 + 8_192)


def test_stages_of_the_published_net():
    model = outline(build_alexnet, (227, 227, 3), 1000, groups=1)
    found = shapes(model)
    assert found["stage1_conv1"] == found["stage1_lrn"] == (55, 55, 96)  # (227 - 11) / 4 + 1
    assert found["stage1_pool"] == (27, 27, 96)  # (55 - 3) / 2 + 1
    assert found["stage2_conv1"] == found["stage2_lrn"] == (27, 27, 256)
    assert found["stage2_pool"] == (13, 13, 256)
    assert found["stage3_conv1"] == found["stage3_conv2"] == (13, 13, 384)
    assert found["stage3_conv3"] == (13, 13, 256)
    assert found["stage3_pool"] == (6, 6, 256)
    assert found["hidden1"] == found["hidden2"] == (4096,)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.kernel_size[0] for layer in convolutions] == [11, 5, 3, 3, 3]
    assert [layer.strides for layer in convolutions] == [(4, 4)] + [(1, 1)] * 4


def test_stages_of_the_small_stem():
    model = outline(build_alexnet, (28, 28, 1), 10, width=NARROW)
    found = shapes(model)
    assert found["stage1_conv1"] == found["stage1_lrn"] == (28, 28, 6)
    assert found["stage1_pool"] == (14, 14, 6)
    assert found["stage2_conv1"] == (14, 14, 16)
    assert found["stage2_pool"] == (7, 7, 16)
    assert found["stage3_conv1"] == (7, 7, 24)
    assert found["stage3_pool"] == (4, 4, 16)
    assert found["hidden1"] == (64,)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.kernel_size[0] for layer in convolutions] == [5, 3, 3, 3, 3]


def test_names_and_order_are_the_published_ones():
    classifier = ["hidden1", "hidden1_relu", "hidden1_dropout", "hidden2", "hidden2_relu", "hidden2_dropout", "logits"]
    names = ["image"]
    for stage, convolutions in enumerate((1, 1, 3), start=1):
        for number in range(1, convolutions + 1):
            names += [f"stage{stage}_conv{number}", f"stage{stage}_conv{number}_relu"]
        names += [f"stage{stage}_lrn"] * (stage < 3) + [f"stage{stage}_pool"]
    for size in (28, 67):
        model = outline(build_alexnet, (size, size, 3), 10, width=NARROW)
        assert [layer.name for layer in model.layers] == [*names, "flatten", *classifier]
        assert not model.compiled
        assert model.layers[-1].activation is keras.activations.linear


def test_normalization_decides_which_layers_there_are():
    normalized = [
        layer.name for layer in outline(build_alexnet, (28, 28, 1), 10, normalization="batch", width=NARROW).layers
    ]
    assert not any(name.endswith("_lrn") for name in normalized)
    assert [name for name in normalized if name.endswith("_bn")] == [
        *("stage1_conv1_bn", "stage2_conv1_bn", "stage3_conv1_bn", "stage3_conv2_bn", "stage3_conv3_bn"),
        *("hidden1_bn", "hidden2_bn"),
    ]
    assert normalized.index("stage1_conv1_relu") == normalized.index("stage1_conv1_bn") + 1
    plain = [layer.name for layer in outline(build_alexnet, (28, 28, 1), 10, normalization=None, width=NARROW).layers]
    assert not any(name.endswith(("_lrn", "_bn")) for name in plain)


def alexnet_of_tensorflow(model, x, groups):
    """Applies the published net with the weights of `model`: each tower a convolution of its own, on its own half."""

    def conv(x, name, towers, strides=1, padding="SAME"):
        kernel, bias = model.get_layer(name).get_weights()
        parts = zip(tf.split(x, towers, axis=-1), tf.split(kernel, towers, axis=-1), strict=True)
        halves = [tf.nn.conv2d(part, filters, strides, padding) for part, filters in parts]
        return tf.nn.relu(tf.concat(halves, axis=-1) + bias)

    def normalize_and_pool(x):
        return tf.nn.max_pool2d(tf.nn.local_response_normalization(x, 2, 2.0, 1e-4, 0.75), 3, 2, "VALID")

    x = normalize_and_pool(conv(x, "stage1_conv1", 1, strides=4, padding="VALID"))
    x = normalize_and_pool(conv(x, "stage2_conv1", groups))
    for name, towers in (("stage3_conv1", 1), ("stage3_conv2", groups), ("stage3_conv3", groups)):
        x = conv(x, name, towers)
    x = tf.reshape(tf.nn.max_pool2d(x, 3, 2, "VALID"), (len(x), -1))
    for name in ("hidden1", "hidden2", "logits"):
        kernel, bias = model.get_layer(name).get_weights()
        x = x @ kernel + bias if name == "logits" else tf.nn.relu(x @ kernel + bias)
    return x


@pytest.mark.parametrize("groups", [1, 2])
def test_logits_are_those_of_the_published_net_in_plain_tensorflow(groups):
    model = build_alexnet((99, 99, 3), 10, groups=groups, width=NARROW)
    for layer in model.layers:
        if layer.weights:
            layer.bias.assign(np.random.default_rng(0).uniform(-1, 1, layer.bias.shape))
    expected = alexnet_of_tensorflow(model, images(99), groups)
    np.testing.assert_allclose(model(images(99)), expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(("strides", "padding"), [(1, "same"), (2, "valid")])
def test_grouped_convolution_is_keras_own(strides, padding):
    x = np.random.default_rng(0).random((2, 7, 7, 6), np.float32)
    ours = GroupedConv2D(9, 3, groups=3, strides=strides, padding=padding, activation="relu")
    theirs = keras.layers.Conv2D(9, 3, groups=3, strides=strides, padding=padding, activation="relu")
    theirs.build(x.shape)
    ours.build(x.shape)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-5)
    inputs = keras.Input((7, 7, 6))
    assert (
        conv_block(inputs, 9, 3, groups=3, strides=strides, padding=padding, name="conv1").shape[1:]
        == ours(x).shape[1:]
    )


@pytest.mark.parametrize("groups", [1, 2])
def test_width_scales_every_layer_and_both_towers_alike(groups):
    model = outline(build_alexnet, (28, 28, 1), 10, groups=groups, width=0.03)
    channels = [layer.filters if hasattr(layer, "filters") else layer.units for layer in model.layers if layer.weights]
    # 0.03 x 96 = 2.88, x 256 = 7.68, x 384 = 11.52; with two towers twice 1.44, 3.84 and 5.76; 0.03 x 1024 = 30.72
    expected = {1: [3, 8, 12, 12, 8], 2: [2, 8, 12, 12, 8]}[groups]
    assert channels == [*expected, 31, 31, 10]
    outline(build_alexnet, (28, 28, 1), 10, groups=groups, width=1e-6)  # never without a channel


def test_dropout_follows_each_hidden_layer_or_goes():
    model = outline(build_alexnet, (8, 8, 1), 3, dropout=0.25, width=NARROW)
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [0.25, 0.25]
    model = outline(build_alexnet, (8, 8, 1), 3, dropout=0, width=NARROW)
    assert not any(isinstance(layer, keras.layers.Dropout) for layer in model.layers)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"groups": 3}, "groups"),
        ({"normalization": "layer"}, "normalization"),
    ],
)
def test_bad_arguments_are_named(options, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build_alexnet(**{"input_shape": (28, 28, 1), "num_classes": 10, **options})


def test_stem_can_be_asked_for_by_name_and_auto_goes_by_the_shorter_side():
    assert shapes(outline(build_alexnet, (67, 67, 1), 10, stem="small", width=NARROW))["stage1_conv1"] == (67, 67, 6)
    assert shapes(outline(build_alexnet, (67, 66, 1), 10, width=NARROW))["stage1_conv1"] == (67, 66, 6)
    assert shapes(outline(build_alexnet, (67, 67, 1), 10, width=NARROW))["stage1_conv1"] == (15, 15, 6)
