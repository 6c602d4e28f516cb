"""A network that repaints pictures in one style (Johnson et al. 2016, arXiv:1603.08155; deck, chapter 8)."""

import keras

from keras_course.arguments import require_integer, require_number
from keras_course.models.blocks import scale_width
from keras_course.models.layers.crop_like import CropLike
from keras_course.models.layers.instance_normalization import InstanceNormalization

FILTERS = (32, 64, 128)  # at full, half and quarter size
REACH = 0.1  # of the change: the first steps of Adam move all 81 weights per channel the same way


def build_style_network(*, width: float = 0.5, blocks: int = 4) -> keras.Model:
    """Builds the network for one style: down to a quarter of the size, residual blocks, up again, added to the picture.

    Before training it returns pictures as they are.

    Args:
        width: Float > 0, scales every channel count; 1 is the published net.
        blocks: Int >= 0. Residual blocks at a quarter of the size; 5 in the published net.

    Returns:
        An uncompiled model from pictures (batch, height, width, 3) in [0, 1], of 16x16 pixels and more, to pictures of
        that size. Their values may leave [0, 1] a little.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.models import build_style_network
        >>> model = build_style_network(width=0.25, blocks=1)
        >>> picture = np.random.default_rng(0).random((1, 30, 41, 3), np.float32)
        >>> bool(np.allclose(model(picture), picture))
        True

    Source: deck, chapter 8, "Style transfer"; Johnson et al. (2016), table 1 of the supplement; Ulyanov et al. (2016),
        arXiv:1607.08022, for instance normalisation.

    Note: The published net has 5 blocks without padding, transposed convolutions and tanh at its end. Here maps are
        enlarged by repetition and then convolved, which leaves no chequerboard (Odena et al. 2016), borders are
        reflected, and the net computes a difference to the picture, which a few minutes of training can learn.
    """
    require_number("width", width, above=0)
    require_integer("blocks", blocks, at_least=0)
    full, half, quarter = (scale_width(filters, width) for filters in FILTERS)
    image = keras.Input((None, None, 3), name="image")
    x = _conv(image, full, 9, name="down0")
    x = _conv(x, half, 3, strides=2, name="down1")
    x = _conv(x, quarter, 3, strides=2, name="down2")
    for number in range(1, blocks + 1):
        y = _conv(x, quarter, 3, name=f"block{number}_conv1")
        y = _conv(y, quarter, 3, activation=False, name=f"block{number}_conv2")
        x = keras.layers.Add(name=f"block{number}_add")([x, y])
    x = keras.layers.UpSampling2D(2, name="up1_repeat")(x)
    x = _conv(x, half, 3, name="up1")
    x = keras.layers.UpSampling2D(2, name="up2_repeat")(x)
    x = _conv(x, full, 3, name="up2")
    x = CropLike(name="crop")([x, image])
    change = keras.layers.Conv2D(3, 9, kernel_initializer="zeros", name="change")(_reflected(x, 4))
    change = keras.layers.Rescaling(REACH, name="change_scale")(change)
    return keras.Model(image, keras.layers.Add(name="picture")([image, change]), name="style_network")


def _conv(
    x: keras.KerasTensor, filters: int, kernel_size: int, *, strides: int = 1, activation: bool = True, name: str
) -> keras.KerasTensor:
    """Applies `relu(instance_norm(conv(x)))`, with reflected borders."""
    x = keras.layers.Conv2D(filters, kernel_size, strides=strides, use_bias=False, name=name)(
        _reflected(x, kernel_size // 2)
    )
    x = InstanceNormalization(name=f"{name}_norm")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x) if activation else x


def _reflected(x: keras.KerasTensor, margin: int) -> keras.KerasTensor:
    return keras.ops.pad(x, [(0, 0), (margin, margin), (margin, margin), (0, 0)], mode="reflect")
