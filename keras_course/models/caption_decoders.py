"""The decoders of a captioner: whole sentences at once where they are known, one word after the other where not.

Both ways run through the same layers. A decoder is made of the layers by name, new ones or those of a model.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import keras

from keras_course.models.blocks import logits_dtype
from keras_course.models.layers.attention import Attention
from keras_course.models.layers.place_embedding import PlaceEmbedding
from keras_course.models.layers.shown_words import LookedAt
from keras_course.models.recurrent import recurrent_layer

Layers = Mapping[str, Any]
Tensors = Any  # a tensor, or a tuple of them
BLOCKS, WIDENING = 2, 2  # of a transformer: how many, and how many times its units the hidden layers have


class Cells(NamedTuple):
    """An image as a decoder sees it.

    Attributes:
        features: (batch, cells, units).
        words: Logits of which words each cell shows, (batch, cells, words known).
    """

    features: Any
    words: Any


class CaptionDecoder(Protocol):
    """What writes captions. Beams are sentences of one image that are written side by side; they share its cells."""

    def sentence(self, cells: Cells, words: Any) -> Any:
        """Returns logits (batch, length, words known) of the word after each word; words are ids (batch, length)."""

    def begin(self, cells: Cells, length: int) -> tuple[Tensors, Tensors]:
        """Returns what stays through all steps and beams, and the cache of one beam, (batch, 1, ...) each."""

    def step(self, words: Any, place: Any, fixed: Tensors, cache: Tensors) -> tuple[Any, Any, Tensors]:
        """Reads the next word of each beam.

        Args:
            words: Ids (batch, beams).
            place: Integer tensor, of these words in their sentences, from 0 on.
            fixed: From `begin`.
            cache: (batch, beams, ...), from the step before.

        Returns:
            Logits (batch, beams, words known); attention (batch, beams, cells), the mean over heads; the next cache.
        """


class GRUDecoder:
    """A GRU reads the words; at each, its state attends to the image, and both together tell the next word.

    Args:
        layers: By name, as `new_layers` makes them.
    """

    MARKS = ("first_state", "decoder_gru", "decoder_attention", "decoder_hidden")

    def __init__(self, layers: Layers):
        self._layers = layers

    @staticmethod
    def new_layers(vocabulary_size: int, units: int, *, heads: int, dropout: float) -> list[keras.layers.Layer]:
        """Returns new layers."""
        return [
            keras.layers.Embedding(vocabulary_size, units, name="word_embedding"),
            keras.layers.GlobalAveragePooling1D("channels_last", name="mean_cell"),
            keras.layers.Dense(units, activation="tanh", name="first_state"),
            recurrent_layer("gru", units, return_sequences=True, name="decoder_gru"),
            Attention(heads, units, name="decoder_attention"),
            keras.layers.Concatenate(name="decoder_concatenate"),
            keras.layers.Dense(units, activation="tanh", name="decoder_hidden"),
            keras.layers.Dropout(dropout, name="decoder_dropout"),
            *_last_layers(vocabulary_size),
        ]

    def sentence(self, cells, words):
        """See `CaptionDecoder`."""
        states = self._layers["decoder_gru"](
            self._layers["word_embedding"](words), initial_state=self._first_state(cells)
        )
        attended, weights = self._layers["decoder_attention"](states, cells.features)
        return self._logits(states, attended, weights, cells.words)

    def begin(self, cells, length):
        """See `CaptionDecoder`."""
        seen = self._layers["decoder_attention"].keys_and_values(cells.features)
        return (seen, cells.words), self._first_state(cells)[:, None]

    def step(self, words, place, fixed, cache):
        """See `CaptionDecoder`."""
        beams, units = words.shape[1], cache.shape[-1]
        embedded = keras.ops.reshape(self._layers["word_embedding"](words), (-1, units))
        _, [state] = self._layers["decoder_gru"].cell(embedded, [keras.ops.reshape(cache, (-1, units))])
        states = keras.ops.reshape(state, (-1, beams, units))
        attended, weights = self._layers["decoder_attention"].attend(states, *fixed[0])
        return self._logits(states, attended, weights, fixed[1]), keras.ops.mean(weights, axis=2), states

    def _first_state(self, cells):
        return self._layers["first_state"](self._layers["mean_cell"](cells.features))

    def _logits(self, states, attended, weights, shown):
        both = self._layers["decoder_concatenate"]([states, attended])
        hidden = self._layers["decoder_dropout"](self._layers["decoder_hidden"](both))
        return _told(self._layers, hidden, weights, shown)


class TransformerDecoder:
    """Blocks in which words attend to the words before them and to the image.

    Args:
        layers: By name, as `new_layers` makes them.
    """

    MARKS = ("word_places", "block1_words", f"block{BLOCKS}_cells", "decoder_norm")

    def __init__(self, layers: Layers):
        self._layers = layers

    @staticmethod
    def new_layers(vocabulary_size: int, units: int, *, heads: int, dropout: float) -> list[keras.layers.Layer]:
        """Returns new layers."""
        layers: list[keras.layers.Layer] = [
            keras.layers.Embedding(vocabulary_size, units, name="word_embedding"),
            PlaceEmbedding(name="word_places"),
        ]
        for block in (f"block{number}" for number in range(1, BLOCKS + 1)):
            layers += [
                Attention(heads, units, causal=True, name=f"{block}_words"),
                Attention(heads, units, name=f"{block}_cells"),
                keras.layers.Dense(WIDENING * units, activation="relu", name=f"{block}_hidden"),
                keras.layers.Dense(units, name=f"{block}_output"),
            ]
            for part in ("words", "cells", "output"):
                layers += [
                    keras.layers.LayerNormalization(name=f"{block}_{part}_norm"),
                    keras.layers.Dropout(dropout, name=f"{block}_{part}_dropout"),
                    keras.layers.Add(name=f"{block}_{part}_add"),
                ]
        return [*layers, keras.layers.LayerNormalization(name="decoder_norm"), *_last_layers(vocabulary_size)]

    def sentence(self, cells, words):
        """See `CaptionDecoder`."""
        x = self._layers["word_places"](self._layers["word_embedding"](words))
        return self._through(
            x,
            cells.words,
            lambda block, y: self._layers[f"{block}_words"](y, y),
            lambda block, y: self._layers[f"{block}_cells"](y, cells.features),
        )[0]

    def begin(self, cells, length):
        """See `CaptionDecoder`."""
        fixed, cache = [], []
        for number in range(1, BLOCKS + 1):
            fixed.append(self._layers[f"block{number}_cells"].keys_and_values(cells.features))
            cache.append(self._layers[f"block{number}_words"].empty_cache(cells.features, length))
        return (tuple(fixed), cells.words), tuple(cache)

    def step(self, words, place, fixed, cache):
        """See `CaptionDecoder`."""
        before, seen = iter(cache), iter(fixed[0])
        kept: list[Tensors] = []

        def attend_words(block, y):
            attention = self._layers[f"{block}_words"]
            kept.append(attention.extended(next(before), y, place))
            return attention.attend(y, *kept[-1], keras.ops.arange(kept[-1][0].shape[3]) <= place)

        x = self._layers["word_places"].at(self._layers["word_embedding"](words), place)
        logits, weights = self._through(
            x, fixed[1], attend_words, lambda block, y: self._layers[f"{block}_cells"].attend(y, *next(seen))
        )
        return logits, keras.ops.mean(weights, axis=2), tuple(kept)

    def _through(self, x, shown, attend_words, attend_cells):
        """Returns logits, and the weights with which the last block looked at the cells."""
        weights = None
        for block in (f"block{number}" for number in range(1, BLOCKS + 1)):
            x = self._added(x, f"{block}_words", lambda y, block=block: attend_words(block, y)[0])
            y, weights = attend_cells(block, self._layers[f"{block}_cells_norm"](x))
            x = self._layers[f"{block}_cells_add"]([x, self._layers[f"{block}_cells_dropout"](y)])
            hidden, output = self._layers[f"{block}_hidden"], self._layers[f"{block}_output"]
            x = self._added(x, f"{block}_output", lambda y, hidden=hidden, output=output: output(hidden(y)))
        return _told(self._layers, self._layers["decoder_norm"](x), weights, shown), weights

    def _added(self, x, name, apply):
        y = apply(self._layers[f"{name}_norm"](x))
        return self._layers[f"{name}_add"]([x, self._layers[f"{name}_dropout"](y)])


def _last_layers(vocabulary_size: int) -> list[keras.layers.Layer]:
    return [
        LookedAt(name="words_looked_at"),
        keras.layers.Dense(vocabulary_size, dtype=logits_dtype(), name="logits"),
        keras.layers.Add(dtype=logits_dtype(), name="logits_add"),
    ]


def _told(layers: Layers, hidden: Any, weights: Any, shown: Any) -> Any:
    """Returns the logits of the next word: what the hidden units tell, and the words that are looked at."""
    return layers["logits_add"]([layers["logits"](hidden), layers["words_looked_at"](weights, shown)])


DECODERS: dict[str, Any] = {"gru": GRUDecoder, "transformer": TransformerDecoder}
