"""Where a transfer is, and the way down from there at one size of the picture."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from keras_course.applications.pictures import as_uint8
from keras_course.applications.style_transfer.film import Film
from keras_course.applications.style_transfer.minimizing import SEGMENT, SEGMENTS, Moments
from keras_course.applications.style_transfer.objective import TERMS, StyleFeatures, StyleObjective
from keras_course.applications.style_transfer.pictures import resized, with_as_many_pixels
from keras_course.numerics.optimizers import AdamState
from keras_course.runs import RunFolder
from keras_course.runs.folder import HISTORY
from keras_course.runs.state import State, pack_all, pack_table, rows_of, unpack_table

FILM, MOST_SIDE = "film.gif", 256  # pixels
NOISE = 0.1  # standard deviation of a start from noise, around middle grey
Callback = Callable[[int, np.ndarray, Mapping[str, float]], Any]


class Progress(State):
    """Where a transfer is: size, steps done at that size, the picture, and what Adam remembers.

    Attributes:
        level: Number of the size, 0 is the coarsest.
        done: Steps taken there.
        picture: float32 (height, width, 3), or None before the first step.
        moments: Of Adam.
        rows: Figures of each step.
        film: Some of the pictures so far.
    """

    level, done = 0, 0
    picture: np.ndarray | None = None
    moments: Moments = None

    def __init__(self):
        self.rows: list[dict[str, float]] = []
        self.film = Film(MOST_SIDE)

    @property
    def table(self) -> pd.DataFrame:
        """A row per step."""
        index = pd.RangeIndex(1, len(self.rows) + 1, name="step")
        table = pd.DataFrame(self.rows, index, columns=[*TERMS, "loss", "height", "width", "seconds"])
        return table.astype({"height": int, "width": int})

    def pack(self):
        """Returns everything as arrays."""
        moments = {} if self.moments is None else self.moments._asdict()
        return {
            "progress": np.array([self.level, self.done]),
            "picture": self.picture,
            **{f"adam_{name}": np.asarray(value) for name, value in moments.items()},
            **pack_table("history", self.table),
            **self.film.pack(),
        }

    def unpack(self, arrays):
        """Takes what `pack` returned."""
        self.level, self.done = map(int, arrays["progress"])
        self.picture = arrays["picture"]
        if "adam_step" in arrays:
            first, second, step = (arrays[f"adam_{name}"] for name in AdamState._fields)
            self.moments = AdamState(first, second, int(step))
        self.rows = rows_of(unpack_table("history", arrays, "step"))
        self.film.unpack(arrays)


def descend(
    progress: Progress,
    sizes: list[tuple[int, int]],
    pictures: list[np.ndarray],
    layers: StyleFeatures,
    settings: dict[str, Any],
    *,
    folder: RunFolder | None,
    callback: Callback | None,
) -> None:
    """Takes the steps that are left at one size, with a checkpoint after each segment."""
    height, width = sizes[progress.level]
    content = resized(pictures[0], height, width)
    objective = StyleObjective(layers, content, with_as_many_pixels(pictures[1], height * width), weights_of(settings))
    if progress.picture is None:
        progress.picture = _first_picture(content, settings)
    elif not progress.done:
        progress.picture = _enlarged(progress.picture, pictures[0], content, settings["start"])
        progress.moments = None
    began = time.perf_counter()

    def note(losses: np.ndarray, picture: np.ndarray) -> None:
        nonlocal began
        row = dict(zip(TERMS, map(float, losses), strict=True)) | {"loss": objective.weighted(losses)}
        now = time.perf_counter()
        progress.rows.append({**row, "height": height, "width": width, "seconds": now - began})
        began = now
        if folder is not None:
            progress.film.add(as_uint8(picture))
        if callback is not None:
            callback(len(progress.rows), as_uint8(picture), row)

    steps, segment = settings["steps"], SEGMENTS[settings["optimizer"]]
    if progress.level < len(sizes) - 1:
        steps = -(-steps // 4)
    while progress.done < steps:
        before, count = len(progress.rows), min(SEGMENT, steps - progress.done)
        progress.picture, progress.moments = segment(objective, progress.picture, count, progress.moments, note)
        nothing = len(progress.rows) == before  # a line search that found nothing lower: rounding errors alone are left
        progress.done = steps if nothing else progress.done + count
        if progress.done == steps:
            progress.level, progress.done = progress.level + 1, 0
        if folder is not None:
            folder.write_table(HISTORY, progress.table)
            folder.write_checkpoint(pack_all([progress]))
            if progress.level < len(sizes):  # else the whole film is about to be written
                progress.film.write(folder.path / FILM, as_uint8(progress.picture))
        if not progress.done:
            return


def _first_picture(content: np.ndarray, settings: dict[str, Any]) -> np.ndarray:
    if settings["start"] == "content":
        return content
    noise = np.random.default_rng(settings["seed"]).standard_normal(content.shape, np.float32)
    return np.clip(0.5 + NOISE * noise, 0, 1, dtype=np.float32)


def _enlarged(picture: np.ndarray, whole: np.ndarray, content: np.ndarray, start: str) -> np.ndarray:
    """Enlarges the picture of one size for the next; if it began as the content, its detail is put back."""
    size = content.shape[:2]
    larger = resized(picture, *size)
    if start == "content":
        larger += content - resized(resized(whole, *picture.shape[:2]), *size)
    return np.clip(larger, 0, 1)


def weights_of(settings: Mapping[str, Any]) -> tuple[float, float, float]:
    """Returns the weights of content, style and total variation."""
    return settings["content_weight"], settings["style_weight"], settings["total_variation"]
