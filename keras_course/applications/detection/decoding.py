"""From the maps of a detector's heads to boxes, in operations that TensorFlow, ONNX and LiteRT all have."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from keras_course.arguments import require_number

MOST_DETECTIONS = 100  # per image, as COCO judges
NEVER = -1e4  # a logit whose sigmoid is 0


def decode_detections(
    outputs: Mapping[str, Any], image_size: tuple[int, int], *, threshold: float = 0.05
) -> dict[str, tf.Tensor]:
    """Picks the 100 highest peaks of the heat maps, and makes boxes of size and offset in their cells.

    A peak is a cell with no higher one of its class among the eight around it; this takes the place of non-maximum
    suppression.

    Args:
        outputs: "heatmap", "size" and "offset" of `build_centernet`, for a batch of images.
        image_size: (height, width) of the images in pixels.
        threshold: Float in [0, 1), for `count`.

    Returns:
        - "boxes", float32 (batch, 100, 4): x_min, y_min, x_max, y_max in pixels, clipped to the image.
        - "scores", float32 (batch, 100), in descending order: the probability of the class; 0 where there is no further
          peak.
        - "class_id", int64 (batch, 100); -1 where there are fewer than 100 cells times classes.
        - "count", int64 (batch,): how many scores are above `threshold`.

    Raises:
        ValueError: If `threshold` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import decode_detections
        >>> outputs = {"heatmap": np.full((1, 4, 4, 2), -9, "float32"), "size": np.full((1, 4, 4, 2), 2, "float32"),
        ...     "offset": np.full((1, 4, 4, 2), 0.5, "float32")}
        >>> outputs["heatmap"][0, 1, 2, 1] = 9
        >>> found = decode_detections(outputs, (16, 16))
        >>> found["boxes"][0, 0].numpy().tolist(), int(found["class_id"][0, 0]), found["count"].numpy()
        ([6.0, 2.0, 14.0, 10.0], 1, array([1]))

    Source: deck, chapter 8; Zhou et al. (2019), section 3, "From points to bounding boxes".
    """
    require_number("threshold", threshold, at_least=0, below=1)
    heat = tf.cast(outputs["heatmap"], tf.float32)
    rows, columns, num_classes = heat.shape[1:]
    # logits have the order of probabilities, but don't all become 1 where they are large
    peaks = tf.where(heat >= tf.nn.max_pool2d(heat, 3, 1, "SAME"), heat, NEVER)
    most = min(MOST_DETECTIONS, rows * columns * num_classes)
    logits, place = tf.math.top_k(tf.reshape(peaks, (-1, rows * columns * num_classes)), most)
    cell, class_id = place // num_classes, place % num_classes
    offset, size = (
        tf.gather(tf.reshape(tf.cast(outputs[name], tf.float32), (-1, rows * columns, 2)), cell, batch_dims=1)
        for name in ("offset", "size")
    )
    extent = tf.constant([image_size[1], image_size[0]], tf.float32)  # x and y
    stride = extent / tf.constant([columns, rows], tf.float32)
    center = tf.cast(tf.stack([cell % columns, cell // columns], axis=-1), tf.float32) + offset
    half = tf.nn.relu(size) / 2
    corners = [tf.clip_by_value((center + side * half) * stride, 0.0, extent) for side in (-1.0, 1.0)]
    scores = tf.sigmoid(logits)
    missing = [[0, 0], [0, MOST_DETECTIONS - most]]
    return {
        "boxes": tf.pad(tf.concat(corners, axis=-1), [*missing, [0, 0]]),
        "scores": tf.pad(scores, missing),
        "class_id": tf.pad(tf.cast(class_id, tf.int64), missing, constant_values=-1),
        "count": tf.reduce_sum(tf.cast(scores > threshold, tf.int64), axis=-1),
    }
