"""A picture after each epoch, of the same things, and a film of them all."""

import abc
import os
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from keras_course.arguments import require_integer
from keras_course.files import make_folder, write_film, write_picture

FILM_SECONDS, LAST_SECONDS = 10.0, 2.0
FRAME_SECONDS = (0.08, 0.6)


class PictureGrid(keras.callbacks.Callback, abc.ABC):
    """Writes a picture after each epoch, and an animated GIF of them all.

    Files: `directory/epoch_001.png`, ... (numbered from 1) and, when training ends, the film. Files of earlier epochs
    that are there already, as in a resumed training, are part of the film.

    Args:
        directory: Folder of the pictures; made if missing.
        every: Integer >= 1. Draws each `every`-th epoch, and the first.
        film: Path of the GIF; None takes `directory/samples.gif`.

    Raises:
        ValueError: If `every` is out of range.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> class Grey(PictureGrid):
        ...     def draw(self, caption):
        ...         return Image.new("L", (8, 8), 100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Grey(folder).on_epoch_end(0)
        ...     [path.name for path in Path(folder).iterdir()]
        ['epoch_001.png']
    """

    def __init__(self, directory: str | os.PathLike, *, every: int = 1, film: str | os.PathLike | None = None):
        super().__init__()
        require_integer("every", every, at_least=1)
        self.directory = Path(directory)
        self.every = every
        self.film = self.directory / "samples.gif" if film is None else Path(film)

    @abc.abstractmethod
    def draw(self, caption: str) -> Image.Image:
        """Returns the picture of what the model makes now, with a line of text."""

    def on_epoch_end(self, epoch, logs=None):
        """Draws the picture of the epoch."""
        if epoch == 0 or (epoch + 1) % self.every == 0:
            make_folder(self.directory, "directory")
            picture = self.draw(f"epoch {epoch + 1}")
            write_picture(self.directory / f"epoch_{epoch + 1:03d}.png", picture.save)

    def on_train_end(self, logs=None):
        """Makes the film."""
        if pictures_of_epochs(self.directory):
            make_gif(self.directory, self.film)


def make_gif(directory: str | os.PathLike, path: str | os.PathLike) -> Path:
    """Makes an animated GIF of the pictures of epochs, one frame per epoch, the last one held.

    Args:
        directory: Folder of the pictures.
        path: Path of the GIF.

    Returns:
        `path`.

    Raises:
        FileNotFoundError: If the folder has no picture of an epoch.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> from keras_course.adversarial import make_gif
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for epoch, level in [(1, 0), (2, 255)]:
        ...         Image.new("L", (8, 8), level).save(f"{folder}/epoch_00{epoch}.png")
        ...     make_gif(folder, f"{folder}/film.gif").name
        'film.gif'
    """
    files = pictures_of_epochs(directory)
    if not files:
        raise FileNotFoundError(f"`directory` must hold pictures epoch_NNN.png. Received: directory={str(directory)!r}")
    frames = [_read(file) for file in files]
    seconds = float(np.clip(FILM_SECONDS / len(frames), *FRAME_SECONDS))
    return write_film(Path(path), frames, seconds=seconds, last_seconds=LAST_SECONDS)


def pictures_of_epochs(directory: str | os.PathLike) -> list[Path]:
    """Lists the pictures `epoch_NNN.png` of a folder, in the order of the epochs.

    Example:
        >>> from pathlib import Path
        >>> from keras_course.adversarial import pictures_of_epochs
        >>> for number in (10, 9):
        ...     Path(f"epoch_{number}.png").touch()
        >>> [path.name for path in pictures_of_epochs(".")]
        ['epoch_9.png', 'epoch_10.png']
    """
    found = [path for path in Path(directory).glob("epoch_*.png") if path.stem[len("epoch_") :].isdecimal()]
    return sorted(found, key=number_of_epoch)


def number_of_epoch(picture: Path) -> int:
    """Returns the number of a picture `epoch_NNN.png`.

    Example:
        >>> from pathlib import Path
        >>> from keras_course.adversarial import number_of_epoch
        >>> number_of_epoch(Path("samples/epoch_012.png"))
        12
    """
    return int(picture.stem[len("epoch_") :])


def _read(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        picture.load()
        return picture
