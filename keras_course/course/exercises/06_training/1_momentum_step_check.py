"""Checks `momentum_step`: signs, factors, and which velocity takes the step."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import optimizers

RESULTS = ("ω'", "u'")
CASES = [
    (np.array([1, 2]), np.array([3, -1]), np.array([1, 1]), 0.5, 0.5),  # integers
    (np.array([[1.0]]), np.array([[0.0]]), np.array([[2.0]]), 0.1, 0.9),
]


def inputs(draw):
    """Draws the state of a descent."""
    shape = draw(sizes(1, 3)), draw(sizes(1, 3))
    arrays = (draw_array(draw, shape) for _ in range(3))
    return *arrays, draw(quarters(0.25, 2)), draw(quarters(0, 0.75))


def expected(parameters, gradient, velocity, learning_rate, momentum):
    """Returns what is right."""
    return optimizers.momentum_step(parameters, gradient, velocity, learning_rate=learning_rate, momentum=momentum)


def momentum_step(parameters, gradient, velocity, learning_rate, momentum):
    """Steps by the new velocity."""
    velocity = momentum * velocity + learning_rate * gradient
    return parameters - velocity, velocity


def wrong_old_velocity(parameters, gradient, velocity, learning_rate, momentum):
    """The velocity is right, the step isn't: by which of the two velocities do you step?"""
    return parameters - velocity, momentum * velocity + learning_rate * gradient


def wrong_average(parameters, gradient, velocity, learning_rate, momentum):
    """You average velocity and gradient with weights that sum to 1: the deck adds the whole gradient."""
    velocity = momentum * velocity + (1 - momentum) * learning_rate * gradient
    return parameters - velocity, velocity


def wrong_rate_at_the_end(parameters, gradient, velocity, learning_rate, momentum):
    """Your velocity is in the unit of the gradient: where does λ enter?"""
    velocity = momentum * velocity + gradient
    return parameters - learning_rate * velocity, velocity


def wrong_uphill(parameters, gradient, velocity, learning_rate, momentum):
    """The step goes uphill."""
    velocity = momentum * velocity + learning_rate * gradient
    return parameters + velocity, velocity


def wrong_sign_of_velocity(parameters, gradient, velocity, learning_rate, momentum):
    """Your velocity has the sign that Keras gives it: in the deck the gradient adds to u."""
    velocity = momentum * velocity - learning_rate * gradient
    return parameters + velocity, velocity


def wrong_nesterov(parameters, gradient, velocity, learning_rate, momentum):
    """The velocity is right, but your step looks ahead as Nesterov's does."""
    velocity = momentum * velocity + learning_rate * gradient
    return parameters - momentum * velocity - learning_rate * gradient, velocity


def wrong_momentum_on_gradient(parameters, gradient, velocity, learning_rate, momentum):
    """γ and λ each belong to the other one: what does γ damp?"""
    velocity = learning_rate * velocity + momentum * gradient
    return parameters - velocity, velocity


def wrong_no_momentum(parameters, gradient, velocity, learning_rate, momentum):
    """This is plain gradient descent: the velocity of the step before has no effect."""
    return parameters - learning_rate * gradient, learning_rate * gradient


def wrong_order(parameters, gradient, velocity, learning_rate, momentum):
    """Both are right, but the parameters come first."""
    velocity = momentum * velocity + learning_rate * gradient
    return velocity, parameters - velocity
