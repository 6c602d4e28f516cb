"""Calls per second on one image: the exported SavedModel against `model.predict`."""

import statistics
import tempfile
import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from benchmarks.table import Row
from keras_course.export import export_saved_model, load_saved_model
from keras_course.models import build_lenet

ROUNDS = 7
BAR = 20  # times the calls per second of `model.predict`


def run() -> list[Row]:
    """Measures both ways in turn and returns a row each for our `predict` and for the raw signature."""
    keras.utils.set_random_seed(0)
    model = build_lenet((28, 28, 1), 10)  # untrained: the time doesn't depend on the weights
    image = np.random.default_rng(0).integers(0, 256, (1, 28, 28, 1)).astype(np.uint8)
    scaled = image / np.float32(255)
    with tempfile.TemporaryDirectory() as directory:
        path = export_saved_model(model, directory)
        classifier = load_saved_model(path)
        signature = tf.saved_model.load(str(path)).signatures["serving_default"]

    def raw():
        return signature(images=tf.constant(image))["probabilities"].numpy()

    def ours():
        return classifier.predict(image).probabilities

    def keras_predict():
        return keras.ops.convert_to_numpy(keras.ops.softmax(model.predict(scaled, verbose=0)))

    reference = keras_predict()
    difference = max(float(np.abs(way() - reference).max()) for way in (raw, ours))
    seconds: dict[Callable, list[float]] = {keras_predict: [], ours: [], raw: []}
    for _ in range(ROUNDS):
        for way, calls in ((keras_predict, 20), (ours, 400), (raw, 400)):
            seconds[way].append(_seconds_a_call(way, calls))
    names = {ours: "SavedModel, load_saved_model(...).predict", raw: "SavedModel, raw signature"}
    return [_row(name, seconds[way], seconds[keras_predict], difference) for way, name in names.items()]


def _seconds_a_call(way: Callable, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        way()
    return (time.perf_counter() - start) / calls


def _row(name: str, seconds: list[float], baseline: list[float], difference: float) -> Row:
    ours, theirs = statistics.median(seconds), statistics.median(baseline)
    measured = (
        f"{theirs / ours:.0f} times ({1 / ours:.0f} against {1 / theirs:.0f} calls/s), "
        f"largest difference of a probability {difference:.0e}"
    )
    bar = f"at least {BAR} times the calls/s of model.predict, batch of 1, same figures"
    return Row(name, measured, bar, theirs / ours >= BAR and difference <= 1e-5)
