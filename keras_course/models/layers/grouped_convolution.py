"""Convolution in groups, for AlexNet's two towers (Krizhevsky et al. 2012, section 3.2)."""

import keras


@keras.saving.register_keras_serializable(package="keras_course")
class GroupedConv2D(keras.layers.Conv2D):
    """Cross-correlates each group of channels with its own filters: `keras.layers.Conv2D(..., groups=g)`.

    Arguments, weights and results are Conv2D's.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import GroupedConv2D
        >>> layer = GroupedConv2D(2, kernel_size=1, groups=2, kernel_initializer="ones")
        >>> np.asarray(layer(np.array([[[[1.0, 2.0, 30.0, 40.0]]]]))).ravel()  # 1 + 2 and 30 + 40
        array([ 3., 70.], dtype=float32)

    Source: Krizhevsky et al. (2012), figure 2: the second, fourth and fifth convolution.

    Note: TensorFlow has no grouped convolution on CPUs, so Keras compiles it with XLA, which trains several times
        slower and leaves an operation in the graph that ONNX doesn't have. Here each group is an ordinary convolution.
    """

    def convolution_op(self, inputs, kernel):
        """Returns the cross-correlation, before bias and activation; (batch, height, width, channels) to the same."""
        axis = -1 if self.data_format == "channels_last" else 1
        outputs = [
            keras.ops.conv(
                group,
                filters,
                strides=list(self.strides),
                padding=self.padding,
                dilation_rate=self.dilation_rate,
                data_format=self.data_format,
            )
            for group, filters in zip(
                keras.ops.split(inputs, self.groups, axis=axis),
                keras.ops.split(kernel, self.groups, axis=-1),
                strict=True,
            )
        ]
        return keras.ops.concatenate(outputs, axis=axis)
