"""Models inside the model: names that reach into them, against a tape through the inner model and a flat twin."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.inspection import activation_maximization, feature_maps, grad_cam, layer_filters, saliency_map
from keras_course.inspection.network import Network

IMAGES = np.random.default_rng(0).random((4, 12, 12, 3), np.float32)


def backbone():
    image = keras.Input((12, 12, 3), name="picture")
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", name="first_conv")(image)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = x + keras.layers.Conv2D(6, 1, activation="relu", name="side_conv")(x)
    x = keras.layers.Conv2D(5, 3, activation="relu", name="last_conv")(x)
    return keras.Model(image, x, name="backbone")


def head(x):
    x = keras.layers.GlobalAveragePooling2D(name="gap")(x)
    return keras.layers.Dense(3, name="logits")(x)


def nested():
    """A convolution of one pixel, then a model with all the others, two deep."""
    keras.utils.set_random_seed(4)
    image = keras.Input((12, 12, 3), name="image")
    x = keras.layers.Conv2D(3, 1, name="colours")(image)
    wrapped = keras.Sequential([keras.Input((12, 12, 3)), backbone()], name="wrapper")
    return keras.Model(image, head(wrapped(x)), name="nested")


def flat(model):
    """The same function without a model inside, with the same weights."""
    image = keras.Input((12, 12, 3), name="image")
    x = keras.layers.Conv2D(3, 1, name="colours")(image)
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", name="first_conv")(x)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = x + keras.layers.Conv2D(6, 1, activation="relu", name="side_conv")(x)
    x = keras.layers.Conv2D(5, 3, activation="relu", name="last_conv")(x)
    twin = keras.Model(image, head(x))
    twin.set_weights(model.get_weights())
    return twin


@pytest.fixture(scope="module")
def model():
    model = nested()
    model.set_weights([w + np.random.default_rng(1).normal(0, 0.2, w.shape) ** 2 for w in model.get_weights()])
    return model


def cam_by_hand(model, class_id):
    """Grad-CAM with a tape that watches what the inner model returns."""
    with tf.GradientTape() as tape:
        maps = model.get_layer("wrapper")(model.get_layer("colours")(IMAGES), training=False)
        tape.watch(maps)
        logits = model.get_layer("logits")(model.get_layer("gap")(maps))[:, class_id]
    weights = tf.reduce_mean(tape.gradient(logits, maps), axis=[1, 2], keepdims=True)
    heat = tf.image.resize(tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1, keepdims=True)), (12, 12)).numpy()
    return (heat / np.maximum(heat.max(axis=(1, 2), keepdims=True), 1e-12))[..., 0]


@pytest.mark.parametrize("layer", [None, "wrapper", "wrapper/backbone", "wrapper/backbone/last_conv"])
def test_grad_cam_looks_into_the_inner_model(model, layer):
    for class_id in range(3):
        got = grad_cam(model, IMAGES, class_id, layer=layer)
        np.testing.assert_allclose(got, cam_by_hand(model, class_id), atol=1e-5)
        np.testing.assert_allclose(got, grad_cam(flat(model), IMAGES, class_id), atol=1e-5)


@pytest.mark.parametrize("layer", ["first_conv", "bn", "side_conv", "last_conv"])
def test_every_inner_layer_is_that_of_the_flat_twin(model, layer):
    twin, inner = flat(model), f"wrapper/backbone/{layer}"
    np.testing.assert_allclose(feature_maps(model, IMAGES, inner), feature_maps(twin, IMAGES, layer), atol=1e-5)
    np.testing.assert_allclose(grad_cam(model, IMAGES, 1, inner), grad_cam(twin, IMAGES, 1, layer), atol=1e-5)
    if layer.endswith("conv"):
        np.testing.assert_array_equal(layer_filters(model, inner), layer_filters(twin, layer))
    got, expected = (
        activation_maximization(one, name, [0, 4], steps=3) for one, name in ((model, inner), (twin, layer))
    )
    np.testing.assert_allclose(got.images, expected.images, atol=1e-4)
    np.testing.assert_allclose(got.activations, expected.activations, rtol=1e-4)


def test_saliency_goes_through_the_inner_model(model):
    np.testing.assert_allclose(
        saliency_map(model, IMAGES, 2), saliency_map(flat(model), IMAGES, 2), rtol=1e-4, atol=1e-7
    )


def test_a_lower_precision_reaches_into_the_inner_model(model):
    exact, half = (
        activation_maximization(model, "wrapper/backbone/bn", [0, 1], steps=0, dtype_policy=policy)
        for policy in (None, "mixed_bfloat16")
    )
    np.testing.assert_allclose(half.start_activations, exact.start_activations, rtol=0.03, atol=1e-2)
    assert np.any(half.start_activations != exact.start_activations)


def test_the_first_filters_may_lie_in_an_inner_model():
    inner = backbone()
    image = keras.Input((12, 12, 3))
    outer = keras.Model(image, head(inner(image)))
    kernel = inner.get_layer("first_conv").get_weights()[0]
    expected = 0.5 + kernel / (2 * np.abs(kernel).max(axis=(0, 1, 2)))
    np.testing.assert_allclose(layer_filters(outer), np.moveaxis(expected, -1, 0), rtol=1e-5)


def test_the_models_are_left_as_they_were(model):
    every = list(model._flatten_layers())
    before = [(len(layer._inbound_nodes), len(layer._outbound_nodes), len(layer.weights)) for layer in every]
    config, weights = model.to_json(), model.get_weights()
    grad_cam(model, IMAGES)
    saliency_map(model, IMAGES)
    feature_maps(model, IMAGES, "wrapper/backbone/side_conv")
    layer_filters(model)
    for policy in (None, "mixed_bfloat16"):
        activation_maximization(model, "wrapper/backbone/last_conv", 0, steps=1, dtype_policy=policy)
    after = [(len(layer._inbound_nodes), len(layer._outbound_nodes), len(layer.weights)) for layer in every]
    assert (after, model.to_json()) == (before, config)
    for got, want in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(got, want)


def test_an_inner_model_used_twice_answers_with_its_first_use():
    keras.utils.set_random_seed(0)
    inner_input = keras.Input((12, 12, 3))
    inner = keras.Model(inner_input, keras.layers.Conv2D(3, 3, padding="same", name="conv")(inner_input), name="twice")
    image = keras.Input((12, 12, 3))
    outer = keras.Model(image, head(inner(inner(image))))
    np.testing.assert_allclose(feature_maps(outer, IMAGES, "twice/conv"), inner(IMAGES), atol=1e-6)
    assert Network(outer, main_only=True).last_map().name == "twice/conv"
    with tf.GradientTape() as tape:
        maps = inner(inner(IMAGES))
        tape.watch(maps)
        score = outer.layers[-1](outer.layers[-2](maps))[:, 0]
    alpha = tf.reduce_mean(tape.gradient(score, maps), axis=[1, 2], keepdims=True)
    heat = np.maximum(np.sum(alpha * maps, axis=-1), 0)
    np.testing.assert_allclose(
        grad_cam(outer, IMAGES, 0), heat / np.maximum(heat.max(axis=(1, 2), keepdims=True), 1e-12), atol=1e-5
    )


def test_augmentation_inside_rests_and_other_dtypes_are_cast_at_the_door():
    inner_input = keras.Input((12, 12, 3), dtype="float32")
    x = keras.layers.RandomFlip("horizontal")(inner_input)
    inner = keras.Model(inner_input, x * 0.5 + 0.25, name="inner")
    image = keras.Input((12, 12, 3))
    half = keras.layers.Activation("linear", dtype="float16")(image)
    outer = keras.Model(image, head(keras.layers.Conv2D(2, 3, name="conv")(inner(half))))
    maps = feature_maps(outer, IMAGES, "inner")
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps, IMAGES.astype(np.float16).astype(np.float32) * 0.5 + 0.25, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            "last_conv",
            "`layer` must name a layer of nested: image, colours, .*did you mean 'wrapper/backbone/last_conv'",
        ),
        ("wrapper/backbone/las_conv", "did you mean 'wrapper/backbone/last_conv'"),
        ("wrapper/last_conv", "`layer` must name a layer of nested"),
    ],
)
def test_names_that_are_no_paths_are_refused_with_the_path(model, layer, message):
    with pytest.raises(ValueError, match=message):
        grad_cam(model, IMAGES, layer=layer)


def test_an_inner_model_without_a_map_is_no_feature_map():
    image = keras.Input((12, 12, 3))
    inner = backbone()
    top = keras.Model(inner.input, head(inner.output), name="classifier")
    outer = keras.Model(image, keras.layers.Dense(2)(top(image)))
    with pytest.raises(ValueError, match=r"`layer` must have an output of shape .*layer='classifier' with output"):
        grad_cam(outer, IMAGES, layer="classifier")
    assert grad_cam(outer, IMAGES).shape == (4, 12, 12)
