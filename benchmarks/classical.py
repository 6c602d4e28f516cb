"""Test accuracy of classical pipelines on Fashion-MNIST, all 60,000 training images, and the time that they take.

The SVM's C and γ are chosen on a subset, by images that it is not fitted on; the test images are used once, at the end.
"""

import time

import numpy as np
from sklearn.pipeline import Pipeline

from benchmarks.table import Row
from keras_course.classical import recognition_pipeline
from keras_course.data import Examples, ImageData, load_images
from keras_course.evaluation import ClassifierEvaluation, evaluate

SEED = 0
SUBSET, HELD_OUT = 8000, 4000  # images to choose C and γ on: fitted, and judged by
GRID = [(c, factor) for c in (2.0, 5.0, 10.0) for factor in (1.0, 2.0)]  # C, and γ as a multiple of "scale"
LIMIT = 15 * 60  # seconds


def run() -> list[Row]:
    """Fits HOG + RBF SVM and a random forest on pixels, on all images that are not for the test.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    data = load_images("fashion_mnist", validation_fraction=0, seed=SEED)
    start = time.perf_counter()
    pipeline = recognition_pipeline("hog", "rbf-svm", seed=SEED)
    chosen = choose(pipeline, data.train_examples)
    svm, seconds = fitted(pipeline.set_params(**chosen), data, start)
    c, gamma = chosen.values()
    settings = f"C = {c:g}, γ = {gamma:.2g}, chosen on {SUBSET:,} + {HELD_OUT:,} of them"
    forest, forest_seconds = fitted(recognition_pipeline("pixels", "forest", seed=SEED), data, time.perf_counter())
    what = f"on Fashion-MNIST, {data.train_size:,} images, test accuracy"
    return [
        _row(f"HOG + RBF SVM {what}", svm, seconds, 0.90, settings),
        _row(f"random forest on pixels {what}", forest, forest_seconds, 0.87, "100 trees"),
    ]


def choose(pipeline: Pipeline, examples: Examples) -> dict[str, float]:
    """Returns the C and γ with the most hits on held-out training images; features are computed once.

    Args:
        pipeline: HOG + RBF SVM; its transforms are fitted here, and again on all images later.
        examples: Training images.
    """
    places = np.random.default_rng(SEED).permutation(len(examples.labels))[: SUBSET + HELD_OUT]
    images, labels = examples.images[places], examples.labels[places]
    features = pipeline[:-1].fit_transform(images[:SUBSET])
    held_out = pipeline[:-1].transform(images[SUBSET:])
    scale = 1 / (features.shape[1] * features.var())  # what gamma="scale" means
    scores = {}
    for c, factor in GRID:
        svm = pipeline[-1].set_params(classifier__C=c, classifier__gamma=float(factor * scale))
        scores[c, factor] = svm.fit(features, labels[:SUBSET]).score(held_out, labels[SUBSET:])
    c, factor = max(scores, key=scores.__getitem__)
    return {"classifier__classifier__C": c, "classifier__classifier__gamma": float(factor * scale)}


def fitted(pipeline: Pipeline, data: ImageData, start: float) -> tuple[ClassifierEvaluation, float]:
    """Fits on the training images and evaluates on the test images; returns the seconds since `start` too."""
    pipeline.fit(*data.train_examples)
    return evaluate(pipeline, data.test_examples, data.class_names), time.perf_counter() - start


def _row(name: str, evaluation: ClassifierEvaluation, seconds: float, bar: float, settings: str) -> Row:
    low, high = evaluation.accuracy_interval()
    measured = f"{evaluation.accuracy:.4f} in {seconds:.0f} s (95 % interval {low:.4f} to {high:.4f}; {settings})"
    met = evaluation.accuracy >= bar and seconds <= LIMIT
    return Row(name, measured, f">= {bar:.2f} within {LIMIT // 60} min", met)
