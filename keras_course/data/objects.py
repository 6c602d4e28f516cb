"""Objects in images: boxes, classes and crowds of each, of one length by padding."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_course.data.letterbox import Letterbox
from keras_course.data.pixels import check_images

NO_OBJECT = -1  # the class of padding


class ObjectExamples(NamedTuple):
    """Images with the objects in them, `max_objects` at most; what an image lacks is padding of class -1.

    Attributes:
        images: uint8 in 0..255, shape `(n, height, width, channels)`.
        boxes: float32, shape `(n, max_objects, 4)`: `(x_min, y_min, x_max, y_max)` in pixels of the images, continuous
            coordinates, so that `x_max - x_min` is the width; zeros where there is no object.
        class_id: int64, shape `(n, max_objects)`, from 0 on; -1 where there is no object.
        is_crowd: bool, shape `(n, max_objects)`: several objects in one box, or one too hard to see; neither trained
            nor judged.
        sizes: int64, shape `(n, 2)`: height and width of the original pictures, or `None` if those are the images.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import ObjectExamples
        >>> boxes, class_id = np.zeros((1, 3, 4), np.float32), np.full((1, 3), -1)
        >>> empty = ObjectExamples(np.zeros((1, 8, 8, 1), np.uint8), boxes, class_id, class_id > 0)
        >>> empty.letterbox(0)
        Letterbox(original=(8, 8), frame=(8, 8))
    """

    images: np.ndarray
    boxes: np.ndarray
    class_id: np.ndarray
    is_crowd: np.ndarray
    sizes: np.ndarray | None = None

    def letterbox(self, index: int) -> Letterbox:
        """Returns what brings predictions for image `index` back into pixels of the original picture."""
        return letterbox_of(self.images, self.sizes, index)


class Objects(NamedTuple):
    """The k objects of one picture.

    Attributes:
        boxes: Shape `(k, 4)`: `(x_min, y_min, x_max, y_max)` in pixels of the picture.
        class_id: Integers, shape `(k,)`.
        is_crowd: bool, shape `(k,)`.
    """

    boxes: np.ndarray
    class_id: np.ndarray
    is_crowd: np.ndarray


def letterbox_of(images: np.ndarray, sizes: np.ndarray | None, index: int) -> Letterbox:
    """Returns the letterbox of one image; `sizes` are those of the original pictures, shape `(n, 2)`, or None."""
    height, width = images.shape[1:3]
    original = (height, width) if sizes is None else (int(sizes[index, 0]), int(sizes[index, 1]))
    return Letterbox(original, (height, width))


def checked_objects(name: str, objects: Objects, size: Sequence[int], num_classes: int) -> Objects:
    """Returns the objects of one picture as they can be trained on, or says what is wrong with them.

    Boxes that stick out of the picture are cut off at its edge, and those without an area are left out, as real data
    sets have both.

    Args:
        name: The picture, for the message: `"kitchen.jpg"`.
        objects: As annotated.
        size: `(height, width)` of the picture.
        num_classes: Class ids must be below it.

    Returns:
        float32 boxes, int64 class ids and bool crowds of those that are left, in their order.

    Raises:
        ValueError: If the arrays have other shapes, a coordinate is NaN or infinite, corners are swapped, a box lies
            outside the picture, or a class id is no integer in [0, num_classes).

    Example:
        >>> import numpy as np
        >>> from keras_course.data.objects import Objects
        >>> two = Objects(np.array([[-1, 0, 4, 4], [2, 2, 2, 3]]), np.array([1, 0]), np.array([False, False]))
        >>> checked_objects("kitchen.jpg", two, (8, 8), num_classes=2)
        Objects(boxes=array([[0., 0., 4., 4.]], dtype=float32), class_id=array([1]), is_crowd=array([False]))
    """
    try:
        boxes = np.asarray(objects.boxes, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: boxes must be numbers. Received: {objects.boxes!r}") from None
    class_id, is_crowd = np.asarray(objects.class_id), np.asarray(objects.is_crowd)
    if not boxes.size:
        boxes, class_id, is_crowd = boxes.reshape(0, 4), class_id.astype(np.int64), is_crowd.astype(bool)
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not boxes.shape[:1] == class_id.shape == is_crowd.shape:
        raise ValueError(
            f"{name}: boxes (k, 4) must have a class and a crowd flag each, (k,). "
            f"Received: shapes {boxes.shape}, {class_id.shape} and {is_crowd.shape}"
        )
    if class_id.dtype.kind not in "iu" or is_crowd.dtype.kind not in "biu":
        raise ValueError(
            f"{name}: classes must be integers and crowd flags bool. Received: {class_id.dtype} and {is_crowd.dtype}"
        )
    height, width = size
    x_min, y_min, x_max, y_max = boxes.T
    for wrong, problem in (
        (~np.isfinite(boxes).all(axis=1), "must be finite"),
        ((x_max < x_min) | (y_max < y_min), "must have x_min <= x_max and y_min <= y_max"),
        ((x_max < 0) | (y_max < 0) | (x_min > width) | (y_min > height), f"must lie in the picture, {width}x{height}"),
    ):
        if wrong.any():
            shown = ", ".join(f"{value:g}" for value in boxes[wrong][0])
            raise ValueError(f"{name}: a box (x_min, y_min, x_max, y_max) {problem}. Received: ({shown})")
    outside = (class_id < 0) | (class_id >= num_classes)
    if outside.any():
        raise ValueError(f"{name}: a class must be in [0, {num_classes}). Received: {class_id[outside][0]}")
    boxes = boxes.clip(0, [width, height, width, height]).astype(np.float32)
    kept = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return Objects(boxes[kept], class_id[kept].astype(np.int64), is_crowd[kept].astype(bool))


def padded(objects: Sequence[Objects]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stacks the objects of several images, with padding up to the most that one of them has, one at least.

    Args:
        objects: Those of each of n images, as `checked_objects` returns them.

    Returns:
        `(boxes, class_id, is_crowd)` as `ObjectExamples` has them.

    Example:
        >>> import numpy as np
        >>> from keras_course.data.objects import Objects
        >>> none = Objects(np.zeros((0, 4)), np.zeros(0, int), np.zeros(0, bool))
        >>> padded([none])[1]
        array([[-1]])
    """
    most = max(1, *(len(each.class_id) for each in objects)) if objects else 1
    boxes = np.zeros((len(objects), most, 4), np.float32)
    class_id = np.full((len(objects), most), NO_OBJECT, np.int64)
    is_crowd = np.zeros((len(objects), most), bool)
    for index, each in enumerate(objects):
        count = len(each.class_id)
        boxes[index, :count], class_id[index, :count], is_crowd[index, :count] = each
    return boxes, class_id, is_crowd


def check_object_examples(name: str, examples: ObjectExamples, shape: tuple[int, ...], num_classes: int) -> None:
    """Raises unless examples are images of one shape, each with its objects and padding.

    Args:
        name: The argument's name, for the message.
        examples: The images and objects.
        shape: `(height, width, channels)` that the images must have.
        num_classes: Class ids must be below it.

    Raises:
        ValueError: If images, arrays or a box are not as `ObjectExamples` and `checked_objects` say.
    """
    check_images(name, examples.images, shape)
    count = len(examples.images)
    boxes, class_id, is_crowd = (np.asarray(array) for array in examples[1:4])
    if boxes.shape != (*class_id.shape, 4) or class_id.shape != is_crowd.shape or len(class_id) != count:
        raise ValueError(
            f"`{name}` must hold boxes (n, max_objects, 4), class_id and is_crowd (n, max_objects) of {count} images. "
            f"Received: shapes {boxes.shape}, {class_id.shape} and {is_crowd.shape}"
        )
    if class_id.dtype.kind not in "iu" or is_crowd.dtype != bool:
        raise ValueError(
            f"`{name}` must hold integer class ids and bool crowds. Received: {class_id.dtype}, {is_crowd.dtype}"
        )
    real = class_id != NO_OBJECT
    try:
        checked_objects(name, Objects(boxes[real], class_id[real], is_crowd[real]), shape[:2], num_classes)
    except ValueError:  # in one of them: which?
        for index, own in enumerate(real):
            objects = Objects(boxes[index][own], class_id[index][own], is_crowd[index][own])
            checked_objects(f"`{name}`, image {index}", objects, shape[:2], num_classes)
