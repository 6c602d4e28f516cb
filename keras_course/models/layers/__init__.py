"""Layers that Keras lacks: local response and instance normalisation, grouped convolution on CPU, and others.

An initializer that it lacks stands beside them: bilinear upsampling.

Importing `keras_course.models` registers them, so that saved models load.
"""

from keras_course import publish
from keras_course.models.layers.attention import Attention as Attention
from keras_course.models.layers.bilinear_upsampling import BilinearUpsampling as BilinearUpsampling
from keras_course.models.layers.crop_like import CropLike as CropLike
from keras_course.models.layers.fused_batch_normalization import FusedBatchNormalization as FusedBatchNormalization
from keras_course.models.layers.fused_gru import FusedGRU as FusedGRU
from keras_course.models.layers.grouped_convolution import GroupedConv2D as GroupedConv2D
from keras_course.models.layers.instance_normalization import InstanceNormalization as InstanceNormalization
from keras_course.models.layers.local_response_normalization import (
    LocalResponseNormalization as LocalResponseNormalization,
)
from keras_course.models.layers.modulated_normalization import ModulatedNormalization as ModulatedNormalization
from keras_course.models.layers.ngram_embedding import NGramEmbedding as NGramEmbedding
from keras_course.models.layers.place_embedding import PlaceEmbedding as PlaceEmbedding
from keras_course.models.layers.shown_words import LookedAt as LookedAt
from keras_course.models.layers.shown_words import NotShown as NotShown

publish(globals())
