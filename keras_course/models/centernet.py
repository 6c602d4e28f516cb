"""CenterNet (Zhou, Wang, Krähenbühl 2019, "Objects as points", arXiv:1904.07850)."""

import math

import keras

from keras_course.arguments import require_number
from keras_course.models.backbones import backbone_maps
from keras_course.models.blocks import conv_block, logits_dtype, scale_width

FILTERS = 64  # of the top-down path and the heads, at width 1


def build_centernet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    backbone: str | keras.Model = "resnet18",
    width: float = 1.0,
    stride: int = 4,
    coarsest: int | None = None,
    stem: str = "auto",
    prior: float = 0.1,
) -> keras.Model:
    """Builds CenterNet: a backbone, a path from its coarsest map back to a fine one, and three heads on that.

    Args:
        input_shape: (height, width, channels) of the images, in pixels, each side a multiple of the backbone's coarsest
            stride (32; 8 for a ResNet with the small stem); values are expected in [0, 1]. The published nets take
            512x512x3.
        num_classes: Integer >= 1.
        backbone: A ResNet or VGG by its key in `MODEL_BUILDERS`; or a classifier from its builder, trained or not,
            whose stages are copied with their weights, whatever its image size. It is left as it is.
        width: Float > 0, scales every channel count but those of a classifier that is given.
        stride: Pixels of the image from one cell of the heads' maps to the next; one that a stage of the backbone has.
        coarsest: Stride of the coarsest map of the backbone that is used; the stages after it are left out, which
            objects of a few cells can do without. None uses all.
        stem: Of a backbone by name, as in its builder. "convolutions" suits objects of a few pixels.
        prior: Float in (0, 1), the probability that the new heat map gives each class in each cell. Nearly all cells
            are background: from 1/2 on, their loss would drown that of the objects.

    Returns:
        An uncompiled model from (batch, height, width, channels) to a dict of three maps of one cell for each
        `stride` x `stride` pixels:

        - "heatmap", (batch, rows, columns, num_classes): logits, of the probability that an object of the class has its
          centre in the cell.
        - "size", (batch, rows, columns, 2): width and height of the box in cells; times `stride`, in pixels.
        - "offset", (batch, rows, columns, 2): x and y in cells from the cell's upper left corner to the centre, in [0,
          1) if exact.

    Raises:
        ValueError: If an argument is out of range, or the sizes of the maps don't meet; the message has the nearest
            that do.

    Example:
        >>> from keras_course.models import build_centernet
        >>> model = build_centernet((64, 64, 1), 10, width=0.125)
        >>> {name: output.shape[1:] for name, output in model.output.items()}
        {'heatmap': (16, 16, 10), 'size': (16, 16, 2), 'offset': (16, 16, 2)}

    Source: deck, chapter 8; Zhou et al. (2019), sections 3 to 5.

    Note: With the published stem and stride 4 a training step takes about 1.6 times that of the classifier of the same
        width on the same images (1.9 times its multiply-accumulates); stride 2 takes 4.5 times the
        multiply-accumulates.

        The paper's ResNets go up by deformable and transposed convolutions. Here each step repeats the units of the
        coarser map, adds a 1x1 convolution of the backbone's map of that size (Lin et al. 2017, arXiv:1612.03144) and
        applies a 3x3 convolution, which a CPU does in a fraction of the time. Size and offset share a hidden map.
    """
    require_number("prior", prior, above=0, below=1)
    image, maps = backbone_maps(
        backbone, input_shape, num_classes, stride=stride, width=width, stem=stem, coarsest=coarsest
    )
    filters = scale_width(FILTERS, width)
    x = top_down(maps, filters)
    heat, box = (_conv(x, filters, 3, name=f"{name}_conv1") for name in ("heatmap", "box"))
    rare = keras.initializers.Constant(-math.log(1 / prior - 1))
    outputs = {
        "heatmap": _head(heat, num_classes, keras.initializers.RandomNormal(stddev=0.01), rare, name="heatmap"),
        "size": _head(box, 2, name="size"),
        "offset": _head(box, 2, name="offset"),
    }
    name = backbone.name if isinstance(backbone, keras.Model) else backbone
    return keras.Model(image, outputs, name=f"centernet_{name}")


def top_down(maps: dict[int, keras.KerasTensor], filters: int) -> keras.KerasTensor:
    """Joins maps into one of the finest one's size.

    Args:
        maps: By stride, from the coarsest to the finest.
        filters: Channels of the result.
    """
    (coarsest, x), *finer = maps.items()
    x = _conv(x, filters, 1, name=f"neck{coarsest}_conv1")
    for stride, one in finer:
        x = keras.layers.UpSampling2D(coarsest // stride, data_format="channels_last", name=f"neck{stride}_upsample")(x)
        same = conv_block(one, filters, 1, activation=None, initializer="he_uniform", name=f"neck{stride}_lateral")
        x = keras.layers.Add(name=f"neck{stride}_add")([x, same])
        x = _conv(x, filters, 3, name=f"neck{stride}_conv1")
        coarsest = stride
    return x


def _conv(x: keras.KerasTensor, filters: int, kernel_size: int, *, name: str) -> keras.KerasTensor:
    return conv_block(x, filters, kernel_size, batch_norm=True, initializer="he_uniform", name=name)


def _head(
    x: keras.KerasTensor,
    filters: int,
    kernel_initializer: str | keras.initializers.Initializer = "glorot_uniform",
    bias_initializer: str | keras.initializers.Initializer = "zeros",
    *,
    name: str,
) -> keras.KerasTensor:
    """Applies the 1x1 convolution that ends a head, in float32 whatever the policy."""
    return keras.layers.Conv2D(
        filters,
        1,
        data_format="channels_last",
        kernel_initializer=kernel_initializer,
        bias_initializer=bias_initializer,
        dtype=logits_dtype(),
        name=name,
    )(x)
