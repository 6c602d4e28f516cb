"""Folders of pictures with boxes, masks or captions, as sources of images."""

import concurrent.futures
from pathlib import Path
from typing import Any

import numpy as np

from keras_course.arguments import IGNORE
from keras_course.data.annotations import read_object_layout
from keras_course.data.augmentation import OF_SCENES
from keras_course.data.caption_files import read_caption_layout
from keras_course.data.captions import KEEPING_CAPTIONS, CaptionExamples, padded_captions
from keras_course.data.folder import PictureFolder
from keras_course.data.folder_layout import Layout, require_folder, some, split_folders
from keras_course.data.framing import labels_digest
from keras_course.data.letterbox import DEFAULT_SIZE, Letterbox
from keras_course.data.masks import MaskExamples, check_mask
from keras_course.data.objects import ObjectExamples, Objects, checked_objects, padded
from keras_course.data.pictures import THREADS, is_picture, read_mask
from keras_course.data.pixels import image_digest
from keras_course.data.vocabulary import Vocabulary
from keras_course.reading import read_text, reason

CLASS_NAMES = "class_names.txt"


class LabelFolder(PictureFolder):
    """Letterboxed pictures; the arguments are those of `PictureFolder`."""

    default_size = DEFAULT_SIZE
    augmentations: tuple[str, ...] = OF_SCENES

    def _size(self, index: int) -> tuple[int, int]:
        return self._headers[index].height, self._headers[index].width

    def _sizes(self, members: slice) -> np.ndarray:
        return np.array([header[:2] for header in self._headers[members]], np.int64).reshape(-1, 2)


class ObjectFolder(LabelFolder):
    """Pictures with boxes around objects, in COCO JSON or Pascal VOC XML.

    Args:
        path: Path of the folder, as `load_objects` describes it.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA); `None` takes what all pictures share.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If pictures or annotations cannot be read, or a box is none, with the name of the picture.
    """

    def __init__(self, path: Path, channels: int | None = None):
        super().__init__(read_object_layout(path), channels)
        annotated = [each for pictures in self._layout.pictures.values() for _, each in pictures]
        self._objects: list[Objects] = []
        for index, (file, (objects, size)) in enumerate(zip(self._files, annotated, strict=True)):
            if size not in (None, self._size(index)):
                raise ValueError(
                    f"{file}: annotations must be for the picture as it is seen, {_shape(self._size(index))} "
                    f"(height x width). Received: annotations for {_shape(size)}"
                )
            self._objects.append(checked_objects(str(file), objects, self._size(index), len(self.class_names)))

    def _place(self, index: int, pixels: np.ndarray, images: np.ndarray | None) -> bytes:
        if images is not None:
            images[index] = Letterbox(pixels.shape[:2], images.shape[1:3]).place(pixels)
        return image_digest(pixels) + labels_digest(*self._objects[index])

    def _examples(self, images: np.ndarray, members: slice, pictures: list) -> ObjectExamples:
        frame = images.shape[1:3]
        moved = [
            objects._replace(boxes=Letterbox((int(height), int(width)), frame).to_frame(objects.boxes))
            for objects, (height, width) in zip(self._objects[members], self._sizes(members), strict=True)
        ]
        return ObjectExamples(images[members], *padded(moved), self._sizes(members))


class CaptionFolder(LabelFolder):
    """Pictures with sentences in a CSV file.

    Args:
        path: Path of the folder or the file, as `load_captions` describes it.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA); `None` takes what all pictures share.
        minimum_count: Integer >= 1. Words that occur less often in the training captions are unknown.

    Raises:
        FileNotFoundError: If there is no such folder or file.
        ValueError: If pictures or captions cannot be read, with their names.
    """

    augmentations = KEEPING_CAPTIONS

    def __init__(self, path: Path, channels: int | None = None, minimum_count: int = 1):
        layout = read_caption_layout(path)
        self._captions = [own for pictures in layout.pictures.values() for _, own in pictures]
        texts = (text for _, own in layout.pictures["train"] for text in own)
        names = Vocabulary.from_texts(texts, minimum_count=minimum_count).names
        super().__init__(layout._replace(class_names=names), channels)

    def _place(self, index: int, pixels: np.ndarray, images: np.ndarray | None) -> bytes:
        if images is not None:
            images[index] = Letterbox(pixels.shape[:2], images.shape[1:3]).place(pixels)
        return image_digest(pixels) + labels_digest(np.array(self._captions[index], object))

    def _examples(self, images: np.ndarray, members: slice, pictures: list) -> CaptionExamples:
        return CaptionExamples(images[members], padded_captions(self._captions[members]), self._sizes(members))


class MaskFolder(LabelFolder):
    """Pictures with a mask of the same name each.

    Args:
        path: Path of the folder, as `load_masks` describes it.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA); `None` takes what all pictures share.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If pictures or masks cannot be read, with their names.
    """

    wanted = "a folder of pictures and masks that belong together"
    wrong = "that do not"

    def __init__(self, path: Path, channels: int | None = None):
        layout = read_mask_layout(path)
        super().__init__(layout, channels)
        self._mask_files = [path / file for pictures in layout.pictures.values() for _, file in pictures]
        self._masks: np.ndarray | None = None
        if not self.class_names:
            with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
                largest = max(pool.map(_largest_class, self._mask_files))
            self.class_names = tuple(map(str, range(largest + 1)))

    def _decode(self, shape: tuple[int, int, int]) -> dict[str, Any]:
        self._masks = np.empty((len(self._files), *shape[:2]), np.uint8)
        splits = super()._decode(shape)
        self._masks = None
        return splits

    def _place(self, index: int, pixels: np.ndarray, images: np.ndarray | None) -> bytes:
        mask = read_mask(self._mask_files[index])
        check_mask(self._mask_files[index].name, mask, pixels.shape[:2], len(self.class_names))
        if images is not None and self._masks is not None:
            letterbox = Letterbox(pixels.shape[:2], images.shape[1:3])
            images[index], self._masks[index] = letterbox.place(pixels), letterbox.place_mask(mask, IGNORE)
        return image_digest(pixels) + labels_digest(mask)

    def _examples(self, images: np.ndarray, members: slice, pictures: list) -> MaskExamples:
        return MaskExamples(images[members], self._masks[members], self._sizes(members))  # type: ignore[index]


def read_mask_layout(path: Path) -> Layout:
    """Finds the pictures and masks of equal names in a folder.

    Args:
        path: Path of a folder with `images/` and `masks/`, or with `train/` and perhaps `validation/` and `test/` that
            have them.

    Returns:
        The layout, with the path of the mask for a label; the names of the classes are those of `class_names.txt`, none
        without that file.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If a folder lacks one of the two, two files have the same name, or none belong together.
    """
    require_folder(path)
    pictures: dict[str, list[tuple[Path, Any]]] = {}
    ignored: list[Path] = []
    for split, folder in split_folders(path).items():
        images, masks = (_by_name(folder / kind, path) for kind in ("images", "masks"))
        both = sorted(images.keys() & masks.keys())
        if not both:
            raise ValueError(f"`name` must be a folder with pictures and masks of equal names. Received: {folder}")
        pictures[split] = [(images[name].relative_to(path), masks[name].relative_to(path)) for name in both]
        ignored += [file for files in (images, masks) for name, file in files.items() if name not in both]
    names = _class_names(path / CLASS_NAMES)
    left_out = some([str(file.relative_to(path)) for file in ignored])
    return Layout(path, names, pictures, f"ignored pictures and masks without partner: {left_out}" if ignored else "")


def _by_name(folder: Path, path: Path) -> dict[str, Path]:
    """Returns the pictures in a folder by their names without suffix."""
    if not folder.is_dir():
        raise ValueError(
            "`name` must be a folder with the folders 'images' and 'masks', or with 'train' and perhaps 'validation' "
            f"and 'test' that have both. Received: name={str(path)!r}, without {str(folder.relative_to(path))!r}"
        )
    found: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        if is_picture(file) and not file.name.startswith("."):
            if file.stem in found:
                raise ValueError(f"{file}: another file has the same name, {found[file.stem].name}")
            found[file.stem] = file
    return found


def _class_names(file: Path) -> tuple[str, ...]:
    if not file.is_file():
        return ()
    try:
        text = read_text(file)
    except ValueError as error:
        raise ValueError(f"{file}: class names must be in a text of UTF-8. Received: {reason(error)}") from None
    names = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not names or len({*names}) < len(names):
        raise ValueError(
            f"{file}: class names must be one per line, no two alike. Received: {some(names) or 'no name'}"
        )
    return names


def _largest_class(file: Path) -> int:
    try:
        mask = read_mask(file)
    except Exception:  # decoding all of them says which cannot be read
        return 0
    return int(mask[mask != IGNORE].max(initial=0))


def _shape(size: tuple[int, int] | None) -> str:
    return "x".join(map(str, size or ()))
