"""Linear regression: least squares, ridge, noise and likelihood (deck, chapter 1, eq. 1 to eq. 4)."""

from keras_course import publish
from keras_course.numerics.linear_regression.least_squares import design_matrix as design_matrix
from keras_course.numerics.linear_regression.least_squares import fit_least_squares as fit_least_squares
from keras_course.numerics.linear_regression.least_squares import fit_ridge as fit_ridge
from keras_course.numerics.linear_regression.least_squares import linear_model as linear_model
from keras_course.numerics.linear_regression.least_squares import most_likely_precision as most_likely_precision
from keras_course.numerics.linear_regression.least_squares import prediction_error_bar as prediction_error_bar
from keras_course.numerics.linear_regression.least_squares import residual_variance as residual_variance
from keras_course.numerics.linear_regression.likelihood import gaussian_density as gaussian_density
from keras_course.numerics.linear_regression.likelihood import log_likelihood as log_likelihood
from keras_course.numerics.linear_regression.likelihood import penalized_error as penalized_error
from keras_course.numerics.linear_regression.likelihood import penalized_error_gradient as penalized_error_gradient

publish(globals())
