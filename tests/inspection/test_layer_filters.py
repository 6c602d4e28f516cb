import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_course.inspection import layer_filters
from keras_course.models import build_lenet


def net(*layers, shape=(8, 8, 3)):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input(shape), *layers])


def test_weights_are_scaled_around_grey_filter_by_filter():
    model = net(keras.layers.Conv2D(4, (2, 3), name="conv"))
    kernel = np.random.default_rng(0).normal(size=(2, 3, 3, 4))
    kernel[..., 3] = 0
    model.get_layer("conv").set_weights([kernel, np.ones(4)])
    filters = layer_filters(model)
    assert filters.shape == (4, 2, 3, 3) and filters.dtype == np.float32
    for number in range(3):
        weights = kernel[..., number]
        np.testing.assert_allclose(filters[number], 0.5 + weights / (2 * np.abs(weights).max()), rtol=1e-5)
    np.testing.assert_array_equal(filters[3], 0.5)  # a filter of zeros is grey, not NaN
    assert filters.min() >= 0 and filters.max() <= 1


def test_the_first_convolution_is_the_default_and_others_have_names():
    model = build_lenet((28, 28, 1), 10)
    np.testing.assert_array_equal(layer_filters(model), layer_filters(model, "stage1_conv1"))
    assert layer_filters(model).shape == (6, 5, 5, 1)
    assert layer_filters(model, "stage2_conv1").shape == (16, 5, 5, 6)


def test_depthwise_filters_have_one_channel_each_in_the_order_of_the_output():
    model = net(keras.layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False, name="depthwise"))
    filters = layer_filters(model)
    assert filters.shape == (6, 3, 3, 1)
    impulse = np.zeros((1, 8, 8, 3), np.float32)
    impulse[0, 4, 4] = 1  # answered with the kernel, turned by 180 degrees
    answers = np.asarray(model(impulse))[0, 2:5, 2:5]
    for number in range(6):
        kernel = answers[::-1, ::-1, number]
        np.testing.assert_allclose(filters[number, ..., 0], 0.5 + kernel / (2 * np.abs(kernel).max()), rtol=1e-5)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("stage1_conv", r"`layer` must name a layer of lenet: image, stage1_conv1, .*did you mean 'stage1_conv1'"),
        (
            "logits",
            "`layer` must be a convolutional layer: stage1_conv1, stage2_conv1. Received: layer='logits', a Dense",
        ),
    ],
)
def test_other_layers_are_refused_by_name(layer, message):
    with pytest.raises(ValueError, match=message):
        layer_filters(build_lenet((28, 28, 1), 10), layer)


def test_models_without_convolution_or_without_graph_are_refused():
    with pytest.raises(ValueError, match="`model` must have a convolutional layer"):
        layer_filters(net(keras.layers.Flatten(), keras.layers.Dense(2)))
    with pytest.raises(ValueError, match="`model` must be a functional model with one input"):
        layer_filters(keras.Sequential([keras.layers.Dense(2)]))
    with pytest.raises(ValueError, match="`model` must be a functional model .* Received: a str"):
        layer_filters("lenet")


def test_a_long_list_of_layers_is_cut():
    model = net(*[keras.layers.ReLU(name=f"relu{number}") for number in range(60)])
    with pytest.raises(ValueError, match=r"relu38, … \(61 layers\). Received: layer='nothing'$"):
        layer_filters(model, "nothing")


def test_plotting_alone_imports_neither_keras_nor_tensorflow():
    code = "import sys, keras_course.visualization; print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
