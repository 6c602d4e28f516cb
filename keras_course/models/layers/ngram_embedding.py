"""Embeddings of the last tokens together, found by a hash (Mikolov et al. 2011; deck, chapter 10)."""

from typing import Any

import keras

from keras_course.arguments import require_integer, require_number

MULTIPLIER = 1_000_003
SPREAD = 0.05  # of the first values


@keras.saving.register_keras_serializable(package="keras_course")
class NGramEmbedding(keras.layers.Layer):
    """Represents the last 2, 3, ... and `longest` tokens by a row of a table each.

    A row is found by a hash of the tokens, so that the table has a fixed size; n-grams that share one are not told
    apart. Before the first token of a text stand zeros.

    Args:
        longest: Integer >= 2. n of the longest n-grams.
        units: Integer >= 1. Numbers by which an n-gram is represented.
        buckets: Integer in [1, 2**20]. Rows of each n.
        dropout: Float in [0, 1). Share of the n-grams that training leaves out, each with all its numbers: what a long
            one tells alone, the shorter ones then have to tell too.
        **options: Of `keras.layers.Layer`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import NGramEmbedding
        >>> layer = NGramEmbedding(3, units=4)
        >>> tuple(layer(np.zeros((2, 7), "int32")).shape)
        (2, 7, 8)

    Source: deck, chapter 10, the recurrent networks that it did not show; Mikolov et al. (2011), "Strategies for
        training large scale neural network language models", section 4.
    """

    def __init__(self, longest: int, units: int, *, buckets: int = 2**15, dropout: float = 0.0, **options: Any):
        super().__init__(**options)
        require_integer("longest", longest, at_least=2)
        require_integer("units", units, at_least=1)
        require_integer("buckets", buckets, at_least=1, at_most=2**20)
        require_number("dropout", dropout, at_least=0, below=1)
        self.longest, self.units, self.buckets, self.dropout = longest, units, buckets, dropout
        self.left_out = keras.layers.Dropout(dropout, noise_shape=(None, None, longest - 1, 1))

    def build(self, input_shape: Any) -> None:
        """Makes the table, shape ((longest - 1) * buckets, units)."""
        uniform = keras.initializers.RandomUniform(-SPREAD, SPREAD)
        self.table = self.add_weight(((self.longest - 1) * self.buckets, self.units), uniform, name="table")

    def call(self, tokens: Any, training: bool = False) -> Any:
        """Returns the rows of the n-grams that end at each token.

        Args:
            tokens: Integers (batch, steps).
            training: Whether some are left out.

        Returns:
            Shape (batch, steps, (longest - 1) * units).
        """
        tokens = keras.ops.cast(tokens, "int64")
        key, rows = tokens, []
        for back in range(1, self.longest):
            earlier = keras.ops.pad(tokens, ((0, 0), (back, 0)))[:, :-back]
            key = keras.ops.mod(key * MULTIPLIER + earlier, 2**31 - 1)
            rows.append(keras.ops.mod(key, self.buckets) + (back - 1) * self.buckets)
        taken = keras.ops.take(self.table, keras.ops.stack(rows, axis=-1), axis=0)
        taken = self.left_out(taken, training=training)
        return keras.ops.reshape(taken, (*keras.ops.shape(tokens), (self.longest - 1) * self.units))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Returns the shape of the rows."""
        return (*input_shape, (self.longest - 1) * self.units)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that make an equal layer."""
        own = {name: getattr(self, name) for name in ("longest", "units", "buckets", "dropout")}
        return {**super().get_config(), **own}
