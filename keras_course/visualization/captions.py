"""Images with sentences under them."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer
from keras_course.visualization.axes import TICK_SIZE
from keras_course.visualization.images import as_unit_interval, show_image

PANEL = 2.4  # inches, wide enough for lines of LONGEST_LINE characters
LONGEST_LINE, MOST_LINES = 24, 8
LINE, GAP, HEADING = 0.2, 0.2, 0.45  # inches: of a line of text, between panels, of a title


def plot_captions(images: ArrayLike, captions: Sequence[str], *, columns: int = 4, title: str = "") -> Figure:
    r"""Draws images with a sentence, or several, under each.

    Args:
        images: uint8 or float in [0, 1] of shape (n, height, width, channels) or (n, height, width).
        captions: n texts; each line of a text is wrapped, and after eight lines it ends.
        columns: Int >= 1. Images per row.
        title: What stands above all.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape, the number of captions or `columns` does not fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_captions
        >>> figure = plot_captions(np.zeros((1, 8, 8)), ["a cat on a mat behind a door"])
        >>> figure.axes[0].texts[0].get_text()
        'a cat on a mat behind a\ndoor'
    """
    pixels = as_unit_interval(np.asarray(images), (0, 1))
    if len(captions) != len(pixels):
        raise ValueError(f"`captions` must hold {len(pixels)} texts, one per image. Received: {len(captions)}")
    wrapped = [_wrapped(text) for text in captions]
    require_integer("columns", columns, at_least=1)
    columns = min(columns, len(pixels))
    rows, height = -(-len(pixels) // columns), PANEL * float(np.clip(pixels.shape[1] / pixels.shape[2], 0.25, 4))
    under = GAP + LINE * max(text.count("\n") + 1 for text in wrapped)
    above = HEADING if title else GAP
    wide, high = columns * (PANEL + GAP), rows * (height + under) + above
    places = {"left": GAP / 2 / wide, "right": 1 - GAP / 2 / wide, "bottom": under / high, "top": 1 - above / high}
    # The constrained layout would take images of one aspect apart from long texts.
    figure, axes = plt.subplots(
        rows,
        columns,
        squeeze=False,
        figsize=(wide, high),
        gridspec_kw=places | {"wspace": GAP / PANEL, "hspace": under / height},
    )
    figure.suptitle(title, y=1 - GAP / 2 / high, va="top", fontsize=TICK_SIZE, parse_math=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, image, text in zip(axes.flat, pixels, wrapped, strict=False):
        ax.set_anchor("S")
        show_image(ax, image, "gray")
        ax.annotate(
            text, (0, 0), (0, -3), "axes fraction", "offset points", va="top", fontsize=TICK_SIZE, parse_math=False
        )
    return figure


def _wrapped(text: str) -> str:
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, LONGEST_LINE) or [""]]
    return "\n".join(lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"])
