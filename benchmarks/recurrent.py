"""Recurrent layers from scratch against Keras's compiled step, and the recipe that reads images row by row."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.table import Row
from keras_course import train_recipe
from keras_course.numerics.recurrent import initialize_recurrent, recurrent_backward, recurrent_forward

BATCH, STEPS, INPUTS, UNITS = 64, 28, 28, 64
ROUNDS, AT_ONCE = 25, 10  # steps follow steps in a training; and the threads of the one before have come to rest
PAUSE = 0.01  # seconds
BAR = 0.8
CLOSE, CLOSE_GRADIENT = 1e-5, 1e-4  # the second relative to the largest
ACCURACY, SECONDS = 0.89, 240
LAYERS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


def run() -> list[Row]:
    """Runs both cells, then the recipe."""
    return [row for cell in LAYERS for row in against_keras(cell)] + [rows_of_fashion_mnist()]


def against_keras(cell: str) -> list[Row]:
    """Runs ours and Keras's layer in turn, forward and back, to the gradients of input and weights."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((BATCH, STEPS, INPUTS), np.float32)
    output_gradient = rng.standard_normal((BATCH, STEPS, UNITS), np.float32) / (BATCH * STEPS)
    layer = initialize_recurrent(INPUTS, UNITS, rng, cell)
    steps = {name: compiled_step(cell, list(layer), unroll=name == "unrolled") for name in ("keras", "unrolled")}
    tensors = tf.constant(x), tf.constant(output_gradient)

    def ours() -> list[np.ndarray]:
        passed = recurrent_forward(x, layer, cell)
        gradients = recurrent_backward(passed, layer, output_gradient)
        return [passed.outputs, gradients.inputs, *gradients.layer]

    ways = {"ours": ours, **{name: lambda step=step: step(*tensors) for name, step in steps.items()}}
    seconds = in_turn(ways)
    found, expected = ours(), [value.numpy() for value in ways["keras"]()]
    differences = [float(np.abs(a - b).max()) for a, b in zip(found, expected, strict=True)]
    relative = max(d / float(np.abs(b).max()) for d, b in zip(differences[1:], expected[1:], strict=True))
    return [
        _ratio(cell, seconds, "keras", f"<= {BAR}", "step compiled by tf.function"),
        _ratio(cell, seconds, "unrolled", "for comparison", "the same, unrolled"),
        Row(
            f"numerics {cell}: difference from Keras with the same weights",
            f"outputs {differences[0]:.0e}, gradients {relative:.0e} of the largest",
            f"<= {CLOSE}, gradients <= {CLOSE_GRADIENT}",
            differences[0] <= CLOSE and relative <= CLOSE_GRADIENT,
        ),
    ]


def in_turn(ways: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Returns the seconds of each way by round, the first rounds, which compile, left out."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(2 + ROUNDS):
        for name, way in ways.items():
            time.sleep(PAUSE)
            began = time.perf_counter()
            for _ in range(AT_ONCE):
                way()
            seconds[name].append((time.perf_counter() - began) / AT_ONCE)
    return {name: values[2:] for name, values in seconds.items()}


def compiled_step(cell: str, weights: list[np.ndarray], *, unroll: bool) -> Any:
    """Returns Keras's layer with these weights, forward and back, as one `tf.function`."""
    layer = LAYERS[cell](UNITS, return_sequences=True, unroll=unroll)
    layer.build((None, STEPS, INPUTS))
    layer.set_weights(weights)

    @tf.function
    def step(x, output_gradient):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x)
        sources = [x, *layer.trainable_variables]
        return outputs, *tape.gradient(outputs, sources, output_gradients=output_gradient)

    return step


def rows_of_fashion_mnist() -> Row:
    """Trains the recipe on the rows of Fashion-MNIST."""
    began = time.perf_counter()
    trained = train_recipe("recurrent", "fashion_mnist", seed=0, verbose=0)
    seconds = time.perf_counter() - began
    accuracy, interval = trained.evaluation.accuracy, trained.evaluation.accuracy_interval()
    return Row(
        "recurrent on the rows of Fashion-MNIST, test accuracy",
        f"{accuracy:.4f} (95 % interval {interval[0]:.4f} to {interval[1]:.4f}; "
        f"{trained.model.count_params():,} parameters) in {seconds:.0f} s",
        f">= {ACCURACY} in at most {SECONDS} s",
        accuracy >= ACCURACY and seconds <= SECONDS,
    )


def _ratio(cell: str, seconds: dict[str, list[float]], peer: str, bar: str, what: str) -> Row:
    ratio = statistics.median(a / b for a, b in zip(seconds["ours"], seconds[peer], strict=True))
    milliseconds = {name: 1000 * statistics.median(values) for name, values in seconds.items()}
    rounds = f"median of {ROUNDS} rounds of {AT_ONCE}"
    return Row(
        f"numerics {cell}, forward and back, {STEPS} steps, {UNITS} units, batch {BATCH} / Keras's {what}",
        f"{ratio:.2f} ({milliseconds['ours']:.1f} ms against {milliseconds[peer]:.1f} ms, {rounds})",
        bar,
        bar == "for comparison" or ratio <= BAR,
    )
