"""The run folder: what made the run, what it gave, and a checkpoint from which it goes on after any interruption."""

import contextlib
import io
import json
import logging
import os
import weakref
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from keras_course.data.npz import read_npz
from keras_course.disk import disk_failures_by_name
from keras_course.files import flush, private_folder, remove_abandoned_folders, remove_left_overs, write_file
from keras_course.name_arguments import require_path
from keras_course.reading import check_types, read_json, reason
from keras_course.runs.description import leaves, plain
from keras_course.runs.kinds import COMMON_FILES, claimed_run, files_of_run, kind_of

logger = logging.getLogger(__name__)

CONFIG, HISTORY, MODEL, CHECKPOINT, REPORT = COMMON_FILES
TYPES: dict[str, type | tuple[type, ...]] = {  # of what is read back, where it is there
    **dict.fromkeys(("kind", "model", "data"), str),
    **dict.fromkeys(("epochs", "seed", "workers"), int),
    "models": list,
    "class_names": (list, type(None)),
    **dict.fromkeys(("recipe", "decay"), (dict, type(None))),
    "polarity": (str, type(None)),
    "conditional": bool,
}
RECIPE_TYPES: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "models": list,
    "data": (str, type(None)),
    "seed": int,
}
LOSS = "lost_worker.txt"
UNFINISHED = ".model-"  # begins the name of the folder in which a model is written
# These may differ between a run and its continuation.
FREE_TO_CHANGE = ("versions", "training_seconds", "command", "recipe", "source", "workers")
UNSAID = {"precision": "float32", "replicas": 1, "synchronized": False}  # what a config leaves out


def read_config(path: str | os.PathLike) -> dict[str, Any]:
    """Reads what made the run in a folder.

    Args:
        path: The folder.

    Returns:
        The contents of `config.json`, with the key `kind`.

    Raises:
        ValueError: If the file is missing, damaged or no object.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "config.json").write_text('{"kind": "gan", "seed": 7}')
        ...     read_config(folder)
        {'kind': 'gan', 'seed': 7}
    """
    file = require_path("run_dir", path) / CONFIG
    try:
        config = read_json(file)
        check_types(config, TYPES)
        check_types(config.get("recipe") or {}, RECIPE_TYPES)
        if not all(isinstance(name, str) for name in config.get("class_names") or ()):
            raise ValueError("class_names are no texts")
    except (OSError, ValueError) as error:
        raise ValueError(
            f"`run_dir` must hold a run with {CONFIG}. Received: {file}, missing or damaged ({reason(error)})"
        ) from error
    return config | {"kind": kind_of(config)}


class RunFolder:
    """A folder with `config.json`, tables such as `history.csv`, `model.keras`, `checkpoint.npz` and a report.

    That of a run that is resumed keeps its `config.json` until `write_config`, for whoever finds more to refuse. It
    belongs to this process, and to this thread of it, until `close`.

    Attributes:
        path: The folder.
        checkpoint: The arrays of the last checkpoint of the run that is resumed, or None.

    Args:
        path: The folder; made if missing.
        config: What makes the run, JSON-serialisable.
        resume: Whether to go on with the run that the folder holds; an empty folder starts one.

    Raises:
        ValueError: If `path` is a file, is in use by another process, holds files of a run and `resume` is false, holds
            a run that was made otherwise, or one whose files are damaged.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as path:
        ...     RunFolder(path, {"kind": "own"}, resume=False).write_checkpoint({"weights": np.ones(2)})
        ...     RunFolder(path, {"kind": "own"}, resume=True).checkpoint
        {'weights': array([1., 1.])}
    """

    def __init__(self, path: str | os.PathLike, config: dict[str, Any], *, resume: bool):
        self.path = Path(path)
        self.checkpoint = None
        with contextlib.ExitStack() as claim:
            claim.enter_context(claimed_run(path))
            if files_of_run(self.path, resume=resume):
                self.checkpoint = last_checkpoint(self.path, config)
                self._remove_left_overs()
            else:
                self.write_config(config)
            self._release = weakref.finalize(self, claim.pop_all().close)  # also where nobody closes it

    def close(self) -> None:
        """Gives the folder free for other processes."""
        self._release()

    def write_config(self, config: dict[str, Any]) -> None:
        """Writes `config.json`."""
        text = json.dumps(plain(config), indent=2, ensure_ascii=False)
        write_file(self.path / CONFIG, f"{text}\n".encode())

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Writes a table as CSV, with its index; floats keep all their digits."""
        write_file(self.path / name, table.to_csv().encode())

    def write_model(self, model: keras.Model) -> None:
        """Writes `model.keras`, with the state of its optimizers."""
        file = self.path / MODEL
        with disk_failures_by_name(file), private_folder(self.path, UNFINISHED) as folder:
            model.save(folder / MODEL)
            flush(folder)
            os.replace(folder / MODEL, file)

    def write_checkpoint(self, arrays: dict[str, np.ndarray]) -> None:
        """Replaces the checkpoint in one step."""
        with io.BytesIO() as buffer:
            np.savez(buffer, **arrays)  # type: ignore[arg-type]
            write_file(self.path / CHECKPOINT, buffer.getvalue())

    def write_loss(self, what: str) -> None:
        """Writes of the loss of which worker the training ended, for `tell_loss`."""
        write_file(self.path / LOSS, f"{what}\n".encode())

    def tell_loss(self, epochs: int, workers: int) -> None:
        """Says which worker's loss ended a training that goes on; without a note of it the chief's, who writes notes.

        Args:
            epochs: How many the checkpoint has.
            workers: How many there are.
        """
        note = self.path / LOSS
        what = f"worker 1 of {workers}, the chief, ended or was interrupted"
        if note.exists():
            what = note.read_text(errors="replace").strip()
        elif not epochs or (self.path / MODEL).exists():
            return
        begin = f"Goes on after epoch {epochs}" if epochs else "Starts anew"
        logger.warning("%s, where the training stopped: %s", begin, what)
        note.unlink(missing_ok=True)

    def _remove_left_overs(self) -> None:
        """Removes what processes that were killed had begun to write."""
        for folder in [self.path, *(path for path in self.path.rglob("*") if path.is_dir())]:
            remove_left_overs(folder)
        remove_abandoned_folders(self.path, UNFINISHED)


def last_checkpoint(folder: Path, config: dict[str, Any]) -> dict[str, np.ndarray] | None:
    """Reads the last checkpoint of the run in a folder, or None before the first.

    Args:
        folder: The folder.
        config: What makes the run that is to go on.

    Raises:
        ValueError: If the run in the folder was made otherwise, or its files are damaged.
    """
    _check_same(read_config(folder), config, folder)
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    try:
        return read_npz(path)
    except ValueError as error:
        raise ValueError(
            f"`resume` needs a whole checkpoint. Received: {path}, {error}; delete it to start the run anew"
        ) from error


def _check_same(old: dict[str, Any], new: dict[str, Any], path: Path) -> None:
    """Refuses settings that differ; what the first run did not know of, an older version's, is no difference.

    Other epochs alone are no difference either. Where they change the decay, they are named with it.
    """
    known = [name for name in {**UNSAID, **old} if name not in FREE_TO_CHANGE]
    old, new = (
        dict(leaves({name: config.get(name, UNSAID.get(name)) for name in known})) for config in (old, plain(new))
    )
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    names.sort(key=lambda name: not name.endswith("epochs"))  # what follows from them comes after
    if names not in ([], ["epochs"]):
        changes = "; ".join(f"{name} was {old.get(name)!r}, now {new.get(name)!r}" for name in names)
        devices = " (replicas: how many devices or `workers` train)" if "replicas" in names else ""
        raise ValueError(f"`resume` needs the settings of the run in {path}. Received: {changes}{devices}")
