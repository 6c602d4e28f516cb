"""GoogLeNet (Szegedy et al. 2014, "Going deeper with convolutions", arXiv:1409.4842; deck, chapter 5)."""

from collections.abc import Sequence

import keras

from keras_course.arguments import require_number
from keras_course.models.blocks import choose_stem, conv_block, dense_block, logits_block, scale_width
from keras_course.models.layers.local_response_normalization import LocalResponseNormalization

# Table 1 of the paper: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection; 3a and 3b, 4a to 4e, 5a and 5b.
INCEPTION_FILTERS = {
    3: ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    4: (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    5: ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
}
HEADS_AFTER = {"stage4_block1": "auxiliary1", "stage4_block4": "auxiliary2"}
HEAD_DROPOUT = 0.7
PUBLISHED_FROM = 64
SMALLEST_SIZE = {"imagenet": 32, "small": 8}


def build_googlenet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    auxiliary_heads: bool = False,
    batch_norm: bool = False,
    dropout: float = 0.4,
    width: float = 1.0,
    stem: str = "auto",
) -> keras.Model:
    """Builds GoogLeNet: a stem, nine inception blocks in three stages, global average pooling and logits.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. The published
            net takes 224x224x3; the smallest size is 8x8 (32x32 with the published stem).
        num_classes: Integer >= 2.
        auxiliary_heads: Whether to add the two classifiers after the blocks 4a and 4d whose losses feed gradient into
            the middle of the net; they are for training alone.
        batch_norm: Whether to normalise between each convolution and its ReLU; the local response normalisation of
            the published stem then goes.
        dropout: Float in [0, 1), the share dropped before the logits in training; 0.7 in the heads, as published.
        width: Float > 0, scales every channel count.
        stem: "imagenet" begins with a 7x7 convolution and a 3x3 max pooling, both of stride 2; "small" with a 3x3
            convolution of stride 1 and no pooling, so that stages 3, 4 and 5 have 1/2, 1/4 and 1/8 of the image's
            height and width instead of 1/8, 1/16 and 1/32; "auto" takes the former from 64x64 up.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes); with heads to a list
        of three such logits: `logits`, `auxiliary1_logits`, `auxiliary2_logits`.

    Raises:
        ValueError: If an argument is out of range or the image is too small.

    Example:
        >>> from keras_course.models import build_googlenet
        >>> model = build_googlenet((8, 8, 1), 10, width=0.1)
        >>> model.output_shape, sum(layer.name.endswith("concatenate") for layer in model.layers)
        ((None, 10), 9)

    Source: deck, chapter 5; Szegedy et al. (2014), table 1 and section 5.
    """
    input_shape, stem = choose_stem(stem, input_shape, num_classes, SMALLEST_SIZE, PUBLISHED_FROM)
    require_number("dropout", dropout, at_least=0, below=1)
    inputs = keras.Input(input_shape, name="image")
    x = _stem(inputs, stem, batch_norm, width)
    heads = []
    for stage, blocks in INCEPTION_FILTERS.items():
        for block, filters in enumerate(blocks, start=1):
            name = f"stage{stage}_block{block}"
            x = inception_block(x, [scale_width(count, width) for count in filters], batch_norm=batch_norm, name=name)
            if auxiliary_heads and name in HEADS_AFTER:
                heads.append(_auxiliary_head(x, num_classes, batch_norm, width, name=HEADS_AFTER[name]))
        if stage < 5:
            x = keras.layers.MaxPooling2D(
                3, strides=2, padding="same", data_format="channels_last", name=f"stage{stage}_pool"
            )(x)
    x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="average_pool")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    logits = logits_block(x, num_classes)
    return keras.Model(inputs, [logits, *heads] if heads else logits, name="googlenet")


def inception_block(
    x: keras.KerasTensor, filters: Sequence[int], *, batch_norm: bool = False, name: str
) -> keras.KerasTensor:
    """Joins the channels of four parallel paths: 1x1; 1x1 and 3x3; 1x1 and 5x5; 3x3 max pooling and 1x1.

    `filters` are those of a row of the paper's table: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection.

    Example:
        >>> import keras
        >>> from keras_course.models import inception_block
        >>> features = keras.Input((4, 4, 8))
        >>> inception_block(features, (64, 96, 128, 16, 32, 32), name="block").shape  # 64 + 128 + 32 + 32 channels
        (None, 4, 4, 256)

    Source: deck, chapter 5, "4 parallel paths"; Szegedy et al. (2014), figure 2b.
    """
    conv1, reduce3, conv3, reduce5, conv5, projection = filters

    def conv(x, filters, kernel_size, place):
        return conv_block(x, filters, kernel_size, batch_norm=batch_norm, name=f"{name}_{place}")

    pooled = keras.layers.MaxPooling2D(
        3, strides=1, padding="same", data_format="channels_last", name=f"{name}_path4_pool"
    )(x)
    paths = [
        conv(x, conv1, 1, "path1_conv1"),
        conv(conv(x, reduce3, 1, "path2_conv1"), conv3, 3, "path2_conv2"),
        conv(conv(x, reduce5, 1, "path3_conv1"), conv5, 5, "path3_conv2"),
        conv(pooled, projection, 1, "path4_conv1"),
    ]
    return keras.layers.Concatenate(name=f"{name}_concatenate")(paths)


def _stem(x: keras.KerasTensor, stem: str, batch_norm: bool, width: float) -> keras.KerasTensor:
    """Applies the stages 1 and 2 of the paper, which have no inception blocks."""

    def conv(x, filters, kernel_size, name, **options):
        return conv_block(x, scale_width(filters, width), kernel_size, batch_norm=batch_norm, name=name, **options)

    if stem == "small":
        x = conv(x, 64, 3, "stage1_conv1")
    else:
        x = keras.layers.ZeroPadding2D(3, data_format="channels_last", name="stage1_conv1_pad")(
            x
        )  # symmetric: "same" would put 2 and 3
        x = conv(x, 64, 7, "stage1_conv1", strides=2, padding="valid")
        x = keras.layers.MaxPooling2D(3, strides=2, padding="same", data_format="channels_last", name="stage1_pool")(x)
    if not batch_norm:
        x = LocalResponseNormalization(name="stage1_lrn")(x)
    x = conv(x, 64, 1, "stage2_conv1")
    x = conv(x, 192, 3, "stage2_conv2")
    if not batch_norm:
        x = LocalResponseNormalization(name="stage2_lrn")(x)
    return keras.layers.MaxPooling2D(3, strides=2, padding="same", data_format="channels_last", name="stage2_pool")(x)


def _auxiliary_head(
    x: keras.KerasTensor, num_classes: int, batch_norm: bool, width: float, *, name: str
) -> keras.KerasTensor:
    """Classifies (batch, height, width, channels) by 5x5 average pooling of stride 3, a 1x1 convolution and two layers.

    A side shorter than 5 is averaged as a whole.
    """
    pool_size = tuple(min(5, size) for size in x.shape[1:3])
    x = keras.layers.AveragePooling2D(pool_size, strides=3, data_format="channels_last", name=f"{name}_pool")(x)
    x = conv_block(x, scale_width(128, width), 1, batch_norm=batch_norm, name=f"{name}_conv1")
    x = keras.layers.Flatten(data_format="channels_last", name=f"{name}_flatten")(x)
    x = dense_block(x, scale_width(1024, width), batch_norm=batch_norm, dropout=HEAD_DROPOUT, name=f"{name}_hidden1")
    return logits_block(x, num_classes, name=f"{name}_logits")
