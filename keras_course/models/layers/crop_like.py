"""Cropping to the size of another map, for networks of pictures of any size."""

import keras


@keras.saving.register_keras_serializable(package="keras_course")
class CropLike(keras.layers.Layer):
    """Crops the first of two maps, below and on the right, to height and width of the second, which is not larger.

    What was halved with padding and doubled again is larger by up to a pixel each time.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import CropLike
        >>> CropLike()([np.zeros((1, 8, 8, 16)), np.zeros((1, 7, 5, 3))]).shape
        TensorShape([1, 7, 5, 16])
    """

    def call(self, inputs):
        """Returns (batch, height, width, channels of the first)."""
        larger, wanted = inputs
        return larger[:, : keras.ops.shape(wanted)[1], : keras.ops.shape(wanted)[2]]

    def compute_output_shape(self, input_shape):
        """Returns the shape of the result."""
        larger, wanted = input_shape
        return (*wanted[:3], larger[3])
