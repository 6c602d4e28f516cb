"""Builders: published counts, names, logits, purity, sizes, saving and export, and what they refuse."""

import re

import keras
import numpy as np
import pytest

from keras_course.export import export_saved_model, load_saved_model
from keras_course.models import MODEL_BUILDERS, build_lenet, build_mlp, build_perceptron

# The smallest image of each published stem; the first two take any size. One depth stands for a family's blocks.
SIZES = {"lenet": 16, "alexnet": 67, "vgg11": 32, "googlenet": 32, "resnet18": 32, "resnet50": 32}
STEMS = [("perceptron", 8, "auto"), ("mlp", 8, "auto")] + [
    (name, size, stem) for name in SIZES for stem, size in {"small": 8, "imagenet": SIZES[name]}.items()
]


def tiny(name, size=8, stem="auto"):
    """Builds an architecture at a small size and width, with layers of different values: batch norm's too."""
    options = {"stem": stem, "width": 0.0625} if name in SIZES else {}
    keras.utils.set_random_seed(0)
    model = MODEL_BUILDERS[name]((size, size, 3), 3, **options)
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


@pytest.mark.parametrize(("name", "size", "stem"), STEMS)
def test_every_layer_is_named_and_the_model_outputs_logits(name, size, stem):
    model, twin = tiny(name, size, stem), tiny(name, size, stem)
    assert [layer.name for layer in model.layers] == [layer.name for layer in twin.layers]
    assert model.output.shape == (None, 3)
    assert model.layers[-1].name == "logits"
    assert model.layers[-1].activation is keras.activations.linear
    assert not model.compiled


@pytest.mark.parametrize("name", ["perceptron", "mlp", *SIZES])
def test_building_leaves_the_state_of_numpy_alone(name):
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    MODEL_BUILDERS[name]((8, 8, 1), 3, **({"width": 0.0625} if name in SIZES else {}))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize(("name", "size", "stem"), STEMS)
def test_saved_file_and_export_give_the_same_outputs_without_custom_objects(name, size, stem, tmp_path):
    model = tiny(name, size, stem)
    images = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), np.uint8)
    logits = keras.ops.convert_to_numpy(model(images / np.float32(255), training=False))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(images / np.float32(255), training=False), logits)
    exported = load_saved_model(export_saved_model(model, tmp_path / "export"))
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    np.testing.assert_allclose(exported.predict(images).probabilities, expected, atol=1e-5)


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


@pytest.mark.parametrize(("stem", "size"), [("auto", 4), ("small", 4), ("imagenet", 16)])
def test_smallest_size_works_and_one_below_names_it(stem, size):
    assert build_lenet((size, size, 1), 10, stem=stem).output.shape == (None, 10)
    expected = f"at least {size}x{size} pixels for this architecture. Received: input_shape={(size, size - 1, 1)}"
    with pytest.raises(ValueError, match=re.escape(expected)):
        build_lenet((size, size - 1, 1), 10, stem=stem)
