"""Text from a language model: one token drawn after the other, in one compiled function."""

from typing import Any

import keras
import tensorflow as tf

from keras_course.applications.language_model.chain import check_language_model, first_states, next_logits
from keras_course.applications.language_model.graph_text import encoder, joiner
from keras_course.data import Vocabulary
from keras_course.data.vocabulary import SPECIALS, START
from keras_course.export.saved_writer import WRITER_INPUTS, SavedWriter

NEVER = -1e9  # logit
LEAST = 1e-30  # the smallest nucleus, which holds the most probable token


def text_writer(model: keras.Model, vocabulary: Vocabulary) -> SavedWriter:
    """Makes a language model write.

    Args:
        model: From `build_language_model`.
        vocabulary: That it was trained with.

    Returns:
        What `load_saved_model` gives for an export of the model.

    Raises:
        ValueError: If the model doesn't fit the vocabulary.

    Example:
        >>> from keras_course.applications.language_model import text_writer
        >>> from keras_course.data import Vocabulary
        >>> from keras_course.models import build_language_model
        >>> letters = Vocabulary("characters", ("a", "b"))
        >>> writer = text_writer(build_language_model(len(letters), units=4), letters)
        >>> len(writer.write("ab", length=5))
        5

    Source: deck, chapter 10, the recurrent networks that it did not show; Holtzman et al. (2020), arXiv:1904.09751.
    """
    return SavedWriter(None, writing_function(model, vocabulary), vocabulary)


def writing_function(model: keras.Model, vocabulary: Vocabulary) -> Any:
    """Returns the function that an export holds: prompts in, what the model writes after them out.

    Args:
        model: From `build_language_model`.
        vocabulary: That it was trained with.

    Returns:
        A `tf.function` of `prompt` string (batch,), `length` int32 (), `temperature` and `top_p` float32 () and `seed`
        int32 (); it returns `text` string (batch,), without the prompt.

    Raises:
        ValueError: If the model doesn't fit the vocabulary.
    """
    check_language_model(model, vocabulary)
    encode, join = encoder(vocabulary), joiner(vocabulary)

    @tf.function(input_signature=WRITER_INPUTS, autograph=False)
    def write(prompt, length, temperature, top_p, seed):
        with keras.StatelessScope():
            ids = encode(prompt)
            start = tf.fill((ids.nrows(), 1), START)
            rows = tf.concat([tf.RaggedTensor.from_tensor(start), ids], axis=1)
            tokens, sizes = rows.to_tensor(), tf.cast(rows.row_lengths(), tf.int32)
            how = {"length": length, "temperature": temperature, "top_p": top_p, "seed": seed}
            return {"text": join(continued(model, tokens, sizes, **how))}

    return write


def continued(
    model: keras.Model,
    tokens: tf.Tensor,
    sizes: tf.Tensor,
    *,
    length: tf.Tensor,
    temperature: tf.Tensor,
    top_p: tf.Tensor,
    seed: tf.Tensor,
) -> tf.Tensor:
    """Draws tokens that follow others; padding, unknown, start and end are never drawn.

    Args:
        model: From `build_language_model`.
        tokens: int32 (batch, steps), at least one in each row, then anything.
        sizes: int32 (batch,), how many of each row count.
        length: int32 (), how many to draw.
        temperature: float32 () >= 0, see `drawn`.
        top_p: float32 () in (0, 1].
        seed: int32 (); with the place in the text it decides what is drawn.

    Returns:
        int32 (batch, length).
    """
    batch, given = tf.unstack(tf.shape(tokens))
    steps = given + length - 1
    key = tf.stack([seed, 0])

    def step(t, last, states, written):
        told = tokens[:, tf.minimum(t, given - 1)]
        current = tf.where(t < sizes, told, last)  # of a row whose prompt has ended what was drawn
        logits, states = next_logits(model, current, states)
        last = drawn(logits, temperature, top_p, tf.random.experimental.stateless_fold_in(key, t))
        return t + 1, last, states, written.write(t, last)

    written = tf.TensorArray(tf.int32, steps, element_shape=(None,))
    loop = (0, tf.zeros((batch,), tf.int32), first_states(model, batch), written)
    *_, written = tf.while_loop(lambda t, *_: t < steps, step, loop, maximum_iterations=steps)
    after = tf.transpose(written.stack())  # column t follows token t
    return tf.gather(after, sizes[:, tf.newaxis] - 1 + tf.range(length), batch_dims=1)


def drawn(logits: tf.Tensor, temperature: tf.Tensor, top_p: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Draws a token of each row from p = softmax(logits / temperature), of its nucleus.

    Args:
        logits: float32 (batch, vocabulary_size).
        temperature: float32 () >= 0; 0 takes the most probable token.
        top_p: float32 () in (0, 1]. The nucleus are the fewest tokens that have together at least this probability;
            what is as probable as the last of them belongs to it.
        seed: int32 (2,).

    Returns:
        int32 (batch,).

    Source: Holtzman et al. (2020), "The curious case of neural text degeneration", arXiv:1904.09751.
    """
    special = tf.range(tf.shape(logits)[-1]) < SPECIALS
    logits = tf.where(special, NEVER, logits)
    best = tf.argmax(logits, axis=-1, output_type=tf.int32)
    below_best = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    scaled = below_best / tf.where(temperature > 0, temperature, 1.0)
    scaled = tf.where(special, NEVER, tf.maximum(scaled, NEVER))  # however high the temperature
    probabilities = tf.nn.softmax(scaled)
    ordered = tf.sort(probabilities, direction="DESCENDING")
    inside = tf.cumsum(ordered, axis=-1, exclusive=True) < tf.maximum(top_p, LEAST)
    least = tf.reduce_min(tf.where(inside, ordered, 1.0), axis=-1, keepdims=True)
    nucleus = tf.where(probabilities < least, NEVER, scaled)
    random = tf.random.stateless_categorical(nucleus, 1, seed, dtype=tf.int32)[:, 0]
    return tf.where(temperature > 0, random, best)
