import random

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from convnets import build_convnet, spread_logits

from keras_course.export import export_saved_model, load_saved_model

NAMES = ["null", "eins", "zwei", "drei", "fünf"]


def expected_probabilities(model, images):
    logits = model(images.astype(np.float32) / np.float32(255), training=False)
    return scipy.special.softmax(np.asarray(logits, np.float64), axis=1)


def check_round_trip(model, images, directory, logits_model=None, atol=1e-6):
    prediction = load_saved_model(export_saved_model(model, directory)).predict(images)
    expected = expected_probabilities(logits_model or model, images)
    np.testing.assert_allclose(prediction.probabilities, expected, atol=atol)
    assert prediction.probabilities.dtype == np.float32
    assert prediction.class_id.dtype == np.int64
    np.testing.assert_array_equal(prediction.class_id, prediction.probabilities.argmax(axis=1))


def test_versions_count_up_and_assets_hold_the_names(convnet, tmp_path):
    first = export_saved_model(convnet, tmp_path / "new" / "convnet", class_names=NAMES)
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    second = export_saved_model(convnet, str(tmp_path / "new" / "convnet"))
    assert [first.name, second.name] == ["1", "2"]
    assert first.parent == second.parent == tmp_path / "new" / "convnet"
    assert (first / "assets" / "class_names.txt").read_text(encoding="utf-8") == "null\neins\nzwei\ndrei\nfünf\n"
    assert load_saved_model(second).class_names == ["0", "1", "2", "3", "4"]
    assert before == {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    assert sorted(path.name for path in first.parent.iterdir()) == ["1", "2"]


def test_round_trip(convnet, images, tmp_path):
    check_round_trip(convnet, images, tmp_path)


def test_signature_is_the_contract(convnet, tmp_path):
    signature = tf.saved_model.load(str(export_saved_model(convnet, tmp_path))).signatures["serving_default"]
    ((name, images),) = signature.structured_input_signature[1].items()
    assert (name, images.dtype, images.shape.as_list()) == ("images", tf.uint8, [None, 12, 10, 1])
    outputs = {name: (spec.dtype, spec.shape.as_list()) for name, spec in signature.structured_outputs.items()}
    assert outputs == {"probabilities": (tf.float32, [None, 5]), "class_id": (tf.int64, [None])}


def test_model_is_left_as_it_was(images, tmp_path):
    keras.utils.set_random_seed(1)
    image = keras.Input((12, 10, 1), name="image")
    x = keras.layers.Conv2D(4, 3, activity_regularizer="l2", name="conv")(image)
    x = keras.layers.Flatten(name="flatten")(x)
    model = keras.Model(image, keras.layers.Dense(5, name="logits")(x))
    model.compile("sgd", "mse")
    config, weights, optimizer = model.to_json(), model.get_weights(), model.optimizer
    policies = [layer.dtype_policy.name for layer in model.layers]
    export_saved_model(model, tmp_path)
    assert model.to_json() == config
    assert model.optimizer is optimizer
    assert not model.losses
    assert [layer.dtype_policy.name for layer in model.layers] == policies
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


def test_random_state_is_left_alone(convnet, tmp_path):
    state, legacy = random.getstate(), np.random.get_state()[1].copy()
    generator = tf.random.get_global_generator().state.numpy().copy()
    export_saved_model(convnet, tmp_path)
    assert random.getstate() == state
    np.testing.assert_array_equal(np.random.get_state()[1], legacy)
    np.testing.assert_array_equal(tf.random.get_global_generator().state.numpy(), generator)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_softmax_is_float32_under_mixed_precision(images, tmp_path, policy):
    keras.utils.set_random_seed(0)
    model = spread_logits(build_convnet(policy=policy))
    prediction = load_saved_model(export_saved_model(model, tmp_path)).predict(images)
    assert prediction.probabilities.dtype == np.float32
    np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(prediction.probabilities, expected_probabilities(model, images), atol=0.03)
    assert model.get_layer("conv1").dtype_policy.name == policy


def test_first_of_several_outputs_without_the_weights_of_the_others(convnet, images, tmp_path):
    features = convnet.get_layer("pool2").output
    head = keras.layers.Dense(50_000, name="auxiliary")(features)
    model = keras.Model(convnet.input, [convnet.output, head], name="two_heads")
    check_round_trip(model, images, tmp_path, logits_model=convnet)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 150_000


def test_nested_models_lists_of_one_input_and_sequential(convnet, images, tmp_path):
    image = keras.Input((12, 10, 1), name="image")
    nested = keras.Model([image], [convnet(keras.layers.Identity(name="identity")(image))], name="nested")
    check_round_trip(nested, images, tmp_path / "nested", logits_model=convnet)
    check_round_trip(keras.Sequential([keras.Input((12, 10, 1)), convnet]), images, tmp_path / "s", convnet)


@keras.saving.register_keras_serializable("keras_course_tests")
class LookupScale(keras.layers.Layer):
    """A custom layer that needs a resource of TensorFlow's beside its weights."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        entries = tf.lookup.KeyValueTensorInitializer(tf.constant([0], tf.int64), tf.constant([3.0]))
        self.table = tf.lookup.StaticHashTable(entries, 0.0)

    def build(self, input_shape):
        self.gain = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="gain")

    def call(self, x):
        return x * self.gain * self.table.lookup(tf.constant(0, tf.int64))


def test_custom_layers_with_lookup_tables(convnet, images, tmp_path):
    model = keras.Model(convnet.input, LookupScale(name="scale")(convnet.output))
    check_round_trip(model, images, tmp_path)


def test_any_size_where_the_model_takes_any(tmp_path):
    keras.utils.set_random_seed(0)
    model = spread_logits(build_convnet((None, None, 3)))
    classifier = load_saved_model(export_saved_model(model, tmp_path))
    assert classifier.image_shape == (None, None, 3)
    for size in [(12, 10), (17, 23)]:
        images = np.random.default_rng(1).integers(0, 256, (2, *size, 3)).astype(np.uint8)
        expected = expected_probabilities(model, images)
        np.testing.assert_allclose(classifier.predict(images).probabilities, expected, atol=1e-6)


def test_lenet_size_stays_small(tmp_path):
    layers = keras.layers
    stack = [
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Conv2D(16, 5, activation="tanh"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="tanh"),
        layers.Dense(84, activation="tanh"),
        layers.Dense(10, name="logits"),
    ]
    path = export_saved_model(keras.Sequential(stack), tmp_path)
    assert sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) < 400_000


def test_nothing_is_printed(convnet, tmp_path, capfd):
    export_saved_model(convnet, tmp_path)
    assert capfd.readouterr() == ("", "")
