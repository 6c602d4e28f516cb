"""Beam search for the most probable caption: every step of every beam in one compiled function."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from keras_course.data.vocabulary import END, PADDING, START, UNKNOWN
from keras_course.models.caption_decoders import CaptionDecoder, Cells
from keras_course.models.captioner import cells_of, decoder_of

NEVER = (PADDING, UNKNOWN, START)  # what no caption says


class Found(NamedTuple):
    """The caption that a search found for each image.

    Attributes:
        words: int64 (batch, length): ids, the end included if it was reached, then padding.
        log_probability: float32 (batch,), in nats.
        attention: float32 (batch, length, cells): at each word, where the decoder looked; zeros at padding.
    """

    words: Any
    log_probability: Any
    attention: Any


class _Beams(NamedTuple):
    """All that a search carries from step to step; beams of an image are in descending order."""

    place: Any  # ()
    last: Any  # (batch, beams)
    score: Any  # (batch, beams)
    words: Any  # (batch, beams, length)
    attention: Any  # (batch, beams, length, cells)
    cache: Any


def search_captions(model: keras.Model, images: Any, *, beams: int = 1) -> Found:
    """Writes the caption of each image, with `beams` sentences kept at each step; 1 is greedy.

    Args:
        model: From `build_captioner`.
        images: Tensor (batch, height, width, channels) in [0, 1].
        beams: Integer >= 1.
    """
    length = model.inputs[1].shape[1]
    cells = Cells(*cells_of(model)(images, training=False))
    return beam_search(decoder_of(model), cells, beams=beams, length=length)


def beam_search(decoder: CaptionDecoder, cells: Cells, *, beams: int, length: int) -> Found:
    """Finds the most probable caption among those that beam search keeps.

    A sentence's score is log p = Σ log p(word | words before, image). In each step every kept sentence is continued by
    every word, and the `beams` best of all are kept; one that has ended stays as it is. Of equal scores the sentence
    that was ahead stays ahead, then the word of lower id. Padding, start and unknown are never said: the probabilities
    of the other words are scaled to sum to 1. As no score can rise, the search is over when the best sentence has
    ended, or has `length` words.

    Args:
        decoder: What continues sentences.
        cells: Of the images.
        beams: Integer >= 1. With 1 the most probable word is taken at each step.
        length: Integer >= 1, the most words, the end counted.

    Returns:
        The best sentence of each image.
    """
    batch = tf.shape(cells.features)[0]
    fixed, cache = decoder.begin(cells, length)
    start = _Beams(
        tf.constant(0),
        tf.fill((batch, beams), START),
        tf.broadcast_to(tf.where(tf.range(beams) == 0, 0.0, -float("inf")), (batch, beams)),
        tf.fill((batch, beams, length), PADDING),
        tf.zeros((batch, beams, length, cells.features.shape[1])),
        tf.nest.map_structure(lambda x: tf.repeat(x, beams, axis=1), cache),
    )

    def goes_on(now: _Beams) -> Any:
        return tf.logical_and(now.place < length, tf.reduce_any(~_ended(now.last[:, 0])))

    def step(now: _Beams) -> tuple[_Beams]:
        logits, looked, cache = decoder.step(now.last, now.place, fixed, now.cache)
        parents, score, word = _best(now, tf.cast(logits, tf.float32))
        here = tf.range(length) == now.place
        said = tf.where(_ended(now.last)[..., tf.newaxis], 0.0, tf.cast(looked, tf.float32))
        attention = now.attention + said[:, :, tf.newaxis] * tf.cast(here, tf.float32)[:, tf.newaxis]
        kept = _Beams(
            now.place + 1,
            word,
            score,
            tf.where(here, word[..., tf.newaxis], _rows(now.words, parents)),
            _rows(attention, parents),
            tf.nest.map_structure(lambda x: _rows(x, parents), cache),
        )
        return (_with_shapes_of(now, kept),)

    (found,) = tf.while_loop(goes_on, step, (start,), parallel_iterations=1)
    return Found(tf.cast(found.words[:, 0], tf.int64), found.score[:, 0], found.attention[:, 0])


def _ended(last: Any) -> Any:
    """Tells of each beam whether it has ended, from its last word."""
    return (last == END) | (last == PADDING)


def _best(now: _Beams, logits: Any) -> tuple[Any, Any, Any]:
    """Returns of the best continuations the beam that they continue, the score and the word, (batch, beams) each."""
    beams, known = logits.shape[1:]
    ids = tf.range(known)
    never = tf.reduce_any(ids[:, tf.newaxis] == tf.constant(NEVER), axis=1)
    going = tf.nn.log_softmax(tf.where(never, -float("inf"), logits))
    ended = tf.where(ids == PADDING, 0.0, -float("inf"))
    steps = tf.where(_ended(now.last)[..., tf.newaxis], ended, going)
    scores = tf.reshape(now.score[..., tf.newaxis] + steps, (-1, beams * known))
    score, index = tf.math.top_k(scores, beams)
    return index // known, score, index % known


def _rows(x: Any, parents: Any) -> Any:
    """Takes beams, (batch, beams, ...), in another order."""
    beams = x.shape[1]
    if beams == 1:
        return x
    whole = parents + beams * tf.range(tf.shape(x)[0])[:, tf.newaxis]  # `batch_dims=1` takes nearly twice the time
    return tf.reshape(tf.gather(tf.reshape(x, (-1, *x.shape[2:])), whole), tf.shape(x))


def _with_shapes_of(before: _Beams, after: _Beams) -> _Beams:
    """Tells TensorFlow that a step changes no shape, which it cannot see through all operations."""
    return tf.nest.map_structure(lambda old, new: tf.ensure_shape(new, old.shape), before, after)
