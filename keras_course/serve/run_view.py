"""A run folder as the page shows it: the curves and gradient norms so far, and its model once there is one."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_course.adversarial import number_of_epoch, pictures_of_epochs
from keras_course.locks import is_claimed
from keras_course.name_arguments import require_path
from keras_course.runs.by_name import export_for_a_look
from keras_course.runs.folder import HISTORY, MODEL, read_config
from keras_course.runs.kinds import KINDS, Kind

GRADIENT_NORMS = "gradient_norms.csv"
MOST_STEPS = 300  # shown of the gradient norms


class RunView:
    """A run folder, whether its training goes on or not; nothing is written into it.

    Args:
        run_dir: The folder.
        scratch: Folder for exports of its model.

    Raises:
        ValueError: If there is no run.

    Example:
        >>> import tempfile
        >>> from keras_course import train_recipe
        >>> from keras_course.serve import RunView
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = train_recipe("perceptron", run_dir=f"{folder}/run", epochs=2, verbose=0)
        ...     RunView(f"{folder}/run", f"{folder}/scratch").so_far()["history"]["epoch"]
        [0, 1]
    """

    def __init__(self, run_dir: str | Path, scratch: str | Path):
        self._folder, self._scratch = require_path("run_dir", run_dir), Path(scratch)
        self._exported: int | None = None  # when the model was written that was exported
        read_config(self._folder)

    def so_far(self) -> dict[str, Any]:
        """Returns what the page draws, as JSON."""
        config, film = read_config(self._folder), self._film()
        epoch = None if film is None or film.suffix == ".gif" else number_of_epoch(film)
        kind = KINDS.get(config["kind"], Kind())
        history, norms = self._table(HISTORY), self._table(GRADIENT_NORMS)
        claimed = is_claimed(self._folder)  # before the next line: a run writes its result, then gives its folder up
        finished = kind.result is not None and (self._folder / kind.result).is_file()
        norms = norms.iloc[:: -(-len(norms) // MOST_STEPS) or 1]
        return {
            "name": self._folder.resolve().name,
            "kind": config["kind"],
            "model": config.get("model"),
            "data": config.get("data"),
            "epochs": config.get("epochs"),
            "steps": config.get("steps"),
            "finished": finished,
            "going": claimed and not finished,
            "stopped": kind.result is not None and not finished and not claimed,
            "film": None if film is None else str(film.stat().st_mtime_ns),
            "film_epoch": epoch,
            "history": _columns(history, str(history.index.name or "epoch")),
            "gradient_norms": _columns(norms, "step"),
        }

    def film(self) -> tuple[bytes, str] | None:
        """Returns the film of what the run makes, or its last picture so far, and the media type; None for neither."""
        file = self._film()
        return None if file is None else (file.read_bytes(), f"image/{file.suffix[1:]}")

    def new_export(self) -> Path | None:
        """Exports the model if there is one that wasn't exported yet, and returns the folder of its versions.

        Raises:
            ValueError: If it can't be exported.
        """
        file = self._folder / MODEL
        written = file.stat().st_mtime_ns if file.is_file() else None
        if written in (None, self._exported):
            return None
        self._exported = written  # what can't be exported is tried once
        return export_for_a_look(self._folder, self._scratch).parent

    def _film(self) -> Path | None:
        """Returns the film, or the picture of the last epoch where that is newer: the film is made at the end."""
        kind = KINDS.get(read_config(self._folder)["kind"], Kind())
        films = [] if kind.film is None else [self._folder / kind.film]
        pictures = [] if kind.pictures is None else pictures_of_epochs(self._folder / kind.pictures)[-1:]
        found = [file for file in (*films, *pictures) if file.is_file()]
        return max(found, key=lambda file: file.stat().st_mtime_ns, default=None)

    def _table(self, name: str) -> pd.DataFrame:
        file = self._folder / name
        return pd.read_csv(file, index_col=0) if file.is_file() else pd.DataFrame()


def _columns(table: pd.DataFrame, index: str) -> dict[str, list[Any]]:
    numbers = table.select_dtypes("number").astype(np.float64)
    numbers = numbers.where(np.isfinite(numbers), np.nan)
    return {index: table.index.tolist()} | {str(name): numbers[name].tolist() for name in numbers}
