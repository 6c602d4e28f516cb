"""Batch normalisation in one kernel (Ioffe and Szegedy 2015, Algorithm 1; deck, chapter 7)."""

from typing import Any

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


@keras.saving.register_keras_serializable(package="keras_course")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Normalises each channel by its mean and variance in the batch: `keras.layers.BatchNormalization(...)`.

    Arguments, weights and results are those of Keras's layer.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import FusedBatchNormalization
        >>> layer = FusedBatchNormalization(epsilon=1e-5)
        >>> images = np.array([-1.0, 1.0], "float32").reshape(2, 1, 1, 1)
        >>> np.asarray(layer(images, training=True)).ravel().round(3)
        array([-1.,  1.], dtype=float32)

    Source: deck, chapter 7, "Batch normalization"; Ioffe and Szegedy (2015), arXiv:1502.03167, Algorithm 1.

    Note: Keras composes it of a dozen operations, which takes more of a small net's step on a CPU than the convolutions
        do. Here the training of float32 or bfloat16 feature maps on TensorFlow takes TensorFlow's one kernel for it,
        several times faster; everything else (inference, exports, other shapes, dtypes and backends) is Keras's own.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Returns the normalised (batch, height, width, channels); in training updates the moving statistics."""
        if not (training and self.trainable and mask is None and self._fits(inputs)):
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(  # TensorFlow's own wrapper would raise epsilon
            x=inputs,
            scale=tf.cast(self.gamma.value, "float32"),
            offset=tf.cast(self.beta.value, "float32"),
            mean=tf.zeros((0,)),
            variance=tf.zeros((0,)),
            epsilon=self.epsilon,
            is_training=True,
        )
        count = tf.cast(tf.size(inputs) // tf.size(mean), variance.dtype)
        variance *= (count - 1) / count  # the kernel's is over n - 1, Keras's over n
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return outputs

    def _fits(self, inputs: Any) -> bool:
        return (
            keras.backend.backend() == "tensorflow"
            and len(inputs.shape) == 4
            and self.axis in (-1, 3)
            and self.scale
            and self.center
            and not (self.renorm or self.synchronized)
            and inputs.dtype in ("float32", "bfloat16")
            and self.gamma.dtype == "float32"
            and self.epsilon >= 1e-5  # the smallest that the kernel is made for
        )
