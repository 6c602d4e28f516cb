"""Typical mistakes of `he_weights`, written a second time."""

import math

import numpy as np


def variance(normal):
    inputs, _ = normal.shape
    return normal * (2 / inputs)


def units(normal):
    return normal * math.sqrt(2 / normal.shape[-1])


def linear(normal):
    return normal / math.sqrt(len(normal))


def xavier(normal):
    inputs, units = normal.shape
    return normal * np.sqrt(2 / (inputs + units))


def all_weights(normal):
    return np.sqrt(2 / normal.size) * normal


def uniform_limit(normal):
    limit = math.sqrt(6 / normal.shape[0])
    return limit * normal


def root_outside(normal):
    return normal * math.sqrt(2) / len(normal)


def divided(normal):
    deviation = (2 / len(normal)) ** 0.5
    return normal / deviation
