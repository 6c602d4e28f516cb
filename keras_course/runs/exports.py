"""What a run has exported, and where: so that a run that was killed and resumed does not export it again."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from keras_course.files import versions, write_file
from keras_course.reading import read_json, sums_of
from keras_course.runs.state import array_of

logger = logging.getLogger(__name__)

RECORD = "exports.json"


@dataclass(frozen=True)
class Export:
    """One export.

    Args:
        target: The folder of all its versions, as seen from the run's: both may be moved together.
        format: "saved-model", "onnx" or "litert".
        weights: From `weights_digest`.
    """

    target: str
    format: str
    weights: str


def weights_digest(model: keras.Model, config: Mapping[str, Any]) -> str:
    """Returns a SHA-256 of all weights and of what else of a run an export holds."""
    about = {name: config.get(name) for name in ("model", "data", "class_names", "polarity", "conditional")}
    digest = hashlib.sha256(json.dumps(about, default=str).encode())
    for variable in model.weights:
        array = array_of(variable)
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def find_export(run_dir: Path, export: Export, target: Path) -> Path | None:
    """Returns the version in `target` that was exported from a run, as it was written, or None."""
    for record in _records(run_dir):
        if {**record, "files": None} == {**asdict(export), "files": None}:
            for version in versions(target):
                if _sums(version) == record["files"]:
                    return version
    return None


def record_export(run_dir: Path, export: Export, version: Path) -> None:
    """Adds an export to the record of a run; a folder that can't be written costs the record alone."""
    records = [*_records(run_dir), {**asdict(export), "files": _sums(version)}]
    try:
        write_file(run_dir / RECORD, f"{json.dumps(records, indent=2)}\n".encode())
    except OSError as error:
        logger.warning("Not recorded in the run: %s", error)


def _sums(version: Path) -> dict[str, list[Any]]:
    return sums_of(version, (path for path in version.rglob("*") if path.is_file()))


def _records(run_dir: Path) -> list[dict[str, Any]]:
    try:
        records = read_json(run_dir / RECORD, list) if (run_dir / RECORD).exists() else []
    except ValueError:
        records = []
    return [record for record in records if isinstance(record, dict) and "files" in record]
