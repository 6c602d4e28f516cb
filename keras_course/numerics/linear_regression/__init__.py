"""Linear regression: least squares, ridge, noise and likelihood (deck, chapter 1, eq. 1 to eq. 4)."""

from keras_course.numerics.linear_regression.least_squares import (
    design_matrix,
    fit_least_squares,
    fit_ridge,
    linear_model,
    most_likely_precision,
    prediction_error_bar,
    residual_variance,
)
from keras_course.numerics.linear_regression.likelihood import (
    gaussian_density,
    log_likelihood,
    penalized_error,
    penalized_error_gradient,
)

__all__ = [
    "design_matrix",
    "fit_least_squares",
    "fit_ridge",
    "gaussian_density",
    "linear_model",
    "log_likelihood",
    "most_likely_precision",
    "penalized_error",
    "penalized_error_gradient",
    "prediction_error_bar",
    "residual_variance",
]
