import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.inspection import feature_maps
from keras_course.models import build_lenet

IMAGES = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)


def lenet(**options):
    keras.utils.set_random_seed(0)
    return build_lenet((28, 28, 1), 10, **options)


def test_maps_are_the_answers_of_the_layers_computed_by_hand():
    model = lenet(activation="relu", pooling="max")
    first, second = (model.get_layer(f"stage{stage}_conv1").get_weights() for stage in (1, 2))
    x = tf.nn.relu(tf.nn.conv2d(IMAGES, first[0], 1, "SAME") + first[1])
    np.testing.assert_allclose(feature_maps(model, IMAGES, "stage1_conv1_relu"), x, atol=1e-5)
    x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    np.testing.assert_allclose(feature_maps(model, IMAGES, "stage1_pool"), x, atol=1e-5)
    x = tf.nn.conv2d(x, second[0], 1, "SAME") + second[1]
    np.testing.assert_allclose(feature_maps(model, IMAGES, "stage2_conv1"), x, atol=1e-5)


def test_the_model_stays_as_it_was():
    model = lenet()
    before = model.to_json()
    feature_maps(model, IMAGES, "stage2_conv1")
    assert model.to_json() == before
    assert model.get_layer("stage1_conv1").output.shape == (None, 28, 28, 6)  # still with one place in the graph


def test_dropout_and_batch_statistics_are_those_of_prediction():
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.BatchNormalization(name="norm")(keras.layers.Dropout(0.5)(inputs))
    maps = feature_maps(keras.Model(inputs, x), IMAGES[:, :4, :4], "norm")
    np.testing.assert_allclose(maps, IMAGES[:, :4, :4] / np.sqrt(1 + 1e-3), rtol=1e-5)


def test_mixed_precision_gives_float32_near_the_exact_maps():
    exact = lenet()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = lenet()
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(exact.get_weights())
    maps = feature_maps(half, IMAGES, "stage2_conv1")
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps, feature_maps(exact, IMAGES, "stage2_conv1"), atol=0.02)


@pytest.mark.parametrize(
    ("images", "layer", "message"),
    [
        (IMAGES, "stage3_conv1", r"`layer` must name a layer of lenet: .*did you mean 'stage\d_conv1'"),
        (
            IMAGES,
            "hidden1",
            r"`layer` must have an output of shape .* Received: layer='hidden1' with output \(None, 120",
        ),
        (
            IMAGES[..., 0],
            "stage1_conv1",
            r"`images` must have the shape .*\(None, 28, 28, 1\). Received: .*\(3, 28, 28\)",
        ),
        (IMAGES[:, :20], "stage1_conv1", r"`images` must have the shape .* Received: images.shape=\(3, 20, 28, 1\)"),
        (IMAGES[:0], "stage1_conv1", "`images` must have the shape"),
        (np.full_like(IMAGES, np.nan), "stage1_conv1", "`images` must be finite"),
    ],
)
def test_bad_arguments_are_refused(images, layer, message):
    with pytest.raises(ValueError, match=message):
        feature_maps(lenet(), images, layer)


def test_of_a_layer_used_twice_the_first_use_counts():
    inputs = keras.Input((8, 8, 1))
    conv = keras.layers.Conv2D(1, 3, padding="same", name="shared")
    once = conv(inputs)
    images = IMAGES[:, :8, :8]
    maps = feature_maps(keras.Model(inputs, conv(once)), images, "shared")
    np.testing.assert_allclose(maps, conv(images), atol=1e-6)
