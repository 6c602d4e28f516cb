"""Pictures of any size in a frame of one size, and predictions back in pixels of the picture."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import require_array
from keras_course.data.pixels import resize_array

DEFAULT_SIZE = (256, 256)  # of pictures whose sizes vary


class Letterbox(NamedTuple):
    """Where a picture lies in a frame: as large as it fits, its aspect ratio kept, in the middle of black.

    A side that doesn't divide evenly is rounded to whole pixels, and boxes are scaled by what it was rounded to.

    Attributes:
        original: `(height, width)` of the picture, in pixels, both at least 1.
        frame: `(height, width)` of the frame, the input image of a network.

    Example:
        >>> from keras_course.data import Letterbox
        >>> letterbox = Letterbox(original=(100, 200), frame=(64, 64))
        >>> letterbox.inside, letterbox.corner
        ((32, 64), (16, 0))
        >>> letterbox.to_original([[0, 16, 32, 48]])
        array([[  0.,   0., 100., 100.]], dtype=float32)
    """

    original: tuple[int, int]
    frame: tuple[int, int]

    @property
    def inside(self) -> tuple[int, int]:
        """`(height, width)` of the picture within the frame, at least 1 pixel each."""
        (height, width), (tall, wide) = self.original, self.frame
        rows, columns = _rounded_ratio(height * wide, width), _rounded_ratio(width * tall, height)
        return max(1, min(tall, rows)), max(1, min(wide, columns))

    @property
    def corner(self) -> tuple[int, int]:
        """`(top, left)`, the picture's first row and column within the frame."""
        return (self.frame[0] - self.inside[0]) // 2, (self.frame[1] - self.inside[1]) // 2

    def to_frame(self, boxes: ArrayLike) -> np.ndarray:
        """Brings boxes from pixels of the picture into pixels of the frame.

        Args:
            boxes: `(x_min, y_min, x_max, y_max)`, shape `(..., 4)`.

        Returns:
            float32 array, shape `(..., 4)`.
        """
        if self.original == self.frame:
            return _last_axis_four(boxes).astype(np.float32)
        scale, shift = self._scale_and_shift()
        return (_last_axis_four(boxes) * scale + shift).astype(np.float32)

    def to_original(self, boxes: ArrayLike) -> np.ndarray:
        """Brings boxes from pixels of the frame into pixels of the picture, cut off at its edges.

        Args:
            boxes: `(x_min, y_min, x_max, y_max)`, shape `(..., 4)`.

        Returns:
            float32 array, shape `(..., 4)`.
        """
        scale, shift = self._scale_and_shift()
        height, width = self.original
        moved = (_last_axis_four(boxes) - shift) / scale
        return moved.clip(0, [width, height, width, height]).astype(np.float32)

    def place(self, picture: np.ndarray) -> np.ndarray:
        """Puts a picture into the frame, resized as `load_images` resizes, black around it.

        Args:
            picture: uint8, shape `(height, width, channels)`.

        Returns:
            uint8 array, shape `(*frame, channels)`; `picture` itself if it has that size.
        """
        if self.original == self.frame:
            return picture
        (top, left), (height, width) = self.corner, self.inside
        framed = np.zeros((*self.frame, picture.shape[-1]), np.uint8)
        framed[top : top + height, left : left + width] = resize_array(picture[np.newaxis], self.inside)[0]
        return framed

    def place_mask(self, mask: np.ndarray, fill: int) -> np.ndarray:
        """Puts a mask into the frame, `fill` around it; each pixel takes the class of the nearest one.

        Args:
            mask: Class ids, shape `(height, width)`.
            fill: What stands where there is no picture.

        Returns:
            Array of the same dtype, shape `frame`.
        """
        if self.original == self.frame:
            return mask
        (top, left), (height, width) = self.corner, self.inside
        framed = np.full(self.frame, fill, mask.dtype)
        framed[top : top + height, left : left + width] = nearest(mask, self.inside)
        return framed

    def mask_to_original(self, mask: ArrayLike) -> np.ndarray:
        """Brings a mask from the frame to the picture's size; each pixel takes the class of the nearest one.

        Args:
            mask: Class ids, shape `frame`.

        Returns:
            Array of the same dtype, shape `original`.
        """
        (top, left), (height, width) = self.corner, self.inside
        return nearest(
            require_array("mask", mask, tuple(self.frame))[top : top + height, left : left + width], self.original
        )

    def _scale_and_shift(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns what boxes are multiplied with, then moved by, shape `(4,)`."""
        (height, width), (top, left) = self.inside, self.corner
        scale = np.array([width / self.original[1], height / self.original[0]])
        return np.tile(scale, 2), np.tile([left, top], 2)


def nearest(pixels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Resizes by taking, for the centre of each new pixel, the old pixel that it lies in.

    Args:
        pixels: Shape `(height, width)` or `(height, width, channels)`.
        size: `(height, width)` of the result.

    Returns:
        Array of the same dtype.

    Example:
        >>> import numpy as np
        >>> nearest(np.array([[1, 2]]), (1, 4))
        array([[1, 1, 2, 2]])
    """
    rows, columns = ((2 * np.arange(new) + 1) * old // (2 * new) for new, old in zip(size, pixels.shape, strict=False))
    return pixels[rows[:, np.newaxis], columns]


def _last_axis_four(boxes: ArrayLike) -> np.ndarray:
    array = np.asarray(boxes, np.float64)
    if array.shape[-1:] != (4,):
        raise ValueError(f"`boxes` must have the shape (..., 4). Received: boxes.shape={array.shape}")
    return array


def _rounded_ratio(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
