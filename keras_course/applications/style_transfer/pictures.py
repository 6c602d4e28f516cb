"""Pictures as a style transfer takes them: RGB in [0, 1], at the sizes of a pyramid, from coarse to fine."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer

LARGEST = 2**22  # pixels of the picture that is made: the maps of a VGG-16 take about 12 GB then
SMALLEST_LEVEL = 64  # pixels on the shorter side
LUMINANCE = np.float32([0.299, 0.587, 0.114])  # of R, G and B, ITU-R 601


def unit_picture(name: str, picture: Any) -> np.ndarray:
    """Returns a picture as float32 RGB in [0, 1].

    Args:
        name: The argument's name, for the message.
        picture: uint8 in 0..255 or floats in [0, 1], of shape (height, width), or (height, width, channels) with 1, 3
            or 4 channels. Grey becomes RGB; transparent pixels are put on white.

    Returns:
        float32 (height, width, 3).

    Raises:
        ValueError: If `picture` is none such.
    """
    pixels = picture if isinstance(picture, np.ndarray) else np.asarray(picture)
    accepted = f"`{name}` must be a picture, uint8 in 0..255 or floats in [0, 1], (height, width[, 1, 3 or 4]). "
    if pixels.dtype != np.uint8 and pixels.dtype.kind != "f":
        raise ValueError(f"{accepted}Received: {name}.dtype={pixels.dtype}")
    if pixels.ndim == 2:
        pixels = pixels[..., np.newaxis]
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 3, 4) or not pixels.size:
        raise ValueError(f"{accepted}Received: {name}.shape={np.shape(picture)}")
    unit = pixels / np.float32(255) if pixels.dtype == np.uint8 else pixels.astype(np.float32)
    if not (unit.min() >= 0 and unit.max() <= 1):  # NaN is refused too
        raise ValueError(f"{accepted}Received: {name} in [{unit.min():g}, {unit.max():g}]")
    if unit.shape[-1] == 4:
        unit = unit[..., :3] * unit[..., 3:] + 1 - unit[..., 3:]
    return np.ascontiguousarray(np.broadcast_to(unit, (*unit.shape[:2], 3)))


def resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes a picture: with antialiasing where it gets smaller, bicubic where it gets larger.

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
    return tf.image.resize(picture, (height, width), "bilinear" if smaller else "bicubic", antialias=smaller).numpy()


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


def as_uint8(picture: np.ndarray) -> np.ndarray:
    """Returns a picture in [0, 1] as uint8 in 0..255, rounded."""
    return np.uint8(np.rint(np.clip(picture, 0, 1) * 255))
