"""Non-maximum suppression: of several boxes on one object, one stays (deck, chapter 8, "Object detection").

Keep the box with the highest score, drop all others whose IoU with it is above the threshold, and so on with the
others.

You may import `box_iou` of the exercise before, from `keras_course.numerics.boxes`.

Tutorial: `tutorials/08_applications/1_object_detection.py`.
"""

import numpy as np


def non_max_suppression(boxes, scores, threshold):
    """Selects boxes.

    Args:
        boxes: (x_min, y_min, x_max, y_max), shape (n, 4), each with a positive area.
        scores: Shape (n,), no two the same.
        threshold: In [0, 1).

    Returns:
        Numbers of the boxes that stay, the highest score first, integers of shape (kept,).

    Example:
        >>> boxes = np.array([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 3.0], [5.0, 5.0, 6.0, 6.0]])
        >>> non_max_suppression(boxes, np.array([0.5, 0.9, 0.7]), 0.5)  # IoU 2/3 with the second
        array([1, 2])
    """
    raise NotImplementedError
