"""ResNet and the plain net of the same depth (He et al. 2015, arXiv:1512.03385; deck, chapter 5)."""

import keras

from keras_course.arguments import require_choice
from keras_course.models.blocks import choose_stem, conv_block, logits_block, scale_width

BLOCKS_PER_STAGE = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
FIRST_WITH_BOTTLENECKS = 50
PUBLISHED_FROM = 64
# of whose multiples oneDNN's gradient of a 1x1 kernel with a stride stays in its memory (TensorFlow 2.21, AVX-512)
SAFE_CHANNELS = 16
SMALLEST_SIZE = {"imagenet": 32, "convolutions": 32, "small": 8}


def build_resnet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    depth: int = 34,
    shortcut: str = "projection",
    residual: bool = True,
    width: float = 1.0,
    stem: str = "auto",
) -> keras.Model:
    """Builds ResNet: a stem, four stages of blocks that compute relu(x + f(x)), global average pooling and logits.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. The published
            net takes 224x224x3; the smallest size is 8x8 (32x32 with the published stem).
        num_classes: Integer >= 2.
        depth: 18 or 34 (blocks of two 3x3 convolutions), 50, 101 or 152 (bottlenecks of 1x1, 3x3 and 1x1).
        shortcut: What a skip connection does where the shape changes: "projection" is a strided 1x1 convolution
            (option B of the paper); "identity" drops every other pixel and fills up with channels of zeros, without
            parameters (option A). Elsewhere it is the identity.
        residual: Whether there are skip connections; False gives the plain net of the same depth.
        width: Float > 0, scales every channel count.
        stem: "imagenet" is a 7x7 convolution and a 3x3 max pooling, both of stride 2; "convolutions" are two 3x3
            convolutions of stride 2, which keep more of what is a few pixels large; "small" is a 3x3 convolution of
            stride 1 without pooling; "auto" takes "imagenet" from 64x64 up, else "small".

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range or the image is too small.

    Example:
        >>> import keras
        >>> from keras_course.models import build_resnet
        >>> model = build_resnet((8, 8, 1), 10, depth=18, width=0.125)
        >>> convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
        >>> model.output_shape, len(convolutions)  # 17, and the 1x1 convolutions of three shortcuts
        ((None, 10), 20)

    Source: deck, chapter 5; He et al. (2015), table 1 and section 3.3; "convolutions": Xiao et al. (2021),
        arXiv:2106.14881, section 4.

    Note: Padding is symmetric, as published; Keras's "same" puts one less at the top and left of an even size
        with stride 2. The stride of a bottleneck is in its first 1x1 convolution, as published; some libraries moved it
        to the 3x3 one. Weights have He's variance, drawn from a uniform distribution: of 60 million at depth 152 a
        normal one takes four times as long.
    """
    require_choice("depth", depth, tuple(BLOCKS_PER_STAGE))
    require_choice("shortcut", shortcut, ("projection", "identity"))
    input_shape, stem = choose_stem(stem, input_shape, num_classes, SMALLEST_SIZE, PUBLISHED_FROM)
    inputs = keras.Input(input_shape, name="image")
    x = resnet_stages(inputs, depth, stem=stem, width=width, shortcut=shortcut if residual else None)
    x = keras.layers.GlobalAveragePooling2D(data_format="channels_last", name="average_pool")(x)
    logits = logits_block(x, num_classes)
    return keras.Model(inputs, logits, name=f"resnet{depth}" if residual else f"plain{depth}")


def resnet_stages(
    x: keras.KerasTensor, depth: int, *, stem: str, width: float, shortcut: str | None = "projection"
) -> keras.KerasTensor:
    """Applies a stem and the four stages: images to the last map, 1/32 of the size, or 1/8 after the small stem."""
    x = _stem(x, scale_width(64, width), stem)
    for stage, blocks in enumerate(BLOCKS_PER_STAGE[depth], start=1):
        filters = scale_width(64 * 2 ** (stage - 1), width)
        for block in range(1, blocks + 1):
            x = residual_block(
                x,
                _convolutions(depth, filters),
                strides=2 if stage > 1 and block == 1 else 1,
                shortcut=shortcut,
                name=f"stage{stage}_block{block}",
            )
    return x


def residual_block(
    x: keras.KerasTensor,
    convolutions: tuple[tuple[int, int], ...],
    *,
    strides: int = 1,
    shortcut: str | None = "projection",
    name: str,
) -> keras.KerasTensor:
    """Applies `relu(shortcut(x) + f(x))`, where f is a chain of (filters, kernel size); `strides` is the first's.

    Without a shortcut it applies `relu(f(x))`.
    """
    y = x
    for number, (filters, kernel_size) in enumerate(convolutions, start=1):
        y = _conv(
            y,
            filters,
            kernel_size,
            strides=strides if number == 1 else 1,
            activation="relu" if number < len(convolutions) else None,
            name=f"{name}_conv{number}",
        )
    if shortcut is not None:
        x = _shortcut(x, y.shape[-1], strides=strides, kind=shortcut, name=f"{name}_shortcut")
        y = keras.layers.Add(name=f"{name}_add")([x, y])
    return keras.layers.Activation("relu", name=f"{name}_relu")(y)


def _convolutions(depth: int, filters: int) -> tuple[tuple[int, int], ...]:
    """Returns (filters, kernel size) of each convolution in a block: basic, or bottleneck in the deeper nets."""
    if depth < FIRST_WITH_BOTTLENECKS:
        return (filters, 3), (filters, 3)
    return (filters, 1), (filters, 3), (4 * filters, 1)


def _shortcut(x: keras.KerasTensor, filters: int, *, strides: int, kind: str, name: str) -> keras.KerasTensor:
    """Makes x fit the sum: the identity, unless the block changes height and width or the number of channels."""
    if strides == 1 and x.shape[-1] == filters:
        return x
    if kind == "projection":
        return _conv(x, filters, 1, strides=strides, activation=None, name=name)
    if strides > 1:
        x = _subsample(x, strides, name=name)
    # Of the (batch, height, width, channels) here, "channels_first" pads the last two.
    pad = ((0, 0), (0, filters - x.shape[-1]))
    return keras.layers.ZeroPadding2D(pad, data_format="channels_first", name=f"{name}_pad")(x)


def _subsample(x: keras.KerasTensor, strides: int, *, name: str) -> keras.KerasTensor:
    """Keeps every pixel whose row and column are multiples of `strides`."""
    return keras.layers.MaxPooling2D(
        pool_size=1, strides=strides, data_format="channels_last", name=f"{name}_subsample"
    )(x)


def _stem(x: keras.KerasTensor, filters: int, stem: str) -> keras.KerasTensor:
    if stem == "small":
        return _conv(x, filters, 3, name="stem_conv1")
    if stem == "convolutions":
        x = _conv(x, max(1, filters // 2), 3, strides=2, name="stem_conv1")
        return _conv(x, filters, 3, strides=2, name="stem_conv2")
    x = _conv(x, filters, 7, strides=2, name="stem_conv1")
    x = keras.layers.ZeroPadding2D(1, data_format="channels_last", name="stem_pool_pad")(
        x
    )  # zeros never win: they come after a ReLU
    return keras.layers.MaxPooling2D(pool_size=3, strides=2, data_format="channels_last", name="stem_pool")(x)


def _conv(
    x: keras.KerasTensor,
    filters: int,
    kernel_size: int,
    *,
    strides: int = 1,
    activation: str | None = "relu",
    name: str,
) -> keras.KerasTensor:
    """Applies `activation(batch_norm(conv(x)))` with as many zeros on each side as half the kernel."""
    if strides > 1 and kernel_size == 1 and x.shape[-1] % SAFE_CHANNELS:
        x, strides = _subsample(x, strides, name=name), 1
    symmetric = strides > 1 and kernel_size > 1
    if symmetric:
        x = keras.layers.ZeroPadding2D(kernel_size // 2, data_format="channels_last", name=f"{name}_pad")(x)
    padding = "valid" if symmetric else "same"
    return conv_block(
        x,
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        activation=activation,
        batch_norm=True,
        initializer="he_uniform",
        name=name,
    )
