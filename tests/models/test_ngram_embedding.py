"""Hashed n-grams: equal tokens behind a place give an equal row, others another."""

import keras
import numpy as np
import pytest

from keras_course.models.layers import NGramEmbedding


def test_a_row_depends_on_its_last_tokens_alone():
    layer = NGramEmbedding(4, units=6)
    tokens = np.random.default_rng(0).integers(4, 8, (20, 50))
    rows = np.asarray(layer(tokens)).reshape(20, 50, 3, 6)
    for n in (2, 3, 4):
        grams = np.lib.stride_tricks.sliding_window_view(tokens, n, axis=1).reshape(-1, n)
        found = rows[:, n - 1 :, n - 2].reshape(-1, 6)
        _, gram_ids = np.unique(grams, axis=0, return_inverse=True)
        _, row_ids = np.unique(found, axis=0, return_inverse=True)
        pairs = np.unique(np.stack([gram_ids, row_ids]), axis=1)
        assert len(np.unique(pairs[0])) == pairs.shape[1]  # one row for each n-gram
        assert len(np.unique(pairs[1])) > 0.97 * pairs.shape[1]  # hardly two n-grams with one row


def test_rows_spread_evenly_over_the_buckets():
    layer = NGramEmbedding(3, units=1, buckets=64)
    keras.utils.set_random_seed(0)
    tokens = np.random.default_rng(0).integers(0, 110, (100, 100))
    values, counts = np.unique(np.asarray(layer(tokens))[..., 1], return_counts=True)
    assert len(values) == 64 and counts.max() < 2 * counts.min()


def test_training_leaves_out_whole_ngrams_and_keeps_the_mean():
    keras.utils.set_random_seed(0)
    layer, tokens = NGramEmbedding(4, units=6, dropout=0.25), np.arange(2000).reshape(2, 1000)
    whole = np.asarray(layer(tokens)).reshape(-1, 6)
    some = np.asarray(layer(tokens, training=True)).reshape(-1, 6)
    left_out = (some == 0).all(axis=-1)
    assert left_out.mean() == pytest.approx(0.25, abs=0.02)
    np.testing.assert_allclose(some[~left_out], whole[~left_out] / 0.75, rtol=1e-5)


def test_a_saved_model_has_the_layer_again(tmp_path):
    model = keras.Sequential([keras.Input((None,), dtype="int32"), NGramEmbedding(3, 4, buckets=100, dropout=0.5)])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(np.ones((1, 5), int)), model(np.ones((1, 5), int)))


@pytest.mark.parametrize("wrong", [{"longest": 1}, {"units": 0}, {"buckets": 0}, {"buckets": 2**21}, {"dropout": 1}])
def test_wrong_arguments_are_named(wrong):
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be"):
        NGramEmbedding(**{"longest": 3, "units": 4, **wrong})
