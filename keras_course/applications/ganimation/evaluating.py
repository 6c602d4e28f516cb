"""How right changed faces are, beside their true pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from keras_course.applications.ganimation.model import GANimation
from keras_course.applications.ganimation.regressor import UnitRegressor
from keras_course.data import TrueFaces

TOUCHED = 2  # a pixel is touched if the true change is more than 2 % of the value range in any channel, in per cent
AT_ONCE = 200  # images


@dataclass(frozen=True, eq=False)
class FaceEvaluation:
    """What `evaluate_faces` found. Errors are mean absolute differences of pixels, as parts of the value range.

    Args:
        table: Index "edit", "nothing", "cycle", "truth"; columns "error" and "ssim" to the true picture ("cycle": of
            the face changed and changed back, to the face itself), and "units", the mean absolute error of the units
            that the regressor sees.
        ratio: Error of the edit over that of doing nothing.
        outside: Error of the edit to the face outside the region that the true change touches, grown by one pixel.
        keep: Change of a face that is asked for the units it has.
        iou: Of the pixels with 1 - A over 1/2 and the touched region, over all faces together.
        kept: Mean of A.
        changed: uint8, the edits, like `TrueFaces.images`.
        masks: float32 (n, height, width), A.

    Example:
        >>> import pandas as pd
        >>> from keras_course.applications.ganimation import FaceEvaluation
        >>> FaceEvaluation(pd.DataFrame(), 0.5, 0.01, 0.0, 0.3, 0.9, None, None).figures["ratio"]
        0.5
    """

    table: pd.DataFrame
    ratio: float
    outside: float
    keep: float
    iou: float
    kept: float
    changed: np.ndarray
    masks: np.ndarray

    @property
    def figures(self) -> dict[str, float]:
        """The single figures by name."""
        return {name: getattr(self, name) for name in ("ratio", "outside", "keep", "iou", "kept")}


def evaluate_faces(model: GANimation, faces: TrueFaces, regressor: UnitRegressor) -> FaceEvaluation:
    """Judges changed faces by their true pictures, which no training has seen.

    Args:
        model: A trained GANimation, or whatever has its `change_and_mask`.
        faces: From `load_true_faces`, at the size of the model's images.
        regressor: Tells the units of faces.

    Returns:
        The evaluation.

    Raises:
        ValueError: If the model is for other images or units.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.ganimation import evaluate_faces, train_unit_regressor
        >>> from keras_course.data import FaceExamples, TrueFaces
        >>> class Nothing:
        ...     def change_and_mask(self, images, units):
        ...         return images, np.ones(images.shape[:3], np.float32)
        >>> faces, units = np.zeros((4, 16, 16, 3), np.uint8), np.zeros((4, 1), np.float32)
        >>> judging = FaceExamples(faces, units)
        >>> truth = faces.copy()
        >>> truth[:, :8] = 255
        >>> true = TrueFaces(faces, units, units + 1, truth, judging)
        >>> evaluation = evaluate_faces(Nothing(), true, train_unit_regressor(judging, epochs=1))
        >>> evaluation.ratio, evaluation.outside, float(evaluation.table.loc["nothing", "error"])
        (1.0, 0.0, 0.5)
    """
    changed, masks = model.change_and_mask(faces.images, faces.wanted)
    returned, _ = model.change_and_mask(changed, faces.units)
    same, _ = model.change_and_mask(faces.images, faces.units)
    touched, grown = touched_regions(faces.images, faces.truth)
    moved = masks < 0.5
    rows = {
        "edit": (changed, faces.truth, faces.wanted),
        "nothing": (faces.images, faces.truth, faces.wanted),
        "cycle": (returned, faces.images, faces.units),
        "truth": (faces.truth, faces.truth, faces.wanted),
    }
    table = pd.DataFrame(
        {
            name: {
                "error": _error(made, right),
                "ssim": _ssim(made, right),
                "units": float(np.abs(regressor.units_of(made) - units).mean()),
            }
            for name, (made, right, units) in rows.items()
        }
    ).T
    return FaceEvaluation(
        table=table,
        ratio=float(table["error"]["edit"] / table["error"]["nothing"]),
        outside=_error(changed[~grown], faces.images[~grown]),
        keep=_error(same, faces.images),
        iou=float((moved & touched).sum() / max(1, (moved | touched).sum())),
        kept=float(masks.mean()),
        changed=changed,
        masks=masks,
    )


def touched_regions(images: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finds the pixels that truly change: by more than 2 % of the value range in any channel.

    Args:
        images: uint8 (n, height, width, channels).
        truth: The same faces with other units.

    Returns:
        bool (n, height, width), and the same grown by one pixel to all eight sides.

    Example:
        >>> import numpy as np
        >>> faces = np.zeros((1, 4, 4, 1), np.uint8)
        >>> truth = faces.copy()
        >>> truth[0, 0, 0] = 9
        >>> [int(region.sum()) for region in touched_regions(faces, truth)]
        [1, 4]
    """
    change = np.abs(images.astype(np.int16) - truth).max(axis=-1)
    touched = change * 100 > TOUCHED * 255
    padded = np.pad(touched, [(0, 0), (1, 1), (1, 1)])
    height, width = touched.shape[1:]
    shifts = [padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return touched, np.logical_or.reduce(shifts)


def _error(images: np.ndarray, others: np.ndarray) -> float:
    """Computes the mean absolute difference as a part of the value range; 0 of no pixels."""
    return float(np.abs(images.astype(np.int16) - others).mean() / 255) if images.size else 0.0


def _ssim(images: np.ndarray, others: np.ndarray) -> float:
    """Computes the mean structural similarity (Wang et al. 2004)."""
    measure: Callable[..., Any] = tf.image.ssim
    parts = [measure(images[i : i + AT_ONCE], others[i : i + AT_ONCE], 255) for i in range(0, len(images), AT_ONCE)]
    return float(np.concatenate([part.numpy() for part in parts]).mean())
