"""VGG (Simonyan and Zisserman 2014, "Very deep convolutional networks", arXiv:1409.1556; deck, chapter 5)."""

from collections.abc import Sequence

import keras

from keras_course.arguments import require_choice, require_number
from keras_course.models.blocks import (
    check_regularization,
    choose_stem,
    conv_block,
    hidden_layers,
    logits_block,
    scale_width,
)

# Table 1 of the paper, configurations A, B, D and E: the 3x3 convolutions of each stage.
CONVOLUTIONS_PER_STAGE = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
FILTERS_PER_STAGE = (64, 128, 256, 512, 512)
POOL_PADDING = {"imagenet": "valid", "small": "same"}
HIDDEN_UNITS = {"imagenet": 4096, "small": 512}
SMALLEST_SIZE = {"imagenet": 32, "small": 8}


def build_vgg(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    depth: int = 16,
    batch_norm: bool = False,
    dropout: float = 0.5,
    weight_decay: float = 0.0,
    mean_color: Sequence[float] | None = None,
    width: float = 1.0,
    stem: str = "auto",
) -> keras.Model:
    """Builds VGG: five stages of 3x3 convolutions that end in max pooling, two hidden layers and logits.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. The published
            net takes 224x224x3; the smallest size is 8x8 (32x32 with the published stem).
        num_classes: Integer >= 2.
        depth: 11, 13, 16 or 19 layers with weights: the paper's configurations A, B, D and E.
        batch_norm: Whether to normalise between each convolution and its ReLU.
        dropout: Float in [0, 1), the share of units dropped after each hidden dense layer in training.
        weight_decay: Float >= 0. λ₂ of the penalty λ₂/2 ‖ω‖² on every kernel (deck, eq. 48); 5e-4 in the paper.
        mean_color: One float per channel, in [0, 1]: the mean colour of the training set, which the net then subtracts
            from each pixel, as published; None subtracts nothing.
        width: Float > 0, scales every channel count and hidden layer.
        stem: "imagenet" pads no pooling and has 4,096 units in each hidden layer, as published; "small" pads the
            poolings, so that an odd height or width is rounded up and 8x8 pixels last for five of them, and has 512
            units in each hidden layer; "auto" takes the former from 32x32 up.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range or the image is too small.

    Example:
        >>> from keras_course.models import build_vgg
        >>> model = build_vgg((8, 8, 1), 10, depth=11, width=0.125)
        >>> model.name, model.output_shape, model.get_layer("stage5_conv2").filters
        ('vgg11', (None, 10), 64)

    Source: deck, chapter 5; Simonyan and Zisserman (2014), table 1.

    Note: Batch normalisation came later than the published net. Its deeper versions started from the weights of
        configuration A; here the weights have He's variance (deck, eq. 46), with which all depths train from scratch.
    """
    require_choice("depth", depth, tuple(CONVOLUTIONS_PER_STAGE))
    input_shape, stem = choose_stem(stem, input_shape, num_classes, SMALLEST_SIZE)
    check_regularization("relu", dropout, weight_decay)
    inputs = keras.Input(input_shape, name="image")
    x = inputs if mean_color is None else subtract_mean(inputs, mean_color)
    x = vgg_stages(x, depth, stem=stem, width=width, batch_norm=batch_norm, weight_decay=weight_decay)
    units = [scale_width(HIDDEN_UNITS[stem], width)] * 2
    x = hidden_layers(x, units, initializer="he_uniform", dropout=dropout, weight_decay=weight_decay)
    logits = logits_block(x, num_classes, weight_decay=weight_decay)
    return keras.Model(inputs, logits, name=f"vgg{depth}")


def subtract_mean(x: keras.KerasTensor, mean_color: Sequence[float]) -> keras.KerasTensor:
    """Subtracts a colour from each pixel: layer `image_center`."""
    channels = x.shape[-1]
    try:
        for value in mean_color:
            require_number("mean_color", value, at_least=0, at_most=1)
        if len(mean_color) != channels:
            raise ValueError
    except (TypeError, ValueError) as error:
        message = f"`mean_color` must be None or {channels} numbers in [0, 1], one per channel. Received: "
        raise ValueError(f"{message}mean_color={mean_color!r}") from error
    return keras.layers.Rescaling(1.0, offset=[-float(value) for value in mean_color], name="image_center")(x)


def vgg_stages(
    x: keras.KerasTensor, depth: int, *, stem: str, width: float, batch_norm: bool = False, weight_decay: float = 0.0
) -> keras.KerasTensor:
    """Applies the five stages: images to the last map, 1/32 of the size."""
    stages = zip(FILTERS_PER_STAGE, CONVOLUTIONS_PER_STAGE[depth], strict=True)
    for stage, (filters, convolutions) in enumerate(stages, start=1):
        x = vgg_block(
            x,
            scale_width(filters, width),
            convolutions,
            batch_norm=batch_norm,
            weight_decay=weight_decay,
            pool_padding=POOL_PADDING[stem],
            name=f"stage{stage}",
        )
    return x


def vgg_block(
    x: keras.KerasTensor,
    filters: int,
    convolutions: int,
    *,
    batch_norm: bool = False,
    weight_decay: float = 0.0,
    pool_padding: str = "valid",
    name: str,
) -> keras.KerasTensor:
    """Applies a number of 3x3 convolutions with ReLU, then 2x2 max pooling, which halves height and width.

    Layers: those of `conv_block` under the names `{name}_conv1`, `{name}_conv2`, ..., then `{name}_pool`.

    Example:
        >>> import keras
        >>> from keras_course.models import vgg_block
        >>> images = keras.Input((8, 8, 3))
        >>> vgg_block(images, filters=4, convolutions=2, name="stage1").shape
        (None, 4, 4, 4)

    Source: deck, chapter 5; Simonyan and Zisserman (2014), section 2.1.
    """
    for number in range(1, convolutions + 1):
        x = conv_block(
            x,
            filters,
            3,
            batch_norm=batch_norm,
            initializer="he_uniform",
            weight_decay=weight_decay,
            name=f"{name}_conv{number}",
        )
    return keras.layers.MaxPooling2D(2, padding=pool_padding, data_format="channels_last", name=f"{name}_pool")(x)
