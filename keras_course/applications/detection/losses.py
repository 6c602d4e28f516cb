"""What a detector minimises. Each loss has one value per image, so that a mean over any batch weighs all images alike.

So they add up over several machines and over a partial last batch, and `compile(loss=...)` takes them as they are.
"""

from collections.abc import Mapping
from typing import Any

import keras

SIZE_WEIGHT, OFFSET_WEIGHT, OVERLAP_WEIGHT = 0.2, 1.0, 2.0

Tensor = Any


@keras.saving.register_keras_serializable(package="keras_course")
def heatmap_focal_loss(targets: Tensor, logits: Tensor) -> Tensor:
    """Computes -1/N [Σ (1 - p)² log p over the centres + Σ (1 - y)⁴ p² log(1 - p) over the other cells], p = σ(logit).

    Cells that are right for sure hardly count, and neither do those next to a centre, where y is nearly 1: else the
    background, a thousand cells to one, would drown the objects.

    Args:
        targets: Floats (batch, rows, columns, num_classes): y = 1 in centres, in [0, 1) elsewhere, below 0 where
            neither an object nor background is to be learned, as in `centernet_targets`.
        logits: Floats of the same shape.

    Returns:
        Float32 (batch,), >= 0 in nats per object; N is the number of centres in the image, or 1 without any.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import heatmap_focal_loss
        >>> targets = np.float32([1, 0, -1]).reshape(1, 1, 3, 1)
        >>> loss = heatmap_focal_loss(targets, np.zeros((1, 1, 3, 1), "float32"))  # p = 1/2
        >>> np.asarray(loss / np.log(2)).round(4)  # 1/4 log 2 each of the centre and the background
        array([0.5], dtype=float32)

    Source: deck, chapter 8; Zhou et al. (2019), eq. 1; Law and Deng (2018), arXiv:1808.01244, eq. 1; without y: Lin et
        al. (2017), arXiv:1708.02002.
    """
    targets, logits = keras.ops.cast(targets, "float32"), keras.ops.cast(logits, "float32")
    center = targets >= 1
    # log p = -softplus(-l) and log(1 - p) = -softplus(l): nothing overflows, no logarithm is taken of zero
    error = keras.ops.sigmoid(keras.ops.where(center, -logits, logits))
    nats = keras.ops.softplus(keras.ops.where(center, -logits, logits))
    weight = keras.ops.where(center, 1.0, keras.ops.where(targets < 0, 0.0, (1 - targets) ** 4))
    losses = keras.ops.sum(weight * keras.ops.square(error) * nats, axis=(1, 2, 3))
    return losses / _at_least_one(keras.ops.sum(keras.ops.cast(center, "float32"), axis=(1, 2, 3)))


@keras.saving.register_keras_serializable(package="keras_course")
def center_l1_loss(targets: Tensor, maps: Tensor) -> Tensor:
    """Computes 1/N Σ (|x̂ - x| + |ŷ - y|) over the N objects of an image, each in the cell of its centre.

    Args:
        targets: Floats (batch, max_objects, 3): the index of the cell, row * columns + column, or below 0 for what is
            no object; then the two numbers that the map should have there, as in `centernet_targets`.
        maps: Floats (batch, rows, columns, 2).

    Returns:
        Float32 (batch,), >= 0 in the unit of the map; 0 without objects.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import center_l1_loss
        >>> maps = np.arange(8, dtype="float32").reshape(1, 2, 2, 2)  # 4 and 5 in cell 2
        >>> np.asarray(center_l1_loss(np.float32([[[2, 4.5, 6], [-1, 0, 0]]]), maps))
        array([1.5], dtype=float32)

    Source: Zhou et al. (2019), eq. 2 and 3.
    """
    targets = keras.ops.cast(targets, "float32")
    distances = keras.ops.sum(keras.ops.abs(_in_cells(maps, targets[..., 0]) - targets[..., 1:]), axis=-1)
    return _mean_of_objects(distances, targets[..., 0])


def generalized_iou_loss(targets: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> Tensor:
    """Computes 1/N Σ (1 - GIoU) over the N objects of an image, of the boxes that size and offset make in their cells.

    GIoU = |A ∩ B| / |A ∪ B| - |C - (A ∪ B)| / |C| with C the smallest box around A and B: unlike IoU, it has a
    gradient for boxes that don't meet.

    Args:
        targets: "size" and "offset" as in `centernet_targets`.
        outputs: "size" and "offset" of `build_centernet`, floats (batch, rows, columns, 2); a size below 0 counts as 0.

    Returns:
        Float32 (batch,), in [0, 2]; 0 without objects.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import generalized_iou_loss
        >>> targets = {"size": np.float32([[[0, 4, 2]]]), "offset": np.float32([[[0, 0.5, 0.5]]])}
        >>> outputs = {"size": np.full((1, 1, 1, 2), 2.0), "offset": np.full((1, 1, 1, 2), 0.5)}
        >>> np.asarray(generalized_iou_loss(targets, outputs))  # 2 x 2 in the middle of 4 x 2
        array([0.5], dtype=float32)

    Source: deck, chapter 8; Rezatofighi et al. (2019), arXiv:1902.09630, algorithm 1.
    """
    cells = targets["size"][..., 0]
    offset, size = (_in_cells(outputs[name], cells) for name in ("offset", "size"))
    true_offset, true_size = (keras.ops.cast(targets[name][..., 1:], "float32") for name in ("offset", "size"))
    overlap = generalized_iou(_corners(offset, keras.ops.relu(size)), _corners(true_offset, true_size))
    return _mean_of_objects(1 - overlap, cells)


@keras.saving.register_keras_serializable(package="keras_course")
def center_box_loss(targets: Tensor, maps: Tensor) -> Tensor:
    """Computes L = 0.2 L_size + L_offset + 2 L_GIoU, with the L1 losses of size and offset and the generalised IoU's.

    Args:
        targets: Floats (batch, max_objects, 5): the index of the cell, or below 0 for what is no object; width and
            height; x and y of the centre from the cell's upper left corner, all in cells.
        maps: Floats (batch, rows, columns, 4): what the heads "size" and "offset" give in each cell.

    Returns:
        Float32 (batch,), >= 0; 0 without objects.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import center_box_loss
        >>> maps = np.float32([2, 2, 0.5, 0.5]).reshape(1, 1, 1, 4)
        >>> np.asarray(center_box_loss(np.float32([[[0, 4, 2, 0.5, 0.5]]]), maps))  # 0.2 * 2 + 2 * 1/2
        array([1.4], dtype=float32)

    Source: Zhou et al. (2019), eq. 4, with 0.1 for the size in pixels; the third term: Rezatofighi et al. (2019),
        arXiv:1902.09630.
    """
    targets = keras.ops.cast(targets, "float32")
    size, offset = targets[..., :3], keras.ops.concatenate([targets[..., :1], targets[..., 3:]], axis=-1)
    overlap = generalized_iou_loss({"size": size, "offset": offset}, {"size": maps[..., :2], "offset": maps[..., 2:]})
    distance = SIZE_WEIGHT * center_l1_loss(size, maps[..., :2]) + OFFSET_WEIGHT * center_l1_loss(offset, maps[..., 2:])
    return distance + OVERLAP_WEIGHT * overlap


def generalized_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """Computes the generalised IoU of each box with the other in its place, with a gradient.

    Args:
        boxes: Floats (..., 4): x_min, y_min, x_max, y_max.
        others: The same shape.

    Returns:
        Floats (...), in [-1, 1]; 0 for two boxes in one point.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import generalized_iou
        >>> np.asarray(generalized_iou(np.float32([0, 0, 1, 1]), np.float32([3, 0, 4, 1])))  # a gap of 2 in 4
        array(-0.5, dtype=float32)

    Source: Rezatofighi et al. (2019), arXiv:1902.09630, algorithm 1; for arrays `numerics.boxes`.
    """
    ops = keras.ops
    low, high = ops.maximum(boxes[..., :2], others[..., :2]), ops.minimum(boxes[..., 2:], others[..., 2:])
    first, last = ops.minimum(boxes[..., :2], others[..., :2]), ops.maximum(boxes[..., 2:], others[..., 2:])
    shared, around = ops.prod(ops.relu(high - low), axis=-1), ops.prod(last - first, axis=-1)
    union = ops.prod(boxes[..., 2:] - boxes[..., :2], axis=-1) + ops.prod(others[..., 2:] - others[..., :2], axis=-1)
    union = union - shared
    return _share(shared, union) - _share(around - union, around)


def _share(part: Tensor, whole: Tensor) -> Tensor:
    """Returns part / whole; 0 of nothing."""
    return part / keras.ops.where(whole > 0, whole, 1.0)


def _corners(offset: Tensor, size: Tensor) -> Tensor:
    return keras.ops.concatenate([offset - size / 2, offset + size / 2], axis=-1)


def _in_cells(maps: Tensor, cells: Tensor) -> Tensor:
    """Returns the numbers in some cells of maps (batch, rows, columns, n), (batch, max_objects, n); any where < 0."""
    flat = keras.ops.reshape(keras.ops.cast(maps, "float32"), (-1, maps.shape[1] * maps.shape[2], maps.shape[3]))
    index = keras.ops.cast(keras.ops.maximum(cells, 0), "int32")
    return keras.ops.take_along_axis(flat, index[..., None], axis=1)


def _mean_of_objects(values: Tensor, cells: Tensor) -> Tensor:
    """Returns the mean over the objects of each image of values (batch, max_objects); 0 without any."""
    real = keras.ops.cast(cells >= 0, "float32")
    return keras.ops.sum(keras.ops.where(cells >= 0, values, 0.0), axis=1) / _at_least_one(keras.ops.sum(real, axis=1))


def _at_least_one(counts: Tensor) -> Tensor:
    return keras.ops.maximum(counts, 1.0)
