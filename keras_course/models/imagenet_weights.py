"""ImageNet weights of the VGG authors, as converted for `keras.applications`, for the nets of `build_vgg`."""

import hashlib
import os
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import keras

from keras_course.models.vgg import CONVOLUTIONS_PER_STAGE, FILTERS_PER_STAGE, HIDDEN_UNITS

ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications"
# MD5 sums of the files with and without the three dense layers, as in keras.applications
CHECKSUMS = {
    "vgg16_weights_tf_dim_ordering_tf_kernels.h5": "64373286793e3c8b2b4e3219cbf3544b",
    "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5": "6d6bbae143d832006294945121d1f1fc",
    "vgg19_weights_tf_dim_ordering_tf_kernels.h5": "cbe5617147190e668d6c5d5026f83318",
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5": "253f8cb515780f3b799900260a226db6",
}
CLASSES = 1000
IMAGENET_MEAN = (123.68 / 255, 116.779 / 255, 103.939 / 255)  # mean colour of the training set, RGB in [0, 1]
PATIENCE = 10.0  # seconds for a first answer of the server


def load_imagenet_weights(model: keras.Model) -> None:
    """Loads ImageNet weights into a VGG-16 or VGG-19, which then takes RGB images in [0, 1], as the other nets do.

    The convolutions are always loaded; the two hidden layers where the images have the published 224x224 pixels; the
    logits where there are 1000 classes too. What isn't loaded keeps its values.

    The file is read from `$KERAS_HOME/models` (`~/.keras/models`), where `keras.applications` keeps it too, or else
    downloaded to it: about 550 MB, or 60 to 80 MB where the convolutions alone are loaded.

    Args:
        model: From `build_vgg` with depth 16 or 19, images of three channels, width 1 and no batch normalisation, best
            with `mean_color=IMAGENET_MEAN`.

    Raises:
        ValueError: If `model` is another one, or the file is damaged.
        FileNotFoundError: If the file is neither there nor can be downloaded.

    Example:
        >>> from keras_course.models import build_vgg, load_imagenet_weights
        >>> model = build_vgg((32, 32, 3), 10, depth=16, width=0.125)
        >>> load_imagenet_weights(model)  # not the published width
        Traceback (most recent call last):
        ValueError: `model` must be a VGG-16 or VGG-19 from `build_vgg` for RGB images, with width=1...

    Source: deck, chapter 5, "Inside a CNN"; Simonyan and Zisserman (2014), arXiv:1409.1556.

    Note: The weights were trained on images in BGR order and 0..255, less the mean colour of ImageNet. Order and
        factor go into the kernel of the first convolution. With `mean_color=IMAGENET_MEAN` the net subtracts the mean
        itself and equals the published one. Without, the mean goes into the bias of the first convolution: the same
        but for the outermost pixels of its output, because the padding around the image is then black instead of
        mean-coloured.
    """
    name = imagenet_file_name(model)
    read_imagenet_file(model, _weights_file(name))


def read_imagenet_file(model: keras.Model, path: Path) -> None:
    """Reads the file of `imagenet_file_name(model)` into the model."""
    # Keras reads such a file layer by layer in order, so the net to read into ends where the file does.
    end = model.get_layer("stage5_pool").output
    if _has_published_classifier(model):
        end = model.output
        if end.shape[-1] != CLASSES:
            end = keras.layers.Dense(CLASSES, name="published_logits")(model.get_layer("logits").input)
    keras.Model(model.input, end).load_weights(path)
    accept_unit_rgb(model, IMAGENET_MEAN)


def imagenet_file_name(model: keras.Model) -> str:
    """Returns the name of keras.applications' file for the model: with the dense layers where these have its shape.

    Raises:
        ValueError: If the model is no VGG-16 or VGG-19 as published.
    """
    depth = published_depth(model)
    return f"vgg{depth}_weights_tf_dim_ordering_tf_kernels{'' if _has_published_classifier(model) else '_notop'}.h5"


def _has_published_classifier(model: keras.Model) -> bool:
    shapes = [tuple(layer.kernel.shape) for layer in model.layers if layer.name == "hidden1"]
    return shapes == [(7 * 7 * FILTERS_PER_STAGE[-1], HIDDEN_UNITS["imagenet"])]


def accept_unit_rgb(model: keras.Model, mean_color: Sequence[float]) -> None:
    """Turns weights for BGR in 0..255 less a mean colour into weights for the RGB that the first convolution gets.

    Args:
        model: Its first convolution, `stage1_conv1`, has the weights as they were trained.
        mean_color: The colour that was subtracted in training, RGB in [0, 1].
    """
    subtracted = next((layer.offset for layer in model.layers if layer.name == "image_center"), [0.0] * 3)
    missing = [-mean - offset for mean, offset in zip(mean_color, subtracted, strict=True)]
    first = model.get_layer("stage1_conv1")
    kernel = keras.ops.flip(keras.ops.convert_to_tensor(first.kernel), axis=2) * 255
    first.kernel.assign(kernel)
    first.bias.assign(first.bias + keras.ops.sum(kernel * keras.ops.reshape(missing, (1, 1, 3, 1)), axis=(0, 1, 2)))


def published_depth(model: keras.Model) -> int:
    """Returns 16 or 19, or raises unless the convolutions are the published ones of that depth."""
    kernels = {
        layer.name: tuple(layer.kernel.shape) if layer.use_bias else None
        for layer in getattr(model, "layers", ())
        if isinstance(layer, keras.layers.Conv2D)
    }
    for depth in (16, 19):
        if kernels == _published_kernels(depth):
            return depth
    raise ValueError(
        "`model` must be a VGG-16 or VGG-19 from `build_vgg` for RGB images, with width=1 and batch_norm=False. "
        f"Received: model={getattr(model, 'name', model)!r} of {len(kernels)} convolutions"
        + "".join(f", the first of shape {shape}" for shape in list(kernels.values())[:1] if shape)
    )


def _published_kernels(depth: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    channels = 3
    stages = zip(FILTERS_PER_STAGE, CONVOLUTIONS_PER_STAGE[depth], strict=True)
    for stage, (filters, convolutions) in enumerate(stages, start=1):
        for number in range(1, convolutions + 1):
            shapes[f"stage{stage}_conv{number}"] = (3, 3, channels, filters)
            channels = filters
    return shapes


def imagenet_folder() -> Path:
    """Returns the folder where `keras.applications` keeps such files."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras", "models")


def imagenet_url(name: str) -> str:
    """Returns the address of a file by its name."""
    return f"{ORIGIN}/{name[:5]}/{name}"


def md5(path: Path) -> str:
    """Returns the MD5 sum of a file, by which `keras.applications` knows its own."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _weights_file(name: str) -> Path:
    """Returns the path of a weight file; downloads it where it isn't there yet."""
    folder, url = imagenet_folder(), imagenet_url(name)
    path = folder / name
    if not path.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PATIENCE):
                pass  # `get_file` has no time limit of its own
            keras.utils.get_file(name, url, cache_dir=str(folder.parent), cache_subdir="models")
        except Exception as error:  # `get_file` raises nothing narrower
            raise FileNotFoundError(
                f"The ImageNet weights are not at {path} and can't be downloaded: {error}\n"
                f"Put the file {url} into the folder {folder}, or try again with a network."
            ) from error
    checksum = md5(path)
    if checksum != CHECKSUMS[name]:
        raise ValueError(
            f"The file of ImageNet weights must have the MD5 sum {CHECKSUMS[name]}. Received: {checksum} of {path}\n"
            f"Delete it, so that it is downloaded again, or put the file {url} there."
        )
    return path
