"""Typical mistakes of `adam_step`, written a second time."""

import numpy as np


def averages(gradient, first, second, beta_1, beta_2):
    m = first + (1 - beta_1) * (gradient - first)
    v = second + (1 - beta_2) * (gradient * gradient - second)
    return m, v


def correction_of_the_slide(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_1, beta_2)
    m_hat = m / (1 - beta_1)
    v_hat = v / (1 - beta_2)
    return parameters - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def no_correction(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_1, beta_2)
    return parameters - learning_rate * m / (v**0.5 + epsilon), m, v


def steps_from_zero(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_1, beta_2)
    m_hat = m / (1 - beta_1 ** (step + 1))
    v_hat = v / (1 - beta_2 ** (step + 1))
    return parameters - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def epsilon_in_root(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_1, beta_2)
    m_hat = m / (1 - beta_1**step)
    v_hat = v / (1 - beta_2**step)
    return parameters - learning_rate * m_hat / np.sqrt(v_hat + epsilon), m, v


def epsilon_before_correction(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_1, beta_2)
    alpha = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameters - alpha * m / (np.sqrt(v) + epsilon), m, v


def corrected_averages(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    first, second = averages(gradient, first, second, beta_1, beta_2)
    first = first / (1 - beta_1**step)
    second = second / (1 - beta_2**step)
    return parameters - learning_rate * first / (np.sqrt(second) + epsilon), first, second


def betas_exchanged(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_2, beta_1)
    m_hat = m / (1 - beta_2**step)
    v_hat = v / (1 - beta_1**step)
    return parameters - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def not_squared(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * first + (1 - beta_1) * gradient
    v = beta_2 * second + (1 - beta_2) * gradient
    m_hat, v_hat = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return parameters - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def no_root(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_1, beta_2)
    m_hat, v_hat = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return parameters - learning_rate / (v_hat + epsilon) * m_hat, m, v


def uphill(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m, v = averages(gradient, first, second, beta_1, beta_2)
    m_hat, v_hat = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return parameters + learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def shares_exchanged(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    m = beta_1 * gradient + (1 - beta_1) * first
    v = beta_2 * gradient**2 + (1 - beta_2) * second
    m_hat, v_hat = m / (1 - beta_1**step), v / (1 - beta_2**step)
    return parameters - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v
