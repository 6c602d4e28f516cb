"""Convolution and pooling, channels first and without a batch axis (deck, chapter 5, eq. 12 to eq. 18)."""

from keras_course.numerics.convolution.geometry import output_size
from keras_course.numerics.convolution.layer import cross_correlate_2d
from keras_course.numerics.convolution.matrix import convolution_matrix
from keras_course.numerics.convolution.pooling import (
    average_pool_2d,
    average_pool_2d_gradient,
    max_pool_2d,
    max_pool_2d_gradient,
)
from keras_course.numerics.convolution.signals import convolve_1d, convolve_2d, cross_correlate_1d
from keras_course.numerics.convolution.transposed import transposed_convolution_2d

__all__ = [
    "average_pool_2d",
    "average_pool_2d_gradient",
    "convolution_matrix",
    "convolve_1d",
    "convolve_2d",
    "cross_correlate_1d",
    "cross_correlate_2d",
    "max_pool_2d",
    "max_pool_2d_gradient",
    "output_size",
    "transposed_convolution_2d",
]
