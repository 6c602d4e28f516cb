"""What the heads of CenterNet are trained to give for the objects of an image."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from keras_course.arguments import require_integer, require_number

IGNORED = -1.0  # in a heat map: neither an object nor background
NOWHERE = -1.0  # the cell of what is padding


def centernet_targets(
    objects: Mapping[str, Any],
    map_shape: tuple[int, int, int],
    stride: int,
    *,
    min_overlap: float = 0.3,
    reach: int = 0,
) -> dict[str, tf.Tensor]:
    """Computes the targets of the three heads of `build_centernet`, in the graph, a batch at a time.

    Args:
        objects: What `ObjectData` hands out: "boxes" float32 (batch, max_objects, 4), (x_min, y_min, x_max, y_max) in
            pixels; "class_id" int64 (batch, max_objects), -1 for padding; "is_crowd" bool (batch, max_objects).
        map_shape: (rows, columns, num_classes) of the heat map.
        stride: Integer >= 1, pixels of the image from one cell to the next.
        min_overlap: Float in (0, 1), for `gaussian_radius`: how far the target falls off around a centre.
        reach: Integer >= 0: cells up to so many rows and columns from that of the centre learn the box too. With n =
            (2 `reach` + 1)² cells for an object, boxes are learned from n times as much as from the centre alone.

    Returns:
        - "heatmap", float32 (batch, rows, columns, num_classes): 1 in the cell of each object's centre in the map of
          its class, around it exp(-d² / 2σ²) with σ = (2 r + 1) / 6 for the distance d in cells and the radius r; the
          larger value where two objects of a class meet; -1 in all cells that a crowd of the class overlaps, which thus
          are neither object nor background, except in centres of other objects.
        - "size", float32 (batch, n max_objects, 3): the index of the cell, row * columns + column, and width and height
          of the box in cells.
        - "offset", float32 (batch, n max_objects, 3): the index of the cell, and x and y of the centre from the cell's
          upper left corner, in cells; in [0, 1) in the centre's.

        What trains no size and offset has the cell -1: cells beyond the border, padding, crowds, classes that don't
        exist, and boxes without an area or with NaN; such objects, crowds apart, leave no trace in the heat map either.
        A centre beyond the border counts in the nearest cell.

    Raises:
        ValueError: If `stride`, `min_overlap` or `reach` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import centernet_targets
        >>> objects = {"boxes": np.float32([[[2, 4, 10, 8], [0, 0, 0, 0]]]), "class_id": np.array([[1, -1]]),
        ...     "is_crowd": np.zeros((1, 2), bool)}
        >>> targets = centernet_targets(objects, (4, 4, 2), stride=4)
        >>> np.argwhere(targets["heatmap"] == 1.0).tolist()  # centre (6, 6), cell (1, 1), class 1
        [[0, 1, 1, 1]]
        >>> targets["size"].numpy().tolist(), targets["offset"].numpy()[0, 0].tolist()
        ([[[5.0, 2.0, 1.0], [-1.0, 0.0, 0.0]]], [5.0, 0.5, 0.5])

    Source: deck, chapter 8; Zhou et al. (2019), section 3; the radius: Law and Deng (2018), arXiv:1808.01244, section
        3.2; boxes from cells around the centre: Tian et al. (2019), arXiv:1904.01355, Liu et al. (2019),
        arXiv:1909.00700.
    """
    require_integer("stride", stride, at_least=1)
    require_integer("reach", reach, at_least=0)
    require_number("min_overlap", min_overlap, above=0, below=1)
    boxes = tf.cast(objects["boxes"], tf.float32) / stride
    class_id, crowd = tf.cast(objects["class_id"], tf.int32), tf.cast(objects["is_crowd"], tf.bool)
    real = (class_id >= 0) & (class_id < map_shape[2]) & tf.reduce_all(boxes[..., 2:] > boxes[..., :2], axis=-1)
    real &= tf.reduce_all(tf.math.is_finite(boxes), axis=-1)
    boxes = tf.where(real[..., tf.newaxis], boxes, 0.0)
    single = real & ~crowd
    extent = tf.constant([map_shape[1], map_shape[0]], tf.float32)  # x and y
    center, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    cell = tf.clip_by_value(tf.floor(center), 0.0, extent - 1)
    heat = _largest_of_class(_gaussians(cell, size, map_shape, min_overlap), class_id, single, map_shape[2])
    ignored = _largest_of_class(_overlapped(boxes, map_shape), class_id, real & crowd, map_shape[2])
    cells, index = _cells_around(cell, single, reach, extent)
    copies = cells.shape[2]
    known = tf.cast(index >= 0, tf.float32)
    offset, size = (center[:, :, tf.newaxis] - cells) * known, tf.repeat(size[:, :, tf.newaxis], copies, axis=2) * known
    count = copies * tf.shape(boxes)[1]
    return {
        "heatmap": tf.where((ignored > 0) & (heat < 1), IGNORED, heat),
        "size": tf.reshape(tf.concat([index, size], axis=-1), (-1, count, 3)),
        "offset": tf.reshape(tf.concat([index, offset], axis=-1), (-1, count, 3)),
    }


def _cells_around(cell: tf.Tensor, single: tf.Tensor, reach: int, extent: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the cells around those of the centres, (batch, max_objects, n, 2), and their indices, (..., 1)."""
    steps = [(x, y) for y in range(-reach, reach + 1) for x in range(-reach, reach + 1)]
    cells = cell[:, :, tf.newaxis] + tf.constant(steps, tf.float32)
    inside = tf.reduce_all((cells >= 0) & (cells < extent), axis=-1) & single[..., tf.newaxis]
    index = tf.where(inside, cells[..., 1] * extent[0] + cells[..., 0], NOWHERE)
    return cells, index[..., tf.newaxis]


def gaussian_radius(size: Any, min_overlap: float = 0.3) -> tf.Tensor:
    """Computes the largest r such that all boxes whose corners are within r of a box's, in x and y, overlap it enough.

    r is the smallest of the solutions of three equations, for a box of w x h and a least IoU t: both corners moved the
    same way, (w - r)(h - r) = 2 t w h / (1 + t); inwards, (w - 2r)(h - 2r) = t w h; outwards, t (w + 2r)(h + 2r) = w h.

    Args:
        size: Floats (..., 2), width and height >= 0.
        min_overlap: Float in (0, 1), the least IoU; 0.3 in CornerNet.

    Returns:
        Float32 (...), in the unit of `size`.

    Example:
        >>> from keras_course.applications.detection import gaussian_radius
        >>> round(float(gaussian_radius([4.0, 4.0], 0.25)), 6)  # 2 x 2 inside of 4 x 4 overlaps by 1/4
        1.0

    Source: Law and Deng (2018), arXiv:1808.01244, section 3.2.

    Note: The code of CornerNet and CenterNet has wrong roots of these quadratic equations, and larger radii.
    """
    size = tf.cast(size, tf.float32)
    total, area = size[..., 0] + size[..., 1], size[..., 0] * size[..., 1]
    # a r² - b r + c = 0 each, and the smaller root that isn't negative
    shifted = (total - tf.sqrt(tf.maximum(total**2 - 4 * area * (1 - min_overlap) / (1 + min_overlap), 0.0))) / 2
    inwards = (total - tf.sqrt(tf.maximum(total**2 - 4 * area * (1 - min_overlap), 0.0))) / 4
    outwards = (tf.sqrt(total**2 + 4 * area * (1 - min_overlap) / min_overlap) - total) / 4
    return tf.minimum(shifted, tf.minimum(inwards, outwards))


def _gaussians(cell: tf.Tensor, size: tf.Tensor, map_shape: tuple[int, int, int], min_overlap: float) -> tf.Tensor:
    """Returns the Gaussian of each object, (batch, max_objects, rows, columns)."""
    sigma = (2 * gaussian_radius(size, min_overlap) + 1)[..., tf.newaxis] / 6
    across, down = (
        tf.exp(-0.5 * tf.square((tf.range(count, dtype=tf.float32) - cell[..., axis, tf.newaxis]) / sigma))
        for axis, count in ((0, map_shape[1]), (1, map_shape[0]))
    )
    return down[..., :, tf.newaxis] * across[..., tf.newaxis, :]


def _overlapped(boxes: tf.Tensor, map_shape: tuple[int, int, int]) -> tf.Tensor:
    """Returns 1 in each cell that a box overlaps, else 0, (batch, max_objects, rows, columns)."""
    across, down = (
        (tf.range(count, dtype=tf.float32) < boxes[..., axis + 2, tf.newaxis])
        & (tf.range(1, count + 1, dtype=tf.float32) > boxes[..., axis, tf.newaxis])
        for axis, count in ((0, map_shape[1]), (1, map_shape[0]))
    )
    return tf.cast(down[..., :, tf.newaxis] & across[..., tf.newaxis, :], tf.float32)


def _largest_of_class(maps: tf.Tensor, class_id: tf.Tensor, counted: tf.Tensor, num_classes: int) -> tf.Tensor:
    """Returns the largest of the maps >= 0 of each class, (batch, rows, columns, num_classes); 0 without any."""
    batch, rows, columns = tf.shape(maps)[0], maps.shape[2], maps.shape[3]
    place = tf.range(batch)[:, tf.newaxis] * num_classes + class_id
    largest = tf.math.unsorted_segment_max(
        tf.reshape(maps, (-1, rows, columns)),
        tf.reshape(tf.where(counted, place, -1), (-1,)),  # what is -1 is left out
        batch * num_classes,
    )
    largest = tf.reshape(tf.maximum(largest, 0.0), (batch, num_classes, rows, columns))
    return tf.transpose(largest, (0, 2, 3, 1))
