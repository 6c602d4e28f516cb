"""The models that are served: read from their folders, and replaced when a new version appears there."""

import functools
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from keras_course.export.contract import SIGNATURE
from keras_course.export.loading import EXPORTS, Saved, load_signatures, saved_of, version_folder
from keras_course.export.signatures import Signature
from keras_course.export.verification import random_inputs
from keras_course.files import is_version, versions
from keras_course.name_arguments import require_path
from keras_course.reading import reason
from keras_course.serve.batching import Batcher
from keras_course.serve.errors import RefusedError
from keras_course.serve.limits import Limits

logger = logging.getLogger(__name__)

Observe = Callable[[str, int], None]  # name of the model, rows of a batch


class Version(NamedTuple):
    """One version of a model, loaded.

    Attributes:
        number: Its number.
        folder: Of the SavedModel.
        signatures: Its functions by name.
        saved: What `load_saved_model` makes of it; None where it is no export of a known task.
        batchers: What runs the functions, by name.
        definitions: The signatures as the SavedModel describes them, JSON.
    """

    number: int
    folder: Path
    signatures: dict[str, Signature]
    saved: Saved | None
    batchers: dict[str, Batcher]
    definitions: dict[str, Any]

    @property
    def default(self) -> Signature:
        """The signature that requests mean which name none."""
        return self.signatures.get(SIGNATURE) or next(iter(self.signatures.values()))


class ServedModel:
    """A model that is served under a name: its highest version, whichever that is at the time.

    Args:
        path: As for `load_saved_model`. A version folder is served alone, whatever appears beside it.
        limits: What the server takes on.
        observe: Is told the name, and the number of rows, of each batch.

    Attributes:
        name: Of the folder of the versions.
        current: The version that is served.
        failed: Why a version could not be loaded, by number.
        executor: The thread that computes.

    Raises:
        FileNotFoundError: If there is no SavedModel.
        ValueError: If it can't be read.
    """

    def __init__(self, path: str | Path, limits: Limits, observe: Observe):
        self.name, folder = find_export(path)
        self._root = None if folder == Path(path).resolve() else folder.parent  # where new versions appear
        self._limits, self._observe = limits, observe
        self.failed: dict[int, str] = {}
        self._seen: dict[int, tuple] = {}  # what a version that failed looked like
        self.executor = ThreadPoolExecutor(1, thread_name_prefix=f"serve-{self.name}")
        try:
            self.current = self._load(folder)
        except Exception as error:  # TensorFlow raises nearly anything at damaged files
            raise ValueError(
                f"`exports` must be whole SavedModels. Received: exports={str(folder)!r} ({reason(error)})"
            ) from error

    def version(self, number: int | None = None) -> Version:
        """Returns the version of a number, or the one that is served.

        Raises:
            RefusedError: If it isn't loaded.
        """
        if number in (None, self.current.number):
            return self.current
        raise RefusedError(404, f"Servable not found for request: Specific({self.name}, {number})")

    def refresh(self) -> bool:
        """Loads the highest version in the folder if that is another one; returns whether it did.

        One that can't be loaded is left alone until its files change. Requests that are under way keep the old one.
        """
        for folder in reversed(() if self._root is None else versions(self._root)):
            number = int(folder.name)
            if number == self.current.number:
                return False
            looks = _looks_of(folder)
            if self._seen.get(number) == looks or not (folder / "saved_model.pb").is_file():
                continue
            try:
                self.current = self._load(folder)
            except Exception as error:  # as above
                self.failed[number], self._seen[number] = reason(error), looks
                logger.warning("%s: version %d can't be loaded: %s", self.name, number, reason(error))
                continue
            self.failed.pop(number, None)
            logger.info("%s: version %d is served", self.name, number)
            return True
        return False

    def _load(self, folder: Path) -> Version:
        signatures = load_signatures(folder)
        if not signatures:
            raise ValueError("it has no signature")
        try:
            saved = saved_of(folder, signatures)
        except ValueError as error:
            logger.info("%s: no export of a known task (%s)", self.name, reason(error))
            saved = None
        for signature in signatures.values():
            _warm_up(signature)
        observe = functools.partial(self._observe, self.name)
        batchers = {name: Batcher(one, self.executor, self._limits, observe) for name, one in signatures.items()}
        number = int(folder.name) if is_version(folder.name) else 1
        return Version(number, folder, signatures, saved, batchers, _definitions(folder))


def serve_by_name(exports: Sequence[str | Path], limits: Limits, observe: Observe) -> dict[str, ServedModel]:
    """Loads models by name.

    Args:
        exports: Folders, at least one.
        limits: As for `ServedModel`.
        observe: As for `ServedModel`.

    Raises:
        FileNotFoundError: If a folder holds no SavedModel.
        ValueError: If a SavedModel can't be read, there is none, or two have one name.
    """
    if isinstance(exports, str | Path) or not exports:
        raise ValueError(f"`exports` must be a list of at least one folder. Received: exports={exports!r}")
    names = [find_export(path)[0] for path in exports]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise ValueError(f"`exports` must be folders of different names. Received: two named {twice!r}")
    return {name: ServedModel(path, limits, observe) for name, path in zip(names, exports, strict=True)}


def find_export(path: str | Path) -> tuple[str, Path]:
    """Returns the name under which an export is served, and the folder of the version that is to be loaded.

    Raises:
        FileNotFoundError: If there is no SavedModel.
    """
    folder = version_folder(require_path("exports", path), EXPORTS, "exports").resolve()
    return folder.parent.name if is_version(folder.name) else folder.name, folder


def _definitions(folder: Path) -> dict[str, Any]:
    """Returns the signatures of a SavedModel as TensorFlow Serving's metadata have them."""
    proto = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    return {
        name: json_format.MessageToDict(
            definition, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
        for name, definition in proto.meta_graphs[0].signature_def.items()
    }


def _looks_of(folder: Path) -> tuple:
    """Returns what changes when a file in a folder does."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)


def _warm_up(signature: Signature) -> None:
    """Runs a function once, so that the first request doesn't wait for what TensorFlow does only once."""
    specs = [tf.TensorSpec(spec.shape, spec.dtype, name=name) for name, spec in signature.inputs.items()]
    if any(spec.shape.rank is None or spec.dtype == tf.string for spec in specs):
        return
    try:
        inputs = random_inputs(specs)[0]
        signature(**{name: tf.constant(inputs[name], spec.dtype) for name, spec in signature.inputs.items()})
    except Exception as error:  # it may need other inputs than random ones
        logger.debug("not warmed up: %s", reason(error))
