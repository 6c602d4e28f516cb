"""Keras functional-API builders, one file per architecture.

Each returns an uncompiled `keras.Model` that outputs logits, a detector's a dict of maps; none of them seeds, prints,
downloads or compiles.
"""

from collections.abc import Callable
from functools import partial

import keras

from keras_course import publish
from keras_course.models.alexnet import build_alexnet as build_alexnet
from keras_course.models.captioner import build_captioner as build_captioner
from keras_course.models.catalogue import CATALOGUE as CATALOGUE
from keras_course.models.centernet import build_centernet as build_centernet
from keras_course.models.dcgan import build_dcgan_discriminator as build_dcgan_discriminator
from keras_course.models.dcgan import build_dcgan_generator as build_dcgan_generator
from keras_course.models.fast_convnet import build_fast_convnet as build_fast_convnet
from keras_course.models.fcn import build_fcn as build_fcn
from keras_course.models.ganimation import blend as blend
from keras_course.models.ganimation import build_ganimation_discriminator as build_ganimation_discriminator
from keras_course.models.ganimation import build_ganimation_generator as build_ganimation_generator
from keras_course.models.googlenet import build_googlenet as build_googlenet
from keras_course.models.googlenet import inception_block as inception_block
from keras_course.models.imagenet_weights import IMAGENET_MEAN as IMAGENET_MEAN
from keras_course.models.imagenet_weights import load_imagenet_weights as load_imagenet_weights
from keras_course.models.language_model import build_language_model as build_language_model
from keras_course.models.layers.local_response_normalization import (
    LocalResponseNormalization as LocalResponseNormalization,
)
from keras_course.models.lenet import build_lenet as build_lenet
from keras_course.models.mlp import build_mlp as build_mlp
from keras_course.models.mlp import build_perceptron as build_perceptron
from keras_course.models.pretrained import load_features as load_features
from keras_course.models.pretrained import load_pretrained as load_pretrained
from keras_course.models.recurrent import build_recurrent as build_recurrent
from keras_course.models.recurrent import recurrent_layer as recurrent_layer
from keras_course.models.resnet import build_resnet as build_resnet
from keras_course.models.style_network import build_style_network as build_style_network
from keras_course.models.unet import build_unet as build_unet
from keras_course.models.vgg import build_vgg as build_vgg
from keras_course.models.vgg import vgg_block as vgg_block

MODEL_BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "perceptron": build_perceptron,
    "mlp": build_mlp,
    "recurrent": build_recurrent,
    "lenet": build_lenet,
    "fast": build_fast_convnet,
    "alexnet": build_alexnet,
    **{f"vgg{depth}": partial(build_vgg, depth=depth) for depth in (11, 13, 16, 19)},
    "googlenet": build_googlenet,
    **{f"resnet{depth}": partial(build_resnet, depth=depth) for depth in (18, 34, 50, 101, 152)},
}
DETECTOR_BUILDERS: dict[str, Callable[..., keras.Model]] = {"centernet": build_centernet}
CAPTIONER_BUILDERS: dict[str, Callable[..., keras.Model]] = {"captioner": build_captioner}
SEGMENTER_BUILDERS: dict[str, Callable[..., keras.Model]] = {"unet": build_unet, "fcn": build_fcn}
LANGUAGE_MODEL_BUILDERS: dict[str, Callable[..., keras.Model]] = {"language-model": build_language_model}

publish(globals())
