"""What the export of a detector holds beside the network: boxes from its maps."""

import keras

from keras_course.applications.detection.decoding import decode_detections
from keras_course.export.tasks import Task, check_input
from keras_course.models.conventions import check_logits, check_pixel_scale

HEADS = {"heatmap": None, "size": 2, "offset": 2}  # channels; None is the number of classes


def check_detector(model: keras.Model) -> int:
    """Checks that a model is a detector with the heads of `build_centernet`.

    Args:
        model: Functional `keras.Model` from images `(batch, height, width, channels)` to a dict of maps.

    Returns:
        num_classes.

    Raises:
        ValueError: If it isn't.

    Example:
        >>> from keras_course.models import build_centernet
        >>> check_detector(build_centernet((32, 32, 1), 3, width=0.05))
        3
    """
    check_input(model)
    output = model.output if isinstance(model.output, dict) else {}
    shapes = {name: tuple(map_.shape) for name, map_ in output.items()}
    sizes = {shape[:3] for shape in shapes.values()}
    channels = {name: shape[-1] if len(shape) == 4 else None for name, shape in shapes.items()}
    if set(shapes) != set(HEADS) or len(sizes) != 1 or any(channels[k] != n for k, n in HEADS.items() if n):
        raise ValueError(
            "`model` must output a dict of maps of one size, heatmap (batch, rows, columns, num_classes), size and "
            f"offset (batch, rows, columns, 2). Received: {shapes or [tuple(one.shape) for one in model.outputs]}"
        )
    check_logits(model, output["heatmap"])
    check_pixel_scale(model)
    return shapes["heatmap"][-1]


DETECTION = Task(check_detector, decode_detections, tuple(HEADS))
