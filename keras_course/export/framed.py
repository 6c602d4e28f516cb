"""Pictures of any size as the batch that a detector or a segmenter takes, letterboxed as such data sets are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from keras_course.export.images import as_batch, pil_to_array

if TYPE_CHECKING:
    from keras_course.data import Letterbox


class Framed(NamedTuple):
    """Images as a batch that fits a model, and how predictions get back to them.

    Attributes:
        batch: uint8, shape `(batch, height, width, channels)`.
        pictures: The images in their own size, uint8 `(any height, any width, channels)` each.
        letterboxes: Where each lies in the batch; None where they fit as they are.
    """

    batch: np.ndarray
    pictures: Sequence[np.ndarray]
    letterboxes: "list[Letterbox] | None"

    def only_picture(self) -> np.ndarray:
        """Returns the image where there is one; a ValueError where there are several."""
        if len(self.pictures) != 1:
            raise ValueError(f"`image` must be one image. Received: {len(self.pictures)}")
        return self.pictures[0]


def framed(images, image_shape: tuple[int | None, ...], *, resize: bool = False) -> Framed:
    """Returns images as a batch that fits a model.

    Args:
        images: As for `as_batch`; with `resize` also a list of arrays and PIL images.
        image_shape: `(height, width, channels)` of the model; `None` stands for any size.
        resize: Whether to letterbox images of every size, and to convert PIL images of every colour mode.

    Raises:
        ValueError: If the shape or the dtype doesn't fit.
    """
    if not resize:
        batch = as_batch(images, image_shape)
        return Framed(batch, list(batch), None)
    from keras_course.data.letterbox import Letterbox  # imports TensorFlow Datasets, which an array can do without

    height, width, channels = image_shape
    pictures = [_picture(image, channels) for image in _listed(images)]
    frames = {(height or picture.shape[0], width or picture.shape[1]) for picture in pictures}
    if len(frames) > 1:
        raise ValueError(f"`images` must have one size, as the model takes any. Received: {sorted(frames)}")
    (frame,) = frames
    letterboxes = [Letterbox(picture.shape[:2], frame) for picture in pictures]
    placed = [letterbox.place(picture) for letterbox, picture in zip(letterboxes, pictures, strict=True)]
    return Framed(np.stack(placed), pictures, letterboxes)


def _listed(images) -> Sequence:
    if isinstance(images, Image.Image) or (isinstance(images, np.ndarray) and images.ndim < 4):
        return [images]
    if not len(images):
        raise ValueError("`images` must hold at least one image. Received: none")
    return images


def _picture(image, channels: int | None) -> np.ndarray:
    if isinstance(image, Image.Image):
        return pil_to_array(image, channels, convert=True)
    batch = as_batch(image, (None, None, channels))
    if len(batch) > 1:
        raise ValueError(f"`images` as a list must hold single images. Received: an array of shape {batch.shape}")
    return batch[0]
