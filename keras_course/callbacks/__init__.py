"""Callbacks for `model.fit`: learning-rate decay, a range test of the rate, and a gradient-norm monitor."""

from keras_course import publish
from keras_course.callbacks.by_step import OneCycle as OneCycle
from keras_course.callbacks.by_step import WarmupCosine as WarmupCosine
from keras_course.callbacks.decay import ExponentialDecay as ExponentialDecay
from keras_course.callbacks.decay import InverseTimeDecay as InverseTimeDecay
from keras_course.callbacks.decay import LearningRateDecay as LearningRateDecay
from keras_course.callbacks.decay import StepDecay as StepDecay
from keras_course.callbacks.decay_choice import DECAY_LAWS as DECAY_LAWS
from keras_course.callbacks.decay_choice import anchored as anchored
from keras_course.callbacks.decay_choice import decay_over as decay_over
from keras_course.callbacks.decay_choice import law_by_step as law_by_step
from keras_course.callbacks.gradient_monitor.monitor import GradientNormMonitor as GradientNormMonitor
from keras_course.callbacks.gradient_monitor.verdicts import first_nonfinite as first_nonfinite
from keras_course.callbacks.gradient_monitor.verdicts import judge_gradients as judge_gradients
from keras_course.callbacks.gradient_monitor.verdicts import skips_overflow as skips_overflow
from keras_course.callbacks.range_test import LearningRateRangeTest as LearningRateRangeTest

publish(globals())
