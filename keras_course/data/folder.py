"""A folder of pictures, with one sub-folder per class for one, as a source of images."""

import concurrent.futures
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from keras_course.data.folder_layout import Layout, read_layout, some
from keras_course.data.pictures import FORMATS, THREADS, Header, read_header, read_picture
from keras_course.data.pixels import Examples, content_digest, image_digest, resize_array
from keras_course.data.source import KEPT_FOR_TEST, ImageSource, Parts

DIGEST_SIZE = 32  # bytes of `image_digest`
Decoded = tuple[bytes, str | None]  # digest of a picture and its label, and why it cannot be used


class PictureFolder(ImageSource):
    """Pictures in a folder, each with its label, whatever that is.

    Args:
        layout: Which pictures there are, and their labels.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA); `None` takes what all pictures share.

    Raises:
        ValueError: If a picture cannot be read, or `channels` is `None` and the pictures differ in theirs.

    Warns:
        UserWarning: If files are ignored.
    """

    wanted = f"a folder of pictures that can be read ({', '.join(FORMATS)})"
    wrong = "unreadable"

    def __init__(self, layout: Layout, channels: int | None = None):
        path = layout.path
        self._path = path.absolute()
        self.name = path.resolve().name or "folder"
        self._layout = layout
        self.class_names = self._layout.class_names
        self.sizes = {split: len(pictures) for split, pictures in self._layout.pictures.items()}
        self._files = [path / file for pictures in self._layout.pictures.values() for file, _ in pictures]
        self._digests: list[bytes] = []
        if self._layout.ignored:
            warnings.warn(f"{self.name!r}: {self._layout.ignored}", stacklevel=4)
        self._headers = self._read_headers()
        shared = set.intersection(*(set(header.channels) for header in self._headers))
        if channels is None and not shared:
            raise ValueError(self._differing_channels())
        heights, widths = {header.height for header in self._headers}, {header.width for header in self._headers}
        self.image_shape = (
            heights.pop() if len(heights) == 1 else None,
            widths.pop() if len(widths) == 1 else None,
            channels or min(shared),
        )

    def describe(self) -> dict[str, Any]:
        """Returns where the images come from, as `ImageSource.describe` says; decodes them unless `load` did."""
        if not self._digests:
            self._decode_all(None)
        digests = iter(self._digests)
        parts = {
            split: ([next(digests) for _ in pictures], self._numbers(pictures))
            for split, pictures in self._layout.pictures.items()
        }
        return {
            "kind": "folder",
            "name": self.name,
            "path": str(self._path),
            "digest": content_digest(parts, self.class_names),
            "test": "the folder test/" if "test" in self.sizes else KEPT_FOR_TEST,
            **({"ignored": self._layout.ignored} if self._layout.ignored else {}),
        }

    def sizes_seen(self) -> str:
        """Describes the sizes of the pictures: how many there are, the smallest and the largest."""
        sizes = sorted({header[:2] for header in self._headers}, key=lambda size: (size[0] * size[1], size))
        (top, left), (bottom, right) = sizes[0], sizes[-1]
        return f"{len(sizes)} sizes from {top}x{left} to {bottom}x{right} (height x width)"

    def _decode(self, shape: tuple[int, int, int]) -> dict[str, Any]:
        images = np.empty((len(self._files), *shape), np.uint8)
        self._decode_all(images)
        splits, start = {}, 0
        for split, pictures in self._layout.pictures.items():
            end = start + len(pictures)
            splits[split] = self._examples(images, slice(start, end), pictures)
            start = end
        return splits

    def _numbers(self, pictures: list) -> np.ndarray:
        """Returns what a digest of the folder takes for labels beside `_place`'s digests: none."""
        return np.zeros(0)

    def _place(self, index: int, pixels: np.ndarray, images: np.ndarray | None) -> bytes:
        """Puts the pixels of a picture into its place, if there is one, and returns a digest of it and its label."""
        raise NotImplementedError

    def _examples(self, images: np.ndarray, members: slice, pictures: list) -> Any:
        """Returns the examples of a split, whose pictures are `members` of all."""
        raise NotImplementedError

    def _decode_all(self, images: np.ndarray | None) -> None:
        """Decodes every picture, into `images` if given, and remembers the digests; names all that cannot be read."""

        def decode(index: int) -> Decoded:
            try:
                pixels = read_picture(self._files[index], self.image_shape[-1])
                return self._place(index, pixels, images), None
            except Exception as error:  # whatever Pillow and its libraries raise of damaged files
                return b"", _reason(error)

        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            decoded = list(pool.map(decode, range(len(self._files))))
        self._refuse_unreadable(reason for _, reason in decoded)
        self._digests = [digest for digest, _ in decoded]

    def _read_headers(self) -> list[Header]:
        """Reads all headers; if one cannot be read, decodes every picture, so that all damaged ones are named."""

        def header_of(file: Path) -> Header | None:
            try:
                return read_header(file)
            except Exception:  # whatever Pillow raises: decoding finds the reason
                return None

        def reason_of(file: Path) -> str | None:
            try:
                read_header(file)
                read_picture(file, 3)
                return None
            except Exception as error:
                return _reason(error)

        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            headers = list(pool.map(header_of, self._files))
            if None in headers:
                self._refuse_unreadable(pool.map(reason_of, self._files))
        return [header for header in headers if header is not None]

    def _refuse_unreadable(self, reasons: Iterable[str | None]) -> None:
        unreadable = [
            f"{file.relative_to(self._layout.path)} ({reason})"
            for file, reason in zip(self._files, reasons, strict=True)
            if reason is not None
        ]
        if unreadable:
            raise ValueError(
                f"`name` must be {self.wanted}. "
                f"Received: name={str(self._layout.path)!r}, with {len(unreadable)} {self.wrong}: {some(unreadable)}"
            )

    def _differing_channels(self) -> str:
        kinds = {(1,): "grey", (1, 3): "grey", (3,): "RGB", (4,): "RGBA"}
        counts = Counter(kinds[header.channels] for header in self._headers)
        first = {kinds[h.channels]: f for h, f in reversed(list(zip(self._headers, self._files, strict=True)))}
        seen = ", ".join(
            f"{count} {kind} ({first[kind].relative_to(self._layout.path)})" for kind, count in counts.most_common()
        )
        return (
            "`channels` must be given where pictures differ in theirs: 1 (grey), 3 (RGB) or 4 (RGBA). "
            f"Received: channels=None, with {seen}"
        )

    def _check(self, parts: Parts, labels: dict[str, np.ndarray]) -> None:
        super()._check(parts, labels)
        start, first = 0, {}
        for split, size in self.sizes.items():
            first[split] = start
            start += size
        indices = {part: first[split] + np.arange(self.sizes[split])[kept] for part, (split, kept) in parts.items()}
        seen: dict[bytes, tuple[str, int]] = {}
        pairs = []
        for part, members in indices.items():
            for index in members.tolist():
                picture = self._digests[index][:DIGEST_SIZE]  # whatever its label
                other, original = seen.setdefault(picture, (part, index))
                if other != part:
                    pair = [self._files[i].relative_to(self._layout.path).as_posix() for i in (original, index)]
                    pairs.append(f"{pair[0]} ({other}) and {pair[1]} ({part})")
        if pairs:
            warnings.warn(
                f"{self.name!r} has the same picture in two splits, so that scores on it are too good: {some(pairs)}",
                stacklevel=5,
            )


class FolderSource(PictureFolder):
    """Pictures in one sub-folder per class, with or without `train/`, `validation/` and `test/` above them.

    Args:
        path: Path of the folder.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA); `None` takes what all pictures share.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it is not laid out in classes, a picture cannot be read, or `channels` is `None` and the
            pictures differ in theirs.

    Warns:
        UserWarning: If files are ignored, hidden ones or no pictures.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for index in range(12):
        ...         file = Path(folder, ("cat", "dog")[index % 2], f"{index}.png")
        ...         file.parent.mkdir(exist_ok=True)
        ...         Image.new("RGB", (6, 4), (index, 0, 0)).save(file)
        ...     source = FolderSource(Path(folder))
        ...     source.class_names, source.image_shape, source.train_size(), source.load().test_size
        (('cat', 'dog'), (4, 6, 3), 9, 2)
    """

    def __init__(self, path: Path, channels: int | None = None):
        super().__init__(read_layout(path), channels)

    def _numbers(self, pictures: list) -> np.ndarray:
        return np.array([label for _, label in pictures], np.int64)

    def _place(self, index: int, pixels: np.ndarray, images: np.ndarray | None) -> bytes:
        if images is not None:
            images[index] = resize_array(pixels[np.newaxis], images.shape[1:3])[0]
        return image_digest(pixels)

    def _examples(self, images: np.ndarray, members: slice, pictures: list) -> Examples:
        return Examples(images[members], self._numbers(pictures))


def _reason(error: Exception) -> str:
    text = str(error).splitlines()
    return "no " + ", ".join(FORMATS[:-1]) + f" or {FORMATS[-1]}" if "cannot identify" in str(error) else text[0]
