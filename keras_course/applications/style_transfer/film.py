"""How the picture of a transfer changes: some of the pictures of all steps, as a film."""

from pathlib import Path

import numpy as np
from PIL import Image

from keras_course.files import write_film
from keras_course.runs.state import State, pack_numbered, unpack_numbered

FRAMES = 60  # at most
FRAME_SECONDS, LAST_SECONDS = 0.08, 2.0


class Film(State):
    """Every n-th picture of a transfer, n doubled whenever there are too many.

    Args:
        most_side: Int >= 1, pixels of the longer side, to which larger pictures are made smaller; None keeps all sizes.

    Example:
        >>> import numpy as np, tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> from keras_course.applications.style_transfer.film import Film
        >>> film = Film()
        >>> for size in (4, 8):  # from coarse to fine
        ...     film.add(np.zeros((size, size, 3), np.uint8))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Image.open(film.write(Path(folder, "film.gif"), np.full((8, 8, 3), 255, np.uint8))) as made:
        ...         made.size, made.n_frames
        ((8, 8), 2)
    """

    def __init__(self, most_side: int | None = None):
        self._most_side = most_side
        self._frames: list[np.ndarray] = []
        self._every, self._seen = 1, 0

    def add(self, picture: np.ndarray) -> None:
        """Takes the next picture, uint8 (height, width, 3)."""
        if self._seen % self._every == 0:
            self._frames.append(np.asarray(self._small(picture)))
        self._seen += 1
        if len(self._frames) > FRAMES:
            self._frames, self._every = self._frames[::2], 2 * self._every

    def write(self, path: Path, last: np.ndarray, *, replace: bool = True) -> Path:
        """Writes a GIF whose pictures all have the size of the last one, which stays longest."""
        end = self._small(last)
        frames = [Image.fromarray(frame).resize(end.size, Image.Resampling.BILINEAR) for frame in self._frames]
        return write_film(path, [*frames, end], seconds=FRAME_SECONDS, last_seconds=LAST_SECONDS, replace=replace)

    def pack(self):
        """Returns the pictures so far."""
        return {"film": np.array([self._every, self._seen]), **pack_numbered("film", self._frames)}

    def unpack(self, arrays):
        """Takes what `pack` returned; a checkpoint of a version that made no film has nothing."""
        if "film" in arrays:
            self._every, self._seen = map(int, arrays["film"])
            self._frames = unpack_numbered("film", arrays)

    def _small(self, picture: np.ndarray) -> Image.Image:
        image = Image.fromarray(picture)
        if self._most_side is not None:
            image.thumbnail((self._most_side, self._most_side), Image.Resampling.BILINEAR)
        return image
