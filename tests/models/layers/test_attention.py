"""Attention against Keras's own layer, and one query after the other against all at once."""

import keras
import numpy as np
import pytest

from keras_course.models.layers import Attention, LookedAt, NotShown, PlaceEmbedding


def pair(causal=False):
    """Returns Keras's layer and ours with the same weights, queries and memory."""
    rng = np.random.default_rng(0)
    queries, memory = rng.normal(size=(2, 5, 6)).astype(np.float32), rng.normal(size=(2, 9, 7)).astype(np.float32)
    if causal:
        memory = queries
    keras.utils.set_random_seed(0)
    theirs, ours = keras.layers.MultiHeadAttention(3, 4, output_shape=12), Attention(3, 12, causal=causal)
    theirs(queries, memory), ours(queries, memory)
    for own, other in zip(
        (ours._query, ours._key, ours._value),
        (theirs._query_dense, theirs._key_dense, theirs._value_dense),
        strict=True,
    ):
        bias = rng.normal(size=12).astype(np.float32)
        other.bias.assign(bias.reshape(3, 4))
        own.set_weights([np.reshape(other.kernel, own.kernel.shape), bias])
    ours._output.set_weights([np.reshape(theirs._output_dense.kernel, (12, 12)), theirs._output_dense.bias])
    return theirs, ours, queries, memory


@pytest.mark.parametrize("causal", [False, True])
def test_it_is_keras_attention(causal):
    theirs, ours, queries, memory = pair(causal)
    expected, scores = theirs(queries, memory, return_attention_scores=True, use_causal_mask=causal)
    mean, weights = ours(queries, memory)
    np.testing.assert_allclose(mean, expected, atol=1e-5)
    np.testing.assert_allclose(weights, np.moveaxis(scores, 1, 2), atol=1e-6)


def test_words_attend_one_by_one_as_all_at_once():
    _, ours, words, _ = pair(causal=True)
    cache, rows = ours.empty_cache(words, 5), []
    for place in range(5):
        one = words[:, [place]]
        cache = ours.extended(cache, one, place)
        rows.append(ours.attend(one, *cache, keras.ops.arange(5) <= place)[0])
    np.testing.assert_allclose(np.concatenate(rows, axis=1), ours(words, words)[0], atol=1e-5)


def test_layers_come_back_from_their_configuration():
    for layer in (Attention(3, 12, causal=True), PlaceEmbedding(deviation=0.5), NotShown(), LookedAt()):
        copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        assert copy.get_config() == layer.get_config()


def test_places_are_told_apart_and_one_by_one():
    layer, inputs = PlaceEmbedding(deviation=1.0), np.zeros((2, 4, 3), np.float32)
    places = np.asarray(layer(inputs))
    assert len({tuple(row) for row in places[0]}) == 4
    for place in range(4):
        np.testing.assert_array_equal(layer.at(inputs[:, :2], place)[:, 1], places[:, place])


@pytest.mark.parametrize(("heads", "units"), [(0, 4), (3, 4), (2, 2.5)])
def test_heads_and_units_must_fit(heads, units):
    with pytest.raises(ValueError, match="must be"):
        Attention(heads, units)
