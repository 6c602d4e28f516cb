"""Pixels in memory: other sizes, other channels, floats to bytes, fingerprints."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer

CHANNELS = (1, 3, 4)  # grey, RGB, RGBA
IMAGES_AT_ONCE = 512
BYTES_AT_ONCE = 64 * 1024**2
LUMA = np.array([19595, 38470, 7471], np.uint32)  # ITU-R 601 in 65536ths, as Pillow has it


class Examples(NamedTuple):
    """Images uint8 in 0..255, shape `(n, height, width, channels)`, grey, RGB or RGBA; labels int64, shape `(n,)`.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import Examples
        >>> Examples(np.zeros((2, 8, 8, 1), np.uint8), np.array([0, 1])).images.shape
        (2, 8, 8, 1)
    """

    images: np.ndarray
    labels: np.ndarray


def check_examples(name: str, examples: Examples, shape: tuple[int, ...], num_classes: int) -> None:
    """Raises unless examples are images of one shape with a label each.

    Args:
        name: The argument's name, for the message.
        examples: The images and labels.
        shape: `(height, width, channels)` that the images must have.
        num_classes: Labels must be below it.

    Raises:
        ValueError: If the images are not uint8 of that shape, grey, RGB or RGBA, or the labels are not integers in
            [0, num_classes), one per image.
    """
    given = check_images(name, examples.images, shape)
    labels = np.asarray(examples.labels)
    if labels.shape != given[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"`{name}` must hold one integer label per image. Received: {given[0]} images, "
            f"{name}.labels.shape={labels.shape}, dtype={labels.dtype}"
        )
    if len(labels) and (labels.min() < 0 or labels.max() >= num_classes):
        raise ValueError(
            f"`{name}` must hold labels in [0, {num_classes}), one per entry of `class_names`. "
            f"Received: labels from {labels.min()} to {labels.max()}"
        )


def check_images(name: str, images: np.ndarray, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the shape of examples' images.

    Args:
        name: The argument's name, for the message.
        images: The images.
        shape: `(height, width, channels)` that they must have.

    Returns:
        `(n, height, width, channels)`.

    Raises:
        ValueError: If the images are not uint8 of that shape, grey, RGB or RGBA.
    """
    given, dtype = np.shape(images), getattr(images, "dtype", None)
    if len(given) != 4 or given[-1] not in CHANNELS or dtype != np.uint8 or given[1:] != shape:
        raise ValueError(
            f"`{name}` must hold images (n, height, width, channels) with 1 (grey), 3 (RGB) or 4 (RGBA) channels, "
            f"uint8, all parts alike. Received: {name}.images.shape={given}, dtype={dtype}"
        )
    return given


def image_size_pair(image_size: Any) -> tuple[int, int] | None:
    """Returns `(height, width)` of an integer or a pair, `None` of `None`.

    Raises:
        ValueError: If it is neither, or a side is below 1.

    Example:
        >>> image_size_pair(32), image_size_pair([24, 32])
        ((32, 32), (24, 32))
    """
    if image_size is None:
        return None
    pair = tuple(image_size) if isinstance(image_size, (tuple, list)) else (image_size, image_size)
    try:
        if len(pair) != 2:
            raise ValueError("not two numbers")
        for side in pair:
            require_integer("image_size", side, at_least=1)
    except ValueError:
        raise ValueError(
            "`image_size` must be an integer >= 1 or a pair (height, width) of them. "
            f"Received: image_size={image_size!r}"
        ) from None
    return int(pair[0]), int(pair[1])


def resize_tensor(images: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Resizes uint8 images, bilinear with antialiasing, without regard to their aspect ratio.

    Args:
        images: uint8 tensor, shape `(height, width, channels)` or `(batch, height, width, channels)`.
        size: `(height, width)` of the result.

    Returns:
        uint8 tensor of as many axes, rounded.
    """
    resized = tf.image.resize(images, size, antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), tf.uint8)


def resize_array(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resizes uint8 images in memory as `resize_tensor` does, some at a time.

    Args:
        images: uint8, shape `(n, height, width, channels)`.
        size: `(height, width)` of the result.

    Returns:
        uint8 array; `images` itself if they have that size.

    Example:
        >>> import numpy as np
        >>> resize_array(np.full((1, 2, 2, 1), 7, np.uint8), (3, 1)).ravel()
        array([7, 7, 7], dtype=uint8)
    """
    if images.shape[1:3] == size:
        return images
    resized = np.empty((len(images), *size, images.shape[-1]), np.uint8)
    largest = 4 * images.shape[-1] * max(size[0] * size[1], images.shape[1] * images.shape[2])  # bytes, in float32
    step = min(IMAGES_AT_ONCE, max(1, BYTES_AT_ONCE // largest))
    with tf.device("CPU"):
        for start in range(0, len(images), step):
            resized[start : start + step] = resize_tensor(images[start : start + step], size).numpy()
    return resized


def with_channels(images: np.ndarray, channels: int | None) -> np.ndarray:
    """Converts uint8 images between grey, RGB and RGBA as Pillow does.

    Colours become grey by 0.299 R + 0.587 G + 0.114 B, grey becomes three equal channels, a new alpha channel is
    opaque, and where there is none any more, transparent pixels show a white page.

    Args:
        images: uint8, shape `(n, height, width, 1, 3 or 4)`.
        channels: 1, 3 or 4; `None` keeps what is there.

    Returns:
        uint8 array; `images` itself if there is nothing to convert.

    Example:
        >>> import numpy as np
        >>> with_channels(np.uint8([[[[255, 0, 0]]]]), 1).ravel()
        array([76], dtype=uint8)
    """
    given = images.shape[-1]
    if channels in (None, given):
        return images
    colours = images[..., :3]
    if given == 4:
        alpha = images[..., 3:].astype(np.uint16)
        colours = ((colours * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    if channels == 1:
        return ((colours @ LUMA + 0x8000) >> 16).astype(np.uint8)[..., np.newaxis]
    if given == 1:
        colours = np.repeat(images, 3, axis=-1)
    if channels == 4:
        colours = np.concatenate([colours, np.full((*images.shape[:-1], 1), 255, np.uint8)], axis=-1)
    return np.ascontiguousarray(colours)


def as_bytes(name: str, images: np.ndarray) -> np.ndarray:
    """Returns pixels as uint8: those that are, and round(255 x) of floats in [0, 1].

    Args:
        name: The argument's name, for the message.
        images: Any shape.

    Returns:
        uint8 array; `images` itself if it is one.

    Raises:
        ValueError: If the pixels are anything else, or bytes of 0 and 1 alone, with the range seen.

    Example:
        >>> import numpy as np
        >>> as_bytes("images", np.array([0.0, 0.5, 1.0]))
        array([  0, 128, 255], dtype=uint8)
    """
    wanted = f"`{name}` must be uint8, or floats in [0, 1]. Received: {name}"
    if images.dtype == np.uint8:
        if images.max(initial=0) == 1:  # black to the eye: meant for black and white, or scaled before the cast
            raise ValueError(f"{wanted}.dtype=uint8 with values from {images.min()} to 1")
        return images
    if images.dtype.kind not in "iuf":
        raise ValueError(f"{wanted}.dtype={images.dtype}")
    low, high = images.min(), images.max()
    if np.isnan(low):
        raise ValueError(f"{wanted}.dtype={images.dtype} with NaN in it")
    if images.dtype.kind != "f" or low < 0 or high > 1:
        raise ValueError(f"{wanted}.dtype={images.dtype} with values from {low:g} to {high:g}")
    pixels = np.empty(images.shape, np.uint8)
    for index, image in enumerate(images):  # all at once would take four times the memory
        pixels[index] = np.rint(255 * image.astype(np.float32))
    return pixels


def image_digest(image: np.ndarray) -> bytes:
    """Returns the SHA-256 of the shape and the pixels of one uint8 image, shape `(height, width, channels)`.

    Example:
        >>> import numpy as np
        >>> image_digest(np.zeros((2, 2, 1), np.uint8)).hex()[:8]
        'e7410962'
    """
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).digest()


def content_digest(parts: Mapping[str, tuple[Sequence[bytes], np.ndarray]], class_names: Sequence[str]) -> str:
    """Returns sixteen hexadecimal digits of images in their order, labels, splits and class names.

    Args:
        parts: By split: `image_digest` of each image, and the labels, shape `(n,)`.
        class_names: One name per class.

    Returns:
        The beginning of a SHA-256, the same in every process.

    Example:
        >>> import numpy as np
        >>> content_digest({"train": ([b"pixels of one", b"of the other"], np.array([0, 1]))}, ["cat", "dog"])
        '259845fcacd673a3'
    """
    digest = hashlib.sha256(json.dumps([list(class_names), sorted(parts)]).encode())
    for _, (images, labels) in sorted(parts.items()):
        digest.update(labels.astype("<i8").tobytes() + b"".join(images))
    return digest.hexdigest()[:16]
