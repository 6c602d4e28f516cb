"""The squared-error objective, mini-batches, optimizers and descent (deck, chapter 6, eq. 20 to eq. 40)."""

from keras_course import publish
from keras_course.numerics.optimizers.descent import descends as descends
from keras_course.numerics.optimizers.descent import difference_quotient as difference_quotient
from keras_course.numerics.optimizers.descent import first_order_change as first_order_change
from keras_course.numerics.optimizers.descent import minimize as minimize
from keras_course.numerics.optimizers.descent import minimize_batches as minimize_batches
from keras_course.numerics.optimizers.squared_error import estimated_gradient as estimated_gradient
from keras_course.numerics.optimizers.squared_error import mini_batches as mini_batches
from keras_course.numerics.optimizers.squared_error import squared_error as squared_error
from keras_course.numerics.optimizers.squared_error import squared_error_gradient as squared_error_gradient
from keras_course.numerics.optimizers.squared_error import weighted_squared_error as weighted_squared_error
from keras_course.numerics.optimizers.steps import AdamState as AdamState
from keras_course.numerics.optimizers.steps import adam_step as adam_step
from keras_course.numerics.optimizers.steps import adamw_step as adamw_step
from keras_course.numerics.optimizers.steps import gradient_descent_step as gradient_descent_step
from keras_course.numerics.optimizers.steps import momentum_step as momentum_step
from keras_course.numerics.optimizers.steps import rmsprop_step as rmsprop_step

publish(globals())
