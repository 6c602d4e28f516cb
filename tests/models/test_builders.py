"""Builders: what all have in common: names, logits, purity, saving and export."""

import functools

import keras
import numpy as np
import pytest

from keras_course.export import export_saved_model, load_saved_model
from keras_course.models import MODEL_BUILDERS

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
