"""Hard and soft non-maximum suppression against TensorFlow's, which is C++."""

import numpy as np

from benchmarks.clock import ROUNDS, alternate
from benchmarks.table import Row

BOXES, SIDE = 10_000, 640  # pixels
SCENES = {"spread out, sides of 4 to 100 pixels": (SIDE, 100), "crowded, 64 x 64 pixels, sides of 4 to 30": (64, 30)}
SIGMA, LOWEST = 0.5, 0.001


def run() -> list[Row]:
    """Suppresses the same boxes both ways in turn, in an image with room and in a small one."""
    return [row for name, size in SCENES.items() for row in (hard(name, *size), soft(name, *size))]


def hard(name: str, side: int, largest: int) -> Row:
    """Compares `non_max_suppression` with TensorFlow's at an IoU of 0.5."""
    import tensorflow as tf

    from keras_course.numerics.boxes import non_max_suppression

    boxes, scores, turned = random_boxes(side, largest)

    def ours():
        return non_max_suppression(boxes, scores)

    def tensorflow():
        return tf.image.non_max_suppression(turned, scores, BOXES, iou_threshold=0.5).numpy()

    ratio, seconds, peer = alternate(ours, tensorflow)
    same = np.array_equal(ours(), tensorflow())
    measured = f"{timing(ratio, seconds, peer)}, {len(ours()):,} boxes kept, {'the same' if same else 'other ones'}"
    row = f"non_max_suppression / tf.image, {BOXES:,} boxes, {name}"
    return Row(row, measured, "<= 5, same boxes", bool(same and ratio <= 5))


def soft(name: str, side: int, largest: int) -> Row:
    """Compares the Gaussian `soft_non_max_suppression` with TensorFlow's, which computes in float32."""
    import tensorflow as tf

    from keras_course.numerics.boxes import soft_non_max_suppression

    boxes, scores, turned = random_boxes(side, largest)

    def ours():
        return soft_non_max_suppression(boxes, scores, sigma=SIGMA, score_threshold=LOWEST)

    def tensorflow():
        kept, lowered = tf.image.non_max_suppression_with_scores(
            turned, scores, BOXES, iou_threshold=1.0, score_threshold=LOWEST, soft_nms_sigma=SIGMA / 2
        )
        return kept.numpy(), lowered.numpy()

    ratio, seconds, peer = alternate(ours, tensorflow)
    (kept, lowered), (their_kept, their_lowered) = ours(), tensorflow()
    same = set(kept.tolist()) == set(their_kept.tolist())
    difference = float(np.abs(lowered - their_lowered).max()) if same else np.inf
    measured = f"{timing(ratio, seconds, peer)}, {len(kept):,} boxes kept, scores differ by {difference:.0e} at most"
    bar = "<= 5, same boxes, scores to 1e-5"
    row = f"soft_non_max_suppression, Gaussian / tf.image, {BOXES:,} boxes, {name}"
    return Row(row, measured, bar, bool(ratio <= 5 and difference < 1e-5))


def random_boxes(side: int, largest: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Makes boxes, scores that all differ, and the boxes in TensorFlow's order (y first)."""
    rng = np.random.default_rng(0)
    corners = rng.random((BOXES, 2)) * (side - largest)
    boxes = np.hstack([corners, corners + rng.uniform(4, largest, (BOXES, 2))]).astype(np.float32)
    scores = (rng.permutation(BOXES) / BOXES).astype(np.float32)
    return boxes, scores, boxes[:, [1, 0, 3, 2]]


def timing(ratio: float, seconds: float, peer: float) -> str:
    """Formats what was measured."""
    return f"{ratio:.2f} ({seconds:.2f} s against {peer:.2f} s, {ROUNDS} rounds)"
