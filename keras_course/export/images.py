"""Pictures and arrays as the batch that an exported model takes; nothing is resized, nothing lost unsaid."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

_PIL_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_CONVERTIBLE = {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}


def as_batch(images, image_shape: tuple[int | None, ...]) -> np.ndarray:
    """Returns images as a batch that fits a model.

    Args:
        images: uint8 array `(height, width, channels)` or `(batch, height, width, channels)`; for one channel also
            `(height, width)`; or a PIL image, or a list of them (see `pil_to_array`).
        image_shape: `(height, width, channels)` of the model; `None` stands for any size.

    Returns:
        uint8 array `(batch, height, width, channels)`; batch is 1 for a single image.

    Raises:
        ValueError: If the shape or the dtype doesn't fit.
    """
    if isinstance(images, Image.Image):
        images = pil_to_array(images, image_shape[-1])
    elif isinstance(images, Sequence) and not isinstance(images, str | bytes):
        images = _stack(images, image_shape)
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
    if batch.ndim != 4 or not _fits(batch.shape[1:], image_shape):
        raise ValueError(
            f"`images` must have the shape that the model takes, {shape_text(image_shape)} or a batch "
            f"{shape_text(('batch', *image_shape))}; resize them first. Received: images.shape={images.shape}"
        )
    if not len(batch):  # some of TensorFlow's CPU kernels fail on empty batches
        raise ValueError(f"`images` must hold at least one image. Received: images.shape={images.shape}")
    return batch


def pil_to_array(image: Image.Image, channels: int | None) -> np.ndarray:
    """Returns a PIL image as a uint8 array `(height, width, channels)`.

    Black-and-white, grey, palette and RGB pictures become grey (ITU-R 601 luma, as Pillow's `convert("L")`), RGB or
    RGBA, whichever the model takes. RGBA keeps an alpha channel and adds an opaque one where there is none; for the
    others an alpha channel is dropped if it is opaque everywhere.

    Raises:
        ValueError: If the picture has transparent pixels and the model takes no RGBA, more than 8 bits a channel or
            another colour space, or if `channels` is none of 1, 3 and 4.
    """
    if channels not in _PIL_MODES:
        raise ValueError(
            f"`images` must be a uint8 array, as the model takes {channels} channels. Received: a PIL image"
        )
    if image.mode not in _CONVERTIBLE:
        raise ValueError(
            f"`images` must have a mode of {sorted(_CONVERTIBLE)}. Received: a PIL image of mode {image.mode!r}"
        )
    if channels != 4 and image.has_transparency_data and np.asarray(image.convert("RGBA").getchannel("A")).min() < 255:
        raise ValueError(
            "`images` must be opaque; paste them on a background first. "
            f"Received: a PIL image of mode {image.mode!r} with transparent pixels"
        )
    pixels = np.asarray(image.convert(_PIL_MODES[channels]))
    return pixels.reshape(*pixels.shape[:2], channels)


def shape_text(shape: Sequence[int | str | None]) -> str:
    """Returns a shape for a message, `None` as "any"."""
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"


def _stack(images: Sequence, image_shape: tuple[int | None, ...]) -> np.ndarray:
    if not images or not all(isinstance(image, Image.Image) for image in images):
        kinds = sorted({type(image).__name__ for image in images})
        raise ValueError(f"`images` as a list must hold PIL images only, at least one. Received: {kinds}")
    arrays = [as_batch(image, image_shape)[0] for image in images]
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        raise ValueError(f"`images` of one batch must have one shape. Received: {sorted(shapes)}")
    return np.stack(arrays)


def _fits(shape: Sequence[int], image_shape: tuple[int | None, ...]) -> bool:
    return all(wanted is None or size == wanted for size, wanted in zip(shape, image_shape, strict=True))
