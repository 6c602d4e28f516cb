"""Arrays, in memory or in an .npz file, as a source of images."""

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_choice
from keras_course.data.framing import content, resized
from keras_course.data.labels import class_numbers
from keras_course.data.npz import read_npz
from keras_course.data.pixels import CHANNELS, Examples, as_bytes, content_digest, with_channels
from keras_course.data.source import KEPT_FOR_TEST, ImageSource, Members


class Terms(NamedTuple):
    """What the user calls the arrays, for messages."""

    images: str = "images"
    labels: str = "labels"
    test_images: str = "test[0]"
    test_labels: str = "test[1]"


ARGUMENTS = Terms()
FILE_KEYS = (
    Terms("images", "labels", "test_images", "test_labels"),
    Terms("x_train", "y_train", "x_test", "y_test"),  # as Keras's own data sets are stored
)


class MemorySource(ImageSource):
    """Examples in memory.

    Args:
        name: The data set's name.
        class_names: One name per class.
        splits: Examples by split: of labels, objects or masks.
        path: The .npz file that the arrays are from, or `None`.
        terms: What the arrays are called in messages.

    Raises:
        ValueError: If `name` is no name, or images of the splits differ in their channels.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import Examples
        >>> images = Examples(np.zeros((20, 8, 8, 1), np.uint8), np.arange(20) % 2)
        >>> MemorySource("dots", ("cat", "dog"), {"train": images}).train_size(validation_fraction=0)
        16
    """

    def __init__(
        self,
        name: str,
        class_names: Sequence[str],
        splits: dict[str, Any],
        *,
        path: Path | None = None,
        terms: Terms = ARGUMENTS,
    ):
        if not isinstance(name, str) or not name:
            raise ValueError(f"`name` must be a non-empty string. Received: name={name!r}")
        self.name, self.class_names, self._path, self._splits = name, tuple(class_names), path, splits
        self.sizes = {split: len(examples.images) for split, examples in splits.items()}
        self.image_shape = _common_shape(terms, [examples.images.shape[1:] for examples in splits.values()])

    def describe(self) -> dict[str, Any]:
        """Returns where the images come from, as `ImageSource.describe` says."""
        return {
            "kind": "arrays" if self._path is None else "npz",
            "name": self.name,
            "path": None if self._path is None else str(self._path),
            "digest": self._digest,
            "test": "the images given for it" if "test" in self.sizes else KEPT_FOR_TEST,
        }

    def sizes_seen(self) -> str:
        """Describes the two sizes where those of training and test differ."""
        return " and ".join(
            f"{split} images of {'x'.join(map(str, examples.images.shape[1:3]))}"
            for split, examples in self._splits.items()
        )

    @functools.cached_property
    def _digest(self) -> str:
        return content_digest({split: content(examples) for split, examples in self._splits.items()}, self.class_names)

    def _decode(self, shape: tuple[int, int, int]) -> dict[str, Any]:
        return {split: resized(examples, shape[:2]) for split, examples in self._splits.items()}

    def _take(self, examples: Any, members: Members) -> Any:
        taken = super()._take(examples, members)
        if isinstance(members, slice):  # shares its memory with what the user gave
            return taken._replace(
                **{name: field.copy() for name, field in taken._asdict().items() if field is not None}
            )
        return taken


class ArraySource(MemorySource):
    """Images and labels in memory.

    Args:
        images: As for `ImageData.from_arrays`, like all others.
        labels: Integers or strings.
        class_names: One name per class, or `None`.
        test: `(images, labels)` or `None`.
        name: The data set's name.
        channels: 1, 3, 4 or `None`.
        path: The .npz file that the arrays are from, or `None`.
        terms: What the arrays are called in messages.

    Raises:
        ValueError: If the arrays are not what `ImageData.from_arrays` takes.

    Example:
        >>> import numpy as np
        >>> source = ArraySource(np.zeros((20, 8, 8), np.uint8), ["cat", "dog"] * 10)
        >>> source.image_shape, source.train_size(validation_fraction=0)
        ((8, 8, 1), 16)
    """

    def __init__(
        self,
        images: ArrayLike,
        labels: ArrayLike,
        class_names: Sequence[str] | None = None,
        test: tuple[ArrayLike, ArrayLike] | None = None,
        *,
        name: str = "arrays",
        channels: int | None = None,
        path: Path | None = None,
        terms: Terms = ARGUMENTS,
    ):
        if channels is not None:
            require_choice("channels", channels, CHANNELS)
        if test is not None and not (isinstance(test, tuple | list) and len(test) == 2):
            raise ValueError(f"`test` must be a pair (images, labels) or None. Received: test={type(test).__name__}")
        arrays = {"train": checked_images(terms.images, images, channels)}
        given = {terms.labels: labels}
        if test is not None:
            arrays["test"] = checked_images(terms.test_images, test[0], channels)
            given[terms.test_labels] = test[1]
        numbers, names = class_numbers(given, [len(array) for array in arrays.values()], class_names)
        splits = {split: Examples(array, part) for (split, array), part in zip(arrays.items(), numbers, strict=True)}
        super().__init__(name, names, splits, path=path, terms=terms)


def open_npz(path: Path, channels: int | None = None) -> ArraySource:
    """Reads an .npz file with `images`, `labels` and optional `test_images`, `test_labels`, `class_names`.

    The names that Keras gives its own data sets are read too: `x_train`, `y_train`, `x_test`, `y_test`.

    Args:
        path: Path of the file. Pickled objects in it are not read: they could run any code.
        channels: 1, 3, 4 or `None`, as for `load_images`.

    Returns:
        Its arrays; the name of the file is the name of the data set.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, lacks an array, or holds something else than images and labels.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(f"{folder}/dots.npz", images=np.zeros((20, 8, 8), np.uint8), labels=["cat", "dog"] * 10)
        ...     source = open_npz(Path(folder, "dots.npz"))
        >>> source.name, source.class_names, source.image_shape
        ('dots', ('cat', 'dog'), (8, 8, 1))
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"`name` must be an existing .npz file. Received: name={str(path)!r}")
    arrays = _read(path)
    terms = next((keys for keys in FILE_KEYS if keys.images in arrays and keys.labels in arrays), None)
    if terms is None:
        raise ValueError(
            "`name` must be an .npz file with the arrays `images` and `labels`, or Keras's `x_train` and `y_train`. "
            f"Received: name={str(path)!r}, with {', '.join(map(repr, arrays)) or 'no array'}"
        )
    tests = [arrays[key] for key in (terms.test_images, terms.test_labels) if key in arrays]
    if len(tests) == 1:
        raise ValueError(
            f"`name` must be an .npz file with both `{terms.test_images}` and `{terms.test_labels}` or neither. "
            f"Received: name={str(path)!r}, with one of them"
        )
    class_names = np.asarray(arrays["class_names"]).astype(str).tolist() if "class_names" in arrays else None
    try:
        return ArraySource(
            arrays[terms.images],
            arrays[terms.labels],
            class_names,
            tuple(tests) or None,  # type: ignore[arg-type]
            name=path.stem,
            channels=channels,
            path=path.absolute(),
            terms=terms,
        )
    except ValueError as error:
        raise ValueError(f"`name` must be an .npz file of images and labels. In {str(path)!r}: {error}") from None


def checked_images(name: str, images: ArrayLike, channels: int | None) -> np.ndarray:
    """Returns images as uint8 of four axes.

    Args:
        name: The argument's name, for the message.
        images: uint8, or floats in [0, 1]; shape `(n, height, width)` or `(n, height, width, 1, 3 or 4)`.
        channels: What to convert them to, or `None`.

    Returns:
        uint8 array, shape `(n, height, width, channels)`; no copy where nothing is converted.

    Raises:
        ValueError: If `images` has another shape or other values.

    Example:
        >>> import numpy as np
        >>> checked_images("images", np.ones((5, 8, 6)), channels=3).shape
        (5, 8, 6, 3)
    """
    try:
        array = np.asarray(images)
    except ValueError:
        raise ValueError(f"`{name}` must be one array: images of one size. Received: sizes that vary") from None
    wanted = f"`{name}` must have the shape (n, height, width) or (n, height, width, channels) with 1, 3 or 4 channels"
    if array.size == 0 or array.ndim != 3 and (array.ndim != 4 or array.shape[-1] not in CHANNELS):
        raise ValueError(f"{wanted}. Received: {name}.shape={array.shape}")
    return with_channels(as_bytes(name, array if array.ndim == 4 else array[..., np.newaxis]), channels)


def _common_shape(terms: Terms, shapes: list[tuple[int, ...]]) -> tuple[int | None, int | None, int]:
    """Returns the shape of the images of all splits, `None` where heights or widths differ."""
    if len({channels for *_, channels in shapes}) > 1:
        counts = " and ".join(str(channels) for *_, channels in shapes)
        raise ValueError(
            f"`channels` must be given where `{terms.images}` and `{terms.test_images}` differ in theirs. "
            f"Received: channels=None, with {counts} channels"
        )
    height, width = ({side[axis] for side in shapes} for axis in (0, 1))
    return (
        height.pop() if len(height) == 1 else None,
        width.pop() if len(width) == 1 else None,
        shapes[0][-1],
    )


def _read(path: Path) -> dict[str, np.ndarray]:
    """Reads the arrays that are wanted, and names the others with an empty one."""
    wanted = {key for terms in FILE_KEYS for key in terms} | {"class_names"}
    try:
        return read_npz(path, wanted)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"`name` must be an .npz file of plain arrays. Received: name={str(path)!r} ({error})"
        ) from error
