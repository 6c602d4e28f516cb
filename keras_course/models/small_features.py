"""A small net of our own that has seen photographs; its weights travel with the package (`models/features/`)."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from keras_course.models.imagenet_weights import IMAGENET_MEAN
from keras_course.models.vgg import subtract_mean, vgg_block

FILTERS = (16, 32, 64, 80)  # of the two convolutions of each stage
WEIGHTS = Path(__file__).parent / "features/small_features.npz"  # float16 arrays "LAYER/kernel" and "LAYER/bias"


def build_small_features(*, batch_norm: bool = False) -> keras.Model:
    """Builds the net, untrained: four stages of a narrow VGG for RGB pictures of any size, in [0, 1].

    Args:
        batch_norm: Whether to normalise between each convolution and its ReLU, for training.

    Returns:
        An uncompiled model from (batch, height, width, 3) to the last map, 1/16 of the size: layers `image_center`,
        `stage1_conv1`, `stage1_conv1_relu`, ..., `stage4_pool`.
    """
    image = keras.Input((None, None, 3), name="image")
    x = subtract_mean(image, IMAGENET_MEAN)
    for stage, filters in enumerate(FILTERS, start=1):
        x = vgg_block(x, filters, 2, batch_norm=batch_norm, name=f"stage{stage}")
    return keras.Model(image, x, name="small_features")


def convolutions(model: keras.Model) -> Sequence[keras.layers.Conv2D]:
    """Lists the convolutions in forward order."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]


def load_small_features() -> keras.Model:
    """Returns the net with its weights."""
    model = build_small_features()
    with np.load(WEIGHTS) as saved:
        for layer in convolutions(model):
            layer.kernel.assign(saved[f"{layer.name}/kernel"])
            layer.bias.assign(saved[f"{layer.name}/bias"])
    return model
