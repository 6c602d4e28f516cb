"""The squared-error objective, mini-batches, optimizers and descent (deck, chapter 6, eq. 20 to eq. 40)."""

from keras_course.numerics.optimizers.descent import (
    descends,
    difference_quotient,
    first_order_change,
    minimize,
    minimize_batches,
)
from keras_course.numerics.optimizers.squared_error import (
    estimated_gradient,
    mini_batches,
    squared_error,
    squared_error_gradient,
    weighted_squared_error,
)
from keras_course.numerics.optimizers.steps import (
    AdamState,
    adam_step,
    adamw_step,
    gradient_descent_step,
    momentum_step,
    rmsprop_step,
)

__all__ = [
    "AdamState",
    "adam_step",
    "adamw_step",
    "descends",
    "difference_quotient",
    "estimated_gradient",
    "first_order_change",
    "gradient_descent_step",
    "mini_batches",
    "minimize",
    "minimize_batches",
    "momentum_step",
    "rmsprop_step",
    "squared_error",
    "squared_error_gradient",
    "weighted_squared_error",
]
