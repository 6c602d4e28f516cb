"""Checks the original files of a mirror before tfds reads them, so that the error can name the file."""

import bz2
import gzip
import lzma
import math
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_course.reading import reason, sha256

# The MNIST family (MNIST, Fashion-MNIST, KMNIST) has these four files, always of these sizes.
IDX_SHAPES = {
    "train-images-idx3-ubyte.gz": (60_000, 28, 28),
    "train-labels-idx1-ubyte.gz": (60_000,),
    "t10k-images-idx3-ubyte.gz": (10_000, 28, 28),
    "t10k-labels-idx1-ubyte.gz": (10_000,),
}
OPENERS: Mapping[str, Callable[[str], Any]] = {  # looked up when used
    **dict.fromkeys((".gz", ".tgz"), lambda path: gzip.open(path)),
    **dict.fromkeys((".bz2", ".tbz2"), lambda path: bz2.open(path)),
    **dict.fromkeys((".xz", ".txz", ".lzma"), lambda path: lzma.open(path)),
}
CHUNK = 1 << 20  # bytes read at a time


class MissingFileError(FileNotFoundError):
    """A mirror lacks a file of the data set."""


class DamagedFileError(ValueError):
    """A file of a mirror is truncated or of the wrong format."""


def check_original(path: Path) -> None:
    """Raises unless the file is there, whole, and of the format that its name promises.

    Whole means: a gzip, bzip2, xz, zip or npz file decompresses to its end and its checksums agree. An idx file must
    also have the header and the length of the MNIST family.

    Args:
        path: The file, as the data set's authors named it.

    Raises:
        MissingFileError: If there is no such file.
        DamagedFileError: If it is truncated or of another format.
    """
    if not path.is_file():
        raise MissingFileError(f"`mirror` lacks the file {path}")
    if path.stat().st_size == 0:
        raise DamagedFileError(f"`mirror` has an empty file: {path}")
    try:
        if path.suffix in OPENERS:
            _check_stream(path, OPENERS[path.suffix])
        elif path.suffix in (".zip", ".npz"):
            _check_zip(path)
    except DamagedFileError:
        raise
    except Exception as error:  # what the decompressors raise has no common base
        raise DamagedFileError(f"`mirror` has a damaged file: {path} ({reason(error)})") from error


def check_known(path: Path, known: Any) -> None:
    """Compares a file that has no checksum of its own with the one that tfds knows.

    A file of another length is not the original, and may be right all the same.

    Args:
        path: The file.
        known: `UrlInfo` of tfds, or None.

    Raises:
        DamagedFileError: If it has the length of the original and another SHA-256.
    """
    checked = path.suffix in OPENERS or path.suffix in (".zip", ".npz")
    if known and not checked and path.stat().st_size == known.size and sha256(path) != known.checksum:
        raise DamagedFileError(f"`mirror` has a damaged file: {path} (its SHA-256 is not that of the original)")


def _check_stream(path: Path, opener: Callable[[str], Any]) -> None:
    with opener(str(path)) as stream:
        head = chunk = stream.read(CHUNK)
        length = len(chunk)
        while chunk := stream.read(CHUNK):
            length += len(chunk)
    if path.name in IDX_SHAPES:
        _check_idx(path, head, length)


def _check_idx(path: Path, head: bytes, length: int) -> None:
    """Compares the header (0, 0, type, rank, then the sizes as big-endian 32-bit integers) and the length."""
    expected = IDX_SHAPES[path.name]
    rank = len(expected)
    data_start = 4 + 4 * rank
    if len(head) < data_start or head[:4] != bytes([0, 0, 8, rank]):  # 8: unsigned bytes
        raise DamagedFileError(f"`mirror` has a file that is no idx{rank} file of bytes: {path}")
    shape = struct.unpack(f">{rank}I", head[4:data_start])
    if shape != expected:
        raise DamagedFileError(f"`mirror` has a file of shape {shape}, the original has {expected}: {path}")
    if length != data_start + math.prod(expected):
        raise DamagedFileError(
            f"`mirror` has a file of {length} bytes, its header promises {data_start + math.prod(expected)}: {path}"
        )


def _check_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(f"bad checksum of {damaged}")
