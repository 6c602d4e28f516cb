"""Typical mistakes of `momentum_step`, written a second time."""

import numpy as np


def right_velocity(gradient, velocity, learning_rate, momentum):
    return np.add(momentum * velocity, learning_rate * gradient)


def old_velocity(parameters, gradient, velocity, learning_rate, momentum):
    new = parameters - velocity
    return new, right_velocity(gradient, velocity, learning_rate, momentum)


def average(parameters, gradient, velocity, learning_rate, momentum):
    u = momentum * velocity + (1 - momentum) * learning_rate * gradient
    return parameters - u, u


def rate_at_the_end(parameters, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity + gradient
    parameters = parameters - learning_rate * velocity
    return parameters, velocity


def uphill(parameters, gradient, velocity, learning_rate, momentum):
    u = right_velocity(gradient, velocity, learning_rate, momentum)
    return parameters + u, u


def sign_of_velocity(parameters, gradient, velocity, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient
    return parameters + velocity, velocity


def nesterov(parameters, gradient, velocity, learning_rate, momentum):
    u = right_velocity(gradient, velocity, learning_rate, momentum)
    return parameters - momentum * u - learning_rate * gradient, u


def momentum_on_gradient(parameters, gradient, velocity, learning_rate, momentum):
    u = learning_rate * velocity + momentum * gradient
    return parameters - u, u


def no_momentum(parameters, gradient, velocity, learning_rate, momentum):
    step = learning_rate * gradient
    return parameters - step, step


def order(parameters, gradient, velocity, learning_rate, momentum):
    u = right_velocity(gradient, velocity, learning_rate, momentum)
    return u, parameters - u
