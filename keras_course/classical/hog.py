"""Histograms of oriented gradients as features."""

from functools import partial
from typing import Any, Self

import numpy as np
from skimage.feature import hog

from keras_course.arguments import require_integer
from keras_course.classical.images import ImageTransformer, without_alpha

CELLS_A_SIDE = 8  # about this many along the shorter side, unless the caller says how large they are
BATCH = 1000  # images, about half a second


class HOG(ImageTransformer):
    """Sums the gradient of each cell of the image by direction, normalised over blocks of cells.

    The work is scikit-image's `hog`, with the L2-Hys norm. The length of the feature vector is
    (rows - b + 1) (columns - b + 1) b² orientations, for blocks of b x b cells.

    Args:
        orientations: Integer >= 1. Bins of the angle, from 0° to 180°: a gradient and its opposite count alike.
        cell_size: Integer >= 1, side of a cell in pixels. None takes an eighth of the image's shorter side, rounded up,
            and at least 2: 2 for the digits, 4 for Fashion-MNIST.
        cells_per_block: Integer >= 1, b.
        n_jobs: Processes, as everywhere in scikit-learn; None is 1, -1 all cores.
        progress: Whether to show a bar.

    Attributes:
        cell_size_: The side of a cell that `fit` chose, in pixels.
        cells_: (rows, columns) of cells that fit into an image.

    Example:
        >>> import numpy as np
        >>> from keras_course.classical import HOG
        >>> images = np.random.default_rng(0).random((3, 8, 8, 1))
        >>> HOG(cell_size=4).fit_transform(images).shape  # 2x2 cells: one block of 4 cells with 9 bins
        (3, 36)

    Source: deck, chapter 3, "Standard procedure"; Dalal and Triggs 2005. Of several channels the one with the longest
    gradient counts, pixel by pixel.
    """

    def __init__(
        self,
        orientations: int = 9,
        cell_size: int | None = None,
        cells_per_block: int = 2,
        n_jobs: int | None = None,
        progress: bool = False,
    ):
        self.orientations = orientations
        self.cell_size = cell_size
        self.cells_per_block = cells_per_block
        self.n_jobs = n_jobs
        self.progress = progress

    def fit(self, images: np.ndarray, y: Any = None) -> Self:
        """Chooses the size of a cell, see `ImageTransformer`.

        Raises:
            ValueError: If a setting is out of range, or the images are smaller than a block.
        """
        for name in ("orientations", "cells_per_block"):
            require_integer(name, getattr(self, name), at_least=1)
        if self.cell_size is not None:
            require_integer("cell_size", self.cell_size, at_least=1)
        super().fit(images)
        height, width, _ = self.image_shape_
        self.cell_size_ = self.cell_size or max(2, -(-min(height, width) // CELLS_A_SIDE))
        self.cells_ = (height // self.cell_size_, width // self.cell_size_)
        block = self.cells_per_block
        if min(self.cells_) < block:
            raise ValueError(
                f"`images` must be of at least {block * self.cell_size_}x{block * self.cell_size_} pixels, a block of "
                f"{block}x{block} cells of {self.cell_size_}x{self.cell_size_}. Received: images of {height}x{width}"
            )
        rows, columns = (cells - block + 1 for cells in self.cells_)
        self._n_features_out = rows * columns * block**2 * self.orientations
        return self

    def transform(self, images: np.ndarray) -> np.ndarray:
        """Returns float32 features of shape (n, features), each block of length at most 1.

        Raises:
            ValueError: If `images` have another shape than those of `fit`, or pixels out of range.
        """
        return self._blocks(images).reshape(len(images), -1)

    def cells(self, images: np.ndarray) -> np.ndarray:
        """Returns the histogram of each cell, the mean over the blocks that hold it: what a figure shows.

        Args:
            images: As for `transform`.

        Returns:
            float32 of shape (n, rows, columns, orientations).
        """
        blocks = self._blocks(images)
        size = self.cells_per_block
        total = np.zeros((len(blocks), *self.cells_, self.orientations), np.float32)
        count = np.zeros((*self.cells_, 1), np.float32)
        rows, columns = blocks.shape[1:3]
        for row, column in np.ndindex(size, size):
            place = np.s_[row : row + rows, column : column + columns]
            total[:, *place] += blocks[:, :, :, row, column]
            count[place] += 1
        return total / count

    def _blocks(self, images: np.ndarray) -> np.ndarray:
        """Returns float32 of shape (n, block rows, block columns, b, b, orientations)."""
        images = self._checked(images)
        work = partial(
            hog_blocks,
            orientations=self.orientations,
            cell_size=self.cell_size_,
            cells_per_block=self.cells_per_block,
        )
        return np.concatenate(self._map(work, images, batch_size=BATCH))


def hog_blocks(images: np.ndarray, *, orientations: int, cell_size: int, cells_per_block: int) -> np.ndarray:
    """Computes the histograms of oriented gradients of each image with scikit-image.

    Args:
        images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels).
        orientations: Integer >= 1. Bins of the angle.
        cell_size: Integer >= 1, in pixels.
        cells_per_block: Integer >= 1.

    Returns:
        float32 of shape (n, block rows, block columns, cells_per_block, cells_per_block, orientations).
    """
    pixels = without_alpha(images, np.float64)
    settings: dict[str, Any] = {
        "orientations": orientations,
        "pixels_per_cell": (cell_size, cell_size),
        "cells_per_block": (cells_per_block, cells_per_block),
        "feature_vector": False,
        "channel_axis": -1,
    }
    return np.stack([hog(image, **settings).astype(np.float32) for image in pixels])
