"""Builders: sizes of the simple ones, options, half precision, the smallest image, and what they refuse."""

import inspect
import re

import keras
import numpy as np
import pytest
from outlines import outline

from keras_course.models import MODEL_BUILDERS, build_fast_convnet, build_lenet, build_mlp, build_perceptron

# Height and width of the smallest image by stem; the first three take any. One depth stands for a family's blocks.
SMALLEST = {
    "perceptron": {},
    "mlp": {},
    "recurrent": {},
    "lenet": {"auto": 4, "small": 4, "imagenet": 16},
    "fast": {},
    "alexnet": {"auto": 8, "small": 8, "imagenet": 67},
    "vgg11": {"auto": 8, "small": 8, "imagenet": 32},
    "googlenet": {"auto": 8, "small": 8, "imagenet": 32},
    "resnet18": {"auto": 8, "small": 8, "imagenet": 32},
    "resnet50": {"auto": 8, "small": 8, "imagenet": 32},
}


def test_perceptron_has_a_weight_for_each_pixel_and_class():
    assert build_perceptron((8, 8, 1), 10).count_params() == 64 * 10 + 10


def test_mlp_count():
    # 784x256 + 256, 256x128 + 128, 128x10 + 10
    assert build_mlp((28, 28, 1), 10).count_params() == 200_960 + 32_896 + 1_290


def test_lenet_count_is_the_one_of_every_full_connection_lenet5():
    # conv 5x5x1x6 + 6, conv 5x5x6x16 + 16, dense 5x5x16 to 120, 120 to 84, 84 to 10
    assert build_lenet((32, 32, 1), 10).count_params() == 156 + 2_416 + 48_120 + 10_164 + 850 == 61_706


def test_lenet_keeps_size_in_the_small_stem():
    shapes = {layer.name: layer.output.shape for layer in build_lenet((8, 8, 1), 10).layers}
    assert shapes["stage1_conv1"] == (None, 8, 8, 6)
    assert shapes["stage1_pool"] == (None, 4, 4, 6)
    assert shapes["stage2_conv1"] == (None, 4, 4, 16)
    assert shapes["stage2_pool"] == (None, 2, 2, 16)


def test_lenet_pads_nothing_at_the_published_size():
    shapes = {layer.name: layer.output.shape for layer in build_lenet((32, 32, 1), 10).layers}
    assert shapes["stage1_conv1"] == (None, 28, 28, 6)
    assert shapes["stage2_pool"] == (None, 5, 5, 16)


def test_the_fast_net_counts_normalised_convolutions_of_6x6_and_3x3():
    # 6x6x1x32, 3x3x32x32, 32x64, 64x64, 64x128; of each normalised channel four numbers; 128 to 10
    expected = 1_152 + 9_216 + 18_432 + 36_864 + 73_728 + 4 * (32 + 32 + 64 + 64 + 128) + 1_290
    assert build_fast_convnet((28, 28, 1), 10).count_params() == expected
    shapes = {layer.name: layer.output.shape[1:] for layer in build_fast_convnet((28, 29, 1), 10).layers}
    assert [shapes[name] for name in ("stage1_conv1", "stage2_conv1", "stage3_conv1", "pool")] == [
        (14, 15, 32),
        (7, 7, 64),
        (3, 3, 128),
        (128,),
    ]


def test_the_first_convolution_of_the_fast_net_is_one_of_3x3_over_squares_folded_into_channels():
    layer = build_fast_convnet((28, 28, 1), 10).get_layer("stage1_conv1")
    images = np.random.default_rng(0).random((2, 28, 28, 1), np.float32)
    folded = images.reshape(2, 14, 2, 14, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(2, 14, 14, 4)
    kernel = layer.kernel.numpy().reshape(3, 2, 3, 2, 1, 32).transpose(0, 2, 1, 3, 4, 5).reshape(3, 3, 4, 32)
    expected = keras.ops.conv(folded, kernel, padding="same")
    np.testing.assert_allclose(layer(images), expected, atol=1e-5)


def test_options_of_the_fast_net_reach_the_layers():
    model = build_fast_convnet((8, 8, 1), 3, activation="gelu", dropout=0.25, weight_decay=0.1, width=0.5)
    filters = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert filters == [16, 16, 32, 32, 64]
    assert model.get_layer("stage3_conv1_gelu").activation is keras.activations.gelu
    assert model.get_layer("dropout").rate == 0.25
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    expected = 0.1 / 2 * sum(np.sum(kernel**2) for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_the_smallest_image_of_the_fast_net():
    assert outline(build_fast_convnet, (7, 7, 1), 3).output.shape == (None, 3)
    with pytest.raises(ValueError, match=r"at least 7x7 pixels for this architecture.*input_shape=\(7, 6, 1\)"):
        build_fast_convnet((7, 6, 1), 3)


def test_stem_can_be_asked_for_by_name():
    assert build_lenet((28, 28, 1), 10, stem="imagenet").get_layer("stage1_conv1").output.shape[1] == 24
    assert build_lenet((32, 32, 1), 10, stem="small").get_layer("stage1_conv1").output.shape[1] == 32


def test_width_scales_every_hidden_layer():
    model = build_lenet((32, 32, 1), 10, width=0.5)
    units = [layer.filters if hasattr(layer, "filters") else layer.units for layer in model.layers if layer.weights]
    assert units == [3, 8, 60, 42, 10]
    assert build_mlp((8, 8, 1), 10, width=2).get_layer("hidden1").units == 512


@pytest.mark.parametrize(
    ("name", "options", "policy", "place"),
    [
        ("alexnet", {"groups": 2}, "mixed_float16", "stage2_conv1"),
        ("alexnet", {"groups": 2}, "mixed_bfloat16", "stage2_conv1"),
        ("vgg11", {"batch_norm": True, "weight_decay": 5e-4}, "mixed_float16", "stage5_conv2"),
        ("vgg11", {"batch_norm": True, "weight_decay": 5e-4}, "mixed_bfloat16", "stage5_conv2"),
        ("googlenet", {}, "mixed_bfloat16", "stage5_block2_path3_conv2"),
        ("googlenet", {"batch_norm": True}, "mixed_bfloat16", "stage5_block2_path3_conv2"),
        ("resnet18", {}, "mixed_bfloat16", "stage4_block2_conv2"),
        ("resnet18", {"shortcut": "identity"}, "mixed_bfloat16", "stage4_block2_conv2"),
    ],
)
def test_trains_a_step_in_half_precision(name, options, policy, place):
    keras.config.set_dtype_policy(policy)
    try:
        keras.utils.set_random_seed(0)
        model = MODEL_BUILDERS[name]((8, 8, 1), 3, width=0.0625, **options)
    finally:
        keras.config.set_dtype_policy("float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # One step is quicker than its graph is made; a scaled first step in float16 may overflow and be left out.
    model.compile("sgd", loss, auto_scale_loss=False, run_eagerly=True)
    kernels = [model.get_layer(layer).kernel for layer in (place, "logits")]
    before = [kernel.numpy() for kernel in kernels]
    images = np.random.default_rng(0).random((4, 8, 8, 1), np.float32)
    assert np.isfinite(model.train_on_batch(images, np.array([0, 1, 2, 0])))
    assert model.get_layer(place).compute_dtype == policy.removeprefix("mixed_")
    for old, kernel in zip(before, kernels, strict=True):
        assert not np.array_equal(kernel, old)


def test_mlp_options_reach_the_layers():
    model = build_mlp(
        (8, 8, 1),
        3,
        hidden=(5,),
        activation="tanh",
        initializer="glorot_normal",
        batch_norm=True,
        dropout=0.25,
        weight_decay=0.1,
    )
    names = ["image", "flatten", "hidden1", "hidden1_bn", "hidden1_tanh", "hidden1_dropout", "logits"]
    assert [layer.name for layer in model.layers] == names
    assert model.get_layer("hidden1").bias is None
    assert isinstance(model.get_layer("hidden1").kernel_initializer, keras.initializers.GlorotNormal)
    assert model.get_layer("hidden1_dropout").rate == 0.25


def test_lenet_options_reach_the_layers():
    model = build_lenet((8, 8, 1), 3, activation="elu", pooling="max", batch_norm=True, dropout=0.25, weight_decay=0.1)
    names = ["image"]
    for number in (1, 2):
        names += [f"stage{number}_conv1", f"stage{number}_conv1_bn", f"stage{number}_conv1_elu", f"stage{number}_pool"]
    names += ["flatten"]
    for number in (1, 2):
        names += [f"hidden{number}", f"hidden{number}_bn", f"hidden{number}_elu", f"hidden{number}_dropout"]
    assert [layer.name for layer in model.layers] == [*names, "logits"]
    assert {model.get_layer(f"hidden{number}_dropout").rate for number in (1, 2)} == {0.25}
    assert model.get_layer("stage1_conv1").bias is None


@pytest.mark.parametrize("build", [build_mlp, build_lenet])
def test_weight_decay_is_half_lambda_times_the_squared_kernels(build):
    model = build((8, 8, 1), 3, weight_decay=0.1)
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    expected = 0.1 / 2 * sum(np.sum(kernel**2) for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_initializer_object_gives_layers_weights_of_their_own():
    initializer = keras.initializers.HeNormal()
    model = build_mlp((4, 4, 1), 3, hidden=(16, 16), initializer=initializer)
    assert not np.array_equal(model.get_layer("hidden1").kernel, model.get_layer("hidden2").kernel)


def test_no_hidden_layer_is_the_linear_model():
    assert [layer.name for layer in build_mlp((8, 8, 1), 3, hidden=()).layers] == ["image", "flatten", "logits"]


BAD_FOR_ALL = {
    "input_shape": (8, 8),
    "num_classes": 1,
    "dropout": 1,
    "weight_decay": -1,
    "width": 0,
    "stem": "tiny",
}


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        (name, argument)
        for name in SMALLEST
        for argument in BAD_FOR_ALL
        if argument in inspect.signature(MODEL_BUILDERS[name]).parameters
    ],
)
def test_bad_arguments_of_every_builder_are_named(name, argument):
    with pytest.raises(ValueError, match=f"`{argument}` must be .*Received: {argument}="):
        MODEL_BUILDERS[name](**{"input_shape": (28, 28, 1), "num_classes": 3} | {argument: BAD_FOR_ALL[argument]})


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: build_mlp((8, 8), 10), "input_shape"),
        (lambda: build_mlp(8, 10), "input_shape"),
        (lambda: build_mlp((8, 0, 1), 10), "input_shape"),
        (lambda: build_mlp((None, None, 1), 10), "input_shape"),
        (lambda: build_perceptron((8, 8, 1), 1), "num_classes"),
        (lambda: build_perceptron((8, 8, 1), 10.0), "num_classes"),
        (lambda: build_mlp((8, 8, 1), 10, hidden=64), "hidden"),
        (lambda: build_mlp((8, 8, 1), 10, hidden=(64, 0)), "hidden"),
        (lambda: build_mlp((8, 8, 1), 10, activation="rleu"), "activation"),
        (lambda: build_mlp((8, 8, 1), 10, activation="get"), "activation"),
        (lambda: build_mlp((8, 8, 1), 10, initializer="good"), "initializer"),
        (lambda: build_mlp((8, 8, 1), 10, initializer=None), "initializer"),
        (lambda: build_mlp((8, 8, 1), 10, initializer=keras.initializers.HeNormal), "initializer"),
        (lambda: build_mlp((8, 8, 1), 10, dropout=1.0), "dropout"),
        (lambda: build_mlp((8, 8, 1), 10, weight_decay=-1e-4), "weight_decay"),
        (lambda: build_mlp((8, 8, 1), 10, width=0), "width"),
        (lambda: build_lenet((8, 8, 1), 10, stem="tiny"), "stem"),
        (lambda: build_lenet((8, 8, 1), 10, pooling="sum"), "pooling"),
        (lambda: build_lenet((8, 8, 1), 10, dropout="half"), "dropout"),
    ],
)
def test_bad_arguments_are_named(build, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build()


@pytest.mark.parametrize(
    ("name", "stem", "size"), [(name, stem, size) for name in SMALLEST for stem, size in SMALLEST[name].items()]
)
def test_smallest_size_works_and_one_below_names_it(name, stem, size):
    model = outline(MODEL_BUILDERS[name], (size, size, 1), 3, stem=stem, width=0.0625)
    assert model.output.shape == (None, 3)
    expected = f"at least {size}x{size} pixels for this architecture. Received: input_shape={(size, size - 1, 1)}"
    with pytest.raises(ValueError, match=re.escape(expected)):
        MODEL_BUILDERS[name]((size, size - 1, 1), 3, stem=stem, width=0.0625)
