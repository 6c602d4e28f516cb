"""What a style transfer minimises: content, style and total variation, each 1 for a picture that is easy to name.

So weights mean the same for every net, layer and size. The content loss is 1 where all features are 0, the style loss
and the total variation are 1 for the content picture itself, from which a transfer starts.
"""

from typing import Any

import keras
import tensorflow as tf

Tensor = Any
LEAST = 1e-6  # of the squared norm of what is aimed at: a smaller unit would make much of rounding errors


def gram_matrix(maps: Tensor) -> Tensor:
    """Computes G_ij = 1/n Σ_p F_pi F_pj over the n pixels p: how often channels i and j respond in the same place.

    Args:
        maps: Floats (batch, height, width, channels). F, a layer's features.

    Returns:
        Floats (batch, channels, channels), symmetric; float32 of bfloat16 maps, whose sums are too long for 8 bits.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.style_transfer import gram_matrix
        >>> np.asarray(gram_matrix(np.array([[[[1.0, 0.0], [3.0, 2.0]]]])))
        array([[[5., 3.],
                [3., 2.]]])

    Source: deck, chapter 8, "Style transfer"; Gatys et al. (2015), arXiv:1508.06576, eq. 3.

    Note: The paper's sum is not divided by n. Then a picture and its style must have one size.
    """
    pixels = keras.ops.reshape(maps, (-1, maps.shape[1] * maps.shape[2], maps.shape[3]))
    products = _products(pixels)
    return products / keras.ops.cast(keras.ops.shape(pixels)[1], products.dtype)


@tf.custom_gradient
def _products(pixels: tf.Tensor) -> tuple[tf.Tensor, Any]:
    """Computes FᵀF. Its gradient F (U + Uᵀ) is one product; TensorFlow's own takes two, and two more maps of memory."""

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        return tf.matmul(pixels, tf.cast(upstream + tf.linalg.matrix_transpose(upstream), pixels.dtype))

    exact = tf.cast(pixels, tf.float32) if pixels.dtype == tf.bfloat16 else pixels
    return tf.matmul(exact, exact, transpose_a=True), gradient


def content_loss(maps: Tensor, target: Tensor) -> Tensor:
    """Computes ‖F - C‖² / ‖C‖²: 0 for the features C of the content, 1 where all features are 0.

    Args:
        maps: Floats (batch, height, width, channels). F, a layer's features of the picture.
        target: Floats of the same shape, or of a batch of 1. C.

    Returns:
        Floats (batch,), >= 0.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.style_transfer import content_loss
        >>> target = np.full((1, 2, 2, 3), 4.0)
        >>> np.asarray([content_loss(part * target, target)[0] for part in (0, 0.5, 1)])
        array([1.  , 0.25, 0.  ])

    Source: deck, chapter 8, "Style transfer"; Gatys et al. (2015), arXiv:1508.06576, eq. 1, which has another factor.
    """
    return _squares(maps - target) / _unit(target, target)


def style_loss(gram: Tensor, target: Tensor, start: Tensor) -> Tensor:
    """Computes ‖G - S‖² / ‖G₀ - S‖²: 0 for the Gram matrix S of the style, 1 for that of the content, G₀.

    Args:
        gram: Floats (batch, channels, channels). G, of the picture, as from `gram_matrix`.
        target: Floats of the same shape, or of a batch of 1. S.
        start: Floats of the same shape, or of a batch of 1. G₀.

    Returns:
        Floats (batch,), >= 0.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.style_transfer import style_loss
        >>> style, content = np.eye(3)[np.newaxis], 3 * np.eye(3)[np.newaxis]
        >>> np.asarray([style_loss(gram, style, content)[0] for gram in (content, (content + style) / 2, style)])
        array([1.  , 0.25, 0.  ])

    Source: deck, chapter 8, "Style transfer"; Gatys et al. (2015), arXiv:1508.06576, eq. 4, which has another factor.
    """
    return _squares(gram - target) / _unit(start - target, target)


def _squares(values: Tensor) -> Tensor:
    return keras.ops.sum(keras.ops.square(values), axis=tuple(range(1, len(values.shape))))


def _unit(distance: Tensor, target: Tensor) -> Tensor:
    """Returns the squared norm of a distance, at least a millionth of the target's, and 1 where both are 0."""
    unit = keras.ops.maximum(_squares(distance), LEAST * _squares(target))
    return keras.ops.where(unit > 0, unit, 1.0)
