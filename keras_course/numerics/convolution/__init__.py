"""Convolution and pooling, channels first and without a batch axis (deck, chapter 5, eq. 12 to eq. 18)."""

from keras_course import publish
from keras_course.numerics.convolution.geometry import output_size as output_size
from keras_course.numerics.convolution.layer import cross_correlate_2d as cross_correlate_2d
from keras_course.numerics.convolution.matrix import convolution_matrix as convolution_matrix
from keras_course.numerics.convolution.pooling import average_pool_2d as average_pool_2d
from keras_course.numerics.convolution.pooling import average_pool_2d_gradient as average_pool_2d_gradient
from keras_course.numerics.convolution.pooling import max_pool_2d as max_pool_2d
from keras_course.numerics.convolution.pooling import max_pool_2d_gradient as max_pool_2d_gradient
from keras_course.numerics.convolution.signals import convolve_1d as convolve_1d
from keras_course.numerics.convolution.signals import convolve_2d as convolve_2d
from keras_course.numerics.convolution.signals import cross_correlate_1d as cross_correlate_1d
from keras_course.numerics.convolution.transposed import transposed_convolution_2d as transposed_convolution_2d

publish(globals())
