"""The nets of the plain GAN, and those of the conditional DCGAN (deck, chapter 9)."""

import math
from collections.abc import Sequence

import keras
import numpy as np

from keras_course.arguments import require_integer, require_number, require_sequence
from keras_course.models.blocks import check_image_shape, logits_dtype
from keras_course.models.dcgan import check_shape, discriminator_stages, first_map, grow_image, logit, normal_weights


def build_gan_generator(
    image_shape: tuple[int, int, int],
    *,
    latent_dim: int = 100,
    hidden: Sequence[int] = (256, 512),
    batch_norm: bool = True,
) -> keras.Model:
    """Builds G(z) = tanh(W a(... a(W z))), the multi-layer perceptron of the plain GAN.

    Args:
        image_shape: (height, width, channels) of the images, in pixels.
        latent_dim: Integer >= 1, the length of z.
        hidden: Integers >= 1, the units of each hidden layer, the latent side first.
        batch_norm: Whether to normalise between each hidden layer and its ReLU.

    Returns:
        An uncompiled model from z (batch, latent_dim) to images (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.gan import build_gan_generator
        >>> model = build_gan_generator((8, 8, 1), latent_dim=4, hidden=(8,))
        >>> model.input_shape, model.output_shape
        ((None, 4), (None, 8, 8, 1))

    Source: deck, chapter 9, "GAN results"; Goodfellow et al. (2014), arXiv:1406.2661, section 5.

    Note: The authors used ReLU and sigmoids without batch normalisation; without it the generator learns more slowly.
    """
    image_shape = check_image_shape("image_shape", image_shape)
    require_integer("latent_dim", latent_dim, at_least=1)
    _check_hidden(hidden)
    inputs = keras.Input((latent_dim,), name="latent")
    x = inputs
    for number, units in enumerate(hidden, start=1):
        name = f"hidden{number}"
        x = keras.layers.Dense(units, use_bias=not batch_norm, kernel_initializer="he_normal", name=name)(x)
        if batch_norm:
            x = keras.layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
        x = keras.layers.ReLU(name=f"{name}_relu")(x)
    x = keras.layers.Dense(int(np.prod(image_shape)), activation="tanh", name="pixels")(x)
    images = keras.layers.Reshape(image_shape, name="image")(x)
    return keras.Model(inputs, images, name="gan_generator")


def build_gan_discriminator(
    image_shape: tuple[int, int, int], *, hidden: Sequence[int] = (512, 256), dropout: float = 0.3
) -> keras.Model:
    """Builds D(x) before its sigmoid, the multi-layer perceptron of the plain GAN.

    Args:
        image_shape: (height, width, channels) of the images, in pixels.
        hidden: Integers >= 1, the units of each hidden layer, the image side first.
        dropout: Float in [0, 1), the share of hidden units dropped in training, as in the paper: without it the
            discriminator memorises the training images.

    Returns:
        An uncompiled model from images (batch, height, width, channels) in [-1, 1] to logits (batch, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.gan import build_gan_discriminator
        >>> model = build_gan_discriminator((8, 8, 1), hidden=(8,))
        >>> model.input_shape, model.output_shape
        ((None, 8, 8, 1), (None, 1))

    Source: deck, chapter 9, "GAN results"; Goodfellow et al. (2014), section 5.

    Note: The authors used maxout units; this net has leaky ReLU, as the DCGAN does.
    """
    image_shape = check_image_shape("image_shape", image_shape)
    _check_hidden(hidden)
    require_number("dropout", dropout, at_least=0, below=1)
    inputs = keras.Input(image_shape, name="image")
    x = keras.layers.Flatten(data_format="channels_last", name="flatten")(inputs)
    for number, units in enumerate(hidden, start=1):
        x = keras.layers.Dense(units, kernel_initializer="he_normal", name=f"hidden{number}")(x)
        x = keras.layers.LeakyReLU(negative_slope=0.2, name=f"hidden{number}_leaky_relu")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"hidden{number}_dropout")(x)
    logits = keras.layers.Dense(1, dtype=logits_dtype(), name="logits")(x)
    return keras.Model(inputs, logits, name="gan_discriminator")


def build_conditional_dcgan_generator(
    image_shape: tuple[int, int, int],
    num_classes: int,
    *,
    latent_dim: int = 100,
    base_filters: int = 64,
    extra_stage: bool = False,
) -> keras.Model:
    """Builds G(z, y): the DCGAN's generator, with a learned map e(y) for each class added to the first map of z.

    The sum is taken after the batch normalisation of z's map. If the label were an input beside z, as large, the
    gradients of all images of a class would agree on the label's weights and add up, while those on z's weights differ
    and cancel: the generator would end with one image per class. Here z's part of the map keeps the variance that the
    normalisation gives it, however large the label's part grows.

    Args:
        image_shape: (height, width, channels) of the images, see `build_dcgan_generator`.
        num_classes: Integer >= 2.
        latent_dim: Integer >= 1, the length of z.
        base_filters: Integer >= 1, the channels of the last hidden map.
        extra_stage: See `build_dcgan_generator`.

    Returns:
        An uncompiled model from [z (batch, latent_dim), labels (batch,)] to images in [-1, 1].

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.gan import build_conditional_dcgan_generator
        >>> model = build_conditional_dcgan_generator((8, 8, 1), 3, latent_dim=4, base_filters=2)
        >>> model.input_shape, model.output_shape
        ([(None, 4), (None,)], (None, 8, 8, 1))

    Source: Mirza and Osindero (2014), arXiv:1411.1784; goes beyond the deck, chapter 9.

    Note: The paper joins label and noise after one hidden layer each; the sum after the normalisation is this course's.
    """
    image_shape = check_shape(image_shape, base_filters)
    require_integer("num_classes", num_classes, at_least=2)
    require_integer("latent_dim", latent_dim, at_least=1)
    latents, labels = keras.Input((latent_dim,), name="latent"), keras.Input((), dtype="int32", name="label")
    x = first_map(latents, image_shape, base_filters)
    vectors = keras.layers.Embedding(
        num_classes,
        math.prod(x.shape[1:]),
        embeddings_initializer=keras.initializers.RandomNormal(stddev=0.5),  # a quarter of z's variance: z leads
        name="label_embedding",
    )
    label_map = keras.layers.Reshape(x.shape[1:], name="label_map")(vectors(labels))
    x = keras.layers.Add(name="stage1_and_label")([x, label_map])
    images = grow_image(x, image_shape, extra_stage=extra_stage)
    return keras.Model([latents, labels], images, name="conditional_dcgan_generator")


def build_conditional_dcgan_discriminator(
    image_shape: tuple[int, int, int],
    num_classes: int,
    *,
    base_filters: int = 64,
    batch_norm: bool = True,
    extra_stage: bool = False,
) -> keras.Model:
    """Builds D(x, y) before its sigmoid, l = (w + v(y))ᵗ φ(x): the DCGAN's, with a learned last layer for each class.

    Args:
        image_shape: (height, width, channels) of the images, see `build_dcgan_discriminator`.
        num_classes: Integer >= 2.
        base_filters: Integer >= 1, the channels of the first map.
        batch_norm: Whether to normalise all maps but the first.
        extra_stage: See `build_dcgan_discriminator`.

    Returns:
        An uncompiled model from [images (batch, height, width, channels), labels (batch,)] to logits (batch, 1).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.gan import build_conditional_dcgan_discriminator
        >>> model = build_conditional_dcgan_discriminator((8, 8, 1), 3, base_filters=2)
        >>> model.input_shape, model.output_shape
        ([(None, 8, 8, 1), (None,)], (None, 1))

    Source: the projection discriminator of Miyato and Koyama (2018), arXiv:1802.05637, eq. 3; goes beyond the deck,
        chapter 9.
    """
    image_shape = check_shape(image_shape, base_filters)
    require_integer("num_classes", num_classes, at_least=2)
    images, labels = keras.Input(image_shape, name="image"), keras.Input((), dtype="int32", name="label")
    features = discriminator_stages(images, base_filters, normalize=batch_norm, extra_stage=extra_stage)
    vectors = keras.layers.Embedding(
        num_classes, features.shape[1], embeddings_initializer=normal_weights(), name="label_embedding"
    )
    match = keras.layers.Dot(axes=1, dtype=logits_dtype(), name="label_match")([features, vectors(labels)])
    logits = keras.layers.Add(dtype=logits_dtype(), name="logits_and_match")([logit(features), match])
    return keras.Model([images, labels], logits, name="conditional_dcgan_discriminator")


def _check_hidden(hidden: Sequence[int]) -> None:
    require_sequence("hidden", hidden)
    for units in hidden:
        require_integer("hidden", units, at_least=1)
