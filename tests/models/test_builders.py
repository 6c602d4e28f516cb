"""Builders: what all have in common: names, logits, purity, saving and export."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest

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
    build_centernet,
    build_dcgan_discriminator,
    build_dcgan_generator,
    build_fcn,
    build_unet,
)

# Each stem once, and each option that puts other layers into the net.
VARIANTS = {
    "perceptron": ("perceptron", 4, {}),
    "mlp": ("mlp", 4, {"batch_norm": True, "dropout": 0.1}),
    "recurrent": ("recurrent", 4, {"layers": 2, "bidirectional": True, "dropout": 0.1}),
    "lenet-small": ("lenet", 4, {"stem": "small", "batch_norm": True, "pooling": "max"}),
    "lenet": ("lenet", 16, {"stem": "imagenet"}),
    "fast": ("fast", 7, {"dropout": 0.1}),
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
    narrow = {} if name in ("perceptron", "mlp") else {"width": 0.0625}
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


OF_OTHER_TASKS = {
    "generator": (lambda: build_gan_generator((8, 8, 1), latent_dim=4), False),
    "discriminator": (lambda: build_gan_discriminator((8, 8, 3)), False),
    "dcgan generator": (lambda: build_dcgan_generator((8, 8, 3), 4, 2, extra_stage=True), False),
    "dcgan discriminator": (lambda: build_dcgan_discriminator((8, 8, 3), 2, extra_stage=True), False),
    "conditional generator": (
        lambda: build_conditional_dcgan_generator((8, 8, 1), 3, latent_dim=4, base_filters=2),
        True,
    ),
    "conditional discriminator": (lambda: build_conditional_dcgan_discriminator((8, 8, 3), 3, base_filters=2), True),
    "centernet": (lambda: build_centernet((32, 64, 3), 2, width=0.0625), False),
    "unet": (lambda: build_unet((44, 48, 3), 2, depth=2, base_filters=2, batch_norm=True), False),
    "fcn": (lambda: build_fcn((32, 64, 3), 2, backbone="vgg11", width=0.0625), False),
}


@pytest.mark.parametrize("name", OF_OTHER_TASKS)
def test_global_settings_of_keras_change_no_net_of_another_task(name, request):
    make, conditional = OF_OTHER_TASKS[name]
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
