"""The from-scratch equations against the libraries that do the same."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.table import Row

ROUNDS = 9


def run() -> list[Row]:
    """Runs the comparisons of `keras_course.numerics`."""
    return [least_squares()]


def least_squares() -> Row:
    """Compares `fit_least_squares` with scikit-learn's `LinearRegression` on 100,000 samples of 50 features."""
    from sklearn.linear_model import LinearRegression

    from keras_course.numerics.linear_regression import fit_least_squares

    rng = np.random.default_rng(0)
    x = rng.normal(size=(100_000, 50))
    t = x @ rng.normal(size=50) + rng.normal(size=100_000)
    ratio, ours, peer = alternate(lambda: fit_least_squares(x, t), lambda: LinearRegression().fit(x, t))
    difference = np.abs(fit_least_squares(x, t)[1:] - LinearRegression().fit(x, t).coef_).max()
    measured = (
        f"{ratio:.2f} ({ours * 1000:.0f} ms against {peer * 1000:.0f} ms, {ROUNDS} rounds), "
        f"largest difference of a weight {difference:.0e}"
    )
    name = "fit_least_squares, 100,000 x 50 / scikit-learn LinearRegression"
    return Row(name, measured, "<= 1.5, same weights", bool(ratio <= 1.5 and difference < 1e-9))


def alternate(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float, float]:
    """Returns the median of the rounds' ratios ours / peer and both medians in seconds, after a round unmeasured."""
    ours(), peer()
    seconds = np.empty((ROUNDS, 2))
    for turn in range(ROUNDS):
        for column, call in ((0, ours), (1, peer)) if turn % 2 == 0 else ((1, peer), (0, ours)):
            start = time.perf_counter()
            call()
            seconds[turn, column] = time.perf_counter() - start
    medians = np.median(seconds, axis=0)
    return float(np.median(seconds[:, 0] / seconds[:, 1])), float(medians[0]), float(medians[1])
