"""Fully convolutional network (Long, Shelhamer, Darrell 2015, arXiv:1411.4038)."""

from collections.abc import Sequence

import keras

from keras_course.arguments import require_integer, require_number, require_sequence
from keras_course.models.backbones import backbone_maps
from keras_course.models.blocks import MOST_FILTERS, conv_block, logits_dtype, scale_width
from keras_course.models.layers.bilinear_upsampling import BilinearUpsampling

HIDDEN = (4096, 4096)  # filters of VGG's two hidden layers


def build_fcn(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    backbone: str | keras.Model = "vgg16",
    stride: int = 8,
    width: float = 1.0,
    stem: str = "auto",
    hidden: Sequence[int] | None = None,
    dropout: float = 0.5,
) -> keras.Model:
    """Builds FCN-8, -16 or -32: class scores on the coarsest map of a classifier, brought back to the image's size.

    On the way up the scores are doubled, and those of the backbone's map of that size added, until they have `stride`;
    a last transposed convolution does the rest at once.

    Args:
        input_shape: (height, width, channels) of the images, in pixels, each side a multiple of the backbone's coarsest
            stride (32; 8 for a ResNet with the small stem); values are expected in [0, 1].
        num_classes: Integer >= 1, the maps of logits.
        backbone: A VGG or ResNet by its key in `MODEL_BUILDERS`; or a classifier from its builder, trained or not,
            whose stages are copied with their weights, whatever its image size. It is left as it is.
        stride: Pixels of the image from one unit of the finest map of scores to the next: 8, 16, 32, or another that a
            stage of the backbone has.
        width: Float > 0, scales every channel count but those of a classifier that is given.
        stem: Of a backbone by name, as in its builder.
        hidden: Filters of each hidden layer before the coarsest scores, the first of 7x7, the others of 1x1; None means
            4096 and 4096 on a VGG, which has such, and none on another.
        dropout: Float in [0, 1), the share dropped after each hidden layer in training.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, height, width, num_classes).

    Raises:
        ValueError: If an argument is out of range, or the sizes of the maps don't meet; the message has the nearest
            that do.

    Example:
        >>> from keras_course.models import build_fcn
        >>> model = build_fcn((64, 64, 1), 11, backbone="vgg11", stride=16, width=0.125, hidden=())
        >>> model.output_shape, model.get_layer("scores16_upsample").output.shape
        ((None, 64, 64, 11), (None, 4, 4, 11))

    Source: deck, chapter 8; Long et al. (2015), sections 3 and 4.

    Note: All transposed convolutions start as bilinear interpolation; the last stays it, the others learn. Scores of
        finer maps start at 0. The paper pads the image by 100 pixels and crops at the end, to take any size; here the
        maps are padded, and the sizes have to meet. There VGG's hidden layers keep their weights, here they are new.
    """
    require_number("dropout", dropout, at_least=0, below=1)
    image, maps = backbone_maps(backbone, input_shape, num_classes, stride=stride, width=width, stem=stem)
    name = backbone.name if isinstance(backbone, keras.Model) else backbone
    if hidden is None:
        hidden = HIDDEN if name.startswith("vgg") else ()
    require_sequence("hidden", hidden)
    (coarsest, x), *finer = maps.items()
    for number, units in enumerate(hidden, start=1):
        require_integer("hidden", units, at_least=1, at_most=MOST_FILTERS)
        kernel_size = 7 if number == 1 else 1
        x = conv_block(x, scale_width(units, width), kernel_size, initializer="he_uniform", name=f"hidden{number}")
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"hidden{number}_dropout")(x)
    x = _scores(x, num_classes, "glorot_uniform", name=f"scores{coarsest}")
    for finer_stride, one in finer:
        x = _upsample(x, coarsest // finer_stride, name=f"scores{finer_stride}_upsample")
        scores = _scores(one, num_classes, "zeros", name=f"scores{finer_stride}")
        x = keras.layers.Add(name=f"scores{finer_stride}_add")([x, scores])
        coarsest = finer_stride
    logits = _upsample(x, stride, trainable=False, dtype=logits_dtype(), name="logits")
    return keras.Model(image, logits, name=f"fcn{stride}_{name}")


def _scores(x: keras.KerasTensor, num_classes: int, initializer: str, *, name: str) -> keras.KerasTensor:
    return conv_block(x, num_classes, 1, activation=None, initializer=initializer, name=name)


def _upsample(x: keras.KerasTensor, factor: int, *, name: str, **options) -> keras.KerasTensor:
    """Multiplies height and width by a transposed convolution that starts as bilinear interpolation."""
    return keras.layers.Conv2DTranspose(
        x.shape[-1],
        2 * factor,
        strides=factor,
        padding="same",
        data_format="channels_last",
        use_bias=False,
        kernel_initializer=BilinearUpsampling(),
        name=name,
        **options,
    )(x)
