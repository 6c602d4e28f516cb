"""GoogLeNet: published counts, block by block, shapes, the same logits as the paper's table in plain TensorFlow."""

import math
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from outlines import outline, shapes

from keras_course.models.googlenet import build_googlenet, inception_block

# Table 1 of the paper, and with it what a block has by hand. On c channels:
# (c + 1)*(n1 + r3 + r5 + p) for the four 1x1 convolutions, (9*r3 + 1)*n3 and (25*r5 + 1)*n5 for the other two.
TABLE = {
    "stage3_block1": ((192, 64, 96, 128, 16, 32, 32), 163_696),
    "stage3_block2": ((256, 128, 128, 192, 32, 96, 64), 388_736),
    "stage4_block1": ((480, 192, 96, 208, 16, 48, 64), 376_176),
    "stage4_block2": ((512, 160, 112, 224, 24, 64, 64), 449_160),
    "stage4_block3": ((512, 128, 128, 256, 24, 64, 64), 510_104),
    "stage4_block4": ((512, 112, 144, 288, 32, 64, 64), 605_376),
    "stage4_block5": ((528, 256, 160, 320, 32, 128, 128), 868_352),
    "stage5_block1": ((832, 256, 160, 320, 32, 128, 128), 1_043_456),
    "stage5_block2": ((832, 384, 192, 384, 48, 128, 128), 1_444_080),
}
OUTPUTS = ["logits", "auxiliary1_logits", "auxiliary2_logits"]


@pytest.fixture
def published():
    return outline(build_googlenet, (224, 224, 3), 1000, auxiliary_heads=True)


@pytest.fixture
def small():
    """The small stem with heads, narrow."""
    return outline(build_googlenet, (28, 28, 1), 3, auxiliary_heads=True, width=1 / 16)


def count(model, prefix):
    return sum(layer.count_params() for layer in model.layers if layer.name.startswith(prefix))


@pytest.mark.parametrize("name", TABLE)
def test_count_of_every_block_is_the_one_of_the_table(published, name):
    (c, n1, r3, n3, r5, n5, p), expected = TABLE[name]
    assert (c + 1) * (n1 + r3 + r5 + p) + (9 * r3 + 1) * n3 + (25 * r5 + 1) * n5 == expected
    assert count(published, f"{name}_") == expected


def test_count_is_the_published_one(published):
    # 7*7*3*64 + 64; 64*64 + 64 and 9*64*192 + 192; 1024*1000 + 1000
    assert count(published, "stage1") == 9_472
    assert count(published, "stage2") == 4_160 + 110_784
    assert count(published, "logits") == 1_025_000
    blocks = sum(expected for _, expected in TABLE.values())
    assert blocks == 5_849_136
    main = outline(build_googlenet, (224, 224, 3), 1000)
    assert main.count_params() == 9_472 + 114_944 + blocks + 1_025_000 == 6_998_552
    # a head: c*128 + 128, then 4*4*128*1024 + 1024 and 1024*1000 + 1000; c = 512 and 528
    assert count(published, "auxiliary1") == 65_664 + 2_098_176 + 1_025_000
    assert count(published, "auxiliary2") == 67_712 + 2_098_176 + 1_025_000
    assert published.count_params() == 6_998_552 + 3_188_840 + 3_190_888 == 13_378_280


def test_batch_norm_has_a_scale_more_for_each_channel_of_convolution_and_no_other_normalisation(published):
    model = outline(build_googlenet, (224, 224, 3), 1000, batch_norm=True)
    channels = sum(
        layer.filters
        for layer in published.layers
        if isinstance(layer, keras.layers.Conv2D) and not layer.name.startswith("auxiliary")
    )
    trainable = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    assert trainable == 6_998_552 + channels  # scale and shift, in place of the bias
    assert model.count_params() == trainable + 2 * channels  # and two moving statistics, which aren't trained
    assert not [layer.name for layer in model.layers if "lrn" in layer.name]


def test_strides_of_every_stage_at_the_published_size(published):
    found = shapes(published)
    # the column "output size" of the paper's table
    assert found["stage1_conv1"] == (112, 112, 64)
    assert found["stage1_pool"] == (56, 56, 64)
    assert found["stage2_conv2"] == (56, 56, 192)
    assert found["stage2_pool"] == (28, 28, 192)
    assert found["stage3_block1_concatenate"] == (28, 28, 256)
    assert found["stage3_block2_concatenate"] == (28, 28, 480)
    assert found["stage3_pool"] == (14, 14, 480)
    assert [found[f"stage4_block{block}_concatenate"][-1] for block in range(1, 6)] == [512, 512, 512, 528, 832]
    assert found["stage4_pool"] == (7, 7, 832)
    assert found["stage5_block2_concatenate"] == (7, 7, 1024)
    assert found["average_pool"] == (1024,)
    assert found["auxiliary1_pool"] == (4, 4, 512)
    assert found["auxiliary2_pool"] == (4, 4, 528)


def test_small_stem_has_one_stride_of_two_a_stage_from_the_second_on(small):
    found = shapes(small)
    assert found["stage1_conv1"] == found["stage2_conv1"] == (28, 28, 4)
    assert [found[f"stage{stage}_pool"][0] for stage in (2, 3, 4)] == [14, 7, 4]
    assert small.get_layer("stage1_conv1").kernel_size == (3, 3)
    assert "stage1_pool" not in found


@pytest.mark.parametrize(("size", "stem"), [(64, "imagenet"), (63, "small")])
def test_stem_is_chosen_by_size(size, stem):
    auto, named = (outline(build_googlenet, (size, 64, 3), 3, width=1 / 16, stem=name) for name in ("auto", stem))
    assert shapes(auto) == shapes(named)


def conv_relu(model, x, name, strides=1, pad=None):
    layer = model.get_layer(name)
    pad = (layer.kernel.shape[0] - 1) // 2 if pad is None else pad
    padding = [[0, 0], [pad, pad], [pad, pad], [0, 0]]
    return tf.nn.relu(tf.nn.conv2d(x, layer.kernel.value, strides, padding) + layer.bias.value)


def inception(model, x, name):
    pooled = tf.nn.max_pool2d(x, 3, 1, "SAME")
    paths = [
        conv_relu(model, x, f"{name}_path1_conv1"),
        conv_relu(model, conv_relu(model, x, f"{name}_path2_conv1"), f"{name}_path2_conv2"),
        conv_relu(model, conv_relu(model, x, f"{name}_path3_conv1"), f"{name}_path3_conv2"),
        conv_relu(model, pooled, f"{name}_path4_conv1"),
    ]
    return tf.concat(paths, axis=-1)


def dense(model, x, name):
    kernel, bias = model.get_layer(name).get_weights()
    return x @ kernel + bias


def by_the_paper(model, x):
    """Runs the table of the paper, with the symmetric padding of its Caffe net, on the weights of `model`."""
    lrn = {"depth_radius": 2, "bias": 2, "alpha": 1e-4, "beta": 0.75}
    x = tf.nn.max_pool2d(conv_relu(model, x, "stage1_conv1", 2, 3), 3, 2, [[0, 0], [0, 1], [0, 1], [0, 0]])
    x = conv_relu(model, conv_relu(model, tf.nn.lrn(x, **lrn), "stage2_conv1"), "stage2_conv2")
    x = tf.nn.max_pool2d(tf.nn.lrn(x, **lrn), 3, 2, [[0, 0], [0, 1], [0, 1], [0, 0]])
    heads = []
    for name in TABLE:
        if name in ("stage4_block1", "stage5_block1"):
            x = tf.nn.max_pool2d(x, 3, 2, [[0, 0], [0, 1], [0, 1], [0, 0]])
        x = inception(model, x, name)
        if name in ("stage4_block1", "stage4_block4"):
            head = f"auxiliary{len(heads) + 1}"
            y = conv_relu(model, tf.nn.avg_pool2d(x, 5, 3, "VALID"), f"{head}_conv1")
            y = tf.nn.relu(dense(model, tf.reshape(y, (len(y), -1)), f"{head}_hidden1"))
            heads.append(dense(model, y, f"{head}_logits"))
    return [dense(model, tf.reduce_mean(x, (1, 2)), "logits"), *heads]


def test_logits_are_those_of_the_paper_in_plain_tensorflow():
    shape = (128, 96, 3)
    model = build_googlenet(shape, 4, auxiliary_heads=True, width=1 / 8)
    random = np.random.default_rng(0)
    for variable in model.weights:
        spread = 0.1 if len(variable.shape) == 1 else math.sqrt(6 / math.prod(variable.shape[:-1]))
        variable.assign(random.uniform(-spread, spread, variable.shape))
    images = random.uniform(0, 30, (2, *shape)).astype(np.float32)  # large enough for the local normalisation to matter
    for got, want in zip(model(images), by_the_paper(model, images), strict=True):
        assert float(np.std(want)) > 0.01
        np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-4 * float(np.abs(want).max()))


def test_inception_block_has_four_paths_with_true_5x5_filters():
    x = keras.Input((6, 6, 3))
    model = keras.Model(x, inception_block(x, (1, 2, 4, 2, 5, 3), name="block"))
    kernels = {layer.name: layer.kernel.shape[:2] for layer in model.layers if isinstance(layer, keras.layers.Conv2D)}
    assert kernels == {
        "block_path1_conv1": (1, 1),
        "block_path2_conv1": (1, 1),
        "block_path2_conv2": (3, 3),
        "block_path3_conv1": (1, 1),
        "block_path3_conv2": (5, 5),
        "block_path4_conv1": (1, 1),
    }
    assert model.output.shape == (None, 6, 6, 1 + 4 + 5 + 3)


def test_heads_come_after_4a_and_4d_in_the_order_of_the_list(small):
    assert isinstance(small.output, list)
    assert small.output_names == OUTPUTS
    assert [output.shape for output in small.outputs] == [(None, 3)] * 3
    assert small.get_layer("auxiliary1_pool").input is small.get_layer("stage4_block1_concatenate").output
    assert small.get_layer("auxiliary2_pool").input is small.get_layer("stage4_block4_concatenate").output
    assert all(small.get_layer(name).activation is keras.activations.linear for name in OUTPUTS)
    assert [small.get_layer(f"auxiliary{head}_hidden1_dropout").rate for head in (1, 2)] == [0.7, 0.7]


def test_every_layer_is_named(small):
    patterns = r"image|average_pool|dropout|logits", r"stage\d_\w+", r"auxiliary\d_\w+"
    assert all(re.fullmatch("|".join(patterns), layer.name) for layer in small.layers)


def test_width_and_dropout_reach_the_layers():
    model = outline(build_googlenet, (8, 8, 1), 3, width=0.25, dropout=0.1)
    assert shapes(model)["average_pool"] == (256,)
    assert model.get_layer("stage3_block1_path3_conv1").filters == 4
    assert model.get_layer("dropout").rate == 0.1
    assert "dropout" not in shapes(outline(build_googlenet, (8, 8, 1), 3, width=1 / 16, dropout=0))
