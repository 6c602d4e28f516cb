"""What cells of an image say about words: which are shown at all, and which where a decoder looks."""

import keras


@keras.saving.register_keras_serializable(package="keras_course")
class NotShown(keras.layers.Layer):
    """Computes log(1 - p) = Σ log(1 - p of a cell) of each word: no cell shows it (noisy-OR).

    Takes logits (batch, cells, words) and returns (batch, words).

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import NotShown
        >>> np.exp(NotShown()(np.zeros((1, 2, 3))))
        array([[0.25, 0.25, 0.25]], dtype=float32)

    Source: deck, chapter 8, "Image captioning"; Fang et al. (2015), arXiv:1411.4952, section 3.
    """

    def call(self, inputs):
        """Sums over the cells."""
        return -keras.ops.sum(keras.ops.softplus(keras.ops.cast(inputs, "float32")), axis=1)

    def compute_output_shape(self, input_shape):
        """Returns (batch, words)."""
        return (input_shape[0], input_shape[2])


@keras.saving.register_keras_serializable(package="keras_course")
class LookedAt(keras.layers.Layer):
    """Computes the mean logits of the cells that a decoder looks at, the mean over its heads.

    Takes the weights of attention (batch, m, heads, cells) and logits (batch, cells, words), and returns
    (batch, m, words). Added to what the decoder tells, it lets attention point to words.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import LookedAt
        >>> LookedAt()(np.float32([[[[1, 0]], [[0, 1]]]]), np.float32([[[5, 6], [7, 8]]])).numpy().tolist()
        [[[5.0, 6.0], [7.0, 8.0]]]

    Source: Vinyals et al. (2015), "Pointer networks", arXiv:1506.03134; See et al. (2017), arXiv:1704.04368.
    """

    def call(self, weights, words):
        """Takes the mean."""
        return keras.ops.matmul(keras.ops.mean(weights, axis=2), keras.ops.cast(words, weights.dtype))

    def compute_output_shape(self, weights_shape, words_shape):
        """Returns (batch, m, words)."""
        return (*weights_shape[:2], words_shape[2])
