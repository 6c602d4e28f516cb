"""A picture with the content of one picture and the style of another, by descent on its pixels."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd
from PIL import Image

from keras_course.applications.pictures import as_uint8, unit_picture
from keras_course.applications.style_transfer.minimizing import SEGMENTS
from keras_course.applications.style_transfer.objective import StyleFeatures, check_weights, loaded_features
from keras_course.applications.style_transfer.pictures import (
    digest_of,
    picture_size,
    pyramid,
    resized,
    with_colors_of,
)
from keras_course.applications.style_transfer.progress import FILM, Callback, Progress, descend, weights_of
from keras_course.arguments import require_boolean, require_choice, require_integer
from keras_course.files import write_picture
from keras_course.models.conventions import require_tensorflow
from keras_course.runs import RunFolder
from keras_course.runs.description import package_versions
from keras_course.runs.exports import weights_digest
from keras_course.runs.folder import CHECKPOINT
from keras_course.runs.settings import check_run
from keras_course.runs.state import unpack_all

PICTURE = "picture.png"


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
        >>> import numpy as np, pandas as pd
        >>> from keras_course.applications.style_transfer import StyleTransfer
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
    precision: str = "auto",
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
        steps: Int >= 1. Iterations at full size; each coarser size takes a quarter of them.
        optimizer: "lbfgs" or "adam".
        image_size: Int >= 1, the longer side of the picture in pixels; (height, width); or None for the content's size.
        levels: Int >= 1. Sizes, each half of the next, none below 64 pixels but the last; 1 takes the full size alone.
        keep_colors: Whether the picture takes the style's brightness alone, and the content's colours.
        start: "content" or "noise".
        precision: "float32" computes the features in the numbers of the net, "bfloat16" in those, which takes 0.6 of
            the time and 0.7 of the memory where the processor multiplies in them, for a loss that is higher by less
            than a hundredth; "auto" takes them there for nets such as VGG. Picture, Gram matrices and sums stay in the
            net's.
        seed: Int >= 0. Of the noise.
        run_dir: Folder for the losses, the picture, a small film of it and a checkpoint after each size, and after each
            160 steps of one; None writes nothing. `keras-course show` shows it in the browser, while it is painted too.
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
    net = loaded_features(features)
    layers = StyleFeatures(net, content_layers, style_layers, precision)
    progress = Progress()
    with contextlib.ExitStack() as stack:
        folder = None
        if run_dir is not None:
            config = _described(settings, net, layers, pictures, size)
            folder = stack.enter_context(contextlib.closing(RunFolder(run_dir, config, resume=resume)))
            if folder.checkpoint is not None:
                unpack_all([progress], folder.checkpoint, folder.path / CHECKPOINT)
        sizes = pyramid(*size, levels)
        while progress.level < len(sizes):
            descend(progress, sizes, pictures, layers, settings, folder=folder, callback=callback)
        image: Any = progress.picture
        if keep_colors:
            image = with_colors_of(image, resized(pictures[0], *size))
        made = StyleTransfer(as_uint8(image), progress.table, float(progress.table["seconds"].sum()), layers.name)
        if folder is not None:
            progress.film.write(folder.path / FILM, made.image)
            write_picture(folder.path / PICTURE, Image.fromarray(made.image).save)
    return made


def _check(settings: Mapping[str, Any]) -> None:
    require_tensorflow("style transfer")
    check_weights(weights_of(settings))
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
    return {
        "kind": "style-transfer",
        **{name: settings[name] for name in (*own, "seed")},
        "image_size": list(size),
        "features": layers.name,
        "precision": layers.precision,
        "features_digest": weights_digest(net, {})[:16],
        "content_layers": [call.name for call in layers.content],
        "style_layers": [call.name for call in layers.style],
        "content_digest": digest_of(pictures[0]),
        "style_digest": digest_of(pictures[1]),
        "versions": package_versions(),
    }
