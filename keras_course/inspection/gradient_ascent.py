"""Gradient ascent on pixels as one compiled loop: the engine of activation maximisation and of deep dream."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer

Values = Callable[[tf.Tensor], tf.Tensor]  # images (n, height, width, channels) -> (n,)
Gradient = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]  # images -> their values (n,), and the gradient
Step = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]  # images, direction, share of the way -> images


def climb(start: tf.Tensor, shifts: tf.Tensor, gradient: Gradient, step: Step) -> tuple[tf.Tensor, tf.Tensor]:
    """Climbs as many steps as there are shifts.

    Before each step the images are shifted, cyclically, and the direction is shifted back after it, so that no edge
    and no grid of strides or tiles settles. Each image's direction is its gradient divided by the root of the mean of
    its squares, so one step size suits every net and layer.

    Args:
        start: float32 of shape (n, height, width, channels).
        shifts: int32 of shape (steps, 2), in pixels, from `random_shifts`.
        gradient: Gives values and gradient of images.
        step: Gives the next images from the current ones, the direction, and the share of all steps before this one.

    Returns:
        The last images, and the values before each step, float32 of shape (steps, n).
    """
    count = tf.shape(shifts)[0]

    def body(number: tf.Tensor, images: tf.Tensor, values: tf.TensorArray) -> tuple:
        shift = shifts[number]
        value, slope = gradient(tf.roll(images, shift, axis=[1, 2]))
        images = step(images, tf.roll(unit_gradient(slope), -shift, axis=[1, 2]), tf.cast(number / count, tf.float32))
        return number + 1, tf.ensure_shape(images, start.shape), values.write(number, value)

    record = tf.TensorArray(tf.float32, size=count, element_shape=start.shape[:1])
    _, images, values = tf.while_loop(lambda number, *_: number < count, body, (tf.constant(0), start, record))
    return images, values.stack()


def gradient_of(values: Values) -> Gradient:
    """Returns the function that gives the values of images, and the gradient of each image's own."""

    def gradient(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            found = values(images)
            total = tf.reduce_sum(found)
        return found, tape.gradient(total, images, unconnected_gradients="zero")

    return gradient


def unit_gradient(gradient: tf.Tensor) -> tf.Tensor:
    """Returns each image's gradient, divided by the root of the mean of its squares; 0 where it is 0."""
    # by the largest entry first: squares of a deep net's gradients can leave the range of float32
    gradient = tf.math.divide_no_nan(gradient, tf.reduce_max(tf.abs(gradient), axis=[1, 2, 3], keepdims=True))
    rms = tf.sqrt(tf.reduce_mean(gradient**2, axis=[1, 2, 3], keepdims=True))
    return tf.math.divide_no_nan(gradient, rms)


def random_shifts(steps: int, reach: int, seed: int) -> np.ndarray:
    """Returns the jitter of every step, int32 of shape (steps, 2), in [-reach, reach] pixels.

    Args:
        steps: Int >= 0.
        reach: Int >= 0; `jitter` in messages.
        seed: Int >= 0.

    Raises:
        ValueError: If one is out of range.
    """
    require_integer("steps", steps, at_least=0)
    require_integer("jitter", reach, at_least=0)
    require_integer("seed", seed, at_least=0)
    return np.random.default_rng(seed).integers(-reach, reach, (steps, 2), dtype=np.int32, endpoint=True)
