"""A segmenter read from disk, and the class that it gives each pixel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from keras_course.arguments import IGNORE
from keras_course.export.contract import CLASS_ID, PROBABILITIES
from keras_course.export.framed import Framed, framed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SegmenterPrediction:
    """What a segmenter says of a batch of images; a single image is a batch of 1.

    Attributes:
        class_id: int64 array `(batch, height, width)`, the most probable class of each pixel; of images that were
            resized a list of arrays `(height, width)`, each of the size of the image that was given, 255 where the
            network says nothing.
        probabilities: float32 array `(batch, height, width, num_classes)` in the frame of the network; they sum to 1
            over the classes. A U-Net that pads nothing has both of the middle of the images.

    Example:
        >>> import numpy as np
        >>> from keras_course.export import SegmenterPrediction
        >>> SegmenterPrediction(np.zeros((1, 2, 2), np.int64), np.ones((1, 2, 2, 1), np.float32)).class_id.shape
        (1, 2, 2)
    """

    class_id: np.ndarray | Sequence[np.ndarray]
    probabilities: np.ndarray


@dataclass(frozen=True)
class SavedSegmenter:
    """A segmenter read from disk, ready to predict; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel.
        function: Takes a tensor `images` uint8 `(batch, height, width, channels)` in 0..255 and returns a dictionary
            of the tensors `class_id` and `probabilities`.
        image_shape: `(height, width, channels)`.
        class_names: List of num_classes names in the order of the class ids.

    Example:
        >>> import numpy as np, tempfile
        >>> from keras_course.export import SEGMENTATION, export_saved_model, load_saved_model
        >>> from keras_course.models import build_unet
        >>> model = build_unet((16, 16, 1), 3, depth=1, base_filters=2, padding="same")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     segmenter = load_saved_model(export_saved_model(model, folder, task=SEGMENTATION))
        ...     segmenter.predict(np.zeros((2, 16, 16, 1), np.uint8)).class_id.shape
        (2, 16, 16)
    """

    path: Path
    function: Callable[..., dict[str, Any]]
    image_shape: tuple[int, ...]
    class_names: list[str]

    def predict(self, images, *, resize: bool = False) -> SegmenterPrediction:
        """Gives each pixel of one image or of a batch a class.

        Args:
            images: uint8 array in 0..255, `(height, width, channels)` or `(batch, height, width, channels)`, for a
                grey model also `(height, width)`; or a PIL image, or a list of them.
            resize: Whether to take images of other sizes and PIL images of every colour mode too: they are letterboxed,
                and `class_id` is in pixels of the images as they were given.

        Returns:
            A `SegmenterPrediction`, with a batch of 1 for a single image.

        Raises:
            ValueError: If shape, dtype or colour mode don't fit the model.
        """
        return self._classes_of(framed(images, self.image_shape, resize=resize))

    def draw(self, image, *, resize: bool = False) -> "Figure":
        """Draws an image below the colours of its classes.

        Args:
            image: One image as for `predict`.
            resize: As for `predict`; the picture is drawn in its own size.

        Returns:
            A Matplotlib figure.

        Raises:
            ValueError: As `predict` does, or if there are several images.
        """
        from keras_course.visualization import plot_masks

        given = framed(image, self.image_shape, resize=resize)
        picture, mask = given.only_picture(), self._classes_of(given).class_id[0]
        return plot_masks(picture[np.newaxis], in_frame(mask, picture.shape[:2])[np.newaxis], self.class_names)

    def _classes_of(self, given: Framed) -> SegmenterPrediction:
        found = self.function(images=tf.constant(given.batch))
        class_id: Any = found[CLASS_ID].numpy()
        if given.letterboxes is not None:
            masks = [in_frame(mask, given.batch.shape[1:3]) for mask in class_id]
            class_id = [box.mask_to_original(own) for box, own in zip(given.letterboxes, masks, strict=True)]
        return SegmenterPrediction(class_id, found[PROBABILITIES].numpy())


def in_frame(mask: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Returns a mask of some size: what is smaller, as the logits of a U-Net that pads nothing, has 255 around it."""
    frame = [(whole - part) // 2 for whole, part in zip(size, mask.shape, strict=True)]
    edges = [(before, whole - part - before) for before, whole, part in zip(frame, size, mask.shape, strict=True)]
    return np.pad(mask, edges, constant_values=IGNORE)
