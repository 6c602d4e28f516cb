"""VGG: published counts and sizes of each depth, keras.applications' logits, stems and options."""

import math

import keras
import numpy as np
import pytest
from outlines import outline, shapes

from keras_course.models.vgg import CONVOLUTIONS_PER_STAGE, build_vgg, vgg_block

NARROW = 1 / 32

# 3 x 3 x inputs x filters + filters, by (inputs, filters)
CONV = {
    (3, 64): 1_792,
    (64, 64): 36_928,
    (64, 128): 73_856,
    (128, 128): 147_584,
    (128, 256): 295_168,
    (256, 256): 590_080,
    (256, 512): 1_180_160,
    (512, 512): 2_359_808,
}
# 7 x 7 x 512 inputs to 4,096, to 4,096, to 1,000
CLASSIFIER = 102_764_544 + 16_781_312 + 4_097_000
# What all depths have: the first convolution of each stage, two in the last of them
SHARED = CONV[3, 64] + CONV[64, 128] + CONV[128, 256] + CONV[256, 512] + CONV[512, 512] + CLASSIFIER
COUNTS = {
    # A: a second convolution in the stages 3, 4 and 5
    11: SHARED + CONV[256, 256] + 2 * CONV[512, 512],
    # B: in the stages 1 and 2 too
    13: SHARED + CONV[64, 64] + CONV[128, 128] + CONV[256, 256] + 2 * CONV[512, 512],
    # D: a third one in the stages 3, 4 and 5
    16: SHARED + CONV[64, 64] + CONV[128, 128] + 2 * CONV[256, 256] + 4 * CONV[512, 512],
    # E: a fourth
    19: SHARED + CONV[64, 64] + CONV[128, 128] + 3 * CONV[256, 256] + 6 * CONV[512, 512],
}
FILTERS = {11: 2_752, 13: 2_944, 16: 4_224, 19: 5_504}  # in all: stages x (64, 128, 256, 512, 512)


def published(depth, **options):
    return outline(build_vgg, (224, 224, 3), 1000, depth=depth, **options)


def images(size):
    return np.random.default_rng(0).random((2, size, size, 3), np.float32)


def test_counts_by_hand_are_the_published_ones():
    assert COUNTS == {11: 132_863_336, 13: 133_047_848, 16: 138_357_544, 19: 143_667_240}


@pytest.mark.parametrize("depth", COUNTS)
def test_published_count(depth):
    model = published(depth)
    assert model.count_params() == COUNTS[depth]
    assert sum(hasattr(layer, "kernel") for layer in model.layers) == depth


@pytest.mark.parametrize("depth", COUNTS)
def test_batch_normalisation_adds_scale_and_moving_statistics(depth):
    # A bias gives way to a shift; new are a scale, a moving mean and a moving variance a filter. torchvision's
    # vgg16_bn has 138,365,992 trainable ones: it keeps the 4,224 biases that the shift makes useless.
    assert COUNTS[16] + 2 * FILTERS[16] == 138_365_992
    model = published(depth, batch_norm=True)
    assert model.count_params() == COUNTS[depth] + 3 * FILTERS[depth]
    assert sum(math.prod(weight.shape) for weight in model.trainable_weights) == COUNTS[depth] + FILTERS[depth]


@pytest.mark.parametrize(("depth", "convolutions"), CONVOLUTIONS_PER_STAGE.items())
def test_each_stage_halves_height_and_width(depth, convolutions):
    found = shapes(published(depth))
    for stage, (size, filters) in enumerate([(224, 64), (112, 128), (56, 256), (28, 512), (14, 512)], start=1):
        for number in range(1, convolutions[stage - 1] + 1):
            assert found[f"stage{stage}_conv{number}"] == (size, size, filters)
        assert f"stage{stage}_conv{convolutions[stage - 1] + 1}" not in found
        assert found[f"stage{stage}_pool"] == (size // 2, size // 2, filters)
    assert found["hidden1"] == found["hidden2"] == (4096,)
    kernels = [layer.kernel_size for layer in published(depth).layers if isinstance(layer, keras.layers.Conv2D)]
    assert set(kernels) == {(3, 3)}


@pytest.mark.parametrize(("size", "pooled"), [(28, [14, 7, 4, 2, 1]), (8, [4, 2, 1, 1, 1])])
def test_the_small_stem_rounds_up(size, pooled):
    found = shapes(outline(build_vgg, (size, size, 1), 10, depth=11))
    assert [found[f"stage{stage}_pool"][0] for stage in range(1, 6)] == pooled
    assert found["hidden1"] == found["hidden2"] == (512,)


def test_every_layer_is_named():
    names = ["image"]
    for stage, convolutions in enumerate((1, 1, 2, 2, 2), start=1):
        for number in range(1, convolutions + 1):
            names += [f"stage{stage}_conv{number}{part}" for part in ("", "_bn", "_relu")]
        names.append(f"stage{stage}_pool")
    names += ["flatten"] + [f"hidden{number}{part}" for number in (1, 2) for part in ("", "_relu", "_dropout")]
    for size in (28, 32):
        model = outline(build_vgg, (size, size, 3), 10, depth=11, batch_norm=True)
        assert [layer.name for layer in model.layers] == [*names, "logits"]
        assert model.name == "vgg11"


@pytest.mark.parametrize(("depth", "builder"), [(16, keras.applications.VGG16), (19, keras.applications.VGG19)])
def test_same_weights_give_the_logits_of_keras_applications(depth, builder):
    model = build_vgg((32, 32, 3), 10, depth=depth)
    reference = builder(weights=None, input_shape=(32, 32, 3), classes=10, classifier_activation=None)
    for layer in reference.layers:
        if layer.weights:
            layer.bias.assign(np.random.default_rng(0).uniform(-1, 1, layer.bias.shape))
    model.set_weights(reference.get_weights())
    expected = np.asarray(reference(images(32)))
    np.testing.assert_allclose(model(images(32)), expected, atol=1e-5 * np.abs(expected).max())


def test_block_is_convolutions_and_a_pooling():
    inputs = keras.Input((9, 9, 3))
    model = keras.Model(inputs, vgg_block(inputs, 5, 2, batch_norm=True, pool_padding="same", name="stage7"))
    assert model.output.shape == (None, 5, 5, 5)
    assert [layer.name for layer in model.layers[1:]] == [
        *("stage7_conv1", "stage7_conv1_bn", "stage7_conv1_relu"),
        *("stage7_conv2", "stage7_conv2_bn", "stage7_conv2_relu", "stage7_pool"),
    ]
    assert vgg_block(inputs, 5, 1, name="stage1").shape == (None, 4, 4, 5)


def test_mean_color_is_subtracted_from_each_pixel():
    plain, centered = (
        build_vgg((32, 32, 3), 4, depth=11, mean_color=color, width=NARROW) for color in (None, (0.5, 0.25, 0.0))
    )
    centered.set_weights(plain.get_weights())
    assert centered.layers[1].name == "image_center"
    expected = plain(images(32) - np.array([0.5, 0.25, 0.0], "float32"))
    np.testing.assert_allclose(centered(images(32)), expected, atol=1e-5)


def test_width_scales_every_layer():
    model = outline(build_vgg, (28, 28, 1), 10, depth=13, width=0.05)
    channels = [layer.filters if hasattr(layer, "filters") else layer.units for layer in model.layers if layer.weights]
    # 0.05 x (64, 128, 256, 512, 512) and x 512 units
    assert channels == [3, 3, 6, 6, 13, 13, 26, 26, 26, 26, 26, 26, 10]


def test_weight_decay_is_half_lambda_times_the_squared_kernels():
    model = build_vgg((8, 8, 1), 3, depth=11, weight_decay=0.1, width=NARROW)
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    assert len(kernels) == 11
    assert float(sum(model.losses)) == pytest.approx(0.1 / 2 * sum(np.sum(kernel**2) for kernel in kernels), rel=1e-5)


def test_dropout_follows_each_hidden_layer_or_goes():
    model = outline(build_vgg, (8, 8, 1), 3, depth=11, dropout=0.25)
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [0.25, 0.25]
    model = outline(build_vgg, (8, 8, 1), 3, depth=11, dropout=0)
    assert not any(isinstance(layer, keras.layers.Dropout) for layer in model.layers)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"depth": 17}, "depth"),
        ({"mean_color": 0.5}, "mean_color"),
        ({"mean_color": (0.5, 0.5)}, "mean_color"),
        ({"mean_color": (0.5, 0.5, 128)}, "mean_color"),
    ],
)
def test_bad_arguments_are_named(options, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build_vgg(**{"input_shape": (28, 28, 3), "num_classes": 10, **options})


def test_stem_can_be_asked_for_by_name_and_auto_goes_by_the_shorter_side():
    assert shapes(outline(build_vgg, (32, 32, 1), 10, depth=11, stem="small"))["hidden1"] == (512,)
    assert shapes(outline(build_vgg, (32, 31, 1), 10, depth=11))["hidden1"] == (512,)
    assert shapes(outline(build_vgg, (32, 32, 1), 10, depth=11))["hidden1"] == (4096,)
