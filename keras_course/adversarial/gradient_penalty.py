"""The gradient penalty of a Wasserstein critic (Gulrajani et al. 2017)."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Tensor = Any


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mixture: Tensor, *, target: float = 1.0
) -> Tensor:
    """Computes E[(‖∇ l(x̂)‖₂ - 1)²] at x̂ = ε x + (1 - ε) G(z), one point on each line from a real to a generated image.

    Args:
        critic: Maps images (batch, ...) to logits (batch, 1).
        real: Float (batch, ...), real images.
        fake: Float (batch, ...), generated images.
        mixture: Float in [0, 1], shape (batch,): ε.
        target: Float >= 0, the norm that is asked for.

    Returns:
        A scalar >= 0.

    Example:
        >>> import tensorflow as tf
        >>> from keras_course.adversarial import gradient_penalty
        >>> images = tf.ones((2, 4))
        >>> float(gradient_penalty(lambda x: tf.reduce_sum(x, 1), images, -images, tf.zeros(2)))  # of slope 2
        1.0

    Source: Gulrajani et al. (2017), arXiv:1704.00028, eq. 3.
    """
    share = tf.reshape(mixture, [-1] + [1] * (len(real.shape) - 1))
    between = share * real + (1 - share) * fake
    with tf.GradientTape() as tape:
        tape.watch(between)
        total = tf.reduce_sum(critic(between))
    gradient = tape.gradient(total, between)
    squares = tf.reduce_sum(tf.square(gradient), axis=list(range(1, len(real.shape))))
    norms = tf.sqrt(tf.maximum(squares, 1e-12))  # the root has no slope at 0
    return tf.reduce_mean(tf.square(norms - target))
