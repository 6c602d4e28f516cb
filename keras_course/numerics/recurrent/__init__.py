"""Recurrent layers from scratch: one step of each cell, forward and back through time (deck, chapter 10)."""

from keras_course import publish
from keras_course.numerics.recurrent.gradients import gradient_bound as gradient_bound
from keras_course.numerics.recurrent.layer import RecurrentGradients as RecurrentGradients
from keras_course.numerics.recurrent.layer import RecurrentPass as RecurrentPass
from keras_course.numerics.recurrent.layer import recurrent_backward as recurrent_backward
from keras_course.numerics.recurrent.layer import recurrent_forward as recurrent_forward
from keras_course.numerics.recurrent.weights import RecurrentLayer as RecurrentLayer
from keras_course.numerics.recurrent.weights import initialize_recurrent as initialize_recurrent

publish(globals())
