"""Inputs that exercises draw: small numbers that are easy to read and exact in every float type."""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import assume as assume
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st

from keras_course.array_arguments import Array

Draw = Any  # what a composite strategy of Hypothesis draws with


class Later:
    """A library that is imported when something of it is used: a right answer is recognised without Keras.

    Args:
        name: Of the module.

    Example:
        >>> Later("math").sqrt(4.0)
        2.0
    """

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def sizes(smallest: int = 1, largest: int = 4) -> Any:
    """Returns a strategy for lengths, small ones first."""
    return st.integers(smallest, largest)


def quarters(low: float = -4, high: float = 4) -> Any:
    """Returns a strategy for multiples of 1/4 in [low, high]."""
    return st.integers(int(np.ceil(4 * low)), int(np.floor(4 * high))).map(lambda count: count / 4)


def draw_array(draw: Draw, shape: int | Sequence[int], low: float = -4, high: float = 4) -> Array:
    """Draws an array of multiples of 1/4 in [low, high], float64.

    Args:
        draw: What `inputs` of an exercise is given.
        shape: Of the array.
        low: The smallest number.
        high: The largest number.
    """
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return draw(np_st.arrays(np.float64, shape, elements=quarters(low, high), fill=st.nothing()))


def draw_labels(draw: Draw, samples: int, num_classes: int) -> Array:
    """Draws classes in [0, num_classes), int64 of shape (samples,)."""
    return draw(np_st.arrays(np.int64, samples, elements=st.integers(0, num_classes - 1), fill=st.nothing()))


def is_well_conditioned(matrix: Array, largest: float = 50) -> bool:
    """Tells whether a matrix has as many columns as its rank, none of them nearly a combination of others.

    Example:
        >>> import numpy as np
        >>> is_well_conditioned(np.eye(2)), is_well_conditioned(np.ones((3, 2)))
        (True, False)
    """
    values = np.linalg.svd(matrix, compute_uv=False)
    return bool(matrix.shape[0] >= matrix.shape[1] and values[-1] * largest > values[0] > 0)
