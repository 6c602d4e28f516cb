"""A network for one style against the recipe of TensorFlow's tutorial, on pictures that it was never trained on.

Writes `style_transfer.jpg` for the tutorial of chapter 8: transfers, and what the network makes of the same pictures.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from benchmarks.style_transfer import WEIGHTS, picture, recipe
from benchmarks.table import Row
from keras_course.applications.style_transfer import train_style_network, transfer_style
from keras_course.applications.style_transfer.objective import StyleFeatures, StyleObjective
from keras_course.models import load_features

STYLE, UNSEEN = "hubble_deep_field", ("chelsea", "coffee", "camera", "rocket", "retina")
SIDE, STEPS, FULL_STEPS = 256, 50, 300
MINUTES = (2, 5, 10)
FASTER = 100
FIGURE = Path(__file__).parents[1] / "tutorials" / "08_applications" / "style_transfer.jpg"  # the tutorial shows it
SHOWN = 2  # of the pictures


class Marks(keras.callbacks.Callback):
    """Judges the network at some times of its training, which the clock leaves out."""

    def __init__(self, judge: Callable[[keras.Model], float]):
        super().__init__()
        self._judge, self._left, self.found = judge, [60.0 * minutes for minutes in MINUTES], {}

    def on_train_begin(self, logs=None):
        """Starts the clock."""
        self._began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Judges when a time has come."""
        seconds = time.perf_counter() - self._began
        if self._left and seconds >= self._left[0]:
            self.found[self._left.pop(0) / 60] = self._judge(self.model)
            self._began += time.perf_counter() - self._began - seconds

    def on_train_end(self, logs=None):
        """Stops the clock and judges."""
        self.seconds = time.perf_counter() - self._began
        self.found[self.seconds / 60] = self._judge(self.model)


def run() -> list[Row]:
    """Trains the network, then compares it with the recipe on each picture."""
    features = load_features()
    style = picture(STYLE, SIDE)
    objectives = {
        name: StyleObjective(StyleFeatures(features, None, None), picture(name, SIDE), style, WEIGHTS)
        for name in UNSEEN
    }

    def losses(model: keras.Model) -> list[float]:
        return [
            objective.weighted(objective.losses_and_gradient(painted(model, picture(name, SIDE)))[0])
            for name, objective in objectives.items()
        ]

    marks = Marks(lambda model: statistics.mean(losses(model)))
    made = train_style_network(style, features=features, callbacks=[marks], verbose=0)
    rows = [
        _compared(features, made.model, *item, style)
        for item in zip(objectives.items(), losses(made.model), strict=True)
    ]
    curve = ", ".join(f"{loss:.3f} after {minutes:.1f} min" for minutes, loss in marks.found.items())
    _draw(features, made.model, style)
    name = f"style network of {made.config['parameters']:,} parameters, training: mean loss of the unseen pictures"
    return [Row(name, curve, "<= 10 min", marks.seconds <= 600), *rows]


def painted(model: keras.Model, content: np.ndarray) -> np.ndarray:
    """Returns what the network makes of a picture, in [0, 1]."""
    return np.clip(model(content[np.newaxis], training=False)[0].numpy(), 0, 1)


def _compared(features, model, named, loss: float, style: np.ndarray) -> Row:
    name, objective = named
    content = picture(name, SIDE)
    stamps: list[float] = []
    ending = recipe(features, content, style, STEPS, lambda step, _: stamps.append(time.perf_counter()))
    theirs = objective.weighted(objective.losses_and_gradient(ending)[0])
    per_step = (stamps[-1] - stamps[1]) / (STEPS - 2)
    passes = []
    for _ in range(5):
        began = time.perf_counter()
        painted(model, content)
        passes.append(time.perf_counter() - began)
    faster = FULL_STEPS * per_step / statistics.median(passes)
    return Row(
        f"{name}, {SIDE}x{SIDE}, never trained on: loss / that of {STEPS} steps of Adam; speed over {FULL_STEPS} steps",
        f"{loss:.3f} / {theirs:.3f}; {faster:.0f} times ({statistics.median(passes):.2f} s)",
        f"<= 1; >= {FASTER} times",
        loss <= theirs and faster >= FASTER,
    )


def _draw(features: keras.Model, model: keras.Model, style: np.ndarray) -> None:
    """Writes rows of content, style, transfer, and what the network makes of the content."""
    rows = []
    for name in UNSEEN[:SHOWN]:
        content = picture(name, SIDE)
        slow = transfer_style(content, style, features=features).image / 255.0
        rows.append(np.hstack([content, style, slow, painted(model, content)]))
    Image.fromarray(np.uint8(np.rint(255 * np.vstack(rows)))).save(FIGURE, quality=90)
