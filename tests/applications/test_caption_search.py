"""Beam search against exhaustive search and against a beam search written out; steps against whole sentences."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.applications.captioning.searching import beam_search, search_captions
from keras_course.models import build_captioner
from keras_course.models.caption_decoders import DECODERS, Cells
from keras_course.models.captioner import cells_of, decoder_of

START, END, PADDING = 2, 3, 0
SAID = (3, 4, 5)  # of a vocabulary of 6: the end and two words
LENGTH = 4


class TableDecoder:
    """Gives the next word logits that depend on the whole sentence so far, from a table; ties if there are few levels.

    The cache is the number of the sentence in base 6.
    """

    def __init__(self, images, *, levels=None, seed=0):
        rng = np.random.default_rng(seed)
        table = rng.normal(0, 2, (images, 6**LENGTH, 6)).astype(np.float32)
        self.table = table if levels is None else np.float32(rng.integers(0, levels, table.shape))

    def begin(self, cells, length):
        return cells.features[:, 0, 0], tf.zeros((tf.shape(cells.features)[0], 1), tf.int32)

    def step(self, words, place, fixed, cache):
        images = tf.cast(fixed, tf.int32)
        beams = tf.shape(words)[1]
        now = tf.where(place == 0, 0, cache * 6 + words)
        index = tf.stack([tf.repeat(images[:, None], beams, axis=1), now % 6**LENGTH], axis=-1)
        logits = tf.ensure_shape(tf.gather_nd(self.table, index), (None, words.shape[1], 6))
        return logits, tf.ones((*tf.unstack(tf.shape(words)), 1)), now

    def log_probabilities(self, image, sentence):
        """Returns log p of each word that may come after a sentence, float32, so that ties are ties in both."""
        number = 0
        for word in sentence:
            number = (number * 6 + word) % 6**LENGTH
        logits = np.where(np.isin(np.arange(6), SAID), self.table[image, number], -np.inf)
        logarithms = tf.nn.log_softmax(np.float32(logits)).numpy()
        np.testing.assert_allclose(np.exp(logarithms), np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)
        return {word: logarithms[word] for word in SAID}


def cells(images):
    numbers = np.arange(images, dtype=np.float32)[:, None, None]
    return Cells(tf.constant(numbers), tf.zeros((images, 1, 6)))


def ended(sentence):
    return sentence[-1:] == (END,) or len(sentence) == LENGTH


def score_of(decoder, image, sentence):
    return sum(decoder.log_probabilities(image, sentence[:k])[word] for k, word in enumerate(sentence))


def exhaustive(decoder, image):
    sentences = {one[: one.index(END) + 1] if END in one else one for one in itertools.product(SAID, repeat=LENGTH)}
    return max(sentences, key=lambda sentence: score_of(decoder, image, sentence))


def by_hand(decoder, image, beams):
    """Keeps the best sentences; of equal scores that of the better beam, then the word of lower id."""
    kept = [(np.float32(0), ())]
    while not all(ended(sentence) for _, sentence in kept):
        grown = []
        for score, sentence in kept:
            if ended(sentence):
                grown.append((score, sentence))
                continue
            following = decoder.log_probabilities(image, sentence)
            grown += [(score + following[word], (*sentence, word)) for word in SAID]
        kept = sorted(grown, key=lambda pair: -pair[0])[:beams]  # stable
    return kept[0]


def as_row(sentence):
    return [*sentence, *[PADDING] * (LENGTH - len(sentence))]


def searched(decoder, images, beams):
    return tf.function(lambda: beam_search(decoder, cells(images), beams=beams, length=LENGTH))()


def test_with_room_for_every_sentence_it_is_exhaustive_search():
    decoder = TableDecoder(40)
    found = searched(decoder, 40, beams=3**LENGTH)
    expected = [exhaustive(decoder, image) for image in range(40)]
    np.testing.assert_array_equal(found.words, [as_row(sentence) for sentence in expected])
    scores = [score_of(decoder, image, sentence) for image, sentence in enumerate(expected)]
    np.testing.assert_allclose(found.log_probability, scores, rtol=1e-5)
    assert len({len(sentence) for sentence in expected}) > 2  # early ends are among them


@pytest.mark.parametrize("levels", [None, 2])
@pytest.mark.parametrize("beams", [1, 2, 5])
def test_it_is_the_beam_search_written_out_ties_included(beams, levels):
    decoder = TableDecoder(60, levels=levels, seed=beams)
    found = searched(decoder, 60, beams)
    expected = [by_hand(decoder, image, beams) for image in range(60)]
    np.testing.assert_array_equal(found.words, [as_row(sentence) for _, sentence in expected])
    np.testing.assert_allclose(found.log_probability, [score for score, _ in expected], rtol=1e-4)


def captioner(kind, *, attention=True):
    keras.utils.set_random_seed(0)
    options = {"decoder": kind, "attention": attention, "units": 16, "length": 7, "width": 0.1}
    model = build_captioner((32, 32, 1), 9, **options)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:  # larger than new ones: what is seen and said before shall matter
        weight.assign(weight + rng.normal(0, 0.2, weight.shape))
    return model


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("kind", DECODERS)
def test_steps_with_a_cache_give_what_whole_sentences_give(kind, attention):
    model = captioner(kind, attention=attention)
    rng = np.random.default_rng(1)
    images, words = rng.random((3, 32, 32, 1), np.float32), rng.integers(0, 9, (3, 7))
    decoder, seen = decoder_of(model), Cells(*cells_of(model)(images))
    fixed, cache = decoder.begin(seen, 7)
    logits = []
    for place in range(7):
        some, attention_weights, cache = decoder.step(tf.constant(words[:, [place]]), place, fixed, cache)
        logits.append(some[:, 0])
        np.testing.assert_allclose(tf.reduce_sum(attention_weights, axis=-1), 1, rtol=1e-5)
    expected = model([images, words])["logits"].numpy()
    np.testing.assert_allclose(np.stack(logits, axis=1), expected, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize("kind", DECODERS)
def test_the_score_is_what_the_model_gives_the_whole_sentence(kind):
    model = captioner(kind)
    images = np.random.default_rng(2).random((4, 32, 32, 1), np.float32)
    found = tf.function(lambda: search_captions(model, images, beams=4))()
    words = np.column_stack([np.full(4, START), found.words[:, :-1]])
    logits = model([images, words])["logits"].numpy()
    logits[..., [0, 1, 2]] = -np.inf
    surprise = keras.losses.sparse_categorical_crossentropy(found.words, logits, from_logits=True)
    said = np.cumprod(words[:, :] != END, axis=1) > 0
    said[:, 1:] &= words[:, 1:] != PADDING
    np.testing.assert_allclose(found.log_probability, -np.where(said, surprise, 0).sum(axis=1), rtol=1e-4)
    sums = found.attention.numpy().sum(axis=-1)
    np.testing.assert_allclose(sums, said, atol=1e-5)
