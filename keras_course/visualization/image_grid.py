"""A grid of generated images as a picture file: pixels as they are, no axes."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from keras_course.visualization.tiles import tile_images

SMALLEST_TILE = 40  # pixels; smaller images are enlarged by a whole factor, so that a projector shows them
GAP = 2
WHITE = 255
CAPTION = 22  # points


def draw_grid(images: np.ndarray, *, columns: int = 8, caption: str | None = None) -> Image.Image:
    """Puts images into one picture, pixels as they are, small ones enlarged, with a line of text above.

    Args:
        images: uint8 (count, height, width, 1 or 3).
        columns: Integer >= 1, images per row.
        caption: A line above the grid, or None.

    Returns:
        The picture, grey or RGB.

    Raises:
        ValueError: If `columns` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.visualization import draw_grid
        >>> draw_grid(np.zeros((4, 28, 28, 1), np.uint8), columns=2).size  # enlarged to 56 x 56 pixels, 2 between
        (114, 114)
    """
    factor = max(1, -(-SMALLEST_TILE // max(images.shape[1:3])))
    enlarged = images.repeat(factor, axis=1).repeat(factor, axis=2)
    tiles = tile_images(enlarged, columns=columns, gap=GAP, fill=WHITE)
    grid = Image.fromarray(tiles[..., 0] if tiles.shape[-1] == 1 else tiles)
    if caption is None:
        return grid
    font = ImageFont.load_default(CAPTION)
    _, top, right, bottom = font.getbbox(caption)
    head = int(bottom - top) + 16
    page = Image.new(grid.mode, (max(grid.width, int(right) + 8), grid.height + head), "white")
    ImageDraw.Draw(page).text((4, 8 - top), caption, fill="black", font=font)
    page.paste(grid, (0, head))
    return page
