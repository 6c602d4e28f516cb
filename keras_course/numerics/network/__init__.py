"""Dense networks from scratch: activations, forward, backward, training (deck, chapter 4, eq. 7 to eq. 11, eq. 19)."""

from keras_course import publish
from keras_course.numerics.activations import ACTIVATIONS as ACTIVATIONS
from keras_course.numerics.activations import Activation as Activation
from keras_course.numerics.activations import relu as relu
from keras_course.numerics.activations import relu_derivative as relu_derivative
from keras_course.numerics.activations import sigmoid as sigmoid
from keras_course.numerics.activations import sigmoid_derivative as sigmoid_derivative
from keras_course.numerics.activations import tanh as tanh
from keras_course.numerics.activations import tanh_derivative as tanh_derivative
from keras_course.numerics.network.cross_entropy import sigmoid_cross_entropy as sigmoid_cross_entropy
from keras_course.numerics.network.cross_entropy import softmax as softmax
from keras_course.numerics.network.cross_entropy import softmax_cross_entropy as softmax_cross_entropy
from keras_course.numerics.network.layers import ForwardPass as ForwardPass
from keras_course.numerics.network.layers import Layer as Layer
from keras_course.numerics.network.layers import backward as backward
from keras_course.numerics.network.layers import dense as dense
from keras_course.numerics.network.layers import forward as forward
from keras_course.numerics.network.training import initialize_layers as initialize_layers
from keras_course.numerics.network.training import predict_classes as predict_classes
from keras_course.numerics.network.training import train_epoch as train_epoch

publish(globals())
