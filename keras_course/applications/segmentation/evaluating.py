"""Which class a segmenter, a model or an export, gives each pixel, and how good that is."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_course.data import MaskExamples
from keras_course.evaluation import SegmenterEvaluation, evaluate_segmenter
from keras_course.export import SEGMENTATION, SavedSegmenter
from keras_course.export.contract import CLASS_ID
from keras_course.export.serving import run_on_images


def segment(segmenter: keras.Model | SavedSegmenter, images: np.ndarray) -> np.ndarray:
    """Gives each pixel of images a class: the function that an export holds.

    Args:
        segmenter: A Keras model with logits (batch, height, width, num_classes), or an export from `load_saved_model`.
        images: uint8 in 0..255, shape (n, height, width, channels) as the segmenter takes them.

    Returns:
        int64, shape (n, height, width), the class of each pixel; of the middle of the images for a U-Net that pads
        nothing, see `middle`.

    Raises:
        ValueError: If `segmenter` is none, or images don't fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.segmentation import segment
        >>> from keras_course.models import build_unet
        >>> model = build_unet((16, 16, 1), 3, depth=1, base_filters=2, padding="same")
        >>> segment(model, np.zeros((2, 16, 16, 1), np.uint8)).shape
        (2, 16, 16)
    """
    batches = run_on_images("segmenter", segmenter, SEGMENTATION, images)
    return np.concatenate([batch[CLASS_ID] for batch in batches])


def evaluate_on(
    segmenter: keras.Model | SavedSegmenter, examples: MaskExamples, class_names: Sequence[str]
) -> SegmenterEvaluation:
    """Evaluates a segmenter, a model or an export, on images with masks, see `evaluate_segmenter`.

    Args:
        segmenter: As for `segment`.
        examples: Such as `MaskData.test_examples`.
        class_names: num_classes names.

    Returns:
        The evaluation.

    Raises:
        ValueError: If the segmenter doesn't fit the images or the classes.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.segmentation import evaluate_on
        >>> from keras_course.data import MaskExamples
        >>> from keras_course.models import build_unet
        >>> examples = MaskExamples(np.zeros((1, 16, 16, 1), np.uint8), np.zeros((1, 16, 16), np.uint8))
        >>> model = build_unet((16, 16, 1), 2, depth=1, base_filters=2, padding="same")
        >>> evaluate_on(model, examples, ["background", "cat"]).confusion_matrix.sum()
        np.int64(256)
    """
    predictions = segment(segmenter, examples.images)
    return evaluate_segmenter(middle(examples.masks, predictions.shape[1:3]), predictions, class_names)


def middle(pixels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Cuts the middle out of images or masks, what a U-Net that pads nothing has logits of.

    Args:
        pixels: Shape (n, height, width, ...).
        size: (height, width) of the middle.

    Returns:
        A view of shape (n, *size, ...).

    Example:
        >>> import numpy as np
        >>> middle(np.arange(16).reshape(1, 4, 4), (2, 2)).tolist()
        [[[5, 6], [9, 10]]]
    """
    top, left = ((whole - part) // 2 for whole, part in zip(pixels.shape[1:3], size, strict=True))
    return pixels[:, top : top + size[0], left : left + size[1]]
