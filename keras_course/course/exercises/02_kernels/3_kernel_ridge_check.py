"""Checks `kernel_ridge`: the dual weights and what they multiply."""

import numpy as np

from keras_course.course.exercises.inputs import assume, draw_array, is_well_conditioned, quarters, sizes
from keras_course.numerics import features

CASES = [
    (np.array([[2, 1], [1, 2]]), np.array([1, 3]), 1, np.array([[1, 0], [0, 1], [1, 1]])),  # integers
    (np.array([[0.0]]), np.array([2.0]), 0.5, np.array([[1.0]])),
]


def inputs(draw):
    """Draws a kernel matrix as products of points, with an inverse, so that a missing penalty shows as other values."""
    samples, new = draw(sizes(1, 4)), draw(sizes(1, 4))
    dimensions = draw(sizes(samples, 5))
    x, x_new = draw_array(draw, (samples, dimensions), -2, 2), draw_array(draw, (new, dimensions), -2, 2)
    assume(is_well_conditioned(x @ x.T))
    return x @ x.T, draw_array(draw, samples), draw(quarters(0.25, 4)), x_new @ x.T


def expected(kernel, t, penalty, kernel_new):
    """Returns what is right; the kernels are looked up by the numbers of the samples."""
    both = np.vstack([kernel, kernel_new])

    def look_up(a, b):
        return both[np.ix_(np.ravel(a).astype(int), np.ravel(b).astype(int))]

    known, new = np.arange(len(kernel)), len(kernel) + np.arange(len(kernel_new))
    dual = features.fit_kernel_ridge(known, t, penalty, look_up)
    return features.predict_kernel_ridge(new, known, dual, look_up)


def kernel_ridge(kernel, t, penalty, kernel_new):
    """Solves (K + λI) a = t."""
    return kernel_new @ np.linalg.solve(kernel + penalty * np.eye(len(kernel)), t)


def wrong_no_penalty(kernel, t, penalty, kernel_new):
    """The penalty has no effect: your predictions follow every target."""
    return kernel_new @ np.linalg.pinv(kernel) @ t


def wrong_added_to_every_entry(kernel, t, penalty, kernel_new):
    """A number added to a matrix goes to every entry: which entries does λI reach?"""
    return kernel_new @ np.linalg.pinv(kernel + penalty) @ t


def wrong_not_solved(kernel, t, penalty, kernel_new):
    """The dual weights solve an equation: multiplying by its matrix is the opposite."""
    return kernel_new @ (kernel + penalty * np.eye(len(kernel))) @ t


def wrong_dual_weights(kernel, t, penalty, kernel_new):
    """These are the dual weights a, one per training sample: predictions of the new samples are asked for."""
    return np.linalg.solve(kernel + penalty * np.eye(len(kernel)), t)


def wrong_training_predictions(kernel, t, penalty, kernel_new):
    """These are predictions of the training samples."""
    return kernel @ np.linalg.solve(kernel + penalty * np.eye(len(kernel)), t)


def wrong_primal_weights(kernel, t, penalty, kernel_new):
    """You treat the kernel as features: xᵗx doesn't appear once there is K."""
    return kernel_new @ np.linalg.solve(kernel.T @ kernel + penalty * np.eye(len(kernel)), kernel.T @ t)


def wrong_penalty_squared(kernel, t, penalty, kernel_new):
    """Right only where λ is 1: λ enters as it is."""
    return kernel_ridge(kernel, t, penalty**2, kernel_new)
