"""Local response normalisation against TensorFlow's own, by value and gradient; dtypes, saving, export."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.export import export_saved_model, load_saved_model
from keras_course.models.layers.local_response_normalization import LocalResponseNormalization

SETTINGS = [{}, {"n": 3, "k": 1.0, "alpha": 0.5, "beta": 0.5}, {"n": 9, "k": 0.5, "alpha": 0.1, "beta": 1.25}, {"n": 1}]


def features(shape=(2, 3, 3, 7), scale=30.0):
    return (np.random.default_rng(0).standard_normal(shape) * scale).astype("float32")


def tensorflow_normalization(x, *, n=5, k=2.0, alpha=1e-4, beta=0.75):
    return tf.nn.local_response_normalization(x, depth_radius=n // 2, bias=k, alpha=alpha, beta=beta)


@pytest.mark.parametrize("settings", SETTINGS)
def test_values_are_tensorflows(settings):
    x = features()
    expected = tensorflow_normalization(x, **settings)
    np.testing.assert_allclose(LocalResponseNormalization(**settings)(x), expected, rtol=1e-5)


@pytest.mark.parametrize("settings", SETTINGS)
def test_gradient_is_tensorflows(settings):
    x = tf.constant(features())
    weights = tf.constant(features(scale=1.0)[::-1].copy())
    gradients = []
    for function in (LocalResponseNormalization(**settings), lambda x: tensorflow_normalization(x, **settings)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(weights * function(x))
        gradients.append(tape.gradient(loss, x))
    np.testing.assert_allclose(gradients[0], gradients[1], rtol=1e-4, atol=1e-5)


def test_formula_by_hand():
    # Channels 1, 2, 3 and n = 3: sums of squares 1 + 4, 1 + 4 + 9, 4 + 9; k = 1, alpha = 1, beta = 1
    layer = LocalResponseNormalization(n=3, k=1.0, alpha=1.0, beta=1.0)
    np.testing.assert_allclose(layer(np.array([[1.0, 2.0, 3.0]])), [[1 / 6, 2 / 15, 3 / 14]], rtol=1e-6)


@pytest.mark.parametrize(("policy", "tolerance"), [("mixed_bfloat16", 2**-7), ("mixed_float16", 2**-10)])
def test_half_precision_neither_overflows_nor_drops_the_squares(policy, tolerance):
    x = np.array([[300.0, -300.0, 1000.0, 2.0, 0.0, 20000.0]], "float32")
    y = LocalResponseNormalization(dtype=policy)(x)
    assert y.dtype == keras.DTypePolicy(policy).compute_dtype
    expected = tensorflow_normalization(x[:, None, None])[:, 0, 0]
    np.testing.assert_allclose(tf.cast(y, "float32"), expected, rtol=2 * tolerance)


def test_double_precision_stays_double():
    x = features().astype("float64")
    squares = np.apply_along_axis(np.convolve, -1, x**2, np.ones(5), mode="same")
    y = LocalResponseNormalization(dtype="float64")(x)
    np.testing.assert_allclose(y, x / (2 + 1e-4 * squares) ** 0.75, rtol=1e-13)


def small_model():
    inputs = keras.Input((4, 4, 3), name="image")
    x = keras.layers.Conv2D(8, 3, kernel_initializer=keras.initializers.RandomNormal(stddev=50.0), name="conv1")(inputs)
    x = LocalResponseNormalization(n=3, k=1.5, alpha=1e-3, beta=0.5, name="conv1_lrn")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    return keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))


def test_saved_model_file_loads_without_custom_objects(tmp_path):
    model = small_model()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    config = loaded.get_layer("conv1_lrn").get_config()
    assert (config["n"], config["k"], config["alpha"], config["beta"]) == (3, 1.5, 1e-3, 0.5)
    x = features((2, 4, 4, 3), scale=1.0)
    np.testing.assert_array_equal(loaded(x), model(x))


def test_export_gives_the_same_probabilities(tmp_path):
    model = small_model()
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), dtype=np.uint8)
    expected = keras.ops.softmax(model(images.astype("float32") / 255))
    probabilities = load_saved_model(export_saved_model(model, tmp_path)).predict(images).probabilities
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)


def test_any_rank_and_unknown_sizes():
    assert LocalResponseNormalization()(keras.Input((None, None, 6))).shape == (None, None, None, 6)
    np.testing.assert_allclose(
        LocalResponseNormalization()(features()[0, 0]), LocalResponseNormalization()(features())[0, 0], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"n": 0}, "n"),
        ({"n": 4}, "n"),
        ({"n": 5.0}, "n"),
        ({"k": 0}, "k"),
        ({"alpha": -1e-4}, "alpha"),
        ({"beta": "high"}, "beta"),
    ],
)
def test_bad_arguments_are_named(settings, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        LocalResponseNormalization(**settings)
