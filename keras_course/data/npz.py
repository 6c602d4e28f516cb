""".npz files: read as they were written, or not at all."""

import io
import zipfile
from collections.abc import Container
from pathlib import Path
from typing import BinaryIO

import numpy as np

from keras_course.reading import reason

END_SIZE = 22  # bytes, of the record that ends a zip archive


def read_npz(path: Path, wanted: Container[str] | None = None) -> dict[str, np.ndarray]:
    """Reads the arrays of an .npz file.

    NumPy alone doesn't notice a header that promises fewer numbers than there are, nor zipfile a list that skips some
    files; so all checksums are compared first, and the number of files with what the archive says.

    Args:
        path: Path of the file.
        wanted: Names of the arrays to read; in the place of others there is an empty one. None reads all.

    Raises:
        OSError: If the file can't be read.
        ValueError: If it is no .npz file, is damaged, or holds pickled objects, which are not read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(f"{folder}/a.npz", ones=np.ones(2))
        ...     read_npz(Path(folder, "a.npz"))
        {'ones': array([1., 1.])}
    """
    with path.open("rb") as file:
        try:
            if not zipfile.is_zipfile(file):
                raise ValueError("no .npz archive, or its end is missing")
            with zipfile.ZipFile(file) as archive:
                if (member := archive.testzip()) is not None:
                    raise ValueError(f"bad checksum of {member}")
                if len(archive.infolist()) != _entries(file):
                    raise ValueError("its list of arrays is broken")
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                return {
                    name: arrays[name] if wanted is None or name in wanted else np.empty(0) for name in arrays.files
                }
        except Exception as error:  # zipfile and NumPy raise nearly anything at damaged files
            pickled = "it holds pickled objects, which are not read"
            raise ValueError(pickled if "allow_pickle" in str(error) else f"damaged: {reason(error)}") from error


def _entries(archive: BinaryIO) -> int:
    """Returns how many files a zip archive without a comment says it holds, modulo 65,536."""
    archive.seek(-END_SIZE, io.SEEK_END)
    return int.from_bytes(archive.read(END_SIZE)[10:12], "little")
