"""The readable random forest of `numerics` against scikit-learn's: accuracy on digits and seconds."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.table import Row

TREES = 50
SPLITS = 5
CLOSE = 0.02
SECONDS = 60


def run() -> list[Row]:
    """Fits both forests to the same splits of the digits, in turn: 1,437 images to learn from, 360 to test on."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, labels = load_digits(return_X_y=True)
    names = ("ours", "ours, all thresholds", "scikit-learn")
    accuracy = np.empty((SPLITS, len(names)))
    seconds = np.empty((SPLITS, len(names)))
    for seed in range(SPLITS):
        train, test, *classes = train_test_split(x, labels, test_size=360, stratify=labels, random_state=seed)
        for column, predict in enumerate((ours(seed, 10), ours(seed, None), peer(seed))):
            start = time.perf_counter()
            predicted = predict(train, classes[0], test)
            seconds[seed, column] = time.perf_counter() - start
            accuracy[seed, column] = np.mean(predicted == classes[1])
    means, worst = accuracy.mean(axis=0), np.abs(accuracy[:, 0] - accuracy[:, 2]).max()
    took = np.median(seconds, axis=0)
    return [
        Row(
            f"fit_forest, {TREES} trees, digits, test accuracy / scikit-learn RandomForestClassifier",
            f"{means[0]:.4f} against {means[2]:.4f}, mean of {SPLITS} splits; largest difference {worst:.3f}",
            f"within {CLOSE}",
            bool(abs(means[0] - means[2]) <= CLOSE),
        ),
        Row(
            "the same, all thresholds in place of 10 random ones",
            f"{means[1]:.4f} against {means[2]:.4f}, in {took[1]:.1f} s",
            f"within {CLOSE}",
            bool(abs(means[1] - means[2]) <= CLOSE),
        ),
        Row(
            "fitting and predicting",
            f"{took[0]:.1f} s (scikit-learn, compiled: {took[2]:.2f} s), median of {SPLITS}",
            f"< {SECONDS} s",
            bool(took[0] < SECONDS),
        ),
    ]


def ours(seed: int, num_thresholds: int | None) -> Callable[..., np.ndarray]:
    """Returns a function from training images, their classes and test images to the classes predicted."""
    from keras_course.numerics.forest import fit_forest, forest_probabilities

    def predict(train, labels, test):
        generator = np.random.default_rng(seed)
        forest = fit_forest(train, labels, generator, num_trees=TREES, num_thresholds=num_thresholds)
        return forest_probabilities(forest, test).argmax(axis=1)

    return predict


def peer(seed: int) -> Callable[..., np.ndarray]:
    """Returns the same of scikit-learn, with its defaults, on one core as ours."""
    from sklearn.ensemble import RandomForestClassifier

    return lambda train, labels, test: RandomForestClassifier(TREES, random_state=seed).fit(train, labels).predict(test)
