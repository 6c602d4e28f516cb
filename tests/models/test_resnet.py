"""ResNet: published counts, strides, the same logits as an independent implementation, both stems and shortcuts."""

import math
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from outlines import outline, shapes

from keras_course.models.resnet import build_resnet, residual_block

DEPTHS = (18, 34, 50, 101, 152)
SMALL = {"depth": 18, "width": 1 / 16}


def published(depth, **options):
    return outline(build_resnet, (224, 224, 3), 1000, depth=depth, **options)


def trainable_count(model):
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


# Each convolution has no bias and, in batch normalisation, 2 parameters a channel. Stem: 7*7*3*64 + 2*64 = 9,536.
# A basic block of f filters on f: 18f² + 4f = 73,984, 295,424, 1,180,672, 4,720,640 in stages 1 to 4; the first of the
#   stages 2 to 4, on f/2: 13.5f² + 4f = 221,696, 885,760, 3,540,992. Logits: 512*1000 + 1000 = 513,000.
#   18: 9,536 + 147,968 + 517,120 + 2,066,432 + 8,261,632 + 513,000
#   34: 9,536 + 221,952 + 1,107,968 + 6,789,120 + 12,982,272 + 513,000
# A bottleneck of f on 4f: 17f² + 12f = 70,400, 280,064, 1,117,184, 4,462,592; the first of stage 1, on 64: 58,112; of
#   the stages 2 to 4, on 2f: 15f² + 12f = 247,296, 986,112, 3,938,304. Logits: 2048*1000 + 1000 = 2,049,000.
#   50: 9,536 + 198,912 + 1,087,488 + 6,572,032 + 12,863,488 + 2,049,000
#   101: 17 blocks more in stage 3, 25,564,160; 152: 2,207,744 in stage 2 and 40,087,552 in stage 3
# Projections from f/2 to f = 128, 256, 512, 0.5f² + 2f: 8,448 + 33,280 + 132,096 = 173,824; of the bottleneck nets from
#   64 to 256 and then from 2f to 4f, 8f² + 8f: 16,896 + 132,096 + 526,336 + 2,101,248 = 2,776,576.
WITHOUT_PROJECTIONS = {18: 11_515_688, 34: 21_623_848, 50: 22_780_456, 101: 41_772_584, 152: 57_416_232}
PROJECTIONS = {18: 173_824, 34: 173_824, 50: 2_776_576, 101: 2_776_576, 152: 2_776_576}
PUBLISHED = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}


@pytest.mark.parametrize("depth", DEPTHS)
def test_count_is_the_published_one(depth):
    model = published(depth)
    assert trainable_count(model) == PUBLISHED[depth] == WITHOUT_PROJECTIONS[depth] + PROJECTIONS[depth]
    # `count_params` has the two moving statistics of each normalised channel besides: they aren't trained
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert model.count_params() == PUBLISHED[depth] + sum(2 * layer.gamma.shape[0] for layer in norms)
    # the depth is that of the layers with weights on the main path
    names = [layer.name for layer in model.layers]
    assert sum(re.fullmatch(r"(stem|stage\d_block\d+)_conv\d|logits", name) is not None for name in names) == depth
    assert sum(name.endswith("_shortcut") for name in names) == (3 if depth < 50 else 4)


@pytest.mark.parametrize("depth", [34, 50])
def test_identity_shortcuts_have_no_parameters(depth):
    assert trainable_count(published(depth, shortcut="identity")) == WITHOUT_PROJECTIONS[depth]


@pytest.mark.parametrize("depth", [34, 50])
def test_plain_net_has_the_layers_of_the_main_path_alone(depth):
    plain, residual = published(depth, residual=False), published(depth)
    main_path = [layer for layer in residual.layers if not layer.name.endswith(("_add", "_shortcut", "_shortcut_bn"))]
    assert {layer.name: layer.count_params() for layer in plain.layers} == {
        layer.name: layer.count_params() for layer in main_path
    }
    assert trainable_count(plain) == WITHOUT_PROJECTIONS[depth]


@pytest.mark.parametrize(("depth", "expansion"), [(34, 1), (50, 4)])
def test_strides_of_every_stage_at_the_published_size(depth, expansion):
    model = published(depth)
    found = shapes(model)
    assert found["stem_conv1"] == (112, 112, 64)
    assert found["stem_pool"] == (56, 56, 64)
    for stage, (blocks, size) in enumerate(zip((3, 4, 6, 3), (56, 28, 14, 7), strict=True), start=1):
        for block in range(1, blocks + 1):
            assert found[f"stage{stage}_block{block}_relu"] == (size, size, 64 * 2 ** (stage - 1) * expansion)
            strides = 2 if stage > 1 and block == 1 else 1
            assert model.get_layer(f"stage{stage}_block{block}_conv1").strides == (strides, strides)
            assert model.get_layer(f"stage{stage}_block{block}_conv2").strides == (1, 1)
    assert found["average_pool"] == (512 * expansion,)


def test_small_stem_keeps_the_size_and_pools_nothing():
    found = shapes(outline(build_resnet, (8, 8, 1), 3, **SMALL))
    assert found["stem_conv1"] == (8, 8, 4)
    assert [found[f"stage{stage}_block2_relu"][0] for stage in (1, 2, 3, 4)] == [8, 4, 2, 1]
    assert "stem_pool" not in found


def test_stem_of_convolutions_has_the_strides_of_the_published_one_and_no_pooling():
    found = shapes(outline(build_resnet, (64, 64, 3), 3, stem="convolutions", **SMALL))
    assert (found["stem_conv1"], found["stem_conv2"]) == ((32, 32, 2), (16, 16, 4))
    published = shapes(outline(build_resnet, (64, 64, 3), 3, stem="imagenet", **SMALL))
    assert {name: shape for name, shape in found.items() if "stage" in name} == {
        name: shape for name, shape in published.items() if "stage" in name
    }
    assert "stem_pool" not in found
    with pytest.raises(ValueError, match=r"stem"):
        build_resnet((64, 64, 3), 3, stem="pooling")


@pytest.mark.parametrize(("size", "stem"), [(64, "imagenet"), (63, "small")])
def test_stem_is_chosen_by_size(size, stem):
    auto = outline(build_resnet, (size, 64, 3), 3, **SMALL)
    assert shapes(auto) == shapes(outline(build_resnet, (size, 64, 3), 3, stem=stem, **SMALL))


def randomized(model):
    """Gives every weight a value of its own, so that none can be swapped for another."""
    random = np.random.default_rng(0)
    for variable in model.weights:
        values = random.uniform(-1, 1, variable.shape)
        if len(variable.shape) > 1:
            values *= math.sqrt(6 / math.prod(variable.shape[:-1]))
        variable.assign(values + 1.5 if variable.name in ("moving_variance", "gamma") else values)
    return model


def test_resnet50_has_the_logits_of_keras_applications():
    shape = (64, 71, 3)  # even sizes show where the zeros are put, odd ones where they end
    theirs = randomized(
        keras.applications.ResNet50(weights=None, input_shape=shape, classes=5, classifier_activation=None)
    )
    ours = build_resnet(shape, 5, depth=50)
    for layer in ours.layers:
        name = re.sub(r"^stage(\d)", lambda found: f"conv{int(found[1]) + 1}", layer.name)
        name = re.sub(r"_conv(\d)", r"_\1_conv", name.replace("shortcut", "conv0")).replace("stem_1_conv", "conv1_conv")
        if layer.name.endswith("_bn"):
            peer = theirs.get_layer(name.replace("_conv_bn", "_bn"))
            gamma, beta, mean, variance = (weight.numpy() for weight in peer.weights)
            bias = theirs.get_layer(name.removesuffix("_bn")).bias.numpy()  # ours has none: normalisation removes it
            layer.set_weights([gamma, beta, mean - bias, variance + peer.epsilon - layer.epsilon])
        elif isinstance(layer, keras.layers.Conv2D):
            layer.set_weights(theirs.get_layer(name).get_weights()[:1])
    ours.get_layer("logits").set_weights(theirs.get_layer("predictions").get_weights())
    images = np.random.default_rng(1).random((3, *shape), np.float32)
    expected = theirs(images)
    assert float(np.std(expected)) > 0.01
    np.testing.assert_allclose(ours(images), expected, rtol=1e-3, atol=1e-4 * float(np.abs(expected).max()))
    # the biases there, one a channel of each convolution
    assert theirs.count_params() - ours.count_params() == 26_560


def block_model(strides, shortcut, size=6):
    x = keras.Input((size, size, 3))
    return keras.Model(x, residual_block(x, ((5, 3), (5, 3)), strides=strides, shortcut=shortcut, name="block"))


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("size", [6, 7])
@pytest.mark.parametrize("shortcut", ["projection", "identity", None])
def test_basic_block_is_the_formula_with_symmetric_padding(shortcut, strides, size):
    model = randomized(block_model(strides, shortcut, size))
    x = np.random.default_rng(1).normal(size=(2, size, size, 3)).astype(np.float32)

    def conv_bn(x, name, strides, pad):
        layer, norm = model.get_layer(name), model.get_layer(f"{name}_bn")
        y = tf.nn.conv2d(x, layer.kernel.value, strides, [[0, 0], [pad, pad], [pad, pad], [0, 0]])
        gamma, beta, mean, variance = norm.get_weights()
        return (y - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    expected = conv_bn(tf.nn.relu(conv_bn(x, "block_conv1", strides, 1)), "block_conv2", 1, 1)
    if shortcut == "projection":
        expected += conv_bn(x, "block_shortcut", strides, 0)
    elif shortcut == "identity":
        expected += np.pad(x[:, ::strides, ::strides], ((0, 0), (0, 0), (0, 0), (0, 2)))
    np.testing.assert_allclose(model(x), tf.nn.relu(expected), rtol=1e-4, atol=1e-5)


def test_shortcut_is_nothing_where_the_shape_stays():
    names = shapes(outline(build_resnet, (8, 8, 1), 3, **SMALL))
    changes = {name for name in names if "shortcut" in name and not name.endswith("_subsample")}
    assert changes == {f"stage{stage}_block1_shortcut{end}" for stage in (2, 3, 4) for end in ("", "_bn")}
    assert not [name for name in shapes(outline(build_resnet, (8, 8, 1), 3, residual=False, **SMALL)) if "_add" in name]


@pytest.mark.parametrize("width", [0.125, 0.25])
def test_a_narrow_shortcut_computes_what_a_strided_one_does(width):
    model = build_resnet((16, 16, 1), 3, depth=18, width=width)
    convolution = model.get_layer("stage2_block1_shortcut")
    before = model.get_layer("stage1_block2_relu").output
    image = np.random.default_rng(0).random((1, 16, 16, 1))
    x, y = keras.Model(model.inputs, [before, convolution.output])([image])
    expected = keras.ops.conv(x, convolution.kernel, strides=2, padding="same", data_format="channels_last")
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


def test_kernels_have_he_variance():
    kernel = build_resnet((8, 8, 1), 3, depth=18, width=0.5).get_layer("stage4_block2_conv2").kernel.numpy()
    assert kernel.var() == pytest.approx(2 / (9 * 256), rel=0.02)  # 589,824 draws: a standard error of 0.2 %


@pytest.mark.parametrize("options", [{}, {"shortcut": "identity"}, {"residual": False}, {"depth": 50}])
def test_every_layer_is_named(options):
    model = outline(build_resnet, (8, 8, 1), 3, **SMALL | options)
    pattern = r"image|average_pool|logits|(stem|stage\d_block\d)_(conv\d|shortcut|add|relu|pool)(_\w+)?"
    assert all(re.fullmatch(pattern, layer.name) for layer in model.layers)
    assert model.name == ("plain18" if "residual" in options else f"resnet{options.get('depth', 18)}")


def test_width_scales_every_channel():
    found = shapes(outline(build_resnet, (32, 32, 1), 3, depth=50, width=0.25))
    assert found["stem_conv1"][-1] == 16
    assert found["stage1_block1_conv1"][-1] == 16
    assert found["stage4_block3_conv3"][-1] == 512
    assert found["logits"] == (3,)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"depth": 20}, "depth"),
        ({"depth": "50"}, "depth"),
        ({"shortcut": "none"}, "shortcut"),
        ({"shortcut": None}, "shortcut"),
    ],
)
def test_bad_arguments_are_named(options, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build_resnet(**{"input_shape": (8, 8, 1), "num_classes": 3} | options)
