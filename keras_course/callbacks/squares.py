"""Sums of squares of gradients, fast where float32 allows it and right everywhere."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

# Below this half sum of squares, float32 squares of single entries may have underflowed.
SMALLEST_SAFE = 1e-24


def half_squares(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Sums the squares of each tensor in its own precision; returns half the sums, float64 (len(tensors),)."""
    return tf.cast(tf.stack([tf.nn.l2_loss(t) for t in tensors]), tf.float64)


def scaled_half_squares(tensor: tf.Tensor) -> tf.Tensor:
    """Sums the squares of a tensor without under- or overflow; returns half the sum, a float64 scalar."""
    largest = tf.reduce_max(tf.abs(tensor))
    ratio_squares = tf.nn.l2_loss(tf.math.divide_no_nan(tensor, largest))
    square = tf.cast(largest, tf.float64) ** 2 * tf.cast(ratio_squares, tf.float64)
    return tf.where(tf.math.is_inf(largest), tf.constant(np.inf, tf.float64), square)


def dense(value: Any) -> tf.Tensor:
    """Converts sparse, half-precision and missing gradients to a dense tensor whose squares can be summed."""
    if value is None:  # no path from the loss to this variable
        return tf.zeros((1,), tf.float32)
    tensor = tf.convert_to_tensor(value)
    return tf.cast(tensor, tf.float32) if tensor.dtype in (tf.float16, tf.bfloat16) else tensor
