"""Classifiers as backbones: the maps at the end of their stages, from which detectors and segmenters start."""

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import keras

from keras_course.arguments import require_choice
from keras_course.models import resnet, vgg
from keras_course.models.blocks import check_image_model, choose_stem, require_sizes


class Family(NamedTuple):
    """How `choose_stem` chooses for the nets of a family, and what applies their stages."""

    smallest: dict[str, int]
    published_from: int | None
    stages: Callable[..., keras.KerasTensor]


RESNET = Family(resnet.SMALLEST_SIZE, resnet.PUBLISHED_FROM, resnet.resnet_stages)
VGG = Family(vgg.SMALLEST_SIZE, None, vgg.vgg_stages)
BACKBONES = {
    **{f"vgg{depth}": (VGG, depth) for depth in vgg.CONVOLUTIONS_PER_STAGE},
    **{f"resnet{depth}": (RESNET, depth) for depth in resnet.BLOCKS_PER_STAGE},
}
STAGE = re.compile(r"stage(\d+)_|stem_conv")  # of a layer's name


def backbone_maps(
    backbone: Any,
    input_shape: Any,
    num_classes: Any,
    *,
    stride: Any,
    width: float,
    stem: str,
    coarsest: Any = None,
) -> tuple[keras.KerasTensor, dict[int, keras.KerasTensor]]:
    """Builds a backbone, and checks the arguments that the builders upon one share.

    Args:
        backbone: Key of `BACKBONES`; or a classifier of this package, whose layers are copied with their weights.
        input_shape: (height, width, channels), integers in pixels.
        num_classes: Integer >= 1.
        stride: Pixels of the image from one unit of the finest map that is wanted to the next, 2 or more.
        width: Float > 0, scales the channel counts of a backbone by name.
        stem: Of a backbone by name, as in its builder.
        coarsest: Stride of the coarsest map that is wanted; None takes all maps. Later stages are left out.

    Returns:
        The image, and the last map of each size by its stride, from the coarsest to that of `stride`.

    Raises:
        ValueError: If an argument is out of range, no stage has that stride, or the image's height or width is not a
            multiple of the coarsest one.
    """
    if isinstance(backbone, keras.Model):
        shape = check_image_model(input_shape, num_classes, fewest_classes=1)
        image = keras.Input(shape, name="image")
        ends = _copied_ends(backbone, image)
    else:
        require_choice("backbone", backbone, (*BACKBONES, "a classifier of keras_course.models"))
        family, depth = BACKBONES[backbone]
        shape, stem = choose_stem(
            stem, input_shape, num_classes, family.smallest, family.published_from, fewest_classes=1
        )
        image = keras.Input(shape, name="image")
        ends = _stage_ends(keras.Model(image, family.stages(image, depth, stem=stem, width=width)))
    maps = _by_stride(shape, ends)
    require_choice("stride", stride, tuple(sorted(maps)))
    used = [one for one in sorted(maps, reverse=True) if one >= stride]
    require_choice("coarsest", coarsest, (None, *reversed(used)))
    last = coarsest or used[0]
    require_sizes(shape, lambda size: size % last == 0, f"a multiple of {last}")
    return image, {one: maps[one] for one in used if one <= last}


def _stage_ends(model: keras.Model) -> list[keras.KerasTensor]:
    """Lists the output of the stem's convolution, if there is one, and of the last layer of each stage."""
    ends: dict[int, keras.KerasTensor] = {}
    for layer in model.layers:
        found = STAGE.match(layer.name)
        if found:
            ends[int(found[1] or 0)] = layer.output
    return [ends[stage] for stage in sorted(ends)]


def _copied_ends(model: keras.Model, image: keras.KerasTensor) -> list[keras.KerasTensor]:
    """Lists what `_stage_ends` does of a copy of a classifier, weights included, that starts at `image`."""
    inputs = getattr(model, "inputs", None) or []
    ends = _stage_ends(model) if len(inputs) == 1 and len(inputs[0].shape) == 4 else []
    if not ends or any(len(end.shape) != 4 for end in ends) or inputs[0].shape[-1] != image.shape[-1]:
        raise ValueError(
            f"`backbone` must be one of {', '.join(BACKBONES)}, or a classifier of keras_course.models with stages, "
            f"for images of {image.shape[-1]} channels. Received: backbone={model.name!r} with inputs of "
            f"{', '.join(str(tuple(tensor.shape[1:])) for tensor in inputs) or 'unknown shape'}"
        )
    part = keras.Model(inputs, ends)
    copy = keras.models.clone_model(part, input_tensors=[image])
    copy.set_weights(part.get_weights())
    return copy.outputs


def _by_stride(shape: tuple[int, int, int], ends: list[keras.KerasTensor]) -> dict[int, keras.KerasTensor]:
    """Maps strides from 2 on to the last map that has them; from one to the next, sizes are halved, or not at all."""
    maps, stride, size = {}, 1, max(shape[:2])
    for end in ends:
        smaller = max(end.shape[1:3])
        stride *= 2 ** round(math.log2(size / smaller))
        maps[stride], size = end, smaller
    maps.pop(1, None)
    return maps
