"""Recurrent networks that read an image row by row (Elman 1990; Hochreiter, Schmidhuber 1997; Cho et al. 2014)."""

from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer

CELLS: dict[str, type[keras.layers.RNN]] = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "vanilla": keras.layers.SimpleRNN,
}


def recurrent_layer(cell: str, units: int, *, name: str, **options: Any) -> keras.layers.RNN:
    """Returns Keras's recurrent layer of a cell, from (batch, steps, inputs) to (batch, units).

    Args:
        cell: "lstm", "gru" or "vanilla", which is h_t = tanh(W x_t + U h_{t-1} + b).
        units: Integer >= 1.
        name: Of the layer.
        options: Keyword arguments of the Keras layer: `return_sequences=True` for an output at every step, of shape
            (batch, steps, units), `return_state`, `go_backwards`, `dropout`, ...

    Raises:
        ValueError: If `cell` is unknown or `units` no positive integer.

    Example:
        >>> import numpy as np
        >>> from keras_course.models import recurrent_layer
        >>> layer = recurrent_layer("gru", 32, return_sequences=True, name="decoder")
        >>> tuple(layer(np.zeros((2, 7, 16))).shape)
        (2, 7, 32)

    Source: deck, chapter 10, the recurrent networks that it did not show.
    """
    require_choice("cell", cell, tuple(CELLS))
    require_integer("units", units, at_least=1)
    return CELLS[cell](units, name=name, **options)
