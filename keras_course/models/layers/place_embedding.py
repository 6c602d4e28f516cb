"""Learned vectors for places, of words in a sentence or of cells in a map, which attention by itself cannot tell."""

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="keras_course")
class PlaceEmbedding(keras.layers.Layer):
    """Adds a learned vector to each place of a sequence: (batch, places, units) to the same shape.

    Args:
        deviation: Float > 0, standard deviation of the first vectors.
        **options: `name`, `dtype` and what else a Keras layer takes.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import PlaceEmbedding
        >>> layer = PlaceEmbedding()
        >>> places = layer(np.zeros((2, 5, 8)))
        >>> bool((places[0] == places[1]).numpy().all()), bool((places[0, 0] == places[0, 1]).numpy().all())
        (True, False)

    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.5, learned ones; Gehring et al. (2017), arXiv:1705.03122.
    """

    def __init__(self, *, deviation: float = 0.02, **options: Any) -> None:
        super().__init__(**options)
        self.deviation = deviation

    def build(self, input_shape):
        """Makes a vector for each place."""
        initializer = keras.initializers.RandomNormal(stddev=self.deviation)
        self.vectors = self.add_weight(shape=tuple(input_shape[1:]), initializer=initializer, name="embedding")

    def call(self, inputs):
        """Adds the vectors."""
        return inputs + keras.ops.cast(self.vectors, inputs.dtype)

    def at(self, inputs, place):
        """Adds the vector of one place, an integer tensor, to each row of `inputs`, (batch, rows, units)."""
        return inputs + keras.ops.cast(keras.ops.take(self.vectors, place, axis=0), inputs.dtype)

    def compute_output_shape(self, input_shape):
        """Returns `input_shape`."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what a saved model needs to build the layer again."""
        return {**super().get_config(), "deviation": self.deviation}
