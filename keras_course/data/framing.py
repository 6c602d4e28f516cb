"""Examples of another size: images with a label are stretched, others are letterboxed."""

import hashlib
from typing import Any

import numpy as np

from keras_course.arguments import IGNORE
from keras_course.data.captions import CaptionExamples
from keras_course.data.face_examples import FaceExamples
from keras_course.data.letterbox import Letterbox
from keras_course.data.masks import MaskExamples
from keras_course.data.objects import ObjectExamples
from keras_course.data.pixels import Examples, image_digest, resize_array


def resized(examples: Any, size: tuple[int, int]) -> Any:
    """Returns examples whose images have another size.

    Args:
        examples: `Examples`, `ObjectExamples`, `MaskExamples`, `CaptionExamples` or `FaceExamples`, in pixels of
            their own pictures.
        size: `(height, width)` of the result.

    Returns:
        Examples of the same kind; they themselves if they have that size. Objects and masks keep the size of the
        original pictures.

    Raises:
        ValueError: If objects or masks are letterboxed already.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import MaskExamples
        >>> framed = resized(MaskExamples(np.ones((1, 4, 8, 1), np.uint8), np.ones((1, 4, 8), np.uint8)), (8, 8))
        >>> framed.masks[0, :, 0], framed.sizes
        (array([255, 255,   1,   1,   1,   1, 255, 255], dtype=uint8), array([[4, 8]]))
    """
    original = examples.images.shape[1:3]
    if original == size:
        return examples
    if isinstance(examples, Examples):
        return Examples(resize_array(examples.images, size), examples.labels)
    if examples.sizes is not None and (examples.sizes != original).any():
        raise ValueError(
            f"`image_size` must be left out or {original}: images that are letterboxed already keep their size. "
            f"Received: image_size={size}"
        )
    letterbox = Letterbox(original, size)
    sizes = np.tile(np.int64(original), (len(examples.images), 1))
    (top, left), (height, width) = letterbox.corner, letterbox.inside
    images = np.zeros((len(examples.images), *size, examples.images.shape[-1]), np.uint8)
    images[:, top : top + height, left : left + width] = resize_array(examples.images, letterbox.inside)
    if isinstance(examples, ObjectExamples):
        boxes = np.where(examples.class_id[..., np.newaxis] < 0, np.float32(0), letterbox.to_frame(examples.boxes))
        return ObjectExamples(images, boxes, examples.class_id, examples.is_crowd, sizes)
    if isinstance(examples, CaptionExamples):
        return CaptionExamples(images, examples.captions, sizes)
    if isinstance(examples, FaceExamples):
        return FaceExamples(images, examples.units, sizes)
    masks = [letterbox.place_mask(mask, IGNORE) for mask in examples.masks]
    return MaskExamples(images, np.array(masks, np.uint8).reshape(images.shape[:3]), sizes)


def content(examples: Any) -> tuple[list[bytes], np.ndarray]:
    """Returns what `content_digest` takes of examples: a digest of each image with what belongs to it, and labels.

    Args:
        examples: `Examples`, `ObjectExamples`, `MaskExamples`, `CaptionExamples` or `FaceExamples`.
    """
    images = [image_digest(image) for image in examples.images]
    if isinstance(examples, Examples):
        return images, examples.labels
    fields = [field for field in examples[1:] if field is not None]
    return [image + labels_digest(*(field[index] for field in fields)) for index, image in enumerate(images)], np.zeros(
        0
    )


def labels_digest(*arrays: np.ndarray) -> bytes:
    """Returns the SHA-256 of the arrays that belong to one image.

    Example:
        >>> import numpy as np
        >>> labels_digest(np.zeros(1, np.uint8)).hex()[:8]
        '6e340b9c'
    """
    return hashlib.sha256(b"".join(map(portable_bytes, arrays))).digest()


def portable_bytes(array: np.ndarray) -> bytes:
    r"""Returns the bytes of an array; those of strings in UTF-8, each ended by a line break.

    Example:
        >>> import numpy as np
        >>> portable_bytes(np.array(["a cat"], object))
        b'a cat\n'
    """
    if array.dtype == object:
        return "".join(f"{text}\n" for text in array.ravel().tolist()).encode()
    return np.ascontiguousarray(array).tobytes()
