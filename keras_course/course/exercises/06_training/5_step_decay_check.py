"""Checks `step_decay`: when the rate falls, and what it falls from."""

import numpy as np
from hypothesis import strategies as st

from keras_course.course.exercises.inputs import quarters, sizes
from keras_course.numerics import schedules

CASES = [
    (0, 0.5, 0.5, 1),
    (4, 1.0, 0.25, 2),
    (5, 1.0, 0.5, 3),
]


def inputs(draw):
    """Draws an epoch and a law."""
    return draw(st.integers(0, 12)), draw(quarters(0.25, 2)), draw(quarters(0.25, 1)), draw(sizes(1, 5))


def expected(epoch, initial_rate, drop, every):
    """Returns what is right."""
    return float(schedules.step_decay(epoch, initial_rate, drop, every))


def step_decay(epoch, initial_rate, drop, every):
    """Counts the drops so far."""
    return initial_rate * drop ** (epoch // every)


def wrong_smooth(epoch, initial_rate, drop, every):
    """Right at the drops: between them the rate should stay."""
    return initial_rate * drop ** (epoch / every)


def wrong_one_drop(epoch, initial_rate, drop, every):
    """Right up to the second drop: each drop applies to what the last one has left."""
    return initial_rate * (drop if epoch >= every else 1)


def wrong_epochs_from_one(epoch, initial_rate, drop, every):
    """Each drop comes an epoch too early: epochs count from 0."""
    return initial_rate * drop ** ((epoch + 1) // every)


def wrong_rounded(epoch, initial_rate, drop, every):
    """Your drops come halfway: ⌊ ⌋ rounds down."""
    return initial_rate * drop ** int(np.floor(epoch / every + 0.5))


def wrong_rounded__half_to_even(epoch, initial_rate, drop, every):
    """Rounds as Python does."""
    return initial_rate * drop ** round(epoch / every)


def wrong_drop_times_count(epoch, initial_rate, drop, every):
    """You multiply by drop and by the number of drops: the third drop is the third factor."""
    return initial_rate * (drop * (epoch // every) if epoch >= every else 1)


def wrong_drop_times_count__from_the_start(epoch, initial_rate, drop, every):
    """Has a rate of 0 before the first drop."""
    return initial_rate * drop * (epoch // every)


def wrong_only_at_drops(epoch, initial_rate, drop, every):
    """The rate falls in one epoch and is back in the next: what is dropped stays dropped."""
    return initial_rate * (drop if epoch and epoch % every == 0 else 1)


def wrong_taken_away(epoch, initial_rate, drop, every):
    """You take the share `drop` away: it is what is left."""
    return initial_rate * (1 - drop) ** (epoch // every)


def wrong_every_epoch(epoch, initial_rate, drop, every):
    """Your rate falls in every epoch."""
    return initial_rate * drop**epoch


def wrong_remainder(epoch, initial_rate, drop, every):
    """Your exponent starts again at each drop: `%` is the remainder."""
    return initial_rate * drop ** (epoch % every)
