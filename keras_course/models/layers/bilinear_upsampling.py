"""Bilinear interpolation as the start of a transposed convolution (Long et al. 2015, section 3.3)."""

from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="keras_course")
class BilinearUpsampling(keras.initializers.Initializer):
    """Fills the kernel of a transposed convolution so that it interpolates each channel, separately, bilinearly.

    k(y, x) = (1 - |y - c| / s) (1 - |x - c| / s) with c = s - 1/2, for kernels of 2s x 2s and an even stride s: each
    pixel of the result blends the four units whose centres are next to its own.

    Raises:
        ValueError: If the kernel has not the shape (2s, 2s, channels, channels) with s even.

    Example:
        >>> import keras, numpy as np
        >>> from keras_course.models.layers import BilinearUpsampling
        >>> layer = keras.layers.Conv2DTranspose(
        ...     1, 4, strides=2, padding="same", use_bias=False, kernel_initializer=BilinearUpsampling()
        ... )
        >>> ramp = np.tile([0.0, 4.0, 8.0], (3, 1)).reshape(1, 3, 3, 1)
        >>> np.asarray(layer(ramp))[0, 2, 1:5, 0]  # inside; beyond the border there are zeros
        array([1., 3., 5., 7.], dtype=float32)

    Source: Long et al. (2015), "Fully convolutional networks for semantic segmentation", sections 3.3 and 4.3.
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Returns a kernel of `shape`, (2s, 2s, channels, channels)."""
        rows, columns, outputs, inputs = shape
        if rows != columns or rows % 4 or outputs != inputs:
            raise ValueError(
                "`shape` must be (2s, 2s, channels, channels), for a transposed convolution of an even stride s. "
                f"Received: shape={tuple(shape)!r}"
            )
        factor = rows // 2
        weights = 1 - np.abs(np.arange(rows) - (factor - 0.5)) / factor
        kernel = np.einsum("i,j,oc->ijoc", weights, weights, np.eye(outputs))
        return keras.ops.convert_to_tensor(kernel, dtype=dtype or keras.config.floatx())
