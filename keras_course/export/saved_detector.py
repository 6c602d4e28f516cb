"""An object detector read from disk, and what it finds in images."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_number
from keras_course.export.contract import BOXES, CLASS_ID, COUNT, SCORES
from keras_course.export.framed import Framed, framed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 0.3  # score


@dataclass(frozen=True)
class DetectorPrediction:
    """What a detector finds in a batch of images; a single image is a batch of 1.

    Attributes:
        boxes: float32 array `(batch, 100, 4)`: x_min, y_min, x_max, y_max in pixels of the image that was given.
        scores: float32 array `(batch, 100)` in [0, 1], in descending order.
        class_id: int64 array `(batch, 100)`.
        count: int64 array `(batch,)`: of each image the first so many count, those with a score above 0.05.
        class_name: For each image a list of `count` names.

    Example:
        >>> import numpy as np
        >>> from keras_course.export import DetectorPrediction
        >>> boxes, scores = np.zeros((1, 100, 4), np.float32), np.zeros((1, 100), np.float32)
        >>> nothing = DetectorPrediction(boxes, scores, np.zeros((1, 100), np.int64), np.array([0]), [[]])
        >>> nothing.class_name
        [[]]
    """

    boxes: np.ndarray
    scores: np.ndarray
    class_id: np.ndarray
    count: np.ndarray
    class_name: list[list[str]]


@dataclass(frozen=True)
class SavedDetector:
    """An object detector read from disk, ready to predict; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel.
        function: Takes a tensor `images` uint8 `(batch, height, width, channels)` in 0..255 and returns a dictionary
            of the tensors `boxes`, `scores`, `class_id` and `count`.
        image_shape: `(height, width, channels)`.
        class_names: List of num_classes names in the order of the class ids.

    Example:
        >>> import numpy as np, tempfile
        >>> from keras_course.applications.detection import DETECTION
        >>> from keras_course.export import export_saved_model, load_saved_model
        >>> from keras_course.models import build_centernet
        >>> model = build_centernet((32, 32, 1), 3, width=0.05)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     detector = load_saved_model(export_saved_model(model, folder, task=DETECTION))
        ...     detector.predict(np.zeros((2, 32, 32, 1), np.uint8)).boxes.shape
        (2, 100, 4)
    """

    path: Path
    function: Callable[..., dict[str, Any]]
    image_shape: tuple[int, ...]
    class_names: list[str]

    def predict(self, images, *, resize: bool = False) -> DetectorPrediction:
        """Finds objects in one image or in a batch.

        Args:
            images: uint8 array in 0..255, `(height, width, channels)` or `(batch, height, width, channels)`, for a
                grey model also `(height, width)`; or a PIL image, or a list of them.
            resize: Whether to take images of other sizes and PIL images of every colour mode too: they are letterboxed,
                and boxes are in pixels of the images as they were given.

        Returns:
            A `DetectorPrediction`, with a batch of 1 for a single image.

        Raises:
            ValueError: If shape, dtype or colour mode don't fit the model.
        """
        return self._found_in(framed(images, self.image_shape, resize=resize))

    def draw(self, image, *, threshold: float = SHOWN, resize: bool = False) -> "Figure":
        """Draws an image with the boxes that are found in it.

        Args:
            image: One image as for `predict`.
            threshold: Float in [0, 1]. What has a lower score is not drawn, and nothing of at most 0.05.
            resize: As for `predict`; the picture is drawn in its own size.

        Returns:
            A Matplotlib figure.

        Raises:
            ValueError: As `predict` does, or if `threshold` is out of range or there are several images.
        """
        from keras_course.visualization import plot_boxes

        require_number("threshold", threshold, at_least=0, at_most=1)
        given = framed(image, self.image_shape, resize=resize)
        picture, found = given.only_picture(), self._found_in(given)
        shown = int(np.count_nonzero(found.scores[0, : found.count[0]] >= threshold))  # scores fall
        return plot_boxes(picture, found.boxes[0, :shown], found.class_name[0][:shown], found.scores[0, :shown])

    def _found_in(self, given: Framed) -> DetectorPrediction:
        found = {name: value.numpy() for name, value in self.function(images=tf.constant(given.batch)).items()}
        boxes, class_id, count = found[BOXES], found[CLASS_ID], found[COUNT]
        if given.letterboxes is not None:
            boxes = np.stack([box.to_original(own) for box, own in zip(given.letterboxes, boxes, strict=True)])
        names = [[self.class_names[k] for k in row[:valid]] for row, valid in zip(class_id, count, strict=True)]
        return DetectorPrediction(boxes, found[SCORES], class_id, count, names)
