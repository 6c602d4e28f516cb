"""What a detector finds in images, a model or an export, and how good that is."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_course.applications.detection.exporting import DETECTION
from keras_course.data import ObjectExamples
from keras_course.data.mirror import dataset_of
from keras_course.evaluation import DetectorEvaluation, evaluate_detector
from keras_course.evaluation.matching import COCO_AREA_LIMITS
from keras_course.export import SavedDetector
from keras_course.export.serving import run_on_images

OF_ONE_SIZE = "digit_scenes"  # whose objects are all small to COCO


def detect(detector: keras.Model | SavedDetector, images: np.ndarray) -> dict[str, np.ndarray]:
    """Finds objects in images: the function that an export holds.

    Args:
        detector: A Keras model with the heads of `build_centernet`, or an export from `load_saved_model`.
        images: uint8 in 0..255, shape (n, height, width, channels) as the detector takes them.

    Returns:
        "boxes", "scores", "class_id" and "count" as `decode_detections` returns them, arrays of n images.

    Raises:
        ValueError: If `detector` is none, or images don't fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import detect
        >>> from keras_course.models import build_centernet
        >>> model = build_centernet((32, 32, 1), 3, width=0.05)
        >>> detect(model, np.zeros((2, 32, 32, 1), np.uint8))["boxes"].shape
        (2, 100, 4)
    """
    batches = list(run_on_images("detector", detector, DETECTION, images))
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def evaluate_on(
    detector: keras.Model | SavedDetector,
    examples: ObjectExamples,
    class_names: Sequence[str],
    *,
    name: str = "",
    area_limits: tuple[float, float] | str | None = None,
) -> DetectorEvaluation:
    """Evaluates a detector, a model or an export, on images with objects, see `evaluate_detector`.

    Args:
        detector: As for `detect`.
        examples: Such as `ObjectData.test_examples`.
        class_names: num_classes names.
        name: Of the data set.
        area_limits: As for `evaluate_detector`; None takes COCO's, of "digit_scenes" thirds of their own areas.

    Returns:
        The evaluation.

    Raises:
        ValueError: If the detector doesn't fit the images or the classes.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import evaluate_on
        >>> from keras_course.data import ObjectExamples
        >>> from keras_course.models import build_centernet
        >>> one = np.float32([[[4, 4, 20, 24]]]), np.array([[0]]), np.array([[False]])
        >>> examples = ObjectExamples(np.zeros((1, 32, 32, 1), np.uint8), *one)
        >>> evaluate_on(build_centernet((32, 32, 1), 1, width=0.05), examples, ["cat"]).num_images
        1
    """
    if area_limits is None:
        area_limits = "thirds" if name and dataset_of(name) == OF_ONE_SIZE else COCO_AREA_LIMITS
    truth = {"boxes": examples.boxes, "class_id": examples.class_id, "is_crowd": examples.is_crowd}
    return evaluate_detector(truth, detect(detector, examples.images), class_names, area_limits=area_limits)
