"""Boxes on images: what a detector found, and its mistakes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from keras_course.array_arguments import finite_array
from keras_course.visualization.axes import LABEL_SIZE, PALETTE, TICK_SIZE, VERMILLION, figure_and_axes, shorten
from keras_course.visualization.images import as_unit_interval, mistake_title, panel_grid, show_image, wrap_titles

PANEL = 1.9  # inches
FOUND, TRUE = (VERMILLION, "-"), (PALETTE[4], (0, (4, 2)))  # the light blue, which shows on dark ground too
HALO = withStroke(linewidth=3.4, foreground="black", alpha=0.5)
COLUMNS = ("kind", "predicted", "true", "score", "iou", "box", "true_box")


def plot_boxes(
    image: np.ndarray,
    boxes: np.ndarray,
    class_names: Sequence[str] | None = None,
    scores: Sequence[float] | np.ndarray | None = None,
    *,
    true_boxes: np.ndarray | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Figure:
    """Draws an image with boxes, each with its class and its score; true boxes are blue and dashed.

    Args:
        image: uint8 or float in [0, 1] of shape (height, width, channels) or (height, width).
        boxes: Floats of shape (n, 4): x_min, y_min, x_max, y_max in pixels; x = 0 is the left edge of the image.
        class_names: n names, one per box; None writes none.
        scores: n numbers; None writes none.
        true_boxes: Floats of shape (m, 4), in a style of their own; None draws none.
        title: What stands above the image.
        ax: Axes to draw on; None makes a figure.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape or a number of entries does not fit, or numbers are not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_boxes
        >>> figure = plot_boxes(np.zeros((64, 64, 3)), [[8, 8, 24, 32]], ["cat"], [0.912])
        >>> figure.axes[0].texts[0].get_text()
        'cat 0.91'
    """
    pixels = as_unit_interval(np.asarray(image)[np.newaxis], (0, 1))[0]
    found = _checked("boxes", boxes)
    for name, values in (("class_names", class_names), ("scores", scores)):
        if values is not None and len(values) != len(found):
            raise ValueError(f"`{name}` must hold {len(found)} entries, one per box. Received: {len(values)}")
    labels = [shorten(name, 22) for name in class_names] if class_names is not None else [""] * len(found)
    if scores is not None:
        labels = [f"{label} {score:.2f}".strip() for label, score in zip(labels, scores, strict=True)]
    height = float(np.clip(6 * pixels.shape[0] / pixels.shape[1], 2, 9))
    figure, ax = figure_and_axes(ax, figsize=(6, height + (0.4 if title else 0)))
    ax.set_axis_off()
    show_image(ax, pixels, "gray")
    ax.set_title(title, fontsize=LABEL_SIZE, parse_math=False)
    for box in [] if true_boxes is None else _checked("true_boxes", true_boxes):
        _draw_box(ax, box, TRUE)
    for row in range(len(found)) if scores is None else np.argsort(scores):  # the surest on top
        _draw_box(ax, found[row], FOUND, labels[row])
    return figure


def plot_box_grid(
    images: np.ndarray,
    boxes: Sequence[np.ndarray],
    class_names: Sequence[Sequence[str]],
    scores: Sequence[np.ndarray] | None = None,
    *,
    true_boxes: Sequence[np.ndarray] | None = None,
    columns: int = 6,
) -> Figure:
    """Draws several images with boxes, as `plot_boxes` draws one.

    Args:
        images: uint8 or float in [0, 1] of shape (n, height, width, channels) or (n, height, width).
        boxes: For each image floats of shape (k, 4): x_min, y_min, x_max, y_max in pixels.
        class_names: For each image k names.
        scores: For each image k numbers; None writes none.
        true_boxes: For each image floats of shape (m, 4); None draws none.
        columns: Int >= 1. Images per row.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape or a number of entries does not fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_box_grid
        >>> images = np.zeros((2, 32, 32, 1))
        >>> figure = plot_box_grid(images, [[[2, 2, 9, 9]], []], [["cat"], []], [[0.9], []])
        >>> [len(ax.texts) for ax in figure.axes]
        [1, 0]
    """
    pixels = as_unit_interval(images, (0, 1))
    given = {"boxes": boxes, "class_names": class_names, "scores": scores, "true_boxes": true_boxes}
    for name, entries in given.items():
        if entries is not None and len(entries) != len(pixels):
            raise ValueError(f"`{name}` must hold {len(pixels)} entries, one per image. Received: {len(entries)}")
    figure, axes = panel_grid(pixels, columns, cell=PANEL, room=(0.1, 0.3))
    for place, ax in zip(range(len(pixels)), axes.flat, strict=False):
        truth = None if true_boxes is None else true_boxes[place]
        sure = None if scores is None else scores[place]
        plot_boxes(pixels[place], boxes[place], class_names[place], sure, true_boxes=truth, ax=ax)
    return figure


def plot_detection_mistakes(images: np.ndarray, mistakes: pd.DataFrame) -> Figure:
    """Draws mistakes of a detector, one row per kind: the detection in orange, the object in blue and dashed.

    Args:
        images: The image of each mistake, uint8 or float in [0, 1], of shape (n, height, width, channels).
        mistakes: n rows, such as `DetectorEvaluation.worst_mistakes` gives them: kind, predicted and true (names),
            score, iou, box and true_box (x_min, y_min, x_max, y_max in pixels, or None).

    Returns:
        The figure.

    Raises:
        ValueError: If the table is another one, or images are not as many.

    Example:
        >>> import numpy as np
        >>> import pandas as pd
        >>> from keras_course.visualization import plot_detection_mistakes
        >>> row = {"kind": "missed", "predicted": "", "true": "cat", "score": np.nan, "iou": 0.0, "box": None}
        >>> mistakes = pd.DataFrame([row | {"true_box": (2, 2, 6, 6)}])
        >>> plot_detection_mistakes(np.zeros((1, 8, 8, 3)), mistakes).axes[0].get_title()
        'true cat'
    """
    if not isinstance(mistakes, pd.DataFrame) or not set(COLUMNS) <= set(mistakes.columns):
        raise ValueError(
            f"`mistakes` must be a table with the columns {', '.join(COLUMNS)}. Received: a {type(mistakes).__name__}"
        )
    pixels = as_unit_interval(images, (0, 1))
    if len(mistakes) != len(pixels):
        raise ValueError(f"`images` must hold {len(mistakes)} images, one per mistake. Received: {len(pixels)}")
    kinds = list(dict.fromkeys(mistakes["kind"]))
    columns = int(mistakes["kind"].value_counts().max())
    titles = wrap_titles([_title(row) for row in mistakes.itertuples()], len(mistakes))
    space = np.broadcast_to(pixels[:1], (len(kinds) * columns, *pixels.shape[1:]))
    lines = 1 + max(title.count("\n") for title in titles)
    figure, axes = panel_grid(space, columns, cell=PANEL, lines=lines, room=(1.2, 0.4))
    for kind, row in zip(kinds, axes, strict=True):
        for place, ax in zip(np.flatnonzero(mistakes["kind"] == kind), row, strict=False):
            show_image(ax, pixels[place], "gray", titles[place])
            for box, style in ((mistakes["true_box"].iloc[place], TRUE), (mistakes["box"].iloc[place], FOUND)):
                if box is not None:
                    _draw_box(ax, np.asarray(box), style)
        beside = -0.08, 0.5  # of the panel
        row[0].text(*beside, kind, fontsize=LABEL_SIZE, ha="right", va="center", transform=row[0].transAxes)
    figure.supxlabel("orange: detection, blue and dashed: object", fontsize=TICK_SIZE)
    return figure


def _title(mistake) -> str:
    if not mistake.predicted:
        return f"true {mistake.true}"
    if not mistake.true:
        return f"predicted {mistake.predicted}\np = {mistake.score:.3f}"
    if mistake.true != mistake.predicted:
        return mistake_title(mistake.true, mistake.predicted, mistake.score)
    return f"{mistake.true}, IoU {mistake.iou:.2f}\np = {mistake.score:.3f}"


def _draw_box(ax: Axes, box: np.ndarray, style: tuple, label: str = "") -> None:
    """Draws a box, whose pixel k reaches from k to k + 1 where Matplotlib has its centre at k, and its label on top."""
    color, line = style
    x, y = box[:2] - 0.5
    width, height = box[2:] - box[:2]
    frame = Rectangle((x, y), width, height, fill=False, edgecolor=color, linestyle=line, linewidth=2)
    frame.set_path_effects([HALO])
    ax.add_patch(frame)
    if label:
        inside = y < 0.08 * abs(np.diff(ax.get_ylim())[0])  # no room above
        leftwards = x + width / 2 > np.mean(ax.get_xlim())  # on the right of the image a label might leave it
        text = ax.annotate(
            label,
            (min(x + width, max(ax.get_xlim())) if leftwards else x, y),
            xytext=(-2 if leftwards else 2, -3 if inside else 3),
            textcoords="offset points",
            ha="right" if leftwards else "left",
            va="top" if inside else "bottom",
            fontsize=TICK_SIZE,
            color="white",
            bbox={"boxstyle": "square,pad=0.15", "facecolor": color, "edgecolor": "none", "alpha": 0.85},
            clip_on=False,
        )
        text.set_parse_math(False)


def _checked(name: str, boxes: np.ndarray) -> np.ndarray:
    return np.zeros((0, 4)) if np.size(boxes) == 0 else finite_array(name, boxes, ("n", 4))
