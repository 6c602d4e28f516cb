"""Pictures that a network has changed, above their true pictures and what is different."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_course.visualization.axes import LABEL_SIZE
from keras_course.visualization.images import as_unit_interval, panel_grid, show_image, wrap_titles

PANEL = 1.3  # inches


def plot_edits(
    images: np.ndarray,
    changed: np.ndarray,
    *,
    truth: np.ndarray | None = None,
    masks: np.ndarray | None = None,
    titles: Sequence[str] | None = None,
) -> Figure:
    """Draws images above what was made of them, the true pictures, the absolute difference of the two, and the masks.

    Args:
        images: uint8 or float in [0, 1] of shape (n, height, width, channels).
        changed: Of the same shape.
        truth: Of the same shape, what `changed` should be; None leaves out the rows "truth" and "difference".
        masks: Float in [0, 1], (n, height, width): drawn dark where an image stays as it is; None leaves out the row.
        titles: n titles; None draws none.

    Returns:
        The figure, an image per column.

    Raises:
        ValueError: If a shape or the number of titles does not fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_edits
        >>> faces = np.zeros((2, 8, 8, 3))
        >>> len(plot_edits(faces, faces, truth=faces, masks=faces[..., 0]).axes)
        10
    """
    rows = {"image": as_unit_interval(images, (0, 1)), "changed": as_unit_interval(changed, (0, 1))}
    if truth is not None:
        rows["truth"] = as_unit_interval(truth, (0, 1))
    for name, pixels in rows.items():
        if pixels.shape != rows["image"].shape:
            given = {"changed": "changed", "truth": "truth"}[name]
            raise ValueError(f"`{given}` must have the shape {rows['image'].shape}. Received: {pixels.shape}")
    if truth is not None:
        rows["difference"] = np.abs(rows["truth"] - rows["changed"])
    if masks is not None:
        if np.shape(masks) != rows["image"].shape[:3]:
            raise ValueError(f"`masks` must have the shape {rows['image'].shape[:3]}. Received: {np.shape(masks)}")
        rows["1 - A"] = np.repeat(1 - np.asarray(masks)[..., np.newaxis], 3, axis=-1)
    wrapped = wrap_titles(titles, len(rows["image"]))
    lines = 1 + max(title.count("\n") for title in wrapped)
    figure, axes = panel_grid(
        rows["image"], len(wrapped), rows_each=len(rows), cell=PANEL, lines=lines, room=(1.2, 0.1)
    )
    for row, (name, pixels) in enumerate(rows.items()):
        for column, image in enumerate(pixels):
            show_image(axes[row, column], image, "gray", wrapped[column] if row == 0 else "")
        place = -0.08, 0.5  # of the panel
        axes[row, 0].text(*place, name, fontsize=LABEL_SIZE, ha="right", va="center", transform=axes[row, 0].transAxes)
    return figure
