"""Callbacks for `model.fit`: learning-rate decay and a gradient-norm monitor."""

from keras_course.callbacks.decay import (
    DECAY_LAWS,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateDecay,
    StepDecay,
    anchored,
    decay_over,
)
from keras_course.callbacks.gradient_monitor.monitor import GradientNormMonitor
from keras_course.callbacks.gradient_monitor.verdicts import first_nonfinite, judge_gradients, skips_overflow

__all__ = [
    "DECAY_LAWS",
    "ExponentialDecay",
    "GradientNormMonitor",
    "InverseTimeDecay",
    "LearningRateDecay",
    "StepDecay",
    "anchored",
    "decay_over",
    "first_nonfinite",
    "judge_gradients",
    "skips_overflow",
]
