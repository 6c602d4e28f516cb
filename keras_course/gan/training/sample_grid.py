"""SampleGrid and InterpolationGrid: the same latent vectors after each epoch, as pictures and as a film."""

import os
from typing import Any

import numpy as np
from PIL import Image

from keras_course.adversarial import PictureGrid
from keras_course.arguments import require_integer
from keras_course.export.saved_generator import Labels
from keras_course.gan.model.gan import GAN
from keras_course.gan.model.latents import draw_latents, interpolate_latents
from keras_course.visualization.image_grid import draw_grid


class SampleGrid(PictureGrid):
    """Writes a grid of generated images after each epoch, always of the same latents, and an animated GIF of them all.

    Files: `directory/epoch_001.png`, ... (numbered from 1) and, when training ends, the film. Files of
    earlier epochs that are there already, as in a resumed training, are part of the film.

    Args:
        directory: Folder of the pictures; made if missing.
        rows: Integer >= 1.
        columns: Integer >= 1.
        seed: Integer >= 0, of the latents.
        labels: For a conditional GAN the class of all images, or one per image; None gives each column a class.
        every: Integer >= 1. Draws each `every`-th epoch, and the first.
        film: Path of the GIF; None takes `directory/samples.gif`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from keras_course.gan import GAN, SampleGrid, build_gan_discriminator, build_gan_generator
        >>> generator = build_gan_generator((8, 8, 1), latent_dim=4, hidden=(8,))
        >>> gan = GAN(generator, build_gan_discriminator((8, 8, 1), hidden=(8,)))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     grid = SampleGrid(folder, rows=2, columns=3)
        ...     grid.set_model(gan)  # as `fit` does, with `callbacks=[grid]`
        ...     grid.on_epoch_end(0)
        ...     grid.on_train_end()
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['epoch_001.png', 'samples.gif']
    """

    def __init__(
        self,
        directory: str | os.PathLike,
        *,
        rows: int = 8,
        columns: int = 10,
        seed: int = 0,
        labels: Labels = None,
        every: int = 1,
        film: str | os.PathLike | None = None,
    ):
        super().__init__(directory, every=every, film=film)
        for name, number in {"rows": rows, "columns": columns}.items():
            require_integer(name, number, at_least=1)
        require_integer("seed", seed, at_least=0)
        self.rows, self.columns = rows, columns
        self.seed = seed
        self.labels = labels

    def draw(self, caption: str) -> Image.Image:
        """Draws the grid."""
        return draw_grid(self.images(self.model), columns=self.columns, caption=caption)

    def images(self, gan: GAN) -> np.ndarray:
        """Generates the images of the grid, uint8 (rows * columns, height, width, channels)."""
        count, labels = self.rows * self.columns, self.labels
        if labels is None and gan.num_classes is not None:
            labels = np.arange(count) % self.columns % gan.num_classes
        return gan.generate(count, seed=self.seed, labels=labels)


class InterpolationGrid(SampleGrid):
    """Writes paths between latent vectors after each epoch, one path per row, and an animated GIF of them all.

    Arguments and files are those of `SampleGrid`, with `columns` >= 2. Of a conditional GAN each row shows one class.

    Example:
        >>> import tempfile
        >>> from keras_course.gan import GAN, InterpolationGrid, build_gan_discriminator, build_gan_generator
        >>> generator = build_gan_generator((8, 8, 1), latent_dim=4, hidden=(8,))
        >>> gan = GAN(generator, build_gan_discriminator((8, 8, 1), hidden=(8,)))
        >>> InterpolationGrid(tempfile.gettempdir(), rows=2, columns=5).images(gan).shape
        (10, 8, 8, 1)
    """

    def __init__(self, directory: str | os.PathLike, *, columns: int = 10, **options: Any):
        require_integer("columns", columns, at_least=2)
        super().__init__(directory, columns=columns, **options)

    def images(self, gan: GAN) -> np.ndarray:
        """Generates the images of the paths, uint8 (rows * columns, height, width, channels)."""
        ends, labels = draw_latents(2 * self.rows, gan.latent_dim, seed=self.seed), self.labels
        paths = [interpolate_latents(a, b, self.columns) for a, b in zip(ends[::2], ends[1::2], strict=True)]
        if labels is None and gan.num_classes is not None:
            labels = np.repeat(np.arange(self.rows) % gan.num_classes, self.columns)
        return gan.images_of(np.concatenate(paths), labels=labels)
