"""LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document recognition"; deck, chapter 5)."""

from typing import Any

import keras

from keras_course.arguments import require_choice
from keras_course.models.blocks import (
    check_regularization,
    choose_stem,
    conv_block,
    hidden_layers,
    logits_block,
    scale_width,
)

POOLING = {"average": keras.layers.AveragePooling2D, "max": keras.layers.MaxPooling2D}
PUBLISHED_SIZE = 32
SMALLEST_SIZE = {"imagenet": 16, "small": 4}


def build_lenet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    activation: str = "tanh",
    pooling: str = "average",
    batch_norm: bool = False,
    dropout: float = 0.0,
    weight_decay: float = 0.0,
    width: float = 1.0,
    stem: str = "auto",
) -> keras.Model:
    """Builds LeNet-5: two 5x5 convolutions with pooling, then 120, 84 and `num_classes` units.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. The published
            net takes 32x32x1; the smallest size is 4x4 (16x16 without padding).
        num_classes: Integer >= 2.
        activation: Name of a Keras activation; "relu" is today's choice.
        pooling: "average" as published, or "max".
        batch_norm: Whether to normalise between each convolution or hidden layer and its activation.
        dropout: Float in [0, 1), the share of units dropped after each hidden dense layer in training.
        weight_decay: Float >= 0. λ₂ of the penalty λ₂/2 ‖ω‖² on every kernel (deck, eq. 48).
        width: Float > 0, scales every channel count and hidden layer.
        stem: "imagenet" pads no convolution, as published; "small" pads both so that they keep height and width;
            "auto" pads images below 32x32 only.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range or the image is too small.

    Example:
        >>> from keras_course.models import build_lenet
        >>> build_lenet((32, 32, 1), 10).count_params()
        61706

    Source: deck, chapter 5; LeCun et al. (1998), figure 2.

    Note: The published net feeds the second convolution through a sparse connection table, has trainable pooling and
        ends in radial basis functions. As in every library since, the connections are full here, the pooling has no
        weights and the output is linear: 61,706 parameters for 32x32x1 and ten classes.
    """
    require_choice("pooling", pooling, tuple(POOLING))
    input_shape, stem = choose_stem(stem, input_shape, num_classes, SMALLEST_SIZE, PUBLISHED_SIZE)
    check_regularization(activation, dropout, weight_decay)
    shared: dict[str, Any] = {"activation": activation, "batch_norm": batch_norm, "weight_decay": weight_decay}
    inputs = keras.Input(input_shape, name="image")
    x = inputs
    for number, filters in enumerate((6, 16), start=1):
        x = conv_block(
            x,
            scale_width(filters, width),
            kernel_size=5,
            padding="same" if stem == "small" else "valid",
            initializer="glorot_uniform",
            name=f"stage{number}_conv1",
            **shared,
        )
        x = POOLING[pooling](pool_size=2, data_format="channels_last", name=f"stage{number}_pool")(x)
    x = hidden_layers(x, [scale_width(units, width) for units in (120, 84)], dropout=dropout, **shared)
    logits = logits_block(x, num_classes, weight_decay=weight_decay)
    return keras.Model(inputs, logits, name="lenet")
