import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.inspection import activation_maximization, network
from keras_course.inspection.objective import gaussian_blur, total_variation, total_variation_gradient
from keras_course.models import build_lenet, build_mlp

RNG = np.random.default_rng(0)
FREE = {"jitter": 0, "total_variation": 0}  # nothing but the gradient and the penalty on u²


def lenet(**options):
    keras.utils.set_random_seed(0)
    return build_lenet((28, 28, 1), 10, activation="relu", **options)


@pytest.fixture(scope="module")
def net():
    """A LeNet that no test changes."""
    return lenet()


def one_place(activation=None):
    """Returns a convolution whose kernel covers the whole image, so that its map has one place."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6, 5, 3))
    return keras.Model(inputs, keras.layers.Conv2D(4, (6, 5), activation=activation, name="conv")(inputs))


def deep_net(depth=12):
    keras.utils.set_random_seed(0)
    inputs = x = keras.Input((16, 16, 3))
    for number in range(depth):
        x = keras.layers.Conv2D(12, 3, padding="same", name=f"conv{number}")(x)
        x = keras.layers.ReLU(name=f"relu{number}")(x)
    return keras.Model(inputs, x)


def answer_of_maps(maps):
    """Returns the mean of max(z, 0) of maps (n, height, width), or the largest z of one at rest."""
    return np.array([one.max() if one.max() <= 0 else np.maximum(one, 0).mean() for one in maps])


@pytest.mark.parametrize("activation", [None, "relu", "tanh"])
def test_one_linear_filter_is_answered_by_its_kernel(activation):
    model = one_place(activation)
    found = activation_maximization(model, "conv", steps=200, l2=4.0, **FREE)
    kernels = np.moveaxis(model.get_layer("conv").get_weights()[0], -1, 0)
    # at rest g / rms(g) = λ₂ u, and the gradient of a linear answer is the kernel
    rms = np.sqrt(np.mean(kernels**2, axis=(1, 2, 3), keepdims=True))
    np.testing.assert_allclose(found.images, 0.5 + kernels / rms / 4.0, atol=1e-4)
    np.testing.assert_array_equal(found.filters, range(4))
    answers = np.sum(found.images * kernels, axis=(1, 2, 3))
    np.testing.assert_allclose(found.activations, answers, rtol=1e-4)


def test_without_a_penalty_each_pixel_goes_to_the_sign_of_its_weight():
    model = one_place()
    found = activation_maximization(model, "conv", [2], steps=100, learning_rate=100, l2=0, **FREE)
    kernel = model.get_layer("conv").get_weights()[0][..., 2]
    np.testing.assert_allclose(found.images[0], kernel > 0, atol=1e-6)


def test_value_range_is_what_the_model_sees():
    model = one_place()
    found = activation_maximization(model, "conv", 1, steps=5, value_range=(-3, 7), **FREE)
    answer = model(found.images * 10 - 3)[0, 0, 0, 1]
    np.testing.assert_allclose(found.activations, [answer], rtol=1e-4)


@pytest.mark.parametrize(
    "layer", ["stage1_conv1", "stage2_conv1", "stage2_conv1_relu", "stage2_pool", "hidden2", "logits"]
)
def test_every_answer_is_the_layers_own_and_rises(net, layer):
    model = net
    found = activation_maximization(model, layer, [0, 3, 5], steps=20)
    output = keras.Model(model.inputs[0], model.get_layer(layer).output)(found.images).numpy()
    own = output[[0, 1, 2], ..., [0, 3, 5]]
    answers = answer_of_maps(own) if own.ndim == 3 else own
    np.testing.assert_allclose(found.activations, answers, rtol=1e-3, atol=1e-6)
    assert np.all(found.activations > found.start_activations)
    assert found.images.shape == (3, 28, 28, 1) and found.images.dtype == np.float32
    assert found.images.min() >= 0 and found.images.max() <= 1


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="last"),
        keras.layers.Conv2D(6, 3, dilation_rate=2, use_bias=False, name="last"),
        keras.layers.Conv2D(6, 3, groups=2, name="last"),
        keras.layers.DepthwiseConv2D(3, name="last"),
        keras.layers.BatchNormalization(name="last"),
    ],
)
def test_convolutions_of_every_kind_answer_as_in_the_model(layer):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((9, 9, 2))
    x = keras.layers.Conv2D(4, 3, padding="same", bias_initializer="ones")(inputs)
    model = keras.Model(inputs, layer.__class__.from_config(layer.get_config())(x))
    found = activation_maximization(model, "last", [1, 3], steps=3)
    output = model(found.images).numpy()[[0, 1], ..., [1, 3]]
    np.testing.assert_allclose(found.activations, answer_of_maps(output), rtol=1e-4, atol=1e-7)


def test_filters_do_not_depend_on_their_batch(net):
    model = net
    together = activation_maximization(model, "stage2_conv1", [7, 2, 9], steps=15, seed=3)
    parts = activation_maximization(model, "stage2_conv1", [7, 2, 9], steps=15, seed=3, batch_size=2)
    np.testing.assert_allclose(parts.images, together.images, atol=1e-3)
    for place, number in enumerate([7, 2, 9]):
        alone = activation_maximization(model, "stage2_conv1", number, steps=15, seed=3)
        np.testing.assert_allclose(alone.images[0], together.images[place], atol=1e-3)
        np.testing.assert_allclose(alone.activations[0], together.activations[place], rtol=1e-3)


def test_the_seed_decides(net):
    model = net
    first, again, other = (
        activation_maximization(model, "stage2_conv1", 0, steps=10, seed=seed).images for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_global_random_numbers_and_the_model_stay_as_they_were():
    model = lenet(dropout=0.5)
    weights, config = model.get_weights(), model.to_json()
    state = np.random.get_state()[1].copy()
    activation_maximization(model, "logits", 0, steps=2)
    np.testing.assert_array_equal(np.random.get_state()[1], state)
    assert model.to_json() == config
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_scale_of_the_weights_does_not_change_the_images(net):
    expected = activation_maximization(net, "stage2_conv1", [0, 1], steps=10).images
    for scale in (1e-6, 1e4):
        model = lenet()
        for name in ("stage1_conv1", "stage2_conv1"):
            kernel, bias = model.get_layer(name).get_weights()
            model.get_layer(name).set_weights([scale * kernel, bias])
        images = activation_maximization(model, "stage2_conv1", [0, 1], steps=10).images
        np.testing.assert_allclose(images, expected, atol=1e-2)


def test_deep_and_sleeping_layers_are_reached_with_the_same_settings():
    deep = activation_maximization(deep_net(), "conv11", steps=30)
    assert np.mean(deep.activations > 1.2 * deep.start_activations) > 0.8
    model = lenet()
    kernel, bias = model.get_layer("stage2_conv1").get_weights()
    model.get_layer("stage2_conv1").set_weights([kernel, bias - 0.3])  # at rest on the noise
    asleep = activation_maximization(model, "stage2_conv1")
    assert np.mean(asleep.start_activations <= 0) > 0.5
    assert np.all(asleep.activations > asleep.start_activations)
    assert np.mean(asleep.activations[asleep.start_activations <= 0] > 0) > 0.5


def test_mixed_precision_rises_too():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = lenet()
    finally:
        keras.config.set_dtype_policy("float32")
    for layer in ("stage2_conv1", "stage2_conv1_relu", "logits"):
        found = activation_maximization(model, layer, [0, 1], steps=15)
        assert found.images.dtype == np.float32
        assert np.all(found.activations > found.start_activations)


def test_feature_maps_can_be_computed_at_other_sizes_dense_layers_can_not(net):
    model = net
    found = activation_maximization(model, "stage2_conv1", [0, 1], steps=2, image_size=(40, 52))
    assert found.images.shape == (2, 40, 52, 1)
    assert activation_maximization(model, "stage1_conv1", 0, steps=0, image_size=9).images.shape == (1, 9, 9, 1)
    with pytest.raises(ValueError, match=r"`image_size` must suit the layers up to 'logits'.*\(28, 28\).*\(40, 40\)"):
        activation_maximization(model, "logits", image_size=40)
    valid = lenet(stem="imagenet")
    for size in (4, 12):  # below the first kernel; the second convolution's map would have no pixel
        with pytest.raises(ValueError, match="`image_size` must suit the layers up to 'stage2_conv1'"):
            activation_maximization(valid, "stage2_conv1", image_size=size)


def test_a_model_of_any_size_needs_a_size():
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3, name="conv")])
    with pytest.raises(ValueError, match="`image_size` must be given for a model of any size"):
        activation_maximization(model, "conv")
    assert activation_maximization(model, "conv", image_size=7, steps=1).images.shape == (2, 7, 7, 1)


class Broken(keras.layers.Layer):
    def compute_output_shape(self, input_shape):
        return input_shape

    def call(self, inputs):
        raise ValueError("broken by its author")


def test_an_error_at_the_models_own_size_is_not_blamed_on_the_size():
    inputs = keras.Input((6, 6, 1))
    model = keras.Model(inputs, Broken(name="broken")(inputs))
    with pytest.raises(ValueError, match="broken by its author") as caught:
        activation_maximization(model, "broken", 0)
    assert "`image_size`" not in str(caught.value)
    with pytest.raises(ValueError, match="`image_size` must suit the layers up to 'broken'"):
        activation_maximization(model, "broken", 0, image_size=7)


def test_the_graph_to_the_layer_is_checked_once(monkeypatch):
    checked, check = [], network.check_model
    monkeypatch.setattr(network, "check_model", lambda model: (checked.append(model), check(model)))
    model = lenet()
    activation_maximization(model, "stage1_conv1", 0, steps=0)
    assert checked == [model]


def test_at_most_twenty_filters_unless_asked_for():
    keras.utils.set_random_seed(0)
    model = build_mlp((8, 8, 1), 10, hidden=(30,))
    np.testing.assert_array_equal(activation_maximization(model, "hidden1", steps=0).filters, range(20))
    np.testing.assert_array_equal(
        activation_maximization(model, "hidden1", range(25, 30), steps=0).filters, range(25, 30)
    )


def test_jitter_shifts_and_regularisers_smooth(net):
    model = net
    plain = activation_maximization(model, "stage2_conv1", range(4), **FREE).images
    for change in ({"total_variation": 0.4}, {"blur": 0.7}):
        smooth = activation_maximization(model, "stage2_conv1", range(4), **(FREE | change)).images
        roughness = [np.abs(np.diff(images, axis=2)).mean() for images in (plain, smooth)]
        assert roughness[1] < 0.8 * roughness[0]
    shifted = activation_maximization(model, "stage2_conv1", range(4), **(FREE | {"jitter": 2})).images
    assert np.abs(shifted - plain).max() > 0.1


def test_total_variation_is_differentiated_rightly():
    images = tf.constant(RNG.normal(size=(2, 5, 4, 3)).astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(images)
        energy = total_variation(images)
    np.testing.assert_allclose(total_variation_gradient(images), tape.gradient(energy, images), atol=1e-5)
    step = np.zeros((1, 4, 4, 1), np.float32)
    step[:, :, 2:] = 5.0  # an edge of height 5 and length 4; the other 12 places count ε = 0.1 each
    np.testing.assert_allclose(total_variation(tf.constant(step)), [4 * 5.001 + 12 * 0.1], rtol=1e-5)


def test_blur_is_scipys_gaussian_filter():
    from scipy.ndimage import gaussian_filter

    images = RNG.normal(size=(2, 12, 9, 3)).astype(np.float32)
    expected = gaussian_filter(images, (0, 1.2, 1.2, 0), mode="constant", radius=(0, 4, 4, 0))
    np.testing.assert_allclose(gaussian_blur(tf.constant(images), 1.2), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layer": "stage2_conv"}, "`layer` must name a layer of lenet: .*did you mean 'stage2_conv1'"),
        ({"layer": "image", "filters": [1]}, "`filters` must be an integer >= 0 and <= 0. Received: filters=1"),
        ({"filters": [0, 16]}, "`filters` must be an integer >= 0 and <= 15. Received: filters=16"),
        ({"filters": -1}, "`filters` must be an integer >= 0"),
        ({"filters": []}, "`filters` must be an integer or a sequence"),
        ({"filters": [0.5]}, "`filters` must be an integer"),
        ({"steps": -1}, "`steps` must be an integer >= 0. Received: steps=-1"),
        ({"image_size": 0}, "`image_size` must be an integer >= 1 or"),
        ({"image_size": (3, 4, 5)}, "`image_size` must be an integer >= 1 or"),
        ({"learning_rate": 0}, "`learning_rate` must be a finite number > 0"),
        ({"jitter": -1}, "`jitter` must be an integer >= 0"),
        ({"total_variation": -1}, "`total_variation` must be a finite number >= 0"),
        ({"l2": "a"}, "`l2` must be a finite number >= 0"),
        ({"blur": np.nan}, "`blur` must be a finite number >= 0"),
        (
            {"value_range": (1, 0)},
            r"`value_range` must be \(low, high\) with low < high. Received: value_range=\(1, 0\)",
        ),
        ({"value_range": 1}, r"`value_range` must be \(low, high\)"),
        ({"dtype_policy": "half"}, "`dtype_policy` must name a Keras dtype policy. Received: dtype_policy='half'"),
        ({"batch_size": 0}, "`batch_size` must be an integer >= 1"),
        ({"seed": -1}, "`seed` must be an integer >= 0"),
    ],
)
def test_bad_settings_are_refused(net, arguments, message):
    with pytest.raises(ValueError, match=message):
        activation_maximization(net, **({"layer": "stage2_conv1"} | arguments))


def test_half_precision_can_be_asked_for_and_leaves_the_model_and_random_numbers_alone():
    model = lenet(batch_norm=True, dropout=0.5)
    state, config = random.getstate(), model.to_json()
    exact, half = (
        activation_maximization(model, "stage2_conv1_bn", range(4), dtype_policy=policy)
        for policy in (None, "mixed_bfloat16")
    )
    assert random.getstate() == state and model.to_json() == config
    np.testing.assert_allclose(half.start_activations, exact.start_activations, rtol=0.03, atol=1e-4)
    np.testing.assert_allclose(half.activations, exact.activations, rtol=0.2)
    assert np.any(half.activations != exact.activations)
