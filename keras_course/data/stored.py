"""Images that stay on disk: which bytes of which file each of them has, read and decoded when a batch asks for them."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.data.pixels import IMAGES_AT_ONCE

Decode = Callable[[tf.Tensor], tf.Tensor]


class Pieces:
    """Pieces of files, read in any order.

    Opens files anew for each call, so that any thread or process can read, and maps nothing into memory.

    Args:
        paths: Of the files.
        files: Index of the file of each piece, integers, shape `(n,)`.
        offsets: Where it begins, in bytes, shape `(n,)`.
        lengths: How long it is, in bytes, shape `(n,)`.
    """

    def __init__(self, paths: Sequence[str | os.PathLike], files: np.ndarray, offsets: np.ndarray, lengths: np.ndarray):
        self._paths, self._files, self._offsets, self._lengths = tuple(paths), files, offsets, lengths

    def __len__(self) -> int:
        return len(self._offsets)

    def read(self, members: np.ndarray) -> np.ndarray:
        """Returns some of the pieces, as bytes in an array of objects, shape `(members,)`.

        Raises:
            OSError: If a file can't be read, or ends too early.
        """
        pieces = np.empty(len(members), object)
        files = self._files[members]
        for file in np.unique(files).tolist():
            with open(self._paths[file], "rb", buffering=0) as stream:
                for place in np.flatnonzero(files == file).tolist():
                    member = members[place]
                    stream.seek(int(self._offsets[member]))
                    pieces[place] = stream.read(int(self._lengths[member]))
                    if len(pieces[place]) != self._lengths[member]:
                        raise OSError(f"{self._paths[file]} ends too early; it was changed since it was opened")
        return pieces


class StoredImages:
    """Images on disk in the place of an array uint8 `(n, height, width, channels)`; indexing reads and decodes them.

    Args:
        pieces: Where they are.
        decode: Makes uint8 `(k, height, width, channels)` of the pieces, strings `(k,)`, in a graph too.
        shape: `(height, width, channels)`.
        members: Which of the pieces these images are, int64 `(n,)`; None takes all.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> import tensorflow as tf
        >>> from keras_course.data.stored import Pieces
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     _ = file.write(bytes(range(12)))
        ...     file.flush()
        ...     pieces = Pieces([file.name], np.zeros(3, int), np.array([0, 4, 8]), np.full(3, 4))
        ...     decode = lambda strings: tf.reshape(tf.io.decode_raw(strings, tf.uint8), (-1, 2, 2, 1))
        ...     images = StoredImages(pieces, decode, (2, 2, 1)).part(np.array([2, 0]))
        ...     images.shape, images[0].ravel()
        ((2, 2, 2, 1), array([ 8,  9, 10, 11], dtype=uint8))
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, pieces: Pieces, decode: Decode, shape: tuple[int, int, int], members: np.ndarray | None = None):
        self._pieces, self._decode = pieces, decode
        self._members = np.arange(len(pieces)) if members is None else members
        self.shape = (len(self._members), *shape)

    def __len__(self) -> int:
        return self.shape[0]

    def part(self, members: Any) -> "StoredImages":
        """Returns some of the images, still on disk.

        Args:
            members: Indices or a slice.
        """
        return StoredImages(self._pieces, self._decode, self.shape[1:], self._members[members])

    def gather(self, members: tf.Tensor) -> tf.Tensor:
        """Reads and decodes images in a graph: int64 `(k,)` to uint8 `(k, height, width, channels)`."""
        pieces = tf.numpy_function(lambda some: self._pieces.read(self._members[some]), [members], tf.string)
        images = self._decode(tf.reshape(pieces, [-1]))
        images.set_shape((None, *self.shape[1:]))
        return images

    def __getitem__(self, members: Any) -> np.ndarray:
        chosen = np.atleast_1d(np.arange(len(self))[members])
        images = np.empty((len(chosen), *self.shape[1:]), np.uint8)
        for start in range(0, len(chosen), IMAGES_AT_ONCE):
            some = chosen[start : start + IMAGES_AT_ONCE]
            images[start : start + len(some)] = self.gather(tf.constant(some, tf.int64)).numpy()
        return images[0] if np.ndim(members) == 0 and not isinstance(members, slice) else images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Reads all of them into memory, for what can't do with less."""
        return np.asarray(self[:], dtype)
