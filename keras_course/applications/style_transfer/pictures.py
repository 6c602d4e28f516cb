"""The sizes of a picture from coarse to fine, and its colours."""

import hashlib
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer

LARGEST = 2**22  # pixels of the picture that is made: the maps of a VGG-16 take about 12 GB then
SMALLEST_LEVEL = 64  # pixels on the shorter side
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # of R, G and B, ITU-R 601


def resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes a picture: with antialiasing where it gets smaller, bicubic where it gets larger, clipped to [0, 1].

    Args:
        picture: float32 (any height, any width, channels).
        height: Int >= 1.
        width: Int >= 1.

    Returns:
        float32 (height, width, channels); `picture` itself if it has that size.
    """
    if picture.shape[:2] == (height, width):
        return picture
    smaller = height * width < picture.shape[0] * picture.shape[1]
    method = "bilinear" if smaller else "bicubic"
    return np.clip(tf.image.resize(picture, (height, width), method, antialias=smaller).numpy(), 0, 1)


def picture_size(shape: tuple[int, ...], image_size: Any) -> tuple[int, int]:
    """Returns height and width of the picture that is made.

    Args:
        shape: Of the content, (height, width, ...).
        image_size: Int >= 1, the longer side in pixels, which keeps the aspect; (height, width); or None for the
            content's own.

    Raises:
        ValueError: If it is none such, or of more pixels than can be computed with.
    """
    height, width = shape[:2]
    accepted = f"`image_size` must be None, the longer side in pixels, or (height, width), at most {LARGEST:,} pixels. "
    try:
        if np.ndim(image_size) == 1:
            height, width = image_size
        elif image_size is not None:
            require_integer("image_size", image_size, at_least=1)
            height, width = (max(1, round(side * image_size / max(shape[:2]))) for side in shape[:2])
        for side in (height, width):
            require_integer("image_size", side, at_least=1)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{accepted}Received: image_size={image_size!r}") from error
    if height * width > LARGEST:
        raise ValueError(f"{accepted}Received: image_size={image_size!r}, which makes {height}x{width} pixels")
    return int(height), int(width)


def pyramid(height: int, width: int, levels: int) -> list[tuple[int, int]]:
    """Returns the sizes of a transfer from coarse to fine, each about twice the one before.

    Args:
        height: Int >= 1. Of the last.
        width: Int >= 1.
        levels: Int >= 1. At most so many; none has a shorter side below 64 pixels but the last.
    """
    sizes = [(round(height / 2**level), round(width / 2**level)) for level in range(levels)]
    return [size for size in sizes if min(size) >= SMALLEST_LEVEL or size == (height, width)][::-1]


def with_colors_of(picture: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Returns the luminance of a picture with the colours of another: content + Y(picture) - Y(content).

    Args:
        picture: float32 (height, width, 3) in [0, 1].
        content: float32 (height, width, 3) in [0, 1].

    Returns:
        float32 (height, width, 3), clipped to [0, 1].

    Source: Gatys et al. (2016), "Preserving color in neural artistic style transfer", arXiv:1606.05897, section 3.2.
    """
    return np.clip(content + ((picture - content) @ LUMINANCE)[..., np.newaxis], 0, 1)


def with_as_many_pixels(picture: np.ndarray, pixels: int) -> np.ndarray:
    """Returns a picture, float32 (height, width, 3), resized to about so many pixels, its aspect kept."""
    factor = (pixels / (picture.shape[0] * picture.shape[1])) ** 0.5
    return resized(picture, *(max(1, round(side * factor)) for side in picture.shape[:2]))


def digest_of(pixels: np.ndarray) -> str:
    """Returns sixteen hexadecimal digits of an array."""
    return hashlib.sha256(f"{pixels.dtype} {pixels.shape}".encode() + pixels.tobytes()).hexdigest()[:16]
