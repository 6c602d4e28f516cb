"""A data set that tfds knows, found by name, as a source of images."""

import difflib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from keras_course.data.decoding import Columns, Reader, decode_split, find_columns
from keras_course.data.mirror import dataset_of, find_mirror, require_mirror
from keras_course.data.pixels import with_channels
from keras_course.data.preparation import check_prepared, damaged_data, data_folder, is_bundled, is_prepared, prepare
from keras_course.data.records import open_decoded, open_records
from keras_course.data.source import KEPT_FOR_TEST, ImageSource
from keras_course.data.splits import choose_splits
from keras_course.name_arguments import SEPARATORS
from keras_course.quiet import quiet_tfds
from keras_course.reading import reason

NAME_PATTERN = re.compile(r"\w+(/[\w.+-]+)?(:\d+\.\d+\.\d+)?")


class TfdsSource(ImageSource):
    """A data set that tfds knows, prepared if need be; the arguments are those of `open_images`.

    `find_reader` returns what reads its examples, given its name and its tfds info.
    """

    def __init__(
        self,
        name: Any,
        find_reader: Callable[[str, tfds.core.DatasetInfo], Reader] = find_columns,
        *,
        data_dir=None,
        mirror=None,
        download: bool = True,
        channels: int | None = None,
    ):
        with quiet_tfds():
            name = _as_tfds_spells_it(name)
            builder = _find_builder(name, data_dir)
            self._reader = find_reader(name, builder.info)
            if mirror is not None:
                require_mirror(mirror)
            if not is_prepared(builder):
                prepare(builder, None if is_bundled(builder) else find_mirror(name, mirror), download)
            builder = _find_builder(name, data_dir)  # reads what the preparation wrote, this one's or another process's
            check_prepared(builder)
            available = tuple(builder.info.splits)
            if {"test", "validation"} <= {*available} and not self._reader.labelled(builder, "test"):
                available = tuple(split for split in available if split != "test")
        self.name, self._builder = name, builder
        splits = zip(("train", "test"), choose_splits(name, available), strict=True)
        self._splits = {part: split for part, split in splits if split is not None}
        self.sizes = {part: builder.info.splits[split].num_examples for part, split in self._splits.items()}
        for attribute, value in self._reader.settings(builder).items():
            setattr(self, attribute, value)
        self._stored = builder.info.features[self._reader.image].shape
        self.image_shape = (*self._stored[:2], channels or self._stored[-1])

    def describe(self) -> dict[str, Any]:
        """Returns where the images come from, as `ImageSource.describe` says."""
        test = f"the split {self._splits['test']!r}" if "test" in self._splits else KEPT_FOR_TEST
        return {"kind": "tfds", "name": self.name, "path": str(self._builder.data_dir), "test": test}

    def _check(self, parts, labels) -> None:
        """Accepts every division: the data sets of tfds have been loaded so from the first version on."""

    def _decode(self, shape: tuple[int, int, int]) -> dict[str, Any]:
        with quiet_tfds():
            return {part: self.decode(split, shape) for part, split in self._splits.items()}

    def decode(self, split: str, shape: tuple[int, int, int]) -> Any:
        """Returns the examples of a split of the data set, whether `load` uses it or not, resized to `shape`."""
        examples = decode_split(self._builder, split, self._reader, (*shape[:2], self._stored[-1]))
        return examples._replace(images=with_channels(examples.images, shape[-1]))

    def _open(self, shape: tuple[int, int, int], cache: str | None) -> dict[str, Any]:
        if not isinstance(self._reader, Columns):
            return super()._open(shape, cache)
        given = self._reader, shape
        with quiet_tfds():
            if cache is None:
                return {part: open_records(self._builder, split, *given) for part, split in self._splits.items()}
            root = self._builder.data_dir_root
            return {part: open_decoded(self._builder, split, *given, root) for part, split in self._splits.items()}


def _as_tfds_spells_it(name: Any) -> Any:
    """Returns the name of the data set that is meant: case does not matter, nor do `-` and `_`, before "/" or ":"."""
    if not isinstance(name, str):
        return name
    base = dataset_of(name)
    plain = base.lower().translate(SEPARATORS)
    meant = [known for known in _known_names() if known.translate(SEPARATORS) == plain]
    return meant[0] + name[len(base) :] if len(meant) == 1 else name


def _find_builder(name: str, data_dir: str | os.PathLike | None) -> tfds.core.DatasetBuilder:
    """Finds the tfds builder without asking the network for community data sets."""
    folder = data_folder(data_dir)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`data_dir` must be a folder. Received: data_dir={str(folder)!r}")
    if isinstance(name, str) and NAME_PATTERN.fullmatch(name):
        try:
            return tfds.builder(name, data_dir=folder)
        except tfds.core.DatasetNotFoundError:
            pass
        except Exception as error:
            if (place := _damaged_place(name, folder)) is not None:
                raise damaged_data(place, name, reason(error)) from error
            # no such configuration or version
            raise ValueError(f"`name` must be a data set that tfds knows. Received: name={name!r} ({error})") from error
    near = difflib.get_close_matches(str(name).replace("-", "_"), _known_names(), n=3)
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    if isinstance(name, str) and name and os.path.isdir(name):
        hint = f"The folder of that name is './{name}'. "
    raise ValueError(f"`name` must be 'digits' or a data set that tfds knows. {hint}Received: name={name!r}")


def _damaged_place(name: str, folder: Path) -> Path | None:
    """Returns the folder of prepared data that keep tfds from opening a data set that it knows, or None."""
    elsewhere = folder / ".nothing"
    try:
        return folder / Path(tfds.builder(name, data_dir=elsewhere).data_dir).relative_to(elsewhere)
    except Exception:  # no such configuration or version
        return None


def is_known(name: str) -> bool:
    """Returns whether tfds knows a data set of that name."""
    return bool(NAME_PATTERN.fullmatch(name)) and dataset_of(name) in _known_names()


def _known_names() -> list[str]:
    return tfds.list_builders(with_community_datasets=False)
