"""Basis functions, explicit feature maps and kernels (deck, chapters 2 and 3, eq. 5 and eq. 6)."""

from keras_course.numerics.features.basis_functions import (
    basis_function_model,
    polynomial_degree_errors,
    polynomial_feature_map,
    polynomial_features,
    power_features,
)
from keras_course.numerics.features.kernel_methods import (
    fit_kernel_ridge,
    linear_kernel,
    polynomial_kernel,
    predict_kernel_ridge,
    rbf_kernel,
)

__all__ = [
    "basis_function_model",
    "fit_kernel_ridge",
    "linear_kernel",
    "polynomial_degree_errors",
    "polynomial_feature_map",
    "polynomial_features",
    "polynomial_kernel",
    "power_features",
    "predict_kernel_ridge",
    "rbf_kernel",
]
