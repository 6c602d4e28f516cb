"""A language model as the chain of layers that it is: one token at a time, with the states between."""

from typing import Any

import keras
import tensorflow as tf

from keras_course.data import Vocabulary
from keras_course.models.conventions import check_logits


def check_language_model(model: Any, vocabulary: Vocabulary) -> None:
    """Raises a ValueError unless a model is one of `build_language_model`, for a vocabulary.

    Args:
        model: The model.
        vocabulary: Of as many ids as it has logits.
    """
    layers = model.layers if isinstance(model, keras.Model) and getattr(model, "inputs", None) else []
    kinds = [type(layer) for layer in layers]
    chain = len(layers) >= 3 and issubclass(kinds[1], keras.layers.Embedding) and kinds[-1] is keras.layers.Dense
    inner = layers[2:-1]
    if not (chain and inner and all(_is_inner(layer) for layer in inner) and model.input.dtype == "int32"):
        raise ValueError(
            "`model` must be a language model: token ids, an embedding, recurrent layers, logits of the next token, as "
            f"build_language_model has them. Received: model={model!r}"
        )
    if model.output.shape[-1] != len(vocabulary):
        raise ValueError(
            f"`model` must have a logit for each of the {len(vocabulary)} ids of the vocabulary. "
            f"Received: a model of {model.output.shape[-1]}"
        )
    check_logits(model)


def first_states(model: keras.Model, batch_size: tf.Tensor) -> list[list[tf.Tensor]]:
    """Returns the states of each recurrent layer before the first token: zeros."""
    return [list(layer.cell.get_initial_state(batch_size)) for layer in _recurrent(model)]


def next_logits(
    model: keras.Model, tokens: tf.Tensor, states: list[list[tf.Tensor]]
) -> tuple[tf.Tensor, list[list[tf.Tensor]]]:
    """Reads one more token of each text.

    Args:
        model: Of `check_language_model`.
        tokens: int32 (batch,).
        states: From the call for the token before, or `first_states`.

    Returns:
        Logits of the next token, float32 (batch, vocabulary_size), and the states after this one.
    """
    x, left, after = model.layers[1](tokens), iter(states), []
    for layer in _recurrent(model):
        x, state = layer.cell(x, next(left), training=False)
        after.append(list(state))
    return tf.cast(model.layers[-1](x), tf.float32), after


def _recurrent(model: keras.Model) -> list[keras.layers.RNN]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.RNN)]


def _is_inner(layer: keras.layers.Layer) -> bool:
    if isinstance(layer, keras.layers.Dropout):
        return True
    return isinstance(layer, keras.layers.RNN) and layer.return_sequences and not layer.go_backwards
