"""Instance normalisation (Ulyanov et al. 2016), with which one network paints every picture at its own contrast."""

from typing import Any

import keras

from keras_course.arguments import require_number

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


@keras.saving.register_keras_serializable(package="keras_course")
class InstanceNormalization(keras.layers.Layer):
    """Computes γ (x - μ) / √(σ² + ε) + β with mean μ and variance σ² of each channel of each image by itself.

    Takes (batch, height, width, channels) and returns the same shape. γ and β have one value per channel.

    Args:
        epsilon: Float > 0. ε, default 1e-5.
        **options: `name`, `dtype` and what else a Keras layer takes.

    Raises:
        ValueError: If `epsilon` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import InstanceNormalization
        >>> images = np.array([[0.0, 2.0], [50.0, 70.0]]).reshape(2, 1, 2, 1)  # two images of two pixels
        >>> np.asarray(InstanceNormalization()(images)).reshape(2, 2).round(3)
        array([[-1.,  1.],
               [-1.,  1.]], dtype=float32)

    Source: deck, chapter 8, "Style transfer"; Ulyanov et al. (2016), "Instance normalization: the missing ingredient
        for fast stylization", arXiv:1607.08022.

    Note: `keras.layers.GroupNormalization(groups=-1)` computes the same; it reshapes in ways that a CPU needs longer
        for.
    """

    def __init__(self, *, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(**options)
        require_number("epsilon", epsilon, above=0)
        self.epsilon = epsilon

    def build(self, input_shape):
        """Makes γ and β."""
        self.gamma = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="beta")

    def call(self, inputs):
        """Normalises `inputs`; (batch, height, width, channels) to the same shape and dtype."""
        x, scale, shift = self.affine(inputs)
        return keras.ops.cast(x * scale + shift, self.compute_dtype)

    def affine(self, inputs: Any) -> tuple[Any, Any, Any]:
        """Returns the inputs in float32 or float64, and the scale and shift per channel that normalise them."""
        x = keras.ops.cast(inputs, "float64" if self.compute_dtype == "float64" else "float32")
        mean, variance = _moments(x)
        scale = keras.ops.rsqrt(variance + self.epsilon) * keras.ops.cast(self.gamma, x.dtype)
        return x, scale, keras.ops.cast(self.beta, x.dtype) - mean * scale

    def compute_output_shape(self, input_shape):
        """Returns `input_shape`."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what a saved model needs to build the layer again."""
        return {**super().get_config(), "epsilon": self.epsilon}


def _moments(x: Any) -> tuple[Any, Any]:
    """Computes mean and variance over height and width; TensorFlow gets a gradient of two passes, not eight."""
    if keras.backend.backend() != "tensorflow":
        return keras.ops.moments(x, axes=(1, 2), keepdims=True)

    @tf.custom_gradient
    def moments(x):
        mean = tf.reduce_mean(x, axis=(1, 2), keepdims=True)
        variance = tf.reduce_mean(tf.math.squared_difference(x, mean), axis=(1, 2), keepdims=True)

        def gradient(of_mean, of_variance):
            pixels = tf.cast(tf.reduce_prod(tf.shape(x)[1:3]), x.dtype)
            slope = 2 * of_variance / pixels
            return x * slope + (of_mean / pixels - mean * slope)

        return (mean, variance), gradient

    return moments(x)
