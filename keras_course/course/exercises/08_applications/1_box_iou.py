"""Intersection over union of boxes (deck, chapter 8, "Object detection").

A box is (x_min, y_min, x_max, y_max). Boxes that don't overlap, or that only touch, have an IoU of 0.

Tutorial: `tutorials/08_applications/1_object_detection.py`.
"""

import numpy as np


def box_iou(boxes, others):
    """Computes |A ∩ B| / |A ∪ B| of every pair.

    Args:
        boxes: A, shape (n, 4), each with a positive area.
        others: B, shape (m, 4), the same.

    Returns:
        Shape (n, m).

    Example:
        >>> box_iou(np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[1.0, 0.0, 3.0, 2.0]])).round(6)  # 2 / 6
        array([[0.333333]])
    """
    raise NotImplementedError
