"""Basis functions, explicit feature maps and kernels (deck, chapters 2 and 3, eq. 5 and eq. 6)."""

from keras_course import publish
from keras_course.numerics.features.basis_functions import basis_function_model as basis_function_model
from keras_course.numerics.features.basis_functions import polynomial_degree_errors as polynomial_degree_errors
from keras_course.numerics.features.basis_functions import polynomial_feature_map as polynomial_feature_map
from keras_course.numerics.features.basis_functions import polynomial_features as polynomial_features
from keras_course.numerics.features.basis_functions import power_features as power_features
from keras_course.numerics.features.kernel_methods import fit_kernel_ridge as fit_kernel_ridge
from keras_course.numerics.features.kernel_methods import linear_kernel as linear_kernel
from keras_course.numerics.features.kernel_methods import polynomial_kernel as polynomial_kernel
from keras_course.numerics.features.kernel_methods import predict_kernel_ridge as predict_kernel_ridge
from keras_course.numerics.features.kernel_methods import rbf_kernel as rbf_kernel

publish(globals())
