"""Pictures and arrays as the batch that a model takes, and whether they are light on dark.

Nothing is resized and no colour lost unless the caller asks for it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from keras_course.array_arguments import require_array
from keras_course.export.contract import DARK_ON_LIGHT, LIGHT_ON_DARK, MIXED

_PIL_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_CONVERTIBLE = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}
_LOOKED_AT, _AT_ONCE = 1000, 50  # images


def as_batch(images, image_shape: tuple[int | None, ...], *, resize: bool = False) -> np.ndarray:
    """Returns images as a batch that fits a model.

    Args:
        images: uint8 array `(height, width, channels)` or `(batch, height, width, channels)`; for one channel also
            `(height, width)`; or a PIL image, or a list of them (see `pil_to_array`).
        image_shape: `(height, width, channels)` of the model; `None` stands for any size.
        resize: Whether to resize images as those of the data sets are, without regard to their aspect, and to convert
            PIL images of every colour mode, see `pil_to_array`.

    Returns:
        uint8 array `(batch, height, width, channels)`; batch is 1 for a single image.

    Raises:
        ValueError: If the shape or the dtype doesn't fit.
    """
    if isinstance(images, Image.Image):
        images = pil_to_array(images, image_shape[-1], convert=resize)
    elif isinstance(images, Sequence) and not isinstance(images, str | bytes):
        images = _stack(images, image_shape, resize)
    if not isinstance(images, np.ndarray):
        raise ValueError(
            f"`images` must be a uint8 array, a PIL image or a list of PIL images. Received: a {type(images).__name__}"
        )
    if images.dtype != np.uint8:
        raise ValueError(f"`images` must be uint8 in 0..255. Received: images.dtype={images.dtype}")
    batch = images
    if batch.ndim == 2 and image_shape[-1] == 1:
        batch = batch[:, :, np.newaxis]
    if batch.ndim == 3:
        batch = batch[np.newaxis]
    if resize and batch.ndim == 4 and batch.size:
        batch = resized(batch, image_shape[0] or batch.shape[1], image_shape[1] or batch.shape[2])
    if batch.ndim != 4 or not fits(batch.shape[1:], image_shape):
        raise ValueError(
            f"`images` must have the shape that the model takes, {shape_text(image_shape)} or a batch "
            f"{shape_text(('batch', *image_shape))}; `resize=True` resizes them. Received: images.shape={images.shape}"
        )
    if not len(batch):  # some of TensorFlow's CPU kernels fail on empty batches
        raise ValueError(f"`images` must hold at least one image. Received: images.shape={images.shape}")
    return batch


def resized(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resizes images as those of the data sets are: bilinear with antialiasing, rounded.

    Args:
        images: uint8 array `(batch, any height, any width, channels)`.
        height: Int >= 1.
        width: Int >= 1.

    Returns:
        uint8 array `(batch, height, width, channels)`; `images` itself if they have that size.
    """
    if images.shape[1:3] == (height, width):
        return images
    values = tf.image.resize(images, (height, width), antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(values), 0, 255), tf.uint8).numpy()


def pil_to_array(image: Image.Image, channels: int | None, *, convert: bool = False) -> np.ndarray:
    """Returns a PIL image, turned as its EXIF orientation says, as a uint8 array `(height, width, channels)`.

    Black-and-white, grey, palette and RGB pictures become grey (ITU-R 601 luma, as Pillow's `convert("L")`), RGB or
    RGBA, whichever the model takes. RGBA keeps an alpha channel and adds an opaque one where there is none; for the
    others an alpha channel is dropped if it is opaque everywhere.

    Args:
        image: The picture.
        channels: 1, 3 or 4.
        convert: Whether to convert what loses something too: other colour spaces become RGB, 16 bits become 8, and
            transparent pixels are pasted on white where the model takes no RGBA.

    Raises:
        ValueError: If `channels` is none of 1, 3 and 4; or if `convert` is false and the picture has transparent pixels
            and the model takes no RGBA, more than 8 bits per channel or another colour space.
    """
    if channels not in _PIL_MODES:
        raise ValueError(
            f"`images` must be a uint8 array, as the model takes {channels} channels. Received: a PIL image"
        )
    image = ImageOps.exif_transpose(image)
    if convert and image.mode.startswith("I"):
        image = Image.fromarray(np.rint(np.asarray(image).clip(0, 65535) / 257).astype(np.uint8))
    elif convert and image.mode not in _CONVERTIBLE:
        image = image.convert("RGB")
    if image.mode not in _CONVERTIBLE:
        raise ValueError(
            f"`images` must have a mode of {sorted(_CONVERTIBLE)}; `resize=True` converts others. "
            f"Received: a PIL image of mode {image.mode!r}"
        )
    if channels != 4 and image.has_transparency_data:
        layer = image.convert("RGBA")
        if not convert and np.asarray(layer.getchannel("A")).min() < 255:
            raise ValueError(
                "`images` must be opaque; `resize=True` pastes them on white. "
                f"Received: a PIL image of mode {image.mode!r} with transparent pixels"
            )
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), layer)
    pixels = np.asarray(image.convert(_PIL_MODES[channels]))
    return pixels.reshape(*pixels.shape[:2], channels)


def inverted(images: np.ndarray) -> np.ndarray:
    """Returns uint8 images `(batch, height, width, channels)` with x replaced by 255 - x, without the alpha channel."""
    return np.concatenate([255 - images[..., :3], images[..., 3:]], axis=-1)


def image_polarity(images: np.ndarray) -> str:
    """Tells whether images show something light on a dark ground, as scanned digits in data sets do, or the reverse.

    An image is light on dark if at least two thirds of its outermost pixels are darker than the middle between its
    darkest and its lightest pixel, and dark on light if as many are lighter. A colour counts as the mean of its
    channels, without alpha. The images have a polarity if at least nine in ten of them have it; of large arrays about
    1,000 images, evenly spaced, are looked at.

    Args:
        images: Array `(batch, height, width, channels)`, of uint8 in 0..255 or floats.

    Returns:
        "light on dark", "dark on light", or "mixed" where neither holds, as for photographs.

    Raises:
        ValueError: If `images` is no such array.

    Example:
        >>> import numpy as np
        >>> from keras_course.export import image_polarity
        >>> strokes = np.zeros((1, 5, 5, 1), np.uint8)
        >>> strokes[:, :, 2] = 255
        >>> image_polarity(strokes), image_polarity(255 - strokes)
        ('light on dark', 'dark on light')

    Note: On the 1,797 digits and on Fashion-MNIST every image is light on dark by this rule; of random crops of two
        photographs at most two thirds have either polarity.
    """
    return polarity_of(require_array("images", images, ("batch", "height", "width", "channels")))


def polarity_of(images: Any) -> str:
    """Says what `image_polarity` says, of images on disk too, of which at most 50 are in memory at once.

    Args:
        images: Array `(batch, height, width, channels)`, not empty, or whatever slices into such arrays.

    Example:
        >>> import numpy as np
        >>> from keras_course.export.images import polarity_of
        >>> polarity_of(np.eye(5, dtype=np.uint8).reshape(1, 5, 5, 1))
        'light on dark'
    """
    every = max(1, len(images) // _LOOKED_AT)
    starts = range(0, len(images), every * _AT_ONCE)
    shares = np.concatenate([_shares_of_ground(images[start : start + every * _AT_ONCE : every]) for start in starts])
    for polarity, ground in zip((LIGHT_ON_DARK, DARK_ON_LIGHT), shares.T, strict=True):
        if (ground >= 2 / 3).mean() >= 0.9:
            return polarity
    return MIXED


def _shares_of_ground(images: np.ndarray) -> np.ndarray:
    """Returns which share of each image's outermost pixels is darker than its middle, and which is lighter."""
    grey = images[..., :3].mean(axis=-1)
    middle = (grey.min(axis=(1, 2)) + grey.max(axis=(1, 2))) / 2
    border = np.concatenate([grey[:, 0], grey[:, -1], grey[:, 1:-1, 0], grey[:, 1:-1, -1]], axis=1)
    above = border - middle[:, np.newaxis]
    return np.stack([(above < 0).mean(axis=1), (above > 0).mean(axis=1)], axis=1)


def is_inverted(images: np.ndarray, polarity: str | None) -> bool:
    """Tells whether images are dark on light where those of the training were light on dark, or the reverse.

    Args:
        images: As for `image_polarity`.
        polarity: What `image_polarity` says of the training images; None where that isn't known.
    """
    opposite = {LIGHT_ON_DARK: DARK_ON_LIGHT, DARK_ON_LIGHT: LIGHT_ON_DARK}.get(str(polarity))
    return opposite is not None and image_polarity(images) == opposite


def shape_text(shape: Sequence[int | str | None]) -> str:
    """Returns a shape for a message, `None` as "any"."""
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"


def _stack(images: Sequence, image_shape: tuple[int | None, ...], resize: bool) -> np.ndarray:
    if not images or not all(isinstance(image, Image.Image) for image in images):
        kinds = sorted({type(image).__name__ for image in images})
        raise ValueError(f"`images` as a list must hold PIL images only, at least one. Received: {kinds}")
    arrays = [as_batch(image, image_shape, resize=resize)[0] for image in images]
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        raise ValueError(f"`images` of one batch must have one shape. Received: {sorted(shapes)}")
    return np.stack(arrays)


def fits(shape: Sequence[int], image_shape: Sequence[int | None]) -> bool:
    """Tells whether a model of `image_shape`, where `None` stands for any size, takes images of a shape."""
    return all(wanted is None or size == wanted for size, wanted in zip(shape, image_shape, strict=True))
