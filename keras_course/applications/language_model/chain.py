"""A language model one token at a time, with the states between."""

from typing import Any

import keras
import tensorflow as tf

from keras_course.data import Vocabulary
from keras_course.models.conventions import check_logits
from keras_course.models.layers import NGramEmbedding

States = list[list[tf.Tensor]]
KINDS: tuple[type, ...] = (
    *(keras.layers.InputLayer, keras.layers.Embedding, keras.layers.RNN, keras.layers.Dropout, keras.layers.Dense),
    *(NGramEmbedding, keras.layers.Concatenate),
)


def check_language_model(model: Any, vocabulary: Vocabulary) -> None:
    """Raises a ValueError unless a model is one of `build_language_model`, for a vocabulary.

    Args:
        model: The model.
        vocabulary: Of as many ids as it has logits.
    """
    layers = model.layers if isinstance(model, keras.Model) and getattr(model, "inputs", None) else []
    named = {layer.name for layer in layers}
    if not (
        {"tokens", "embedding", "recurrent1", "logits"} <= named
        and all(isinstance(layer, KINDS) for layer in layers)
        and all(layer.return_sequences and not layer.go_backwards for layer in _recurrent(model))
    ):
        raise ValueError(
            "`model` must be a language model: token ids, an embedding, recurrent layers, logits of the next token, "
            f"with the layers of build_language_model. Received: model={model!r}"
        )
    if not (isinstance(vocabulary, Vocabulary) and vocabulary.tokens):
        raise ValueError(f"`vocabulary` must be a Vocabulary with tokens. Received: vocabulary={vocabulary!r:.100}")
    if model.output.shape[-1] != len(vocabulary):
        raise ValueError(
            f"`model` must have a logit for each of the {len(vocabulary)} ids of the vocabulary. "
            f"Received: a model of {model.output.shape[-1]}"
        )
    check_logits(model)


def first_states(model: keras.Model, batch_size: tf.Tensor) -> States:
    """Returns the states of each recurrent layer before the first token, zeros, and the tokens before it, padding."""
    earlier = [tf.zeros((batch_size, layer.longest - 1), tf.int32) for layer in _ngrams(model)]
    return [*(list(layer.cell.get_initial_state(batch_size)) for layer in _recurrent(model)), earlier]


def next_logits(model: keras.Model, tokens: tf.Tensor, states: States) -> tuple[tf.Tensor, States]:
    """Reads one more token of each text.

    Args:
        model: Of `check_language_model`.
        tokens: int32 (batch,).
        states: From the call for the token before, or `first_states`.

    Returns:
        Logits of the next token, float32 (batch, vocabulary_size), and the states after this one.
    """
    *recurrent, earlier = states
    x, after = model.get_layer("embedding")(tokens), []
    for layer, state in zip(_recurrent(model), recurrent, strict=True):
        x, state = layer.cell(x, state, training=False)
        after.append(list(state))
    seen = [tf.concat([before, tokens[:, tf.newaxis]], axis=1) for before in earlier]
    beside = [tf.cast(layer(last)[:, -1], x.dtype) for layer, last in zip(_ngrams(model), seen, strict=True)]
    logits = model.get_layer("logits")(tf.concat([x, *beside], axis=-1))
    return tf.cast(logits, tf.float32), [*after, [last[:, 1:] for last in seen]]


def _recurrent(model: keras.Model) -> list[keras.layers.RNN]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.RNN)]


def _ngrams(model: keras.Model) -> list[NGramEmbedding]:
    return [layer for layer in model.layers if isinstance(layer, NGramEmbedding)]
