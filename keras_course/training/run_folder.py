"""The run folder: what made the run, what it gave, and a checkpoint from which it goes on after any interruption."""

import io
import json
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

CONFIG, HISTORY, NORMS, MODEL, CHECKPOINT = (
    "config.json",
    "history.csv",
    "gradient_norms.csv",
    "model.keras",
    "checkpoint.npz",
)
# These may differ between a run and its continuation.
FREE_TO_CHANGE = ("epochs", "versions", "training_seconds")


def write_whole(path: Path, content: bytes) -> Path:
    """Writes beside the path and renames, so that a reader and a crash meet the old file or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


class RunFolder:
    """A folder with `config.json`, `history.csv`, `gradient_norms.csv`, `model.keras`, `checkpoint.npz` and a report.

    Args:
        path: The folder; made if missing.
        config: What makes the run, JSON-serialisable.
        resume: Whether to go on with the run that the folder holds; an empty folder starts one.

    Raises:
        ValueError: If `path` is a file, holds a run and `resume` is false, or holds a run that was made otherwise.
    """

    def __init__(self, path: str | os.PathLike, config: dict[str, Any], *, resume: bool):
        self.path = Path(path)
        if self.path.exists() and not self.path.is_dir():
            raise ValueError(f"`run_dir` must be a folder. Received: run_dir={str(path)!r}, a file")
        config_path = self.path / CONFIG
        if config_path.exists():
            if not resume:
                raise ValueError(
                    f"`run_dir` holds a run already; pass resume=True (--resume) to go on with it, or another folder. "
                    f"Received: run_dir={str(path)!r}"
                )
            _check_same(json.loads(config_path.read_text(encoding="utf-8")), config, self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.write_config(config)

    def write_config(self, config: dict[str, Any]) -> None:
        """Writes `config.json`."""
        text = json.dumps(config, indent=2, ensure_ascii=False)
        write_whole(self.path / CONFIG, f"{text}\n".encode())

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Writes a table as CSV, with its index; floats keep all their digits."""
        write_whole(self.path / name, table.to_csv().encode())

    def write_model(self, model: keras.Model) -> None:
        """Writes `model.keras`, with the state of its optimizer."""
        beside = self.path / f".{os.getpid()}.{MODEL}"
        try:
            model.save(beside)
            os.replace(beside, self.path / MODEL)
        finally:
            beside.unlink(missing_ok=True)

    def write_checkpoint(self, arrays: dict[str, np.ndarray]) -> None:
        """Replaces the checkpoint in one step."""
        with io.BytesIO() as buffer:
            np.savez(buffer, **arrays)  # type: ignore[arg-type]
            write_whole(self.path / CHECKPOINT, buffer.getvalue())

    def read_checkpoint(self) -> dict[str, np.ndarray] | None:
        """Returns the arrays of the last checkpoint, or None before the first."""
        path = self.path / CHECKPOINT
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)


def _check_same(old: dict[str, Any], new: dict[str, Any], path: Path) -> None:
    new = json.loads(json.dumps(new))
    names = [name for name in {**old, **new} if name not in FREE_TO_CHANGE and old.get(name) != new.get(name)]
    if names:
        changes = "; ".join(f"{name} was {old.get(name)!r}, now {new.get(name)!r}" for name in names)
        raise ValueError(f"`resume` needs the settings of the run in {path}. Received: {changes}")
