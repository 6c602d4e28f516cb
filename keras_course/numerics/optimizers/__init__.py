"""The squared-error objective, mini-batches, optimizers and descent (deck, chapters 6 and 10; eq. 20 to eq. 40)."""

from keras_course import publish
from keras_course.numerics.optimizers.adam import AdamState as AdamState
from keras_course.numerics.optimizers.adam import adam_step as adam_step
from keras_course.numerics.optimizers.adam import adamw_step as adamw_step
from keras_course.numerics.optimizers.clipping import clip_by_global_norm as clip_by_global_norm
from keras_course.numerics.optimizers.clipping import clip_by_norm as clip_by_norm
from keras_course.numerics.optimizers.clipping import clip_by_value as clip_by_value
from keras_course.numerics.optimizers.curvature import conjugate_gradients as conjugate_gradients
from keras_course.numerics.optimizers.curvature import lbfgs as lbfgs
from keras_course.numerics.optimizers.curvature import lbfgs_direction as lbfgs_direction
from keras_course.numerics.optimizers.curvature import newton_method as newton_method
from keras_course.numerics.optimizers.curvature import nonlinear_conjugate_gradients as nonlinear_conjugate_gradients
from keras_course.numerics.optimizers.descent import descends as descends
from keras_course.numerics.optimizers.descent import difference_quotient as difference_quotient
from keras_course.numerics.optimizers.descent import first_order_change as first_order_change
from keras_course.numerics.optimizers.descent import minimize as minimize
from keras_course.numerics.optimizers.descent import minimize_batches as minimize_batches
from keras_course.numerics.optimizers.line_search import Descent as Descent
from keras_course.numerics.optimizers.muon import muon_step as muon_step
from keras_course.numerics.optimizers.muon import newton_schulz as newton_schulz
from keras_course.numerics.optimizers.nadam import NadamState as NadamState
from keras_course.numerics.optimizers.nadam import adamax_step as adamax_step
from keras_course.numerics.optimizers.nadam import nadam_step as nadam_step
from keras_course.numerics.optimizers.normalized import lamb_step as lamb_step
from keras_course.numerics.optimizers.normalized import lion_step as lion_step
from keras_course.numerics.optimizers.squared_error import estimated_gradient as estimated_gradient
from keras_course.numerics.optimizers.squared_error import mini_batches as mini_batches
from keras_course.numerics.optimizers.squared_error import squared_error as squared_error
from keras_course.numerics.optimizers.squared_error import squared_error_gradient as squared_error_gradient
from keras_course.numerics.optimizers.squared_error import weighted_squared_error as weighted_squared_error
from keras_course.numerics.optimizers.squares import adadelta_step as adadelta_step
from keras_course.numerics.optimizers.squares import adagrad_step as adagrad_step
from keras_course.numerics.optimizers.squares import rmsprop_step as rmsprop_step
from keras_course.numerics.optimizers.steps import decay_weights as decay_weights
from keras_course.numerics.optimizers.steps import gradient_descent_step as gradient_descent_step
from keras_course.numerics.optimizers.steps import momentum_step as momentum_step

publish(globals())
