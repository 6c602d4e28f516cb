"""Checks `dropout`: who is dropped, and how the others are scaled."""

import numpy as np

from keras_course.course.exercises.inputs import draw_array, quarters, sizes
from keras_course.numerics import regularization

CASES = [
    (np.array([1, 2, 3, 4]), 0.5, np.array([0.4, 0.5, 0.6, 0.0])),  # integers; a number of exactly p
    (np.array([[1.0, -1.0]]), 0.0, np.array([[0.0, 0.9]])),
    (np.array([[2.0], [3.0]]), 0.75, np.array([[0.8], [0.7]])),
]


class Replayed(np.random.Generator):
    """Draws numbers that are known."""

    def __init__(self, numbers):
        super().__init__(np.random.PCG64(0))
        self.numbers = numbers

    def random(self, shape):
        """Returns the numbers."""
        return np.reshape(self.numbers, shape)


def inputs(draw):
    """Draws activations and random numbers between the quarters."""
    shape = draw(sizes(1, 4)), draw(sizes(1, 4))
    uniform = draw_array(draw, shape, 0, 0.75) + draw_array(draw, shape, 0, 1) / 8
    return draw_array(draw, shape), draw(quarters(0, 0.75)), uniform


def expected(x, rate, uniform):
    """Returns what is right."""
    return regularization.dropout(x, rate, Replayed(uniform))[0]


def dropout(x, rate, uniform):
    """Keeps what is not below p."""
    return np.where(uniform < rate, 0, x / (1 - rate))


def wrong_not_scaled(x, rate, uniform):
    """The right values are dropped: what is the mean of the others, over many draws?"""
    return np.where(uniform < rate, 0, x)


def wrong_scaled_down(x, rate, uniform):
    """You make what is left smaller: should it make up for what is missing, or add to it?"""
    return np.where(uniform < rate, 0, x * (1 - rate))


def wrong_kept_share(x, rate, uniform):
    """You take p for the share that is kept."""
    return np.where(uniform < rate, x / rate, 0)


def wrong_other_side(x, rate, uniform):
    """The scale is right, but the values that should be dropped are those that you keep."""
    return np.where(uniform < rate, x / (1 - rate), 0)


def wrong_divided_by_rate(x, rate, uniform):
    """The right values are dropped: how large is the share of those that are left?"""
    return np.where(uniform < rate, 0, x / rate)


def wrong_above_the_rate(x, rate, uniform):
    """Right but for random numbers of exactly p: below p or at most p?"""
    return np.where(uniform <= rate, 0, x / (1 - rate))


def wrong_scaled_by_count(x, rate, uniform):
    """You scale by the share that this draw has kept: the mean is over all draws, so p decides."""
    kept = uniform >= rate
    return np.where(kept, x / max(kept.mean(), 1e-9), 0)


def wrong_nothing_dropped(x, rate, uniform):
    """Nothing is dropped, all values are scaled."""
    return x / (1 - rate)


def wrong_mask(x, rate, uniform):
    """This is the factor of each value."""
    return (uniform >= rate) / (1 - rate)
