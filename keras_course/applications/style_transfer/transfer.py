"""A picture with the content of one picture and the style of another, by descent on its pixels."""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from PIL import Image

from keras_course.applications.pictures import as_uint8, unit_picture
from keras_course.applications.style_transfer.minimizing import SEGMENT, SEGMENTS, Moments
from keras_course.applications.style_transfer.objective import TERMS, StyleFeatures, StyleObjective
from keras_course.applications.style_transfer.pictures import (
    picture_size,
    pyramid,
    resized,
    with_colors_of,
)
from keras_course.arguments import require_boolean, require_choice, require_integer, require_number
from keras_course.files import write_picture
from keras_course.models import load_features
from keras_course.models.conventions import require_tensorflow
from keras_course.numerics.optimizers import AdamState
from keras_course.runs import RunFolder
from keras_course.runs.description import package_versions
from keras_course.runs.exports import weights_digest
from keras_course.runs.folder import CHECKPOINT, HISTORY
from keras_course.runs.settings import check_run
from keras_course.runs.state import State, pack_all, pack_table, rows_of, unpack_all, unpack_table

PICTURE = "picture.png"
NOISE = 0.1  # standard deviation of a start from noise, around middle grey
Callback = Callable[[int, np.ndarray, Mapping[str, float]], Any]


@dataclass(frozen=True, eq=False)
class StyleTransfer:
    """The outcome of `transfer_style`.

    Attributes:
        image: uint8 (height, width, 3).
        losses: Index = step (1-based), over all sizes; `content`, `style`, `total_variation`, each without its weight,
            `loss`, their weighted sum, `height` and `width` of the picture, and `seconds` of the step.
        seconds: What all steps took.
        features: Name of the net.

    Example:
        >>> import pandas as pd
        >>> made = StyleTransfer(np.zeros((2, 2, 3), np.uint8), pd.DataFrame(), 0.0, "vgg16_imagenet")
        >>> made.image.shape
        (2, 2, 3)
    """

    image: np.ndarray
    losses: pd.DataFrame
    seconds: float
    features: str


def transfer_style(
    content: Any,
    style: Any,
    *,
    features: keras.Model | str | None = None,
    content_layers: Sequence[str] | None = None,
    style_layers: Sequence[str] | None = None,
    content_weight: float = 1.0,
    style_weight: float = 1.0,
    total_variation: float = 0.01,
    steps: int = 80,
    optimizer: str = "lbfgs",
    image_size: int | tuple[int, int] | None = None,
    levels: int = 3,
    keep_colors: bool = False,
    start: str = "content",
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callback: Callback | None = None,
) -> StyleTransfer:
    """Paints `content` in the style of `style`: minimises α L_content + β L_style + τ TV over the pixels.

    L_content is the mean of `content_loss` over its layers, L_style that of `style_loss`, TV the total variation over
    that of the content. So each is 1 for a picture that is known, and the weights mean the same at every size.

    It goes from coarse to fine: half sizes first, where a step takes a quarter of the time, each result enlarged to
    begin the next with. A transfer that was killed and started again with `resume=True` makes the same picture.

    Args:
        content: uint8 in 0..255 or floats in [0, 1], (height, width) or (height, width, 1, 3 or 4).
        style: The same, of any size; it is resized to as many pixels as the picture has, its aspect kept.
        features: A functional model of RGB images in [0, 1] for pictures of any size, or what `load_features` takes;
            None takes `load_features()`.
        content_layers: Names of layers; None takes the second convolution of stage 4 after its ReLU, of a smaller net
            one of stage 3.
        style_layers: Names of layers; None takes the first convolution of each stage after its ReLU.
        content_weight: Float >= 0. α.
        style_weight: Float >= 0. β.
        total_variation: Float >= 0. τ, against noise.
        steps: Int >= 1. Iterations at each size.
        optimizer: "lbfgs" or "adam".
        image_size: Int >= 1, the longer side of the picture in pixels; (height, width); or None for the content's size.
        levels: Int >= 1. Sizes, each half of the next, none below 64 pixels but the last; 1 takes the full size alone.
        keep_colors: Whether the picture takes the style's brightness alone, and the content's colours.
        start: "content" or "noise".
        seed: Int >= 0. Of the noise.
        run_dir: Folder for the losses, the picture and a checkpoint every 40 steps; None writes nothing.
        resume: Whether to go on with the transfer in `run_dir`.
        callback: Called after each step with its number (1-based), the picture uint8 (height, width, 3), at coarse
            sizes a small one, and a dict of the losses.

    Returns:
        The picture, and the losses of each step.

    Raises:
        ValueError: If an argument is out of range, a picture is none or too small for the layers, a layer is unknown,
            or `run_dir` holds a run that is not to be resumed or was made otherwise.
        FileNotFoundError: If the features are not there.

    Example:
        >>> import keras, numpy as np
        >>> from keras_course.applications.style_transfer import transfer_style
        >>> layers = [keras.layers.Conv2D(4, 3, activation="relu", name=name) for name in ("edges", "corners")]
        >>> net = keras.Sequential([keras.Input((None, None, 3)), *layers])
        >>> pictures = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
        >>> made = transfer_style(
        ...     *pictures, features=net, content_layers=["corners"], style_layers=["edges", "corners"], steps=5
        ... )
        >>> made.image.shape, bool(made.losses["style"].iloc[-1] < 0.5)
        ((16, 16, 3), True)

    Source: deck, chapter 8, "Style transfer"; Gatys et al. (2015), arXiv:1508.06576.
    """
    settings = {name: value for name, value in locals().items() if name not in ("content", "style", "callback")}
    _check(settings)
    pictures = [unit_picture("content", content), unit_picture("style", style)]
    size = picture_size(pictures[0].shape, image_size)
    net = _loaded(features)
    layers = StyleFeatures(net, content_layers, style_layers)
    progress = _Progress()
    with contextlib.ExitStack() as stack:
        folder = None
        if run_dir is not None:
            config = _described(settings, net, layers, pictures, size)
            folder = stack.enter_context(contextlib.closing(RunFolder(run_dir, config, resume=resume)))
            if folder.checkpoint is not None:
                unpack_all([progress], folder.checkpoint, folder.path / CHECKPOINT)
        sizes = pyramid(*size, levels)
        while progress.level < len(sizes):
            _one_size(progress, sizes, pictures, layers, settings, folder, callback)
        image = progress.picture
        if keep_colors:
            image = with_colors_of(image, resized(pictures[0], *size))
        made = StyleTransfer(as_uint8(image), progress.table, float(progress.table["seconds"].sum()), layers.name)
        if folder is not None:
            write_picture(folder.path / PICTURE, Image.fromarray(made.image).save)
    return made


class _Progress(State):
    """Where a transfer is: size, steps done at that size, the picture, and what Adam remembers.

    Attributes:
        level: Number of the size, 0 is the coarsest.
        done: Steps taken there.
        picture: float32 (height, width, 3), or None before the first step.
        moments: Of Adam.
        rows: Figures of each step.
    """

    level, done = 0, 0
    picture: np.ndarray | None = None
    moments: Moments = None

    def __init__(self):
        self.rows: list[dict[str, float]] = []

    @property
    def table(self) -> pd.DataFrame:
        """A row per step."""
        index = pd.RangeIndex(1, len(self.rows) + 1, name="step")
        table = pd.DataFrame(self.rows, index, columns=[*TERMS, "loss", "height", "width", "seconds"])
        return table.astype({"height": int, "width": int})

    def pack(self):
        """Returns everything as arrays."""
        moments = {} if self.moments is None else dict(zip(AdamState._fields, map(np.asarray, self.moments), strict=True))
        return {
            "progress": np.array([self.level, self.done]),
            "picture": self.picture,
            **{f"adam_{name}": value for name, value in moments.items()},
            **pack_table("history", self.table),
        }

    def unpack(self, arrays):
        """Takes what `pack` returned."""
        self.level, self.done = map(int, arrays["progress"])
        self.picture = arrays["picture"]
        if "adam_step" in arrays:
            first, second, step = (arrays[f"adam_{name}"] for name in AdamState._fields)
            self.moments = AdamState(first, second, int(step))
        self.rows = rows_of(unpack_table("history", arrays, "step"))


def _one_size(
    progress: _Progress,
    sizes: list[tuple[int, int]],
    pictures: list[np.ndarray],
    layers: StyleFeatures,
    settings: dict[str, Any],
    folder: RunFolder | None,
    callback: Callback | None,
) -> None:
    """Takes the steps that are left at one size, with a checkpoint after each segment."""
    height, width = sizes[progress.level]
    content = resized(pictures[0], height, width)
    objective = StyleObjective(layers, content, _style_for(pictures[1], height * width), _weights(settings))
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
        if callback is not None:
            callback(len(progress.rows), as_uint8(picture), row)

    while progress.done < settings["steps"]:
        before = len(progress.rows)
        count = min(SEGMENT, settings["steps"] - progress.done)
        segment = SEGMENTS[settings["optimizer"]]
        progress.picture, progress.moments = segment(objective, progress.picture, count, progress.moments, note)
        nothing = len(progress.rows) == before  # a line search that found nothing lower: rounding errors alone are left
        progress.done = settings["steps"] if nothing else progress.done + count
        if progress.done == settings["steps"]:
            progress.level, progress.done = progress.level + 1, 0
        if folder is not None:
            folder.write_table(HISTORY, progress.table)
            folder.write_checkpoint(pack_all([progress]))
        if not progress.done:
            break


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


def _style_for(style: np.ndarray, pixels: int) -> np.ndarray:
    """Returns the style with about so many pixels, its aspect kept."""
    factor = (pixels / (style.shape[0] * style.shape[1])) ** 0.5
    return resized(style, *(max(1, round(side * factor)) for side in style.shape[:2]))


def _weights(settings: Mapping[str, Any]) -> tuple[float, float, float]:
    return settings["content_weight"], settings["style_weight"], settings["total_variation"]


def _loaded(features: Any) -> keras.Model:
    if isinstance(features, keras.Model):
        return features
    return load_features("auto" if features is None else features)


def _check(settings: Mapping[str, Any]) -> None:
    require_tensorflow("style transfer")
    for name in ("content_weight", "style_weight", "total_variation"):
        require_number(name, settings[name], at_least=0)
    if not any(_weights(settings)):
        raise ValueError(
            "`content_weight`, `style_weight` or `total_variation` must be > 0. Received: 0 of all of them"
        )
    for name in ("steps", "levels"):
        require_integer(name, settings[name], at_least=1)
    require_integer("seed", settings["seed"], at_least=0)
    require_choice("optimizer", settings["optimizer"], tuple(SEGMENTS))
    require_choice("start", settings["start"], ("content", "noise"))
    require_boolean("keep_colors", settings["keep_colors"])
    check_run(settings["run_dir"], settings["resume"], verbose=0)


def _described(
    settings: Mapping[str, Any],
    net: keras.Model,
    layers: StyleFeatures,
    pictures: list[np.ndarray],
    size: tuple[int, int],
) -> dict[str, Any]:
    """Returns what makes a transfer, JSON-serialisable."""
    own = ("content_weight", "style_weight", "total_variation", "steps", "optimizer", "levels", "keep_colors", "start")
    digests = [hashlib.sha256(picture.tobytes() + str(picture.shape).encode()).hexdigest()[:16] for picture in pictures]
    return {
        "kind": "style-transfer",
        **{name: settings[name] for name in (*own, "seed")},
        "image_size": list(size),
        "features": layers.name,
        "features_digest": weights_digest(net, {})[:16],
        "content_layers": [call.name for call in layers.content],
        "style_layers": [call.name for call in layers.style],
        "content_digest": digests[0],
        "style_digest": digests[1],
        "versions": package_versions(),
    }
