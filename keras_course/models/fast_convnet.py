"""A convnet that learns small grey images in little time on a CPU, in the manner of Jordan (2024), arXiv:2404.00498."""

import keras

from keras_course.models.blocks import (
    check_image_model,
    check_regularization,
    conv_block,
    logits_block,
    scale_width,
)

SMALLEST_SIZE = 3


def build_fast_convnet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    weight_decay: float = 0.0,
    width: float = 1.0,
) -> keras.Model:
    """Builds three normalised convolutions, of which the first halves the image: 6x6 by 2, pooling, 3x3, 3x3, mean.

    A window of 6x6 pixels that moves by 2 is one of 3x3 over squares of 2x2 pixels, each folded into channels. Most of
    the work is then in few, large products of matrices, which a CPU does at its full speed; maps of full size, whose
    normalisation and activation take long without learning much, there are none.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. At least 3x3.
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
        95498

    Source: deck, chapter 5, for its parts; Jordan (2024), for a stem that folds squares of pixels, convolutions with
        batch normalisation and no other layers.

    Note: This net is none of Jordan's, whose 2x2 stem has fixed filters, six more convolutions and twice the channels.
    """
    input_shape = check_image_model(input_shape, num_classes, smallest=SMALLEST_SIZE)
    check_regularization(activation, dropout, weight_decay)
    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for number, (filters, kernel_size, strides) in enumerate(((32, 6, 2), (64, 3, 1), (128, 3, 1)), start=1):
        x = conv_block(
            x,
            scale_width(filters, width),
            kernel_size,
            strides=strides,
            activation=activation,
            batch_norm=True,
            weight_decay=weight_decay,
            name=f"stage{number}_conv1",
        )
        if number == 1:
            x = keras.layers.MaxPooling2D(2, data_format="channels_last", name="stage1_pool")(x)
    x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="pool")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, name="dropout")(x)
    logits = logits_block(x, num_classes, weight_decay=weight_decay)
    return keras.Model(inputs, logits, name="fast")
