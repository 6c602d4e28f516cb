"""The two nets of the DCGAN (Radford, Metz, Chintala 2015, arXiv:1511.06434; deck, chapter 9)."""

from typing import Any

import keras

from keras_course.arguments import require_integer
from keras_course.models.blocks import MOST_FILTERS, logits_dtype
from keras_course.models.layers.fused_batch_normalization import FusedBatchNormalization

# Image size: how often the discriminator halves it, down to 2, 4, 7, 4 and 4 pixels.
HALVINGS = {8: 2, 16: 2, 28: 2, 32: 3, 64: 4}


def build_dcgan_generator(
    image_shape: tuple[int, int, int], latent_dim: int = 100, base_filters: int = 64, *, extra_stage: bool = False
) -> keras.Model:
    """Builds G(z): a projection to a small map, then transposed convolutions that double it up to the image.

    Args:
        image_shape: (height, width, channels) of the images, in pixels: 8x8, 16x16, 28x28, 32x32 or 64x64, 1 channel
            for grey or 3 for RGB.
        latent_dim: Integer >= 1, the length of z, which is drawn from N(0, 1) or from U(-1, 1) as in the paper.
        base_filters: Integer >= 1, the channels of the last hidden map but that of the extra stage; each map before has
            twice as many.
        extra_stage: Whether to add a hidden map of the image's own size, with half as many channels, and a 3x3
            convolution that makes the image of it. Not in the paper, see the note.

    Returns:
        An uncompiled model from z (batch, latent_dim) to images (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If an argument is out of range or no DCGAN is known for the size.

    Example:
        >>> from keras_course.models import build_dcgan_generator
        >>> model = build_dcgan_generator((8, 8, 1), latent_dim=10, base_filters=4)
        >>> model.input_shape, model.output_shape
        ((None, 10), (None, 8, 8, 1))

    Source: deck, chapter 9; Radford et al. (2015), figure 1 and "Architecture guidelines for stable DCGANs".

    Note: 64x64x3 with the defaults is the net that the authors published, 4x4 kernels and no bias anywhere: 3,576,704
        trainable parameters. (Figure 1 of the paper draws 5x5 kernels and twice the channels.) The paper has no smaller
        images: 28x28 starts from 7x7, as is usual since. That leaves two hidden maps instead of four, too few for fine
        detail, which `extra_stage` makes up for.
    """
    image_shape = check_shape(image_shape, base_filters)
    require_integer("latent_dim", latent_dim, at_least=1, at_most=MOST_FILTERS)
    inputs = keras.Input((latent_dim,), name="latent")
    images = grow_image(first_map(inputs, image_shape, base_filters), image_shape, extra_stage=extra_stage)
    return keras.Model(inputs, images, name="dcgan_generator")


def build_dcgan_discriminator(
    image_shape: tuple[int, int, int],
    base_filters: int = 64,
    *,
    batch_norm: bool = True,
    extra_stage: bool = False,
) -> keras.Model:
    """Builds D(x) before its sigmoid: convolutions that halve the image down to a small map, and one logit of it.

    Args:
        image_shape: (height, width, channels) of the images, in pixels: 8x8, 16x16, 28x28, 32x32 or 64x64, 1 channel
            for grey or 3 for RGB.
        base_filters: Integer >= 1, the channels of the first map; each map after has twice as many.
        batch_norm: Whether to normalise all maps but the first, as in the paper; a gradient penalty wants none.
        extra_stage: Whether to halve once more than down to the size where the generator starts, 7x7 to 4x4 for
            28x28. Not in the paper, whose larger images have four halvings.

    Returns:
        An uncompiled model from images (batch, height, width, channels) in [-1, 1] to logits (batch, 1); D is their
        sigmoid, the probability that the image is real.

    Raises:
        ValueError: If an argument is out of range or no DCGAN is known for the size.

    Example:
        >>> from keras_course.models import build_dcgan_discriminator
        >>> model = build_dcgan_discriminator((8, 8, 1), base_filters=4)
        >>> model.input_shape, model.output_shape
        ((None, 8, 8, 1), (None, 1))

    Source: deck, chapter 9; Radford et al. (2015), "Architecture guidelines for stable DCGANs".

    Note: 64x64x3 with the default is the net that the authors published, 4x4 kernels and no bias anywhere: 2,765,568
        trainable parameters. Batch normalisation makes a logit depend on the other images of its batch in training.
    """
    image_shape = check_shape(image_shape, base_filters)
    inputs = keras.Input(image_shape, name="image")
    features = discriminator_stages(inputs, base_filters, normalize=batch_norm, extra_stage=extra_stage)
    return keras.Model(inputs, logit(features), name="dcgan_discriminator")


def first_map(x: keras.KerasTensor, image_shape: tuple[int, int, int], base_filters: int) -> keras.KerasTensor:
    """Projects latents (batch, latent_dim) to the small map (batch, rows, columns, filters), before its ReLU."""
    stages = HALVINGS[image_shape[0]]
    height, width = image_shape[0] >> stages, image_shape[1] >> stages
    filters = base_filters * 2 ** (stages - 1)
    x = keras.layers.Dense(
        height * width * filters, use_bias=False, kernel_initializer=normal_weights(), name="stage1_dense"
    )(x)
    x = keras.layers.Reshape((height, width, filters), name="stage1_reshape")(x)
    return batch_norm(x, name="stage1_bn")


def grow_image(
    x: keras.KerasTensor, image_shape: tuple[int, int, int], *, extra_stage: bool = False
) -> keras.KerasTensor:
    """Applies the stages after `first_map`: its map to images (batch, height, width, channels) in [-1, 1]."""
    stages, filters, channels = HALVINGS[image_shape[0]], x.shape[-1], image_shape[-1]
    x = keras.layers.ReLU(name="stage1_relu")(x)
    for number in range(2, stages + 1 + extra_stage):
        filters = max(1, filters // 2)
        x = conv(x, filters, layer=keras.layers.Conv2DTranspose, name=f"stage{number}_conv1")
        x = batch_norm(x, name=f"stage{number}_conv1_bn")
        x = keras.layers.ReLU(name=f"stage{number}_conv1_relu")(x)
    if extra_stage:
        x = conv(x, channels, kernel_size=3, strides=1, name=f"stage{stages + 2}_conv1")
    else:
        x = conv(x, channels, layer=keras.layers.Conv2DTranspose, name=f"stage{stages + 1}_conv1")
    return keras.layers.Activation("tanh", name="image")(x)


def discriminator_stages(
    x: keras.KerasTensor, base_filters: int, *, normalize: bool = True, extra_stage: bool = False
) -> keras.KerasTensor:
    """Applies the stages of the discriminator: images (batch, height, width, channels) to features (batch, n)."""
    for number in range(1, HALVINGS[x.shape[1]] + 1 + extra_stage):
        name = f"stage{number}_conv1"
        x = conv(x, base_filters * 2 ** (number - 1), name=name)
        if number > 1 and normalize:  # the first layer sees the pixels as they are
            x = batch_norm(x, name=f"{name}_bn")
        x = keras.layers.LeakyReLU(negative_slope=0.2, name=f"{name}_leaky_relu")(x)
    return keras.layers.Flatten(data_format="channels_last", name="flatten")(x)


def logit(features: keras.KerasTensor) -> keras.KerasTensor:
    """Applies wᵗ φ; (batch, n) to (batch, 1), in float32 whatever the policy."""
    return keras.layers.Dense(
        1, use_bias=False, kernel_initializer=normal_weights(), dtype=logits_dtype(), name="logits"
    )(features)


def conv(
    x: keras.KerasTensor,
    filters: int,
    *,
    kernel_size: int = 4,
    strides: int = 2,
    layer: type[keras.layers.Layer] = keras.layers.Conv2D,
    name: str,
) -> keras.KerasTensor:
    """Applies a convolution without bias that halves height and width, or a transposed one that doubles them.

    The kernel size is a multiple of the stride, so a transposed convolution gives every pixel but those at the border
    the same number of contributions: no built-in checkerboard.
    """
    return layer(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        data_format="channels_last",
        use_bias=False,
        kernel_initializer=normal_weights(),
        name=name,
    )(x)


def batch_norm(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """Applies batch normalisation with settings for two nets that train against each other.

    Momentum 0.9: images are sampled with the moving statistics, which must keep up with a generator that never
    settles. Epsilon 1e-5: behind weights of N(0, 0.02) the variances are as small as 4e-4, which Keras's 1e-3 drowns.
    """
    return FusedBatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def normal_weights() -> keras.initializers.Initializer:
    """Returns a new N(0, 0.02): one initializer object would give every layer of one shape the same weights."""
    return keras.initializers.RandomNormal(stddev=0.02)


def check_shape(image_shape: Any, base_filters: Any) -> tuple[int, int, int]:
    """Returns the shape as three integers, or raises a ValueError if no DCGAN is known for it."""
    sizes = ", ".join(f"{size}x{size}" for size in HALVINGS)
    shapes = {(size, size, channels) for size in HALVINGS for channels in (1, 3)}
    try:
        known = tuple(image_shape) in shapes
    except TypeError:
        known = False
    if not known:
        raise ValueError(
            f"`image_shape` must be (height, width, channels) of {sizes} pixels with 1 or 3 channels. "
            f"Received: image_shape={image_shape!r}"
        )
    require_integer("base_filters", base_filters, at_least=1, at_most=MOST_FILTERS)
    height, width, channels = image_shape
    return int(height), int(width), int(channels)
