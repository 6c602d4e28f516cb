"""Typical mistakes of `weight_decay_step`, written a second time."""

import numpy as np


def half(weights, gradient, learning_rate, weight_decay):
    return weights - learning_rate * (gradient + 0.5 * weight_decay * weights)


def twice(weights, gradient, learning_rate, weight_decay):
    total = gradient + 2 * weight_decay * weights
    return weights - learning_rate * total


def grows(weights, gradient, learning_rate, weight_decay):
    return weights - learning_rate * gradient + learning_rate * weight_decay * weights


def rate_left_out(weights, gradient, learning_rate, weight_decay):
    return (1 - weight_decay) * weights - learning_rate * gradient


def after_the_step(weights, gradient, learning_rate, weight_decay):
    new = weights - learning_rate * gradient
    new -= learning_rate * weight_decay * new
    return new


def l1(weights, gradient, learning_rate, weight_decay):
    return weights - learning_rate * (gradient + weight_decay * np.sign(weights))


def penalty_added(weights, gradient, learning_rate, weight_decay):
    penalty = weight_decay / 2 * np.sum(weights**2)
    return weights - learning_rate * (gradient + penalty)


def squares(weights, gradient, learning_rate, weight_decay):
    return weights - learning_rate * (gradient + weight_decay / 2 * weights**2)


def gradient_scaled(weights, gradient, learning_rate, weight_decay):
    return weights - learning_rate * weight_decay * (gradient + weights)


def no_decay(weights, gradient, learning_rate, weight_decay):
    return weights - learning_rate * gradient
