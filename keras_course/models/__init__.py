"""Keras functional-API builders, one file per architecture.

Each returns an uncompiled `keras.Model` that outputs logits; none of them seeds, prints, downloads or compiles.
"""

from collections.abc import Callable
from functools import partial

import keras

from keras_course import missing
from keras_course.models.alexnet import build_alexnet
from keras_course.models.catalogue import CATALOGUE
from keras_course.models.dcgan import build_dcgan_discriminator, build_dcgan_generator
from keras_course.models.googlenet import build_googlenet, inception_block
from keras_course.models.imagenet_weights import IMAGENET_MEAN, load_imagenet_weights
from keras_course.models.layers.local_response_normalization import LocalResponseNormalization
from keras_course.models.lenet import build_lenet
from keras_course.models.mlp import build_mlp, build_perceptron
from keras_course.models.resnet import build_resnet
from keras_course.models.vgg import build_vgg, vgg_block

MODEL_BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "perceptron": build_perceptron,
    "mlp": build_mlp,
    "lenet": build_lenet,
    "alexnet": build_alexnet,
    **{f"vgg{depth}": partial(build_vgg, depth=depth) for depth in (11, 13, 16, 19)},
    "googlenet": build_googlenet,
    **{f"resnet{depth}": partial(build_resnet, depth=depth) for depth in (18, 34, 50, 101, 152)},
}

__all__ = [
    "CATALOGUE",
    "IMAGENET_MEAN",
    "MODEL_BUILDERS",
    "LocalResponseNormalization",
    "build_alexnet",
    "build_dcgan_discriminator",
    "build_dcgan_generator",
    "build_googlenet",
    "build_lenet",
    "build_mlp",
    "build_perceptron",
    "build_resnet",
    "build_vgg",
    "inception_block",
    "load_imagenet_weights",
    "vgg_block",
]


def __getattr__(name: str):
    raise missing(__name__, name)
