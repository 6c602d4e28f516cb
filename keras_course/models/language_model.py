"""Recurrent language models (Mikolov et al. 2010, "Recurrent neural network based language model")."""

from functools import partial

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.models.blocks import logits_dtype
from keras_course.models.layers import FusedGRU, NGramEmbedding
from keras_course.models.recurrent import CELLS, recurrent_layer

NGRAM_UNITS = 32  # of each n


def build_language_model(
    vocabulary_size: int,
    *,
    cell: str = "gru",
    units: int = 256,
    layers: int = 1,
    embedding: int = 64,
    dropout: float = 0.0,
    ngrams: int = 0,
    ngram_dropout: float = 0.0,
) -> keras.Model:
    """Builds a language model: an embedding of the tokens, recurrent layers, and logits of the next token.

    The recurrent state is good at what goes on for long; `ngrams` gives the logits the last few tokens as they are
    beside it, which a state of its size can't keep apart.

    Args:
        vocabulary_size: Integer >= 2, the length of the `Vocabulary`.
        cell: "gru", "lstm" or "vanilla".
        units: Integer >= 1, of each recurrent layer.
        layers: Integer >= 1, recurrent layers on top of each other.
        embedding: Integer >= 1, numbers by which a token is represented.
        dropout: Float in [0, 1), share of each recurrent layer's outputs that training sets to 0.
        ngrams: 0, or an integer >= 2: n of the longest n-grams, whose embeddings (`NGramEmbedding`) stand beside the
            state.
        ngram_dropout: Float in [0, 1), share of the n-grams that training leaves out.

    Returns:
        An uncompiled model from token ids, integers (batch, steps) of any number of steps, to logits (batch, steps,
        vocabulary_size): of the token that follows, given this one and all before it.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.models import build_language_model
        >>> model = build_language_model(110, units=32)
        >>> tuple(model(np.zeros((2, 7), "int32")).shape)
        (2, 7, 110)

    Source: deck, chapter 10, the recurrent networks that it did not show; Mikolov et al. (2010); n-grams beside
        the state: Mikolov et al. (2011), "Strategies for training large scale neural network language models".
    """
    require_integer("vocabulary_size", vocabulary_size, at_least=2)
    require_choice("cell", cell, tuple(CELLS))
    require_integer("units", units, at_least=1)
    require_integer("layers", layers, at_least=1)
    require_integer("embedding", embedding, at_least=1)
    require_integer("ngrams", ngrams, at_least=2 if ngrams else 0)
    require_number("dropout", dropout, at_least=0, below=1)
    require_number("ngram_dropout", ngram_dropout, at_least=0, below=1)
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = keras.layers.Embedding(vocabulary_size, embedding, name="embedding")(tokens)
    for number in range(1, layers + 1):
        layer = FusedGRU if cell == "gru" else partial(recurrent_layer, cell)
        x = layer(units, return_sequences=True, name=f"recurrent{number}")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"dropout{number}")(x)
    if ngrams:
        beside = NGramEmbedding(ngrams, NGRAM_UNITS, dropout=ngram_dropout, name="ngrams")(tokens)
        x = keras.layers.Concatenate(name="join")([x, beside])
    logits = keras.layers.Dense(vocabulary_size, dtype=logits_dtype(), name="logits")(x)
    return keras.Model(tokens, logits, name=f"language_model_{cell}")
