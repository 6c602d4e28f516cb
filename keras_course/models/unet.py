"""U-Net (Ronneberger, Fischer, Brox 2015, arXiv:1505.04597)."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.models.blocks import MOST_FILTERS, check_image_model, conv_block, logits_dtype, require_sizes

MOST_CONVOLUTIONS = 100  # at one size
STEMS = ("convolutions", "strided")


def build_unet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    depth: int = 4,
    base_filters: int = 64,
    convolutions: int | Sequence[int] = 2,
    stem: str = "convolutions",
    padding: str = "valid",
    batch_norm: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """Builds U-Net: `depth` halvings, as many doublings, and at each size a bridge from the way down to the way up.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1]. The published
            net takes 572x572x1.
        num_classes: Integer >= 1, the maps of logits.
        depth: Integer >= 1, how often height and width are halved.
        base_filters: Integer >= 1, filters at full size; they double with each halving, to 16,384 at most.
        convolutions: Integer >= 1, 3x3 convolutions at each size on either way; or one for each size from the full one
            on, at most `depth` + 1 of them, the last for all smaller sizes too. A convolution at full size costs as
            much as one of four times the weights at half the size.
        stem: "convolutions" begins at full size, as published. "strided" begins with one 6x6 convolution of stride 2,
            in the place of those at full size, the halving and the first at half the size; the bridge at full size is
            then the image itself. Needs "same" padding.
        padding: "valid" pads nothing, as published, so each of the 3x3 convolutions takes a frame of one unit away, and
            the logits are of the middle of the image: 388x388 pixels of 572x572. "same" gives logits of all pixels, and
            takes each height and width that is a multiple of 2^depth.
        batch_norm: Whether to normalise between each 3x3 convolution and its ReLU.
        dropout: Float in [0, 1), the share dropped in training at the end of the way down, on its last two sizes.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, rows, columns, num_classes), of the
        pixels of the image ("same") or of its middle.

    Raises:
        ValueError: If an argument is out of range, or a map to be halved has an odd size or none is left; the message
            has the nearest sizes that work.

    Example:
        >>> from keras_course.models import build_unet
        >>> build_unet((64, 64, 1), 11, depth=3, base_filters=8, padding="same").output_shape
        (None, 64, 64, 11)
        >>> build_unet((60, 64, 1), 11, depth=3, base_filters=8, padding="same")
        Traceback (most recent call last):
        ValueError: `input_shape` must have a height and a width that are each a multiple of 8...

    Source: deck, chapter 8; Ronneberger et al. (2015), figure 1.

    Note: The way up doubles by transposed 2x2 convolutions of stride 2 without activation. Batch normalisation came
        later than the published net.
    """
    input_shape = check_image_model(input_shape, num_classes, fewest_classes=1)
    require_integer("depth", depth, at_least=1, at_most=12)
    require_integer("base_filters", base_filters, at_least=1, at_most=MOST_FILTERS // 2**depth)
    counts = _counts(convolutions, depth)
    require_choice("padding", padding, ("valid", "same"))
    require_choice("stem", stem, STEMS)
    if stem == "strided" and padding != "same":
        raise ValueError(f"`padding` must be 'same' with a strided stem. Received: padding={padding!r}")
    require_number("dropout", dropout, at_least=0, below=1)
    accepted = f"a multiple of {2**depth}" if padding == "same" else "even before each halving, and large enough"
    require_sizes(input_shape, lambda size: unet_output_size(size, counts, padding) > 0, accepted)

    def stage(x, size, name, done=0):
        for number in range(done + 1, counts[size] + 1):
            filters = base_filters * 2**size
            x = conv_block(x, filters, 3, padding=padding, batch_norm=batch_norm, name=f"{name}_conv{number}")
        return x

    image = x = keras.Input(input_shape, name="image")
    bridges, done = [], 0
    if stem == "strided":
        bridges, done = [image], 1
        x = conv_block(x, 2 * base_filters, 6, strides=2, batch_norm=batch_norm, name="stem_conv")
    for number in range(len(bridges) + 1, depth + 1):
        x = stage(x, number - 1, f"down{number}", done)
        done = 0
        if dropout and number == depth:
            x = keras.layers.Dropout(dropout, name=f"down{number}_dropout")(x)
        bridges.append(x)
        x = keras.layers.MaxPooling2D(2, data_format="channels_last", name=f"down{number}_pool")(x)
    x = stage(x, depth, "bottom", done)
    if dropout:
        x = keras.layers.Dropout(dropout, name="bottom_dropout")(x)
    for number in range(depth, 0, -1):
        x = _join(bridges[number - 1], x, base_filters * 2 ** (number - 1), name=f"up{number}")
        x = stage(x, number - 1, f"up{number}")
    logits = keras.layers.Conv2D(num_classes, 1, data_format="channels_last", dtype=logits_dtype(), name="logits")(x)
    return keras.Model(image, logits, name="unet")


def _counts(convolutions: Any, depth: int) -> tuple[int, ...]:
    """Returns the convolutions at each size, from the full one to the smallest."""
    if isinstance(convolutions, str) or not isinstance(convolutions, Sequence):
        require_integer("convolutions", convolutions, at_least=1, at_most=MOST_CONVOLUTIONS)
        return (int(convolutions),) * (depth + 1)
    if not 1 <= len(convolutions) <= depth + 1:
        raise ValueError(
            f"`convolutions` must be one number, or up to depth + 1 = {depth + 1} of them. "
            f"Received: convolutions={convolutions!r}"
        )
    for count in convolutions:
        require_integer("convolutions", count, at_least=1, at_most=MOST_CONVOLUTIONS)
    counts = [int(count) for count in convolutions]
    return (*counts, *[counts[-1]] * (depth + 1 - len(counts)))


def unet_output_size(size: int, convolutions: Sequence[int], padding: str) -> int:
    """Returns the height or width of U-Net's output for one of its input, in pixels; 0 if the maps don't meet.

    Args:
        size: Pixels of the input.
        convolutions: At each size, from the full one to the smallest.
        padding: "valid" or "same".
    """
    lost = [2 * count if padding == "valid" else 0 for count in convolutions]  # by 3x3 convolutions
    for frame in lost[:-1]:
        size -= frame
        if size < 1 or size % 2:
            return 0
        size //= 2
    size -= lost[-1]
    for frame in lost[-2::-1]:
        size = 2 * size - frame
    return max(size, 0)


def _join(bridge: keras.KerasTensor, x: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    """Doubles the map from below and appends its channels to those of the bridge, cropped to the same size."""
    x = keras.layers.Conv2DTranspose(
        filters, 2, strides=2, data_format="channels_last", kernel_initializer="he_normal", name=f"{name}_upsample"
    )(x)
    crop = [(one - other) // 2 for one, other in zip(bridge.shape[1:3], x.shape[1:3], strict=True)]
    if any(crop):
        bridge = keras.layers.Cropping2D(crop, data_format="channels_last", name=f"{name}_crop")(bridge)
    return keras.layers.Concatenate(axis=-1, name=f"{name}_concatenate")([bridge, x])
