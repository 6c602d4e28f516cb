"""Checks `adam_step`: the corrections, ε, and what is handed on to the next step."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import optimizers

RESULTS = ("ω'", "m'", "v'")
CASES = [
    (np.array([1, 2]), np.array([3, -1]), np.array([0, 1]), np.array([1, 2]), 2, 0.5, 0.5, 0.25, 0.5),  # integers
    (np.array([1.0]), np.array([0.0]), np.array([0.0]), np.array([0.0]), 1, 0.5, 0.9, 0.999, 1e-7),
    (np.array([1.0]), np.array([2.0]), np.array([0.5]), np.array([3.0]), 1000, 0.5, 0.9, 0.999, 1e-7),
]


def inputs(draw):
    """Draws the state of a descent."""
    size = draw(sizes(1, 3))
    parameters, gradient, first = (draw_array(draw, size) for _ in range(3))
    second = draw_array(draw, size, 0.25, 4)
    numbers = draw(quarters(0.25, 2)), draw(quarters(0, 0.75)), draw(quarters(0, 0.75)), draw(quarters(0.25, 1))
    return parameters, gradient, first, second, draw(sizes(1, 5)), *numbers


def expected(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Returns what is right."""
    settings = {"learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon}
    state = optimizers.AdamState(first, second, step - 1)
    parameters, state = optimizers.adam_step(parameters, gradient, state, **settings)
    return parameters, state.first_moment, state.second_moment


def adam_step(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Averages, corrects, steps."""
    first = beta_1 * first + (1 - beta_1) * gradient
    second = beta_2 * second + (1 - beta_2) * gradient**2
    mean, square = first / (1 - beta_1**step), second / (1 - beta_2**step)
    return parameters - learning_rate * mean / (np.sqrt(square) + epsilon), first, second


def averages(gradient, first, second, beta_1, beta_2):
    """Returns m' and v'."""
    return beta_1 * first + (1 - beta_1) * gradient, beta_2 * second + (1 - beta_2) * gradient**2


def wrong_correction_of_the_slide(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Right at the first step only: the slide's correction doesn't change from step to step, and should."""
    first, second = averages(gradient, first, second, beta_1, beta_2)
    mean, square = first / (1 - beta_1), second / (1 - beta_2)
    return parameters - learning_rate * mean / (np.sqrt(square) + epsilon), first, second


def wrong_no_correction(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Both averages are right, but they begin at 0: they must be corrected for that before the step."""
    first, second = averages(gradient, first, second, beta_1, beta_2)
    return parameters - learning_rate * first / (np.sqrt(second) + epsilon), first, second


def wrong_steps_from_zero(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Your correction is that of the next step: t is 1 at the first step."""
    first, second = averages(gradient, first, second, beta_1, beta_2)
    mean, square = first / (1 - beta_1 ** (step + 1)), second / (1 - beta_2 ** (step + 1))
    return parameters - learning_rate * mean / (np.sqrt(square) + epsilon), first, second


def wrong_epsilon_in_root(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Both averages are right. Is ε inside the root or beside it?"""
    first, second = averages(gradient, first, second, beta_1, beta_2)
    mean, square = first / (1 - beta_1**step), second / (1 - beta_2**step)
    return parameters - learning_rate * mean / np.sqrt(square + epsilon), first, second


def wrong_epsilon_before_correction(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Your ε is added before the correction, as in Keras: here it is added to √v̂."""
    first, second = averages(gradient, first, second, beta_1, beta_2)
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameters - rate * first / (np.sqrt(second) + epsilon), first, second


def wrong_corrected_averages(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """The step is right, but you hand on the corrected averages: the next step would correct them once more."""
    parameters, first, second = adam_step(
        parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon
    )
    return parameters, first / (1 - beta_1**step), second / (1 - beta_2**step)


def wrong_betas_exchanged(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Right where both β are the same: which belongs to the squares?"""
    return adam_step(parameters, gradient, first, second, step, learning_rate, beta_2, beta_1, epsilon)


def wrong_not_squared(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """The second average is one of squares."""
    first, second = beta_1 * first + (1 - beta_1) * gradient, beta_2 * second + (1 - beta_2) * np.abs(gradient)
    mean, square = first / (1 - beta_1**step), second / (1 - beta_2**step)
    return parameters - learning_rate * mean / (np.sqrt(square) + epsilon), first, second


def wrong_not_squared__signed(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Averages the gradient itself."""
    first, second = beta_1 * first + (1 - beta_1) * gradient, beta_2 * second + (1 - beta_2) * gradient
    mean, square = first / (1 - beta_1**step), second / (1 - beta_2**step)
    return parameters - learning_rate * mean / (np.sqrt(square) + epsilon), first, second


def wrong_no_root(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Both averages are right, but the step depends on the unit of the gradient: a root is missing."""
    first, second = averages(gradient, first, second, beta_1, beta_2)
    mean, square = first / (1 - beta_1**step), second / (1 - beta_2**step)
    return parameters - learning_rate * mean / (square + epsilon), first, second


def wrong_uphill(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """Both averages are right, but the step goes uphill."""
    return adam_step(parameters, gradient, first, second, step, -learning_rate, beta_1, beta_2, epsilon)


def wrong_shares_exchanged(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    """How much of an average stays, and how much comes from the new gradient? Yours are exchanged."""
    first, second = beta_1 * gradient + (1 - beta_1) * first, beta_2 * gradient**2 + (1 - beta_2) * second
    mean, square = first / (1 - beta_1**step), second / (1 - beta_2**step)
    return parameters - learning_rate * mean / (np.sqrt(square) + epsilon), first, second
