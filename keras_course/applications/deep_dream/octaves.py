"""The sizes of a dream, from small to large, and the picture in each."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer, require_number


def octave_sizes(height: int, width: int, octaves: int, octave_scale: float) -> list[tuple[int, int]]:
    """Returns the sizes of the octaves, the smallest first: ⌊side / scaleⁱ⌋.

    Args:
        height: Int >= 1, of the picture, in pixels.
        width: Int >= 1.
        octaves: Int >= 1.
        octave_scale: Float > 1.

    Returns:
        A list of (height, width).

    Raises:
        ValueError: If an argument is out of range, or an octave has no pixel.

    Example:
        >>> from keras_course.applications.deep_dream import octave_sizes
        >>> octave_sizes(384, 512, octaves=3, octave_scale=1.4)
        [(195, 261), (274, 365), (384, 512)]

    Source: deck, chapter 8, "Deep dream"; the published scale is 1.4.
    """
    require_integer("octaves", octaves, at_least=1)
    require_number("octave_scale", octave_scale, above=1)
    scales = [octave_scale**number for number in range(octaves)]
    sizes = [(int(height / scale), int(width / scale)) for scale in scales]
    if 0 in sizes[-1]:
        raise ValueError(
            f"`octaves` must leave a pixel of a picture of {height}x{width}. "
            f"Received: octaves={octaves} with octave_scale={octave_scale}"
        )
    return sizes[::-1]


def resized(picture: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Resizes a picture, bilinear with antialiasing; one of that size comes back as it is.

    Args:
        picture: float32 (any height, any width, channels).
        size: (height, width).

    Returns:
        float32 (height, width, channels).
    """
    if picture.shape[:2] == tuple(size):
        return picture
    return tf.image.resize(picture, size, antialias=True).numpy()
