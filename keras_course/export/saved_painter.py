"""A style network read from disk, and the pictures that it paints."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.export.contract import PAINTED
from keras_course.export.images import as_batch


@dataclass(frozen=True)
class SavedPainter:
    """An exported style network, ready to paint; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel.
        function: Takes a tensor `images` uint8 `(batch, height, width, 3)`; returns a dictionary with the tensor
            `painted` of the same shape and dtype.
        image_shape: `(height, width, 3)`, `None` for any size.

    Example:
        >>> import numpy as np, tempfile
        >>> from keras_course.applications.style_transfer import export_style_network
        >>> from keras_course.export import load_saved_model
        >>> from keras_course.models import build_style_network
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     painter = load_saved_model(export_style_network(build_style_network(width=0.1, blocks=0), folder))
        ...     painter.paint(np.zeros((30, 40, 3), np.uint8)).shape
        (30, 40, 3)
    """

    path: Path
    function: Callable[..., dict[str, Any]]
    image_shape: tuple[int | None, ...]

    def paint(self, images) -> np.ndarray:
        """Paints one picture or a batch.

        Args:
            images: uint8 array in 0..255, `(height, width, 3)` or `(batch, height, width, 3)`; or a PIL image.

        Returns:
            uint8 of the same shape.

        Raises:
            ValueError: If shape, dtype or colour mode don't fit.
        """
        batch = as_batch(images, self.image_shape)
        painted = self.function(images=tf.constant(batch))[PAINTED].numpy()
        return painted if np.ndim(images) == 4 else painted[0]
