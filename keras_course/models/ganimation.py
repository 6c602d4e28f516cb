"""The two nets of GANimation (Pumarola et al. 2018, arXiv:1807.09251; deck, chapter 8)."""

from typing import Any

import keras

from keras_course.arguments import require_boolean, require_integer
from keras_course.models.blocks import check_image_shape, logits_dtype
from keras_course.models.layers.instance_normalization import InstanceNormalization
from keras_course.models.layers.modulated_normalization import ModulatedNormalization

INNER_UNITS = 32  # of the layer between the units and what they modulate
SLOPE = 0.01  # of the discriminator's leaky ReLU, as published

Tensor = Any


def build_ganimation_generator(
    image_shape: tuple[int, int, int],
    num_units: int,
    *,
    base_filters: int = 64,
    blocks: int = 6,
    kernel_size: int = 7,
    modulate: bool = False,
    skips: bool = False,
) -> keras.Model:
    """Builds G(I, u): a colour mask C and an attention mask A, of which `blend` makes I' = (1 - A) C + A I.

    Image and units, one constant map each, are convolved down to a quarter of the size, changed by residual blocks, and
    brought up again to both masks.

    Args:
        image_shape: (height, width, channels), sides divisible by 4.
        num_units: Integer >= 1, action units.
        base_filters: Integer >= 1, channels at full size; twice and four times as many at half and a quarter of it.
        blocks: Integer >= 0, residual blocks.
        kernel_size: Odd integer >= 1, of the first and the last convolutions.
        modulate: Whether the units also scale and shift the maps of blocks and ups, see `ModulatedNormalization`.
        skips: Whether the ups also get the maps of their size from the way down, and the last ones the image.

    Returns:
        An uncompiled model from [images (batch, height, width, channels) in [-1, 1], units (batch, num_units)] to
        {"colour": in [-1, 1], of the images' shape, "attention": in [0, 1], (batch, height, width, 1)}.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.models import build_ganimation_generator
        >>> model = build_ganimation_generator((32, 32, 3), 4, base_filters=4, blocks=1)
        >>> {name: output.shape for name, output in model.output.items()}
        {'colour': (None, 32, 32, 3), 'attention': (None, 32, 32, 1)}

    Source: deck, chapter 8; Pumarola et al. (2018), section 4.1 and the authors' code, after Johnson et al. (2016).

    Note: The defaults are the published net. In it the units are maps beside the image alone, which instance
        normalisation can take away again; `modulate` and `skips` are this course's, for small nets and short trainings.
    """
    height, width, channels = check_image_shape("image_shape", image_shape)
    if height % 4 or width % 4:
        raise ValueError(f"`image_shape` must have sides divisible by 4. Received: image_shape={tuple(image_shape)}")
    for name, value in {"num_units": num_units, "base_filters": base_filters, "kernel_size": kernel_size}.items():
        require_integer(name, value, at_least=1)
    require_integer("blocks", blocks, at_least=0)
    require_boolean("modulate", modulate)
    require_boolean("skips", skips)
    image, units = keras.Input((height, width, channels), name="image"), keras.Input((num_units,), name="units")
    told = keras.layers.Dense(INNER_UNITS, activation="relu", name="told")(units) if modulate else None
    planes = keras.layers.RepeatVector(height * width, name="unit_vectors")(units)
    planes = keras.layers.Reshape((height, width, num_units), name="unit_planes")(planes)
    x = keras.layers.Concatenate(name="image_and_units")([image, planes])
    x = full = _down(x, base_filters, kernel_size, 1, name="down1")
    x = half = _down(x, 2 * base_filters, 4, 2, name="down2")
    x = _down(x, 4 * base_filters, 4, 2, name="down3")
    for number in range(1, blocks + 1):
        x = _residual_block(x, told, name=f"block{number}")
    x = _up(x, 2 * base_filters, told, half if skips else None, name="up1")
    x = _up(x, base_filters, told, full if skips else None, name="up2")
    x = keras.layers.Concatenate(name="up2_and_image")([x, image]) if skips else x
    heads = {"colour": (channels, "tanh"), "attention": (1, "sigmoid")}
    outputs = {
        name: _conv(x, filters, kernel_size, activation=activation, dtype=logits_dtype(), name=name)
        for name, (filters, activation) in heads.items()
    }
    return keras.Model([image, units], outputs, name="ganimation_generator")


def build_ganimation_discriminator(
    image_shape: tuple[int, int, int], num_units: int, *, base_filters: int = 64, depth: int = 6
) -> keras.Model:
    """Builds D(I): a critic's map, which says how real each part of an image is, and the units that it sees in it.

    Args:
        image_shape: (height, width, channels), sides divisible by 2^depth.
        num_units: Integer >= 1, action units.
        base_filters: Integer >= 1, channels of the first map; each next one has twice as many.
        depth: Integer >= 1, convolutions of stride 2.

    Returns:
        An uncompiled model from images in [-1, 1] to {"critic": (batch, height / 2^depth, width / 2^depth, 1),
        "units": (batch, num_units)}, both without a bound.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.models import build_ganimation_discriminator
        >>> model = build_ganimation_discriminator((32, 32, 3), 4, base_filters=4, depth=4)
        >>> {name: output.shape for name, output in model.output.items()}
        {'critic': (None, 2, 2, 1), 'units': (None, 4)}

    Source: deck, chapter 8; Pumarola et al. (2018), section 4.1; the PatchGAN of Isola et al. (2017) without
        normalisation, with a head for the units.
    """
    height, width, channels = check_image_shape("image_shape", image_shape)
    for name, value in {"num_units": num_units, "base_filters": base_filters, "depth": depth}.items():
        require_integer(name, value, at_least=1)
    if height % 2**depth or width % 2**depth:
        raise ValueError(
            f"`image_shape` must have sides divisible by 2^depth = {2**depth}. Received: {tuple(image_shape)}"
        )
    x = image = keras.Input((height, width, channels), name="image")
    for number in range(depth):
        name = f"down{number + 1}"
        x = _conv(x, base_filters * 2**number, 4, strides=2, use_bias=True, name=name)
        x = keras.layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_leaky_relu")(x)
    critic = _conv(x, 1, 3, dtype=logits_dtype(), name="critic")
    seen = _conv(x, num_units, tuple(x.shape[1:3]), padding="valid", dtype=logits_dtype(), name="unit_maps")
    outputs = {"critic": critic, "units": keras.layers.Reshape((num_units,), dtype=logits_dtype(), name="units")(seen)}
    return keras.Model(image, outputs, name="ganimation_discriminator")


def blend(outputs: dict[str, Tensor], images: Tensor) -> Tensor:
    """Computes I' = (1 - A) C + A I: where the attention mask A is 1, the image stays as it is.

    Args:
        outputs: Of the generator.
        images: In [-1, 1], what the generator was given.

    Returns:
        Images in [-1, 1].

    Example:
        >>> import numpy as np
        >>> float(blend({"colour": np.array(-1.0), "attention": np.array(0.75)}, np.array(1.0)))
        0.5

    Source: deck, chapter 8; Pumarola et al. (2018), section 4.1.
    """
    attention = outputs["attention"]
    return (1 - attention) * outputs["colour"] + attention * images


def _conv(x: Tensor, filters: int, kernel_size: Any, **options: Any) -> Tensor:
    return keras.layers.Conv2D(filters, kernel_size, **{"padding": "same", "use_bias": False, **options})(x)


def _normalized(x: Tensor, told: Tensor | None, *, name: str) -> Tensor:
    """Applies instance normalisation, and what the units make of the maps."""
    if told is None:
        return InstanceNormalization(name=f"{name}_norm")(x)
    return ModulatedNormalization(name=f"{name}_norm")([x, told])


def _down(x: Tensor, filters: int, kernel_size: int, strides: int, *, name: str) -> Tensor:
    x = _normalized(_conv(x, filters, kernel_size, strides=strides, name=f"{name}_conv"), None, name=name)
    return keras.layers.ReLU(name=f"{name}_relu")(x)


def _residual_block(x: Tensor, told: Tensor | None, *, name: str) -> Tensor:
    """Applies x + f(x), without a ReLU after the sum."""
    y = _normalized(_conv(x, x.shape[-1], 3, name=f"{name}_conv1"), told, name=f"{name}_1")
    y = keras.layers.ReLU(name=f"{name}_relu")(y)
    y = _normalized(_conv(y, x.shape[-1], 3, name=f"{name}_conv2"), told, name=f"{name}_2")
    return keras.layers.Add(name=f"{name}_add")([x, y])


def _up(x: Tensor, filters: int, told: Tensor | None, skip: Tensor | None, *, name: str) -> Tensor:
    x = keras.layers.Conv2DTranspose(filters, 4, strides=2, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = _normalized(x, told, name=name)
    x = keras.layers.ReLU(name=f"{name}_relu")(x)
    return x if skip is None else keras.layers.Concatenate(name=f"{name}_and_down")([x, skip])
