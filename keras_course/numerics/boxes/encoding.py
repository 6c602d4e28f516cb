"""Boxes in other coordinates: centre and size, and the code relative to an anchor that detectors learn."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import FloatArray
from keras_course.numerics.boxes.checks import checked_boxes, checked_rows

CENTERS = "x, y of the centre, width, height"


def corners_to_centers(boxes: ArrayLike) -> FloatArray:
    """Computes centre ((x_min + x_max) / 2, (y_min + y_max) / 2) and size (x_max - x_min, y_max - y_min).

    Args:
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max.

    Returns:
        Floats of shape (n, 4): x and y of the centre, width and height.

    Raises:
        ValueError: If `boxes` have another shape, swapped corners, or numbers that are not finite.

    Example:
        >>> from keras_course.numerics.boxes import corners_to_centers
        >>> corners_to_centers([[0, 0, 4, 2]])
        array([[2., 1., 4., 2.]])

    Source: Girshick et al. 2014, arXiv:1311.2524, appendix C.
    """
    corners = checked_boxes("boxes", boxes)
    return np.hstack([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]])


def centers_to_corners(centers: ArrayLike) -> FloatArray:
    """Computes the corners (x - w / 2, y - h / 2) and (x + w / 2, y + h / 2).

    Args:
        centers: Floats of shape (n, 4): x and y of the centre, width and height >= 0.

    Returns:
        Floats of shape (n, 4): x_min, y_min, x_max, y_max.

    Raises:
        ValueError: If `centers` have another shape, a negative size, or numbers that are not finite.

    Example:
        >>> from keras_course.numerics.boxes import centers_to_corners
        >>> centers_to_corners([[2, 1, 4, 2]])
        array([[0., 0., 4., 2.]])

    Source: Girshick et al. 2014, arXiv:1311.2524, appendix C.
    """
    rows = checked_rows("centers", centers, CENTERS)
    wrong = ~(np.isfinite(rows).all(axis=1) & (rows[:, 2:] >= 0).all(axis=1))
    if wrong.any():
        raise ValueError(
            f"`centers` must be finite {CENTERS}, the sizes >= 0. Received: {rows[wrong][0].tolist()} among them"
        )
    return np.hstack([rows[:, :2] - rows[:, 2:] / 2, rows[:, :2] + rows[:, 2:] / 2])


def encode_boxes(boxes: ArrayLike, anchors: ArrayLike) -> FloatArray:
    """Computes dx = (x - xₐ) / wₐ, dy = (y - yₐ) / hₐ, dw = log(w / wₐ), dh = log(h / hₐ).

    Args:
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max, with a width and a height > 0.
        anchors: Floats of shape (n, 4), one anchor per box.

    Returns:
        Codes (dx, dy, dw, dh), floats of shape (n, 4); 0 for a box that is its anchor.

    Raises:
        ValueError: If shapes disagree, or a box or an anchor has no area or is not finite.

    Example:
        >>> from keras_course.numerics.boxes import encode_boxes
        >>> encode_boxes([[2, 0, 6, 2]], [[0, 0, 4, 2]])
        array([[0.5, 0. , 0. , 0. ]])

    Source: Girshick et al. 2014, arXiv:1311.2524, appendix C.
    """
    box, anchor = _with_area("boxes", boxes), _with_area("anchors", anchors)
    _check_as_many("boxes", box, anchor)
    return np.hstack([(box[:, :2] - anchor[:, :2]) / anchor[:, 2:], np.log(box[:, 2:] / anchor[:, 2:])])


def decode_boxes(codes: ArrayLike, anchors: ArrayLike) -> FloatArray:
    """Computes the boxes of codes: x = xₐ + dx wₐ, y = yₐ + dy hₐ, w = wₐ exp(dw), h = hₐ exp(dh).

    Args:
        codes: Floats of shape (n, 4): dx, dy, dw, dh.
        anchors: Floats of shape (n, 4): x_min, y_min, x_max, y_max, one anchor per code.

    Returns:
        Boxes x_min, y_min, x_max, y_max, floats of shape (n, 4).

    Raises:
        ValueError: If shapes disagree, codes are not finite or so large that a box is not, or an anchor has no area.

    Example:
        >>> from keras_course.numerics.boxes import decode_boxes
        >>> decode_boxes([[0.5, 0, 0, 0]], [[0, 0, 4, 2]])
        array([[2., 0., 6., 2.]])

    Source: Girshick et al. 2014, arXiv:1311.2524, appendix C.
    """
    code, anchor = checked_rows("codes", codes, "dx, dy, dw, dh"), _with_area("anchors", anchors)
    _check_as_many("codes", code, anchor)
    with np.errstate(over="ignore", invalid="ignore"):
        size = anchor[:, 2:] * np.exp(code[:, 2:])
        centers = np.hstack([anchor[:, :2] + code[:, :2] * anchor[:, 2:], size])
    wrong = ~np.isfinite(centers).all(axis=1)
    if wrong.any():
        raise ValueError(f"`codes` must be of finite boxes. Received: {code[wrong][0].tolist()} among them")
    return centers_to_corners(centers)


def _with_area(name: str, value: ArrayLike) -> FloatArray:
    """Returns boxes as centres and sizes, or raises ValueError if one has no area."""
    corners = checked_boxes(name, value)
    flat = (corners[:, :2] == corners[:, 2:]).any(axis=1)
    if flat.any():
        raise ValueError(
            f"`{name}` must have a width and a height > 0. Received: {corners[flat][0].tolist()} among them"
        )
    return corners_to_centers(corners)


def _check_as_many(name: str, values: FloatArray, anchors: FloatArray) -> None:
    if len(values) != len(anchors):
        raise ValueError(f"`{name}` must have one row per anchor. Received: {len(values)} and {len(anchors)} anchors")
