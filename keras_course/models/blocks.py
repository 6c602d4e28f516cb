"""What several architectures share: checks of their arguments, the convolution block and the dense block."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.models.layers.fused_batch_normalization import FusedBatchNormalization
from keras_course.models.layers.grouped_convolution import GroupedConv2D

MOST_CLASSES = 1_000_000  # beyond these no memory holds the net
WIDEST = 16
MOST_FILTERS = 2**14  # of one layer; two such with a kernel of 3x3 take 10 GB
LARGEST_IMAGE = 10**8  # numbers in one image, 400 MB as float32


def check_image_model(
    input_shape: Any, num_classes: Any, *, smallest: int = 1, fewest_classes: int = 2
) -> tuple[int, int, int]:
    """Checks the two arguments that every builder of a classifier, detector or segmenter has.

    Args:
        input_shape: (height, width, channels), integers in pixels.
        num_classes: Integer in [`fewest_classes`, 1,000,000].
        smallest: The smallest height and width that the architecture can take, in pixels.
        fewest_classes: 2, or 1 where an output of one class makes sense.

    Returns:
        `input_shape` as a tuple of three integers.

    Raises:
        ValueError: If one of them is malformed, or the image is smaller than `smallest`.
    """
    shape = check_image_shape("input_shape", input_shape)
    if min(shape[:2]) < smallest:
        raise ValueError(
            f"`input_shape` must be at least {smallest}x{smallest} pixels for this architecture. "
            f"Received: input_shape={shape!r}"
        )
    require_integer("num_classes", num_classes, at_least=fewest_classes, at_most=MOST_CLASSES)
    return shape


def check_image_shape(name: str, shape: Any) -> tuple[int, int, int]:
    """Returns (height, width, channels) as a tuple of three integers.

    Raises:
        ValueError: If it is anything else; the message names `name`.
    """
    try:
        height, width, channels = shape
        for size in (height, width, channels):
            require_integer(name, size, at_least=1)
        require_integer(name, int(height) * int(width) * int(channels), at_most=LARGEST_IMAGE)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{name}` must be (height, width, channels), three integers >= 1, at most {LARGEST_IMAGE:,} numbers in "
            f"all. Received: {name}={shape!r}"
        ) from error
    return int(height), int(width), int(channels)


def require_sizes(input_shape: tuple[int, int, int], fits: Callable[[int], bool], accepted: str) -> None:
    """Raises a ValueError with the nearest sizes that work unless height and width both fit.

    Args:
        input_shape: (height, width, channels), in pixels.
        fits: Tells whether a height or width works; some larger one must.
        accepted: What works, for the message: "a multiple of 32".
    """
    wrong = dict.fromkeys(size for size in input_shape[:2] if not fits(size))
    if wrong:
        near = [
            f"nearest to {size}: "
            + " and ".join(
                str(found)
                for found in (next(filter(fits, range(size, 0, -1)), None), next(filter(fits, itertools.count(size))))
                if found is not None
            )
            for size in wrong
        ]
        raise ValueError(
            f"`input_shape` must have a height and a width that are each {accepted} ({'; '.join(near)}). "
            f"Received: input_shape={input_shape!r}"
        )


def choose_stem(
    stem: Any,
    input_shape: Any,
    num_classes: Any,
    smallest: dict[str, int],
    published_from: int | None = None,
    *,
    fewest_classes: int = 2,
) -> tuple[tuple[int, int, int], str]:
    """Checks the arguments of a builder with several stems; "auto" is chosen by the size of the images.

    Args:
        stem: "auto" or a key of `smallest`.
        input_shape: (height, width, channels), integers in pixels.
        num_classes: Integer >= `fewest_classes`.
        smallest: The smallest height and width that the net can take by stem, "imagenet" and "small" among them, in
            pixels.
        published_from: The height and width from which "auto" means "imagenet", in pixels; `None` takes the smallest
            that this stem can take.
        fewest_classes: As in `check_image_model`.

    Returns:
        `input_shape` as a tuple of three integers, and the stem.

    Raises:
        ValueError: If one of them is malformed, or the image is too small for the stem.
    """
    require_choice("stem", stem, ("auto", *smallest))
    input_shape = check_image_model(
        input_shape,
        num_classes,
        smallest=smallest["small" if stem == "auto" else stem],
        fewest_classes=fewest_classes,
    )
    if stem == "auto":
        stem = "imagenet" if min(input_shape[:2]) >= (published_from or smallest["imagenet"]) else "small"
    return input_shape, stem


def check_regularization(activation: Any, dropout: Any, weight_decay: Any) -> None:
    """Checks the options that the blocks below share.

    Args:
        activation: Name of a Keras activation.
        dropout: Float in [0, 1).
        weight_decay: Float >= 0.

    Raises:
        ValueError: If one of them is out of range.
    """
    known = isinstance(activation, str) and activation not in ("get", "serialize", "deserialize")
    if not known or not callable(getattr(keras.activations, activation, None)):
        raise ValueError(f"`activation` must be the name of a Keras activation. Received: activation={activation!r}")
    require_number("dropout", dropout, at_least=0, below=1)
    require_number("weight_decay", weight_decay, at_least=0)


def scale_width(channels: int, width: float) -> int:
    """Scales a channel count for CPU use: `channels * width`, rounded, at least 1."""
    require_number("width", width, above=0, at_most=WIDEST)
    return max(1, round(channels * width))


def weight_penalty(weight_decay: float) -> keras.regularizers.Regularizer | None:
    """Returns the penalty λ₂/2 ‖ω‖² of a kernel (deck, eq. 48), or None for λ₂ = 0."""
    return keras.regularizers.L2(weight_decay / 2) if weight_decay else None


def batch_norm_block(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """Applies batch normalisation with a momentum of 0.9 for the moving statistics.

    Keras's default of 0.99 lags hundreds of steps behind, which on a small data set means many epochs.
    """
    return FusedBatchNormalization(momentum=0.9, name=name)(x)


def conv_block(
    x: keras.KerasTensor,
    filters: int,
    kernel_size: int,
    *,
    strides: int = 1,
    padding: str = "same",
    groups: int = 1,
    activation: str | None = "relu",
    batch_norm: bool = False,
    initializer: str | keras.initializers.Initializer = "he_normal",
    weight_decay: float = 0.0,
    name: str,
) -> keras.KerasTensor:
    """Applies `activation(batch_norm(conv(x)))`; `strides` divides height and width.

    Layers: `{name}`, `{name}_bn` where wanted (the bias then sits in it), `{name}_{activation}` unless it is None.
    """
    convolution = keras.layers.Conv2D if groups == 1 else GroupedConv2D
    x = convolution(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        data_format="channels_last",
        groups=groups,
        use_bias=not batch_norm,
        kernel_initializer=initializer,
        kernel_regularizer=weight_penalty(weight_decay),
        name=name,
    )(x)
    if batch_norm:
        x = batch_norm_block(x, name=f"{name}_bn")
    if activation is not None:
        x = keras.layers.Activation(activation, name=f"{name}_{activation}")(x)
    return x


def logits_dtype() -> str | None:
    """Returns the dtype for a layer of logits: "float32" under a policy of half precision, else None, the policy's.

    With logits of eight significant bits, the loss would be just as coarse.
    """
    return "float32" if keras.config.dtype_policy().compute_dtype in ("float16", "bfloat16") else None


def logits_block(
    x: keras.KerasTensor, num_classes: int, *, weight_decay: float = 0.0, name: str = "logits"
) -> keras.KerasTensor:
    """Applies W x + b; (batch, inputs) to (batch, num_classes), see `logits_dtype`."""
    return keras.layers.Dense(
        num_classes,
        kernel_regularizer=weight_penalty(weight_decay),
        dtype=logits_dtype(),
        name=name,
    )(x)


def hidden_layers(x: keras.KerasTensor, units: Sequence[int], **options: Any) -> keras.KerasTensor:
    """Applies flattening and a `dense_block` of each of these numbers of units, named `hidden1`, `hidden2`, ..."""
    x = keras.layers.Flatten(data_format="channels_last", name="flatten")(x)
    for number, count in enumerate(units, start=1):
        x = dense_block(x, count, name=f"hidden{number}", **options)
    return x


def dense_block(
    x: keras.KerasTensor,
    units: int,
    *,
    activation: str = "relu",
    initializer: str | keras.initializers.Initializer = "glorot_uniform",
    batch_norm: bool = False,
    dropout: float = 0.0,
    weight_decay: float = 0.0,
    name: str,
) -> keras.KerasTensor:
    """Applies `dropout(activation(batch_norm(W x + b)))`; (batch, inputs) to (batch, units).

    Layers: `{name}`, `{name}_bn` where wanted (the bias then sits in it), `{name}_{activation}`, `{name}_dropout`.
    """
    x = keras.layers.Dense(
        units,
        use_bias=not batch_norm,
        # an initializer object serves one layer only: each needs a copy with a seed of its own
        kernel_initializer=initializer if isinstance(initializer, str) else initializer.clone(),
        kernel_regularizer=weight_penalty(weight_decay),
        name=name,
    )(x)
    if batch_norm:
        x = batch_norm_block(x, name=f"{name}_bn")
    x = keras.layers.Activation(activation, name=f"{name}_{activation}")(x)
    if dropout:
        x = keras.layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return x
