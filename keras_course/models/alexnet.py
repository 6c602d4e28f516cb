"""AlexNet (Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks"; deck, chapter 5).

The published net has two towers, one per graphics card, that meet in the third convolution: groups of 2.
"""

import keras

from keras_course.arguments import require_choice, require_number
from keras_course.models.blocks import choose_stem, conv_block, hidden_layers, logits_block, scale_width
from keras_course.models.layers.local_response_normalization import LocalResponseNormalization

FILTERS_PER_STAGE = ((96,), (256,), (384, 384, 256))
KERNEL_SIZE_PER_STAGE = {"imagenet": (11, 5, 3), "small": (5, 3, 3)}
FIRST_STRIDES = {"imagenet": 4, "small": 1}
PADDING = {"imagenet": "valid", "small": "same"}  # of the first convolution and the poolings
SEES_BOTH_TOWERS = ("stage1_conv1", "stage3_conv1")
HIDDEN_UNITS = {"imagenet": 4096, "small": 1024}
SMALLEST_SIZE = {"imagenet": 67, "small": 8}


def build_alexnet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    groups: int = 1,
    normalization: str | None = "lrn",
    dropout: float = 0.5,
    width: float = 1.0,
    stem: str = "auto",
) -> keras.Model:
    """Builds AlexNet: five convolutions in three stages that end in max pooling, two hidden layers and logits.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. The published
            net takes 227x227x3; the smallest size is 8x8 (67x67 with the published stem).
        num_classes: Integer >= 2.
        groups: 2 is the published net of two towers: the second, fourth and fifth convolution see only the channels
            of their own half. 1 connects all channels, as libraries do that train on one card.
        normalization: "lrn" is local response normalisation after the ReLU of the first two convolutions, as
            published; "batch" batch normalisation between each convolution or hidden layer and its ReLU; None nothing.
        dropout: Float in [0, 1), the share of units dropped after each hidden dense layer in training.
        width: Float > 0, scales every channel count and hidden layer; with two groups to even channel counts.
        stem: "imagenet" begins with an 11x11 convolution of stride 4, pads neither it nor the poolings, continues with
            5x5, and has 4,096 units in each hidden layer, as published; "small" begins with a 5x5 convolution of
            stride 1, pads everything, so that the stages end at 1/2, 1/4 and 1/8 of the image's height and width
            (rounded up), continues with 3x3, and has 1,024 units; "auto" takes the former from 67x67 up.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range or the image is too small.

    Example:
        >>> from keras_course.models import build_alexnet
        >>> model = build_alexnet((16, 16, 1), 10, width=0.125)
        >>> model.output_shape, model.get_layer("stage1_conv1").filters  # 96 · 0.125
        ((None, 10), 12)

    Source: deck, chapter 5; Krizhevsky et al. (2012), section 3 and figure 2.

    Note: The paper prints 224x224, which doesn't fit its 55x55 outputs; 227x227 without padding does. Its weights
        start from N(0, 0.01); here they have He's variance (deck, eq. 46), which needs no hand-set biases of 1.
    """
    require_choice("groups", groups, (1, 2))
    require_choice("normalization", normalization, ("lrn", "batch", None))
    input_shape, stem = choose_stem(stem, input_shape, num_classes, SMALLEST_SIZE)
    require_number("dropout", dropout, at_least=0, below=1)
    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for stage in range(1, len(FILTERS_PER_STAGE) + 1):
        x = _stage(x, stage, groups=groups, normalization=normalization, width=width, stem=stem)
    units = [scale_width(HIDDEN_UNITS[stem], width)] * 2
    x = hidden_layers(x, units, initializer="he_uniform", batch_norm=normalization == "batch", dropout=dropout)
    logits = logits_block(x, num_classes)
    return keras.Model(inputs, logits, name="alexnet")


def _stage(
    x: keras.KerasTensor, stage: int, *, groups: int, normalization: str | None, width: float, stem: str
) -> keras.KerasTensor:
    """Applies the convolutions of a stage, in the first two local response normalisation, and max pooling."""
    for number, filters in enumerate(FILTERS_PER_STAGE[stage - 1], start=1):
        name = f"stage{stage}_conv{number}"
        x = conv_block(
            x,
            groups * scale_width(filters // groups, width),  # a multiple, so that both towers are as wide
            KERNEL_SIZE_PER_STAGE[stem][stage - 1],
            strides=FIRST_STRIDES[stem] if stage == 1 else 1,
            padding=PADDING[stem] if stage == 1 else "same",
            groups=1 if name in SEES_BOTH_TOWERS else groups,
            batch_norm=normalization == "batch",
            initializer="he_uniform",
            name=name,
        )
    if normalization == "lrn" and stage < 3:
        x = LocalResponseNormalization(name=f"stage{stage}_lrn")(x)
    return keras.layers.MaxPooling2D(
        3, strides=2, padding=PADDING[stem], data_format="channels_last", name=f"stage{stage}_pool"
    )(x)
