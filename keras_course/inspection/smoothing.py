"""Regularisers that keep images found by gradient ascent free of noise: total variation and Gaussian blur."""

import numpy as np
import tensorflow as tf

SOFTNESS = 0.1  # smaller differences are smoothed in proportion to them, so that steps of ascent don't swing around 0


def total_variation(images: tf.Tensor) -> tf.Tensor:
    """Returns Σ √(∂x² + ∂y² + ε²) over pixels and channels, the differences to the next pixel, ε = 0.1.

    Args:
        images: float32 of shape (batch, height, width, channels).

    Returns:
        float32 of shape (batch,).

    Source: Rudin, Osher and Fatemi (1992); for network inversion Mahendran and Vedaldi (2015), arXiv:1412.0035.
    """
    down, right, length = _differences(images)
    return tf.reduce_sum(length, axis=[1, 2, 3])


def total_variation_gradient(images: tf.Tensor) -> tf.Tensor:
    """Returns the gradient of `total_variation`, minus the divergence of the unit differences.

    Args:
        images: float32 of shape (batch, height, width, channels).

    Returns:
        float32 of the same shape.
    """
    down, right, length = _differences(images)
    down, right = down / length, right / length
    above = tf.pad(down[:, :-1], [[0, 0], [1, 0], [0, 0], [0, 0]])
    left = tf.pad(right[:, :, :-1], [[0, 0], [0, 0], [1, 0], [0, 0]])
    return above - down + left - right


def gaussian_blur(images: tf.Tensor, deviation: float) -> tf.Tensor:
    """Convolves each channel with a Gaussian, with zeros beyond the edge.

    Args:
        images: float32 of shape (batch, height, width, channels), the number of channels known.
        deviation: Float > 0. Standard deviation in pixels; the kernel ends at three of them.

    Returns:
        float32 of the same shape.
    """
    radius = int(np.ceil(3 * deviation))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / deviation) ** 2)
    weights = np.tile((weights / weights.sum()).astype(np.float32)[:, None, None, None], (1, 1, images.shape[-1], 1))
    images = tf.nn.depthwise_conv2d(images, weights, [1, 1, 1, 1], "SAME")
    return tf.nn.depthwise_conv2d(images, weights.swapaxes(0, 1), [1, 1, 1, 1], "SAME")


def _differences(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns the differences to the pixel below and to the right (0 at the edge), and their length."""
    down = tf.pad(images[:, 1:] - images[:, :-1], [[0, 0], [0, 1], [0, 0], [0, 0]])
    right = tf.pad(images[:, :, 1:] - images[:, :, :-1], [[0, 0], [0, 0], [0, 1], [0, 0]])
    return down, right, tf.sqrt(down**2 + right**2 + SOFTNESS**2)
