"""Typical mistakes of `adam_step`, written a second time, number by number."""

import math

import numpy as np


def each(parameters, gradient, first, second, rule):
    """Applies a rule to each number; returns three arrays."""
    results = [rule(*map(float, row)) for row in zip(parameters, gradient, first, second, strict=True)]
    return tuple(np.array(column) for column in zip(*results, strict=True))


def correction_of_the_slide(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    def rule(w, g, m, v):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        return w - learning_rate * (m / (1 - beta_1)) / (math.sqrt(v / (1 - beta_2)) + epsilon), m, v

    return each(parameters, gradient, first, second, rule)


def no_correction(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    def rule(w, g, m, v):
        m, v = m + (1 - beta_1) * (g - m), v + (1 - beta_2) * (g**2 - v)
        return w - learning_rate * m / (v**0.5 + epsilon), m, v

    return each(parameters, gradient, first, second, rule)


def steps_from_zero(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    def rule(w, g, m, v):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        mean, square = m / (1 - beta_1 ** (1 + step)), v / (1 - beta_2 ** (1 + step))
        return w - learning_rate * mean / (square**0.5 + epsilon), m, v

    return each(parameters, gradient, first, second, rule)


def epsilon_in_root(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    def rule(w, g, m, v):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        return w - learning_rate * m / (1 - beta_1**step) / math.sqrt(v / (1 - beta_2**step) + epsilon), m, v

    return each(parameters, gradient, first, second, rule)


def corrected_averages(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    first = (beta_1 * first + (1 - beta_1) * gradient) / (1 - beta_1**step)
    second = (beta_2 * second + (1 - beta_2) * gradient**2) / (1 - beta_2**step)
    return parameters - learning_rate * first / (np.sqrt(second) + epsilon), first, second


def betas_exchanged(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    first = beta_2 * first + (1 - beta_2) * gradient
    second = beta_1 * second + (1 - beta_1) * gradient**2
    rate = learning_rate / (1 - beta_2**step)
    return parameters - rate * first / (np.sqrt(second / (1 - beta_1**step)) + epsilon), first, second


def no_root(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    def rule(w, g, m, v):
        m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g * g
        return w - learning_rate * m / (1 - beta_1**step) / (v / (1 - beta_2**step) + epsilon), m, v

    return each(parameters, gradient, first, second, rule)


def uphill(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    first = beta_1 * first + (1 - beta_1) * gradient
    second = beta_2 * second + (1 - beta_2) * gradient**2
    direction = first / (1 - beta_1**step) / (np.sqrt(second / (1 - beta_2**step)) + epsilon)
    return parameters + learning_rate * direction, first, second
