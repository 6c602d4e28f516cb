"""FusedBatchNormalization: Keras's layer in every result, gradient and moving statistic."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.models.layers.fused_batch_normalization import FusedBatchNormalization

SHAPE = (6, 5, 4, 3)


def pair(shape=SHAPE, **options):
    """Makes the layer and Keras's with the same weights, away from 0 and 1."""
    layers = [kind(**options) for kind in (FusedBatchNormalization, keras.layers.BatchNormalization)]
    random = np.random.default_rng(0)
    for layer in layers:
        layer.build((None, *shape[1:]))
    for ours, theirs in zip(layers[0].weights, layers[1].weights, strict=True):
        value = random.uniform(0.5, 2, ours.shape)
        ours.assign(value)
        theirs.assign(value)
    return layers


def images(shape=SHAPE, dtype="float32"):
    return np.random.default_rng(1).normal(3, 2, shape).astype(dtype)


def uses_the_kernel(layer, x, **options):
    function = tf.function(lambda x: layer(x, **options)).get_concrete_function(tf.TensorSpec(x.shape, x.dtype))
    return any("FusedBatchNorm" in node.type for node in function.graph.get_operations())


@pytest.mark.parametrize("training", [False, True])
def test_outputs_gradients_and_moving_statistics_equal_keras(training):
    x = tf.constant(images())
    results = []
    for layer in pair(momentum=0.9):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=training)
            loss = tf.reduce_sum(y * y * tf.cos(x))
        gradients = tape.gradient(loss, [x, *[variable.value for variable in layer.trainable_variables]])
        results.append([y, *gradients, *layer.non_trainable_variables])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-4)


def test_compiled_by_xla_it_is_the_same():
    x, results = tf.constant(images()), []
    for layer, compiled in zip(pair(momentum=0.9), (True, False), strict=True):
        call = tf.function(lambda x, layer=layer: layer(x, training=True), jit_compile=compiled)
        results.append([call(x), *layer.non_trainable_variables])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_moving_statistics_after_many_steps_equal_keras():
    ours, theirs = pair(momentum=0.9)
    for step in range(30):
        x = images() * (1 + step)
        ours(x, training=True)
        theirs(x, training=True)
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_training_takes_the_one_kernel_and_inference_does_not():
    layer, _ = pair()
    x = images()
    assert uses_the_kernel(layer, x, training=True)
    assert not uses_the_kernel(layer, x, training=False)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((6, 3), {}),
        ((6, 5, 3), {}),
        (SHAPE, {"axis": 1}),
        (SHAPE, {"scale": False}),
        (SHAPE, {"center": False}),
        (SHAPE, {"epsilon": 1e-6}),
        (SHAPE, {"renorm": True}),
        (SHAPE, {"synchronized": True}),
        (SHAPE, {"dtype": "float64"}),
        (SHAPE, {"trainable": False}),
    ],
)
def test_what_the_kernel_cannot_do_is_keras(shape, options):
    ours, theirs = pair(shape, **options)
    x = images(shape, "float64" if options.get("dtype") == "float64" else "float32")
    assert not uses_the_kernel(ours, x, training=True)
    expected = theirs(x, training=True)
    np.testing.assert_array_equal(ours(x, training=True), expected)
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_masked_images_are_keras():
    ours, theirs = pair()
    mask = np.random.default_rng(2).random(SHAPE[:3]) < 0.5
    expected = theirs(images(), training=True, mask=mask)
    np.testing.assert_array_equal(ours(images(), training=True, mask=mask), expected)


def test_layer_is_saved_and_loaded_without_custom_objects(tmp_path):
    inputs = keras.Input(SHAPE[1:])
    model = keras.Model(inputs, FusedBatchNormalization(momentum=0.8)(inputs))
    model.save(tmp_path / "model.keras")
    layer = keras.models.load_model(tmp_path / "model.keras").layers[-1]
    assert (type(layer), layer.momentum) == (FusedBatchNormalization, 0.8)


def test_bfloat16_feature_maps_take_the_kernel_too_with_statistics_in_float32():
    images = np.random.default_rng(0).normal(1, 2, (16, 6, 6, 3)).astype(np.float32)
    layer, whole = (FusedBatchNormalization(dtype=dtype) for dtype in ("mixed_bfloat16", "float32"))
    with tf.GradientTape() as tape:
        outputs = layer(images, training=True)
        total = tf.reduce_sum(tf.cast(outputs, tf.float32) ** 3)
    gradients = tape.gradient(total, layer.trainable_weights)
    assert outputs.dtype == tf.bfloat16
    assert [gradient.dtype for gradient in gradients] == [tf.float32] * 2
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), whole(images, training=True), atol=0.03)
    for ours, theirs in zip(layer.weights, whole.weights, strict=True):
        assert ours.dtype == "float32"
        np.testing.assert_allclose(ours, theirs, atol=2e-3)
