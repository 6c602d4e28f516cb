"""The gated recurrent unit with gathered products equals Keras's, forward and back."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.models.layers import FusedGRU


def pair(**options):
    """Returns Keras's layer and ours with the same weights, and sequences (batch 3, steps 11, inputs 5)."""
    keras.utils.set_random_seed(0)
    layers = [kind(7, bias_initializer="random_normal", **options) for kind in (keras.layers.GRU, FusedGRU)]
    sequences = tf.constant(np.random.default_rng(0).standard_normal((3, 11, 5)), tf.float32)
    for layer in layers:
        layer.build(sequences.shape)
    layers[1].set_weights(layers[0].get_weights())
    return *layers, sequences


def gradients(layer, sequences):
    """Returns outputs and the gradient of a weighted sum of them, with regard to inputs and weights."""
    with tf.GradientTape() as tape:
        tape.watch(sequences)
        outputs = layer(sequences, training=True)
        flat = tf.concat([tf.reshape(one, [-1]) for one in tf.nest.flatten(outputs)], 0)
        loss = tf.reduce_sum(flat * tf.sin(tf.range(tf.size(flat), dtype=tf.float32)))
    weights = [weight.value for weight in layer.trainable_variables]
    return [*tf.nest.flatten(outputs), *tape.gradient(loss, [sequences, *weights])]


@pytest.mark.parametrize(
    "options",
    [
        {"return_sequences": True},
        {},
        {"return_sequences": True, "return_state": True},
        {"return_sequences": True, "go_backwards": True},
        {"return_sequences": True, "reset_after": False},
        {"return_sequences": True, "use_bias": False},
        {"return_sequences": True, "activation": "relu"},
    ],
    ids=["sequences", "last", "state", "backwards", "reset before", "no bias", "relu"],
)
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_outputs_and_gradients_are_those_of_keras(options, compiled):
    theirs, ours, sequences = pair(**options)
    run = tf.function(gradients) if compiled else gradients
    for expected, got in zip(run(theirs, sequences), run(ours, sequences), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=2e-6)


def test_masks_are_heeded():
    theirs, ours, sequences = pair(return_sequences=True)
    mask = tf.sequence_mask([11, 4, 7])
    np.testing.assert_allclose(
        ours(sequences, mask=mask, training=True), theirs(sequences, mask=mask, training=True), atol=1e-6
    )


def test_a_saved_model_has_the_layer_again(tmp_path):
    model = keras.Sequential([keras.Input((None, 5)), FusedGRU(7, return_sequences=True)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.layers[0]) is FusedGRU
    x = np.ones((2, 4, 5), np.float32)
    np.testing.assert_array_equal(loaded(x), model(x))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_kerass_own(policy):
    layer = FusedGRU(7, return_sequences=True, dtype=policy)
    assert layer(np.ones((2, 4, 5), np.float32), training=True).dtype == policy.removeprefix("mixed_")
