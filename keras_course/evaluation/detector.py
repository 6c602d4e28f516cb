"""Judge a detector by the boxes that it returns for each image, a fixed number of rows."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_choice
from keras_course.array_arguments import Array, Shape
from keras_course.evaluation.boxes import Detections, GroundTruth
from keras_course.evaluation.detection import area_thirds
from keras_course.evaluation.detector_evaluation import DetectorEvaluation
from keras_course.evaluation.matching import COCO_AREA_LIMITS
from keras_course.numerics.boxes.checks import CORNERS

THIRDS = "thirds"
PADDING = -1  # class of a row that is no object


def evaluate_detector(
    truth: Mapping[str, ArrayLike],
    predictions: Mapping[str, ArrayLike],
    class_names: Sequence[str],
    *,
    area_limits: tuple[float, float] | str = COCO_AREA_LIMITS,
) -> DetectorEvaluation:
    """Evaluates the detections of a fixed number per image against padded objects, as COCO does.

    Args:
        truth: `boxes` of shape (n, max_objects, 4), x_min, y_min, x_max, y_max in pixels, and `class_id` of shape
            (n, max_objects), ints in [0, num_classes) or -1 for padding; `is_crowd`, bools of that shape, may be left
            out. Other entries are not looked at.
        predictions: `boxes` of shape (n, k, 4), `scores` and `class_id` of shape (n, k), and `count` of shape (n,): of
            each image the first so many are valid. At most 100 per class and image count.
        class_names: num_classes names.
        area_limits: Two floats, 0 < low < high: from which area on an object is medium and large, in square pixels, by
            default COCO's 32² and 96²; or "thirds", which makes a third of the objects small and a third large, see
            `area_thirds`.

    Returns:
        The evaluation; images have their positions as ids.

    Raises:
        ValueError: If an entry is missing or has another shape, a box of an object or a valid detection has swapped
            corners or is not finite, a class is none of `class_names`, or a count is out of range; of a wrong box the
            message tells the image.

    Example:
        >>> import numpy as np
        >>> from keras_course.evaluation import evaluate_detector
        >>> truth = {"boxes": np.array([[[0, 0, 10, 10], [0, 0, 0, 0]]]), "class_id": np.array([[1, -1]])}
        >>> predictions = {
        ...     "boxes": np.array([[[0, 0, 10, 8], [5, 5, 9, 9]]]),
        ...     "scores": np.array([[0.9, 0.2]]),
        ...     "class_id": np.array([[1, 0]]),
        ...     "count": np.array([2]),
        ... }
        >>> evaluate_detector(truth, predictions, ["cat", "dog"]).summary[["AP", "AP50"]].to_dict()
        {'AP': 0.7, 'AP50': 1.0}

    Source: deck, chapter 8, "Object detection"; Lin et al. 2014, arXiv:1405.0312.
    """
    ground_truth, num_images = _unpad_objects(truth, len(class_names))
    detections = _unpad_predictions(predictions, num_images, len(class_names))
    if isinstance(area_limits, str):
        require_choice("area_limits", area_limits, (THIRDS,))
        areas = np.asarray(ground_truth.areas)
        area_limits = area_thirds(areas[~np.asarray(ground_truth.crowds)])
    return DetectorEvaluation(ground_truth, detections, num_images, tuple(class_names), area_limits)


def _unpad_objects(truth: Mapping[str, ArrayLike], num_classes: int) -> tuple[GroundTruth, int]:
    """Returns the objects of padded arrays and the number of images."""
    class_id = _entry("truth", truth, "class_id", ("n", "max_objects"), "iu")
    if len(class_id) == 0:
        raise ValueError("`truth` must hold at least one image. Received: none")
    shape = class_id.shape
    boxes = _entry("truth", truth, "boxes", (*shape, 4), "iuf")
    crowd = _entry("truth", truth, "is_crowd", shape, "biu") if "is_crowd" in truth else np.zeros(shape, bool)
    valid = class_id != PADDING
    _check_valid("truth", boxes, class_id, valid, num_classes)
    return GroundTruth(np.nonzero(valid)[0], class_id[valid], boxes[valid], crowd[valid]), shape[0]


def _unpad_predictions(predictions: Mapping[str, ArrayLike], num_images: int, num_classes: int) -> Detections:
    """Returns the valid detections of padded arrays."""
    class_id = _entry("predictions", predictions, "class_id", (num_images, "k"), "iu")
    shape = class_id.shape
    boxes = _entry("predictions", predictions, "boxes", (*shape, 4), "iuf")
    scores = _entry("predictions", predictions, "scores", shape, "iuf")
    count = _entry("predictions", predictions, "count", (num_images,), "iu")
    wrong = (count < 0) | (count > shape[1])
    if wrong.any():
        image = int(wrong.argmax())
        raise ValueError(
            f"`predictions['count']` must be in [0, {shape[1]}]. Received: {count[image]} for image {image}"
        )
    valid = np.arange(shape[1]) < count[:, np.newaxis]
    _check_valid("predictions", boxes, class_id, valid, num_classes)
    return Detections(np.nonzero(valid)[0], class_id[valid], boxes[valid], scores[valid])


def _entry(argument: str, arrays: Mapping[str, ArrayLike], key: str, shape: Shape, kinds: str) -> Array:
    """Returns `arrays[key]`, or raises ValueError if it is missing, or of another shape or kind."""
    if not isinstance(arrays, Mapping) or key not in arrays:
        received = ", ".join(arrays) if isinstance(arrays, Mapping) else f"a {type(arrays).__name__}"
        raise ValueError(f"`{argument}` must be a mapping with the entry {key}. Received: {received}")
    array = np.asarray(arrays[key])
    fits = array.ndim == len(shape) and all(
        isinstance(want, str) or size == want for size, want in zip(array.shape, shape, strict=True)
    )
    if not fits or array.dtype.kind not in kinds:
        form = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        kind = "numbers" if "f" in kinds else "booleans" if "b" in kinds else "integers"
        raise ValueError(
            f"`{argument}['{key}']` must be {kind} of shape ({form}). "
            f"Received: dtype {array.dtype}, shape {array.shape}"
        )
    return array


def _check_valid(argument: str, boxes: Array, class_id: Array, valid: Array, num_classes: int) -> None:
    """Raises ValueError with the image of the first wrong class or box among the valid ones."""
    strange = valid & ((class_id < 0) | (class_id >= num_classes))
    if strange.any():
        image, row = np.argwhere(strange)[0]
        raise ValueError(
            f"`{argument}['class_id']` must be in [0, {num_classes}). Received: {class_id[image, row]} in image {image}"
        )
    wrong = valid & ~(np.isfinite(boxes).all(axis=-1) & (boxes[..., :2] <= boxes[..., 2:]).all(axis=-1))
    if wrong.any():
        image, row = np.argwhere(wrong)[0]
        raise ValueError(
            f"`{argument}['boxes']` must be finite {CORNERS} with x_min <= x_max and y_min <= y_max. "
            f"Received: {boxes[image, row].tolist()} in image {image}"
        )
