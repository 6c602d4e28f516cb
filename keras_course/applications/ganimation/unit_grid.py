"""UnitGrid: the same faces by the same units after each epoch, as pictures and as a film."""

import os

import numpy as np
from PIL import Image

from keras_course.adversarial import PictureGrid
from keras_course.applications.ganimation.checks import check_images
from keras_course.applications.ganimation.model import GANimation
from keras_course.visualization.image_grid import draw_grid


class UnitGrid(PictureGrid):
    """Writes a grid after each epoch: a row per face, itself first, then with each unit at 1, and with all at 0.

    Files are those of `PictureGrid`.

    Args:
        directory: Folder of the pictures; made if missing.
        images: uint8 (n, height, width, channels), the faces.
        units: Floats in [0, 1], (n, num_units), of the faces: those that a column doesn't set stay.
        every: Integer >= 1. Draws each `every`-th epoch, and the first.
        film: Path of the GIF; None takes `directory/samples.gif`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np, tempfile
        >>> from keras_course.applications.ganimation import UnitGrid
        >>> UnitGrid(tempfile.gettempdir(), np.zeros((2, 8, 8, 3), np.uint8), np.zeros((2, 4))).columns
        6
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        images: np.ndarray,
        units: np.ndarray,
        *,
        every: int = 1,
        film: str | os.PathLike | None = None,
    ):
        super().__init__(directory, every=every, film=film)
        check_images("images", images, np.shape(images)[1:])
        self.images, self.units = images, np.asarray(units, np.float32)
        self.columns = self.units.shape[1] + 2

    def draw(self, caption: str) -> Image.Image:
        """Draws the grid."""
        return draw_grid(self.changed(self.model), columns=self.columns, caption=caption)

    def changed(self, model: GANimation) -> np.ndarray:
        """Returns the images of the grid, row by row, uint8 (n * columns, height, width, channels)."""
        count = self.units.shape[1]
        wanted = np.repeat(self.units[:, np.newaxis], count + 1, axis=1)
        wanted[:, range(count), range(count)] = 1
        wanted[:, count] = 0
        faces = np.repeat(self.images[:, np.newaxis], count + 1, axis=1)
        shape = self.images.shape[1:]
        changed = model.change(faces.reshape(-1, *shape), wanted.reshape(-1, count)).reshape(faces.shape)
        return np.concatenate([self.images[:, np.newaxis], changed], axis=1).reshape(-1, *shape)
