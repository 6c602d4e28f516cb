"""A convnet that learns small grey images in little time on a CPU, in the manner of Jordan (2024), arXiv:2404.00498."""

import keras

from keras_course.models.blocks import (
    check_image_model,
    check_regularization,
    conv_block,
    logits_block,
    scale_width,
)

FILTERS = (32, 32), (64, 64), (128,)  # of the convolutions of each stage
SMALLEST_SIZE = 7


def build_fast_convnet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    weight_decay: float = 0.0,
    width: float = 1.0,
) -> keras.Model:
    """Builds five normalised convolutions in three stages, at half, a quarter and an eighth of the image's size.

    The first is 6x6 and moves by 2, the others 3x3 by 1; between the stages is max pooling, at the end the mean of each
    map.

    A window of 6x6 pixels that moves by 2 is one of 3x3 over squares of 2x2 pixels, each folded into channels. Most of
    the work is then in few, large products of matrices, which a CPU does at its full speed; maps of full size, whose
    normalisation and activation would take long, there are none.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. At least 7x7.
        num_classes: Integer >= 2.
        activation: Name of a Keras activation.
        dropout: Float in [0, 1), the share of the last map's means dropped in training.
        weight_decay: Float >= 0. λ₂ of the penalty λ₂/2 ‖ω‖² on every kernel (deck, eq. 48).
        width: Float > 0, scales every channel count.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range or the image is too small.

    Example:
        >>> from keras_course.models import build_fast_convnet
        >>> build_fast_convnet((28, 28, 1), 10).count_params()
        141962

    Source: deck, chapter 5, for its parts; Jordan (2024), for the manner: a first convolution that leaves no map of
        full size, and batch normalisation after each.

    Note: This net is not Jordan's, whose first convolution has fixed filters and whose others are wider.
    """
    input_shape = check_image_model(input_shape, num_classes, smallest=SMALLEST_SIZE)
    check_regularization(activation, dropout, weight_decay)
    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for stage, filters in enumerate(FILTERS, start=1):
        if stage > 1:
            x = keras.layers.MaxPooling2D(2, data_format="channels_last", name=f"stage{stage - 1}_pool")(x)
        for number, count in enumerate(filters, start=1):
            first = stage == number == 1
            x = conv_block(
                x,
                scale_width(count, width),
                kernel_size=6 if first else 3,
                strides=2 if first else 1,
                activation=activation,
                batch_norm=True,
                weight_decay=weight_decay,
                name=f"stage{stage}_conv{number}",
            )
    x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="pool")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    logits = logits_block(x, num_classes, weight_decay=weight_decay)
    return keras.Model(inputs, logits, name="fast")
