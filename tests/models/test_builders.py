"""Builders: what all have in common: names, logits, purity, saving, export, half precision, and what they refuse."""

import functools
import inspect
import re

import keras
import numpy as np
import pandas as pd
import pytest
from outlines import outline

from keras_course.export import export_saved_model, load_saved_model
from keras_course.gan import (
    build_conditional_dcgan_discriminator,
    build_conditional_dcgan_generator,
    build_gan_discriminator,
    build_gan_generator,
)
from keras_course.inspection import ledger
from keras_course.models import (
    MODEL_BUILDERS,
    build_dcgan_discriminator,
    build_dcgan_generator,
    build_lenet,
    build_mlp,
    build_perceptron,
)

# Height and width of the smallest image by stem; the first two take any. One depth stands for a family's blocks.
SMALLEST = {
    "perceptron": {},
    "mlp": {},
    "lenet": {"auto": 4, "small": 4, "imagenet": 16},
    "alexnet": {"auto": 8, "small": 8, "imagenet": 67},
    "vgg11": {"auto": 8, "small": 8, "imagenet": 32},
    "googlenet": {"auto": 8, "small": 8, "imagenet": 32},
    "resnet18": {"auto": 8, "small": 8, "imagenet": 32},
    "resnet50": {"auto": 8, "small": 8, "imagenet": 32},
}
# Each stem once, and each option that puts other layers into the net.
VARIANTS = {
    "perceptron": ("perceptron", 4, {}),
    "mlp": ("mlp", 4, {"batch_norm": True, "dropout": 0.1}),
    "lenet-small": ("lenet", 4, {"stem": "small", "batch_norm": True, "pooling": "max"}),
    "lenet": ("lenet", 16, {"stem": "imagenet"}),
    "alexnet-small": ("alexnet", 8, {"stem": "small"}),
    "alexnet-small-batch-norm": ("alexnet", 8, {"stem": "small", "normalization": "batch"}),
    "alexnet-towers": ("alexnet", 67, {"stem": "imagenet", "groups": 2}),
    "vgg11-small": ("vgg11", 8, {"stem": "small", "batch_norm": True, "mean_color": (0.5, 0.25, 0.0)}),
    "vgg11": ("vgg11", 32, {"stem": "imagenet"}),
    "googlenet-small": ("googlenet", 8, {"stem": "small", "batch_norm": True}),
    "googlenet-heads": ("googlenet", 32, {"stem": "imagenet", "auxiliary_heads": True}),
    "resnet18-small-identity": ("resnet18", 8, {"stem": "small", "shortcut": "identity"}),
    "resnet18": ("resnet18", 32, {"stem": "imagenet"}),
    "resnet50-small": ("resnet50", 8, {"stem": "small"}),
}
every_variant = pytest.mark.parametrize("variant", VARIANTS)


def build(variant):
    """Builds a variant for images of its smallest size, one pixel higher than wide, with few channels."""
    name, size, options = VARIANTS[variant]
    narrow = {"width": 0.0625} if SMALLEST[name] else {}
    return MODEL_BUILDERS[name]((size + 1, size, 3), 3, **narrow, **options)


@functools.cache
def tiny(variant):
    """Returns a variant with layers of different values: batch norm's too."""
    keras.utils.set_random_seed(0)
    model = build(variant)
    random = np.random.default_rng(0)
    for variable in model.non_trainable_variables:
        if "moving" in variable.path:
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
    return model


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


def test_stem_can_be_asked_for_by_name():
    assert build_lenet((28, 28, 1), 10, stem="imagenet").get_layer("stage1_conv1").output.shape[1] == 24
    assert build_lenet((32, 32, 1), 10, stem="small").get_layer("stage1_conv1").output.shape[1] == 32


def test_width_scales_every_hidden_layer():
    model = build_lenet((32, 32, 1), 10, width=0.5)
    units = [layer.filters if hasattr(layer, "filters") else layer.units for layer in model.layers if layer.weights]
    assert units == [3, 8, 60, 42, 10]
    assert build_mlp((8, 8, 1), 10, width=2).get_layer("hidden1").units == 512


@every_variant
def test_every_model_outputs_logits(variant):
    model = tiny(variant)
    assert {output.shape for output in model.outputs} == {(None, 3)}
    assert model.output_names[0] == "logits"
    for name in model.output_names:
        assert model.get_layer(name).activation is keras.activations.linear
    assert not model.compiled


@pytest.fixture
def foreign_settings():
    """Keras's global settings as another project may have left them."""
    before = keras.config.image_data_format(), keras.config.epsilon()
    keras.config.set_image_data_format("channels_first")
    keras.config.set_epsilon(0.1)
    yield
    keras.config.set_image_data_format(before[0])
    keras.config.set_epsilon(before[1])


def assert_same_net(build, here, images):
    """Compares a net built under other global settings with one that was built under Keras's own."""
    model = build()
    assert model.count_params() == here.count_params()
    assert [layer.output.shape for layer in model.layers] == [layer.output.shape for layer in here.layers]
    model.set_weights(here.get_weights())
    outputs = (keras.tree.flatten(net(images, training=False)) for net in (model, here))
    for one, two in zip(*outputs, strict=True):
        np.testing.assert_array_equal(one, two)


@every_variant
def test_global_settings_of_keras_change_no_net(variant, request):
    here = keras.models.clone_model(tiny(variant))
    here.set_weights(tiny(variant).get_weights())
    before = ledger(here)
    request.getfixturevalue("foreign_settings")
    images = np.random.default_rng(1).random((2, *here.input_shape[1:]), np.float32)
    assert_same_net(lambda: build(variant), here, images)
    pd.testing.assert_frame_equal(ledger(here), before)


GANS = {
    "generator": (lambda: build_gan_generator((8, 8, 1), latent_dim=4), False),
    "discriminator": (lambda: build_gan_discriminator((8, 8, 3)), False),
    "dcgan generator": (lambda: build_dcgan_generator((8, 8, 3), 4, 2, extra_stage=True), False),
    "dcgan discriminator": (lambda: build_dcgan_discriminator((8, 8, 3), 2, extra_stage=True), False),
    "conditional generator": (
        lambda: build_conditional_dcgan_generator((8, 8, 1), 3, latent_dim=4, base_filters=2),
        True,
    ),
    "conditional discriminator": (lambda: build_conditional_dcgan_discriminator((8, 8, 3), 3, base_filters=2), True),
}


@pytest.mark.parametrize("name", GANS)
def test_global_settings_of_keras_change_no_net_of_a_gan(name, request):
    make, conditional = GANS[name]
    here = make()
    request.getfixturevalue("foreign_settings")
    random = np.random.default_rng(1)
    first = random.random((2, *here.inputs[0].shape[1:]), np.float32)
    assert_same_net(make, here, [first, np.array([0, 2])] if conditional else first)


def test_a_default_type_of_eight_bytes_changes_no_count_and_only_the_last_bits():
    here = tiny("resnet18-small-identity")
    images = np.random.default_rng(1).random((2, *here.input_shape[1:]), np.float32)
    policy = keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        wide = build("resnet18-small-identity")
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy(policy)
    wide.set_weights(here.get_weights())
    assert (wide.count_params(), wide.output.dtype) == (here.count_params(), "float64")
    np.testing.assert_allclose(wide(images), here(images), rtol=1e-3, atol=1e-4)


@every_variant
def test_building_again_gives_the_same_names_and_leaves_the_state_of_numpy_alone(variant):
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    names = [layer.name for layer in build(variant).layers]
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    assert names == [layer.name for layer in tiny(variant).layers]


@every_variant
def test_saved_file_and_export_give_the_same_outputs_without_custom_objects(variant, tmp_path):
    model = tiny(variant)
    images = np.random.default_rng(0).integers(0, 256, (2, *model.input_shape[1:]), np.uint8)
    outputs = keras.tree.flatten(model(images / np.float32(255), training=False))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for got, want in zip(keras.tree.flatten(loaded(images / np.float32(255), training=False)), outputs, strict=True):
        np.testing.assert_array_equal(got, want)
    exported = load_saved_model(export_saved_model(loaded, tmp_path / "export"))
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(outputs[0]))
    np.testing.assert_allclose(exported.predict(images).probabilities, expected, atol=1e-5)


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
