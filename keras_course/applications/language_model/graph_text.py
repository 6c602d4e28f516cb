"""A vocabulary inside a TensorFlow graph: texts to ids and back, as `Vocabulary.encode` and `decode` do."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_course.data import Vocabulary
from keras_course.data.vocabulary import SPECIALS, UNKNOWN

BUCKETS = 2**62  # of the hash by which a token is found
# The words of `split_text`, in RE2's terms.
LETTERS = r"[\pL\pN_]+"
WORD = rf"({LETTERS}(?:['’\-]{LETTERS})*|\n|[^\pL\pN_\s\pZ])"
BREAK = "\0"


def encoder(vocabulary: Vocabulary) -> Callable[[tf.Tensor], tf.RaggedTensor]:
    """Returns a function from strings (batch,) to ragged int32 ids (batch, tokens)."""
    hashes = tf.strings.to_hash_bucket_fast(tf.constant(vocabulary.tokens, tf.string), BUCKETS).numpy()
    order = np.argsort(hashes)

    def encode(texts: tf.Tensor) -> tf.RaggedTensor:
        known, ids = tf.constant(hashes[order]), tf.constant(order + SPECIALS, tf.int32)
        tokens = _split(texts, vocabulary.kind)
        found = tf.strings.to_hash_bucket_fast(tokens.flat_values, BUCKETS)
        place = tf.minimum(tf.searchsorted(known, found), len(vocabulary.tokens) - 1)
        same = tf.gather(known, place) == found
        return tokens.with_flat_values(tf.where(same, tf.gather(ids, place), UNKNOWN))

    return encode


def joiner(vocabulary: Vocabulary) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns a function from ids (batch, tokens), none of them special, to strings (batch,)."""

    def join(ids: tf.Tensor) -> tf.Tensor:
        tokens = tf.gather(tf.constant(vocabulary.names, tf.string), ids)
        if vocabulary.kind == "characters":
            return tf.strings.reduce_join(tokens, axis=-1)
        text = tf.strings.reduce_join(tokens, axis=-1, separator=" ")
        text = tf.strings.regex_replace(text, r" ([.,:;!?)\]}%\n])", r"\1")
        return tf.strings.regex_replace(text, r"([(\[{\n]) ", r"\1")

    return join


def _split(texts: tf.Tensor, kind: str) -> tf.RaggedTensor:
    if kind == "characters":
        return tf.strings.unicode_split(texts, "UTF-8", errors="replace")
    marked = tf.strings.regex_replace(texts, WORD, BREAK + r"\1" + BREAK)
    pieces = tf.strings.split(marked, BREAK)
    flat = pieces.flat_values
    is_token = tf.strings.regex_full_match(flat, WORD)
    return tf.ragged.boolean_mask(pieces, pieces.with_flat_values(is_token))
