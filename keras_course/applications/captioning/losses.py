"""What a captioner is trained to lose: the surprise at each caption, and at the words that an image shows."""

from typing import Any

import tensorflow as tf

from keras_course.data.vocabulary import PADDING, SPECIALS

SURE = 1e-6  # nats: the least that -log(1 - p) is taken for


def caption_loss(words: Any, logits: Any) -> tf.Tensor:
    """Computes -log p(caption | image) = -Σ log p(word | words before, image), in nats, with the true words before.

    Args:
        words: Ids (batch, length) that are to be told, the end among them; padding counts nothing.
        logits: (batch, length, words known).

    Returns:
        Floats of shape (batch,).

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.captioning import caption_loss
        >>> (caption_loss(np.array([[4, 3, 0]]), np.zeros((1, 3, 8), np.float32)).numpy() / np.log(8)).round(4)
        array([2.])

    Source: deck, chapter 8, "Image captioning"; Vinyals et al. (2015), arXiv:1411.4555, section 3.
    """
    told = tf.cast(words, tf.int32)
    surprise = tf.nn.sparse_softmax_cross_entropy_with_logits(told, tf.cast(logits, tf.float32))
    return tf.reduce_sum(tf.where(told == PADDING, 0.0, surprise), axis=1)


def shown_words_loss(words: Any, not_shown: Any) -> tf.Tensor:
    """Computes the cross-entropy of which words a caption has, each word on its own, in nats.

    That an image shows a word is said by some cell at least: p = 1 - Π (1 - p of a cell). So cells learn words from
    captions alone, without being told where things are: multiple-instance learning.

    Args:
        words: Ids (batch, length) of captions, padding included.
        not_shown: log(1 - p) of each word, (batch, words known).

    Returns:
        Floats of shape (batch,): the sum over the words, special ones aside.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.captioning import shown_words_loss
        >>> half = np.full((1, 6), np.log(0.5), np.float32)
        >>> (shown_words_loss(np.array([[4, 3, 0]]), half).numpy() / np.log(2)).round(4)
        array([2.])

    Source: deck, chapter 8, "Image captioning"; Fang et al. (2015), "From captions to visual concepts and back",
        arXiv:1411.4952, section 3; Viola, Platt, Zhang (2005), noisy-OR.
    """
    absent = tf.minimum(tf.cast(not_shown, tf.float32), -SURE)
    present = tf.math.log(-tf.math.expm1(absent))
    known = absent.shape[-1]
    said = tf.reduce_any(tf.cast(words, tf.int32)[..., tf.newaxis] == tf.range(known), axis=1)
    return -tf.reduce_sum(tf.where(said, present, absent)[:, SPECIALS:], axis=1)
