"""Recurrent networks that read an image row by row (Elman 1990; Hochreiter, Schmidhuber 1997; Cho et al. 2014)."""

from typing import Any

import keras

from keras_course.arguments import require_boolean, require_choice, require_integer
from keras_course.models.blocks import check_image_model, check_regularization, logits_block, scale_width

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


def build_recurrent(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    cell: str = "lstm",
    units: int = 128,
    layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    width: float = 1.0,
) -> keras.Model:
    """Builds a classifier that reads the rows of an image as the steps of a sequence, and decides after the last.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. Each of the
            `height` steps gets width · channels numbers.
        num_classes: Integer >= 2.
        cell: "lstm", "gru" or "vanilla".
        units: Integer >= 1 of each layer, and of each direction.
        layers: Integer >= 1; each reads the outputs of the one before at every step.
        bidirectional: Whether each layer reads the rows upwards too; its outputs are then 2 · units.
        dropout: Float in [0, 1), the share of the outputs of each layer dropped in training.
        width: Float > 0, scales `units`.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.models import build_recurrent
        >>> build_recurrent((28, 28, 1), 10, units=64).count_params()  # 4 · 64 · (64 + 28 + 1) + 65 · 10
        24458

    Source: deck, chapter 10, the recurrent networks that it did not show; Hochreiter and Schmidhuber (1997), "Long
    short-term memory"; Cho et al. (2014), arXiv:1406.1078; Le, Jaitly, Hinton (2015), arXiv:1504.00941, for images as
    sequences.
    """
    height, columns, channels = check_image_model(input_shape, num_classes)
    check_regularization("tanh", dropout, 0)
    require_choice("cell", cell, tuple(CELLS))
    require_integer("units", units, at_least=1)
    require_integer("layers", layers, at_least=1)
    require_boolean("bidirectional", bidirectional)
    inputs = keras.Input((height, columns, channels), name="image")
    x = keras.layers.Reshape((height, columns * channels), name="rows")(inputs)
    for number in range(1, layers + 1):
        name = f"{cell}{number}"
        layer = recurrent_layer(cell, scale_width(units, width), return_sequences=number < layers, name=name)
        x = (keras.layers.Bidirectional(layer, name=name) if bidirectional else layer)(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return keras.Model(inputs, logits_block(x, num_classes), name="recurrent")
