"""Images in a grid: as they are, above their nearest neighbours, or those that a classifier took for another class."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.arguments import require_choice, require_integer
from keras_course.visualization.axes import LABEL_SIZE, TICK_SIZE

CELL = 1.5  # inches, wide enough for titles of LONGEST_LINE characters
LONGEST_LINE, MOST_LINES = 14, 5
TINY = 64  # pixels; smaller images keep their square pixels, larger ones are smoothed
INKS = ("auto", "as is")


def plot_images(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 8,
    value_range: tuple[float, float] = (0, 1),
    ink: str = "auto",
) -> Figure:
    """Draws images in rows of `columns`, left to right, each with its title above.

    Args:
        images: uint8 in 0..255 or float, of shape (n, height, width, channels) with 1 (grey), 3 (RGB) or 4 (RGBA)
            channels, or (n, height, width). Transparent pixels show the white page.
        titles: n titles; None draws none. Long ones are wrapped.
        columns: Int >= 1. Images per row.
        value_range: Values drawn black and white, low < high; beyond it images are clipped. uint8 is always 0..255.
        ink: "auto" draws grey images on a dark ground, such as digits, dark on light, see `grey_map`; "as is" draws
            pixels as they are.

    Returns:
        The figure.

    Raises:
        ValueError: If a shape, the number of titles, `columns`, `value_range` or `ink` does not fit, or pixels are not
            finite.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_images
        >>> figure = plot_images(np.zeros((3, 8, 8, 1)), ["zero", "one", "two"])
        >>> [ax.get_title() for ax in figure.axes]
        ['zero', 'one', 'two']
    """
    pixels = as_unit_interval(images, value_range)
    wrapped, grey = wrap_titles(titles, len(pixels)), grey_map(pixels, ink)
    figure, axes = panel_grid(pixels, columns, lines=1 + max(title.count("\n") for title in wrapped))
    for ax, image, title in zip(axes.flat, pixels, wrapped, strict=False):  # the last row may be short
        show_image(ax, image, grey, title)
    return figure


def plot_neighbors(
    images: np.ndarray,
    neighbors: np.ndarray,
    distances: Sequence[float] | np.ndarray,
    *,
    names: tuple[str, str] = ("generated", "nearest\ntraining"),
    columns: int = 8,
) -> Figure:
    """Draws each image above its neighbour, with their distance between them, left to right: a copy shows as twins.

    Args:
        images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels); grey ones on a dark ground
            are drawn dark on light, see `grey_map`.
        neighbors: The nearest image of another set to each, of the same shape; see `keras_course.gan.nearest_images`.
        distances: n numbers >= 0, Euclidean, with pixels in [0, 1].
        names: What stands beside the upper and beside the lower row.
        columns: Int >= 1. Pairs per row.

    Returns:
        The figure.

    Raises:
        ValueError: If shapes, numbers or `columns` do not fit.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import plot_neighbors
        >>> images = np.zeros((2, 8, 8, 1))
        >>> figure = plot_neighbors(images, images + 0.25, [2.0, 2.0])
        >>> figure.axes[2].get_title()
        '2.00 apart'
    """
    upper, lower = as_unit_interval(images, (0, 1)), as_unit_interval(neighbors, (0, 1))
    if upper.shape != lower.shape:
        raise ValueError(
            f"`neighbors` must have the shape of `images`, {np.shape(images)}. "
            f"Received: neighbors.shape={np.shape(neighbors)}"
        )
    if np.shape(distances) != (len(upper),):
        raise ValueError(
            f"`distances` must hold {len(upper)} numbers, one per image. "
            f"Received: distances of shape {np.shape(distances)}"
        )
    grey = grey_map(upper, "auto")
    figure, axes = panel_grid(upper, columns, rows_each=2, room=(1.2, 0.4))
    for place, (image, neighbor, distance) in enumerate(zip(upper, lower, distances, strict=True)):
        row, column = 2 * (place // axes.shape[1]), place % axes.shape[1]
        show_image(axes[row, column], image, grey)
        show_image(axes[row + 1, column], neighbor, grey, f"{distance:.2f} apart")
    for row, ax in enumerate(axes[:, 0]):
        beside = -0.08, 0.5  # of the panel
        text = ax.text(*beside, names[row % 2], fontsize=LABEL_SIZE, ha="right", va="center", transform=ax.transAxes)
        text.set_parse_math(False)
    figure.supxlabel("distance: Euclidean, over all pixels in [0, 1]", fontsize=TICK_SIZE)
    return figure


def mistake_title(true: str, predicted: str, probability: float | None = None) -> str:
    r"""Returns the title of a misclassified image, the same in all figures.

    Args:
        true: Name of the true class.
        predicted: Name of the predicted class.
        probability: Float in [0, 1] that the classifier gives the predicted class; None leaves it out.

    Example:
        >>> from keras_course.visualization import mistake_title
        >>> mistake_title("3", "5", 0.98213)
        'true 3,\npredicted 5\np = 0.982'
    """
    title = f"true {true},\npredicted {predicted}"
    return title if probability is None else f"{title}\np = {probability:.3f}"


def grey_map(pixels: np.ndarray, ink: str) -> str:
    """Returns the colour map to draw images with: the one place that decides whether figures reverse light and dark.

    With `ink="auto"` grey images on a dark ground are reversed, all images of a figure alike: their dark ink on light
    ground is what print and projector show best. The ground is dark where the median of the pixels along the borders is
    below 1/2. Images in colour stay as they are, and so do sample grids and other image files.

    Args:
        pixels: From `as_unit_interval`.
        ink: "auto" or "as is".

    Returns:
        "gray_r", which draws 0 white and 1 black, or "gray".

    Raises:
        ValueError: If `ink` is neither.
    """
    require_choice("ink", ink, INKS)
    if ink == "as is" or pixels.ndim == 4:
        return "gray"
    border = np.concatenate([pixels[:, [0, -1]].ravel(), pixels[:, :, [0, -1]].ravel()])
    return "gray_r" if np.median(border) < 0.5 else "gray"


def panel_grid(
    pixels: np.ndarray,
    columns: int,
    *,
    rows_each: int = 1,
    cell: float = CELL,
    lines: int = 1,
    room: tuple[float, float] = (0.1, 0.1),
) -> tuple[Figure, np.ndarray]:
    """Makes a figure of panels without axes.

    Args:
        pixels: From `as_unit_interval`, for number and shape of the images.
        columns: Int >= 1. The most panels per row.
        rows_each: Int >= 1. Panels below each other for each image.
        cell: Float > 0. Width of a panel, in inches.
        lines: Int >= 0. Lines of a title.
        room: Width and height of what else the figure holds, in inches.

    Returns:
        The figure, and the axes of shape (rows * rows_each, columns).

    Raises:
        ValueError: If `columns` is out of range.
    """
    require_integer("columns", columns, at_least=1)
    columns = min(columns, len(pixels))
    rows = rows_each * -(-len(pixels) // columns)
    height = cell * float(np.clip(pixels.shape[1] / pixels.shape[2], 0.25, 4)) + 0.22 * lines
    size = (cell * columns + room[0], height * rows + room[1])
    # Ticks, unseen as they are, would take the layout as long as all the rest.
    no_ticks: dict[str, list] = {"xticks": [], "yticks": []}
    figure, axes = plt.subplots(rows, columns, squeeze=False, figsize=size, layout="constrained", subplot_kw=no_ticks)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, axes


def show_image(ax: Axes, image: np.ndarray, grey: str, title: str = "") -> None:
    """Draws one image from `as_unit_interval` with the colour map of `grey_map`, below its title."""
    interpolation = "nearest" if max(image.shape[:2]) < TINY else "auto"
    ax.imshow(image, cmap=grey, vmin=0, vmax=1, interpolation=interpolation)
    ax.set_title(title, fontsize=TICK_SIZE, pad=3, parse_math=False)


def as_unit_interval(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Returns images for drawing: float32 in [0, 1], (n, height, width) if grey, else (n, height, width, 3 or 4).

    Args:
        images: As in `plot_images`.
        value_range: As in `plot_images`.

    Returns:
        float32 array.

    Raises:
        ValueError: If the shape, the type or `value_range` does not fit, or pixels are not finite.
    """
    pixels = np.asarray(images)
    if pixels.ndim == 4 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 3 and not (pixels.ndim == 4 and pixels.shape[-1] in (3, 4)):
        raise ValueError(
            f"`images` must have shape (n, height, width, 1, 3 or 4). Received: images.shape={np.shape(images)}"
        )
    if pixels.size == 0:
        raise ValueError(f"`images` must hold at least one image. Received: images.shape={np.shape(images)}")
    if pixels.dtype == np.uint8:
        return pixels.astype(np.float32) / 255
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ValueError(f"`images` must be uint8 or float. Received: images.dtype={pixels.dtype}")
    low, high = value_range
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"`value_range` must be (low, high) with low < high. Received: value_range={value_range}")
    if not np.all(np.isfinite(pixels)):
        broken = np.count_nonzero(~np.isfinite(pixels))
        raise ValueError(f"`images` must be finite. Received: {broken} NaN or infinite values")
    return np.clip((pixels.astype(np.float32) - low) / (high - low), 0, 1)


def wrap_titles(titles: Sequence[str] | None, count: int) -> list[str]:
    """Returns `count` titles, empty ones for None; lines break at 14 characters, and a title ends after five lines.

    Raises:
        ValueError: If there is another number of titles.
    """
    if titles is None:
        return [""] * count
    if len(titles) != count:
        raise ValueError(f"`titles` must hold {count} titles, one per image. Received: len(titles)={len(titles)}")
    wrapped = []
    for title in titles:
        lines = [part for line in str(title).splitlines() for part in textwrap.wrap(line, LONGEST_LINE) or [""]]
        wrapped.append("\n".join(lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"]))
    return wrapped
