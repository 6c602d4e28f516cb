"""Masks: a class for each pixel of an image, or none."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_course.arguments import IGNORE
from keras_course.data.letterbox import Letterbox
from keras_course.data.objects import letterbox_of
from keras_course.data.pixels import check_images


class MaskExamples(NamedTuple):
    """Images with a class for each pixel.

    Attributes:
        images: uint8 in 0..255, shape `(n, height, width, channels)`.
        masks: uint8, shape `(n, height, width)`: class ids from 0 on, 255 (`IGNORE`) where there is none.
        sizes: int64, shape `(n, 2)`: height and width of the original pictures, or `None` if those are the images.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import MaskExamples
        >>> MaskExamples(np.zeros((1, 8, 8, 1), np.uint8), np.zeros((1, 8, 8), np.uint8)).letterbox(0)
        Letterbox(original=(8, 8), frame=(8, 8))
    """

    images: np.ndarray
    masks: np.ndarray
    sizes: np.ndarray | None = None

    def letterbox(self, index: int) -> Letterbox:
        """Returns what brings predictions for image `index` back into pixels of the original picture."""
        return letterbox_of(self.images, self.sizes, index)


def check_mask(name: str, mask: np.ndarray, size: Sequence[int], num_classes: int | None) -> None:
    """Raises unless a mask has a class for each pixel of its picture.

    Args:
        name: The picture, for the message: `"kitchen.jpg"`.
        mask: Integers, shape `(height, width)`.
        size: `(height, width)` of the picture.
        num_classes: Class ids must be below it or 255; `None` takes all of 0..255.

    Raises:
        ValueError: If the mask has another size, no integers, or an id out of range.

    Example:
        >>> import numpy as np
        >>> check_mask("kitchen.jpg", np.full((2, 2), 3), (2, 2), num_classes=3)
        Traceback (most recent call last):
        ValueError: kitchen.jpg: a mask must have classes in [0, 3), or 255 for none. Received: 3
    """
    if mask.shape != tuple(size):
        shape = "x".join(map(str, mask.shape))
        raise ValueError(
            f"{name}: a mask must be of the size of its picture, {size[0]}x{size[1]} (height x width). "
            f"Received: {shape}"
        )
    if mask.dtype.kind not in "iu":
        raise ValueError(f"{name}: a mask must hold integers. Received: {mask.dtype}")
    highest = IGNORE + 1 if num_classes is None else num_classes
    if mask.size and mask.min() >= 0 and mask.max() < highest:  # the quick way out
        return
    wrong = mask[((mask < 0) | (mask >= highest)) & (mask != IGNORE)]
    if wrong.size:
        raise ValueError(
            f"{name}: a mask must have classes in [0, {highest}), or {IGNORE} for none. Received: {wrong[0]}"
        )


def check_mask_examples(name: str, examples: MaskExamples, shape: tuple[int, ...], num_classes: int) -> None:
    """Raises unless examples are images of one shape, each with its mask.

    Args:
        name: The argument's name, for the message.
        examples: The images and masks.
        shape: `(height, width, channels)` that the images must have.
        num_classes: Class ids must be below it, or 255.

    Raises:
        ValueError: If images or masks are not as `MaskExamples` and `check_mask` say.
    """
    check_images(name, examples.images, shape)
    if len(examples.masks) != len(examples.images) or getattr(examples.masks, "dtype", None) != np.uint8:
        raise ValueError(
            f"`{name}` must hold one uint8 mask per image. Received: {len(examples.images)} images, "
            f"{name}.masks.shape={np.shape(examples.masks)}, dtype={getattr(examples.masks, 'dtype', None)}"
        )
    for index, mask in enumerate(examples.masks):
        check_mask(f"`{name}`, image {index}", mask, shape[:2], num_classes)
