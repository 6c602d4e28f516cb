"""Pictures as style transfer and deep dream take them: RGB in [0, 1]."""

from typing import Any

import numpy as np

ROUNDING = 1e-5  # by which a picture that was resized may leave [0, 1]


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

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.pictures import unit_picture
        >>> unit_picture("image", np.full((1, 1), 51, np.uint8))
        array([[[0.2, 0.2, 0.2]]], dtype=float32)
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
    if not (unit.min() >= -ROUNDING and unit.max() <= 1 + ROUNDING):  # NaN is refused too
        raise ValueError(f"{accepted}Received: {name} in [{unit.min():g}, {unit.max():g}]")
    unit = unit.clip(0, 1)
    if unit.shape[-1] == 4:
        unit = unit[..., :3] * unit[..., 3:] + 1 - unit[..., 3:]
    return np.ascontiguousarray(np.broadcast_to(unit, (*unit.shape[:2], 3)))


def as_uint8(picture: np.ndarray) -> np.ndarray:
    """Returns a picture in [0, 1] as uint8 in 0..255, rounded.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.pictures import as_uint8
        >>> as_uint8(np.array([0.0, 0.5, 1.0]))
        array([  0, 128, 255], dtype=uint8)
    """
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
