"""Where a captioner looked in an image at each word."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from keras_course.arguments import require_integer, require_sequence
from keras_course.array_arguments import require_array
from keras_course.visualization.images import as_unit_interval, panel_grid, show_image, wrap_titles

PANEL = 1.6  # inches
OPACITY = 0.6


def plot_word_attention(image: ArrayLike, words: Sequence[str], attention: ArrayLike, *, columns: int = 8) -> Figure:
    """Draws an image once for each word, bright where the network looked when it wrote the word.

    Args:
        image: uint8 or float in [0, 1] of shape (height, width, channels) or (height, width).
        words: One at least.
        attention: Floats >= 0 of shape (words or more, rows, columns), over cells that divide the image; of each map
            the largest is drawn brightest. Maps beyond the words are not drawn.
        columns: Int >= 1. Panels per row.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape does not fit, or a weight is negative or not finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_word_attention
        >>> figure = plot_word_attention(np.zeros((8, 8)), ["a", "cat"], np.ones((3, 2, 2)))
        >>> [ax.get_title() for ax in figure.axes[:2]]
        ['a', 'cat']

    Source: deck, chapter 8, "Image captioning"; Xu et al. (2015), arXiv:1502.03044, figure 3.
    """
    pixels = as_unit_interval(np.asarray(image)[np.newaxis], (0, 1))[0]
    require_sequence("words", words)
    weights, shown = require_array("attention", attention), [str(word) for word in words]
    require_integer("columns", columns, at_least=1)
    if weights.ndim != 3 or not 0 < len(shown) <= len(weights) or not 0 <= weights.min() <= weights.max() < np.inf:
        raise ValueError(
            f"`attention` must be floats >= 0 of shape (words, rows, columns), a map for each of {len(shown)} words. "
            f"Received: attention.shape={weights.shape}"
        )
    repeated = np.broadcast_to(pixels, (len(shown), *pixels.shape))
    figure, axes = panel_grid(repeated, columns, cell=PANEL)
    height, width = pixels.shape[:2]
    for ax, title, cells in zip(axes.flat, wrap_titles(shown, len(shown)), weights, strict=False):
        show_image(ax, pixels, "gray", title)
        ax.imshow(
            cells / max(float(cells.max()), 1e-12),
            cmap="magma",
            vmin=0,
            vmax=1,
            alpha=OPACITY,
            extent=(-0.5, width - 0.5, height - 0.5, -0.5),
            interpolation="nearest",
        )
    return figure
