import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import zoom

from keras_course.inspection import feature_maps, grad_cam, saliency_map
from keras_course.inspection.network import Network
from keras_course.models import build_lenet
from keras_course.models.layers.grouped_convolution import GroupedConv2D

RNG = np.random.default_rng(0)
IMAGES = RNG.random((4, 8, 8, 3), np.float32)


def pooled_net(size=8, strides=1):
    """Returns a net of one convolution, the mean over its map, and logits."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(5, 3, strides=strides, padding="same", name="conv")(inputs)
    x = keras.layers.ReLU(name="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(4, name="logits")(x), name="pooled")
    model.get_layer("logits").bias.assign([0.1, -0.2, 0.3, 0])
    return model


def test_saliency_of_a_linear_model_is_the_largest_absolute_weight_over_channels():
    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, keras.layers.Dense(4, name="logits")(keras.layers.Flatten()(inputs)))
    weights = model.get_layer("logits").get_weights()[0].reshape(8, 8, 3, 4)
    classes = np.argmax(model(IMAGES), axis=1)
    for class_id, chosen in ((2, [2] * 4), ([0, 1, 2, 3], range(4)), (None, classes)):
        expected = np.stack([np.abs(weights[..., one]).max(axis=-1) for one in chosen])
        np.testing.assert_allclose(saliency_map(model, IMAGES, class_id), expected, rtol=1e-5)


def test_saliency_is_the_finite_difference_of_the_logit():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6, 6, 2), dtype="float64")
    x = keras.layers.Conv2D(3, 3, activation="tanh", dtype="float64")(inputs)
    x = keras.layers.Dense(3, dtype="float64")(keras.layers.Flatten(dtype="float64")(x))
    model = keras.Model(inputs, x)
    image = RNG.random((6, 6, 2)).astype(np.float32).astype(np.float64)
    step, slopes = 1e-5, np.zeros(image.shape)
    for place in np.ndindex(*image.shape):
        shift = np.zeros(image.shape)
        shift[place] = step
        high, low = (np.asarray(model((image + sign * shift)[None]))[0, 1] for sign in (1, -1))
        slopes[place] = (high - low) / (2 * step)
    np.testing.assert_allclose(saliency_map(model, image[None], 1)[0], np.abs(slopes).max(axis=-1), rtol=1e-4)


def heat(maps, weights):
    """Returns the map in closed form: in a pooled net ∂s_c / ∂Aₖ is the class's weight, the same everywhere."""
    return scaled(np.maximum(maps @ weights, 0))


def scaled(cam):
    """Returns each map divided by its largest value, or zeros."""
    largest = cam.max(axis=(1, 2), keepdims=True)
    return np.divide(cam, largest, where=largest > 0, out=np.zeros_like(cam))


def test_grad_cam_of_a_pooled_net_is_weights_times_maps():
    model = pooled_net()
    kernel, bias = model.get_layer("conv").get_weights()
    maps = np.maximum(tf.nn.conv2d(IMAGES, kernel, 1, "SAME") + bias, 0)
    weights = model.get_layer("logits").get_weights()[0]
    for class_id in (0, 3):
        cam = heat(maps, weights[:, class_id])
        got = grad_cam(model, IMAGES, class_id)
        assert got.shape == (4, 8, 8) and got.dtype == np.float32
        np.testing.assert_allclose(got, cam, atol=1e-5)
        np.testing.assert_array_equal(got, grad_cam(model, IMAGES, [class_id] * 4, layer="relu"))


def test_grad_cam_is_enlarged_to_the_image():
    small, large = pooled_net(strides=2), IMAGES
    kernel, bias = small.get_layer("conv").get_weights()
    maps = np.maximum(tf.nn.conv2d(large, kernel, 2, "SAME") + bias, 0)
    cam = heat(maps, small.get_layer("logits").get_weights()[0][:, 3])
    got = grad_cam(small, large, 3)
    assert got.shape == (4, 8, 8)
    # pixel 1 of 8 lies a quarter of the way from the centre of cell 0 to that of cell 1
    enlarged = zoom(cam, (1, 2, 2), order=1, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(got, scaled(enlarged), atol=1e-5)


def test_the_largest_heat_in_the_image_is_one():
    model = pooled_net(size=9, strides=2)  # bilinear enlargement from 5 pixels to 9 misses the centres of cells
    images = RNG.random((4, 9, 9, 3), np.float32)
    largest = np.stack([grad_cam(model, images, class_id).max(axis=(1, 2)) for class_id in range(4)])
    assert np.all((largest == 1) | (largest == 0)) and np.any(largest == 1)


def test_a_class_that_nothing_speaks_for_gives_zeros():
    model = pooled_net()
    weights, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([-np.abs(weights), bias])
    np.testing.assert_array_equal(grad_cam(model, IMAGES, 0), 0)


def test_the_default_layer_is_the_last_map_before_pooling():
    keras.utils.set_random_seed(0)
    model = build_lenet((8, 8, 3), 4, activation="relu")
    got = grad_cam(model, IMAGES, 1)
    np.testing.assert_array_equal(got, grad_cam(model, IMAGES, 1, layer="stage2_conv1_relu"))
    assert np.abs(got - grad_cam(model, IMAGES, 1, layer="stage1_conv1_relu")).max() > 0.1


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ([keras.layers.Conv2D(2, 3, name="conv"), keras.layers.UpSampling2D()], "conv"),
        ([keras.layers.Conv2D(2, 3, padding="same"), keras.layers.BatchNormalization(name="bn")], "bn"),
        ([GroupedConv2D(4, 3, name="grouped", groups=2), keras.layers.ZeroPadding2D(1)], "grouped"),
        ([keras.layers.Conv2D(2, 3, name="conv"), keras.layers.Reshape((3, 3, 8))], "conv"),
        ([keras.layers.Conv2D(2, 3, name="conv"), keras.layers.MaxPooling2D(), keras.layers.ReLU()], "conv"),
        (
            [keras.layers.Conv2D(2, 3, name="conv"), keras.layers.MaxPooling2D(6), keras.layers.Conv2D(3, 1)],
            "conv",
        ),
        ([keras.layers.Conv2D(2, 8, name="whole")], "whole"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_last_map_is_a_convolutions(steps, name):
    model = keras.Sequential([keras.Input((8, 8, 4)), *steps, keras.layers.Flatten(), keras.layers.Dense(2)])
    assert Network(model, main_only=True).last_map().name == name


def test_the_last_map_is_on_the_branch_of_the_convolution():
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(2, 3, padding="same", name="conv")(inputs)
    x = keras.layers.Dense(4)(keras.layers.Flatten()(x))
    colour = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(2.0)(inputs))
    both = keras.layers.Concatenate()([x, colour])
    assert Network(keras.Model(inputs, keras.layers.Dense(2)(both)), main_only=True).last_map().name == "conv"


@pytest.mark.parametrize("steps", [[keras.layers.Rescaling(2.0)], [keras.layers.UpSampling2D()]])
def test_preprocessing_is_no_convolution(steps):
    model = keras.Sequential([keras.Input((8, 8, 3)), *steps, keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="`model` must have a convolutional layer"):
        grad_cam(model, IMAGES)


class Halves(keras.layers.Layer):
    def call(self, inputs):
        return inputs[:, :, :4], inputs[:, :, 4:]


def test_layers_with_several_outputs_are_stepped_over_or_refused_by_name():
    inputs = keras.Input((8, 8, 3))
    left, right = Halves(name="halves")(keras.layers.Conv2D(2, 3, padding="same", name="conv")(inputs))
    x = keras.layers.Flatten()(keras.layers.Add()([left, right]))
    model = keras.Model(inputs, keras.layers.Dense(2)(x))
    assert grad_cam(model, IMAGES).shape == (4, 8, 8)
    for call in (lambda: grad_cam(model, IMAGES, layer="halves"), lambda: feature_maps(model, IMAGES, "halves")):
        with pytest.raises(ValueError, match="`layer` must have one output. Received: layer='halves' with 2 outputs"):
            call()


def test_a_layer_that_does_not_lead_to_the_logits_is_refused():
    model = pooled_net()
    side = keras.layers.Conv2D(2, 3, name="side_conv")(model.get_layer("relu").output)
    both = keras.Model(model.inputs[0], [model.outputs[0], keras.layers.GlobalAveragePooling2D()(side)])
    with pytest.raises(ValueError, match="`layer` must lead to the first output .*Received: layer='side_conv'"):
        grad_cam(both, IMAGES, layer="side_conv")
    assert grad_cam(both, IMAGES, 0, layer=both.layers[0].name).max() <= 1  # the image itself does


def test_of_several_outputs_the_first_is_explained():
    model = pooled_net()
    features = model.get_layer("relu").output
    side = keras.layers.Conv2D(2, 3, name="side_conv")(features)
    side = keras.layers.Dense(7)(keras.layers.Flatten()(side))
    both = keras.Model(model.inputs[0], [model.outputs[0], side])
    np.testing.assert_allclose(grad_cam(both, IMAGES, 3), grad_cam(model, IMAGES, 3), atol=1e-6)
    np.testing.assert_allclose(saliency_map(both, IMAGES), saliency_map(model, IMAGES), atol=1e-6)
    with pytest.raises(ValueError, match="`class_id` must be an integer >= 0 and <= 3. Received: class_id=5"):
        grad_cam(both, IMAGES, 5)


def test_mixed_precision_is_near_the_exact_maps():
    exact = pooled_net()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = pooled_net()
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(exact.get_weights())
    np.testing.assert_allclose(grad_cam(half, IMAGES, 3), grad_cam(exact, IMAGES, 3), atol=0.05)
    got, expected = saliency_map(half, IMAGES, 0), saliency_map(exact, IMAGES, 0)
    assert np.median(np.abs(got - expected)) < 0.02 * expected.max()


@pytest.mark.parametrize("function", [saliency_map, grad_cam])
@pytest.mark.parametrize(
    ("images", "class_id", "message"),
    [
        (IMAGES, -1, "`class_id` must be an integer >= 0 and <= 3. Received: class_id=-1"),
        (IMAGES, 1.0, "`class_id` must be an integer"),
        (IMAGES, [0, 1], "`class_id` must be one class or 4 classes, one per image. Received: 2 classes"),
        (IMAGES, [[0], [1]], "`class_id` must be an integer or a sequence of integers"),
        (IMAGES[..., :1], 0, "`images` must have the shape of the model's input"),
    ],
)
def test_bad_images_and_classes_are_refused(function, images, class_id, message):
    with pytest.raises(ValueError, match=message):
        function(pooled_net(), images, class_id)


def test_models_without_maps_or_logits_are_refused():
    inputs = keras.Input((8, 8, 3))
    dense = keras.Model(inputs, keras.layers.Dense(4)(keras.layers.Flatten()(inputs)))
    with pytest.raises(ValueError, match="`model` must have a convolutional layer"):
        grad_cam(dense, IMAGES)
    with pytest.raises(ValueError, match=r"`layer` must have an output of shape .*layer='logits'"):
        grad_cam(pooled_net(), IMAGES, layer="logits")
    with pytest.raises(ValueError, match="`model` must output logits"):
        saliency_map(keras.Model(inputs, keras.layers.Conv2D(2, 3)(inputs)), IMAGES)
