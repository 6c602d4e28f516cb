"""The report of a style network's training: one HTML page with its figures inside."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure

from keras_course.runs.page import settings_headline, write_page
from keras_course.training.report import gradient_table, training_drawings, weights_headline
from keras_course.visualization import plot_images

CROPS = 8  # shown


def write_style_report(run: Any, title: str) -> Path:
    """Writes `report.html` and `figures/*.png` into the folder of a run.

    Args:
        run: A `StyleNetworkRun` with a folder.
        title: Heading of the page.

    Returns:
        The path of the page.
    """
    table = run.evaluation
    headline = (
        []
        if table is None
        else [
            (f"Loss, {name}", f"{value:.3f}", f"{table['as they are'][name]:.3f} of the crops as they are")
            for name, value in table["painted"].items()
        ]
    )
    return write_page(
        run.run_dir,
        "keras_course.applications.style_transfer/report.html.jinja",
        [
            *training_drawings(run.history, run.gradient_norms, {"loss": "loss"}, run.config.get("decay")),
            ("style", partial(plot_images, run.style[np.newaxis], columns=1)),
            *(() if table is None else _painted(run)),
        ],
        config=run.config,
        title=title,
        headline=[*headline, *weights_headline(run.config, run.history), *settings_headline(run.config)],
        gradients=gradient_table(run.gradient_report),
    )


def _painted(run: Any) -> Iterator[tuple[str, Callable[[], Figure]]]:
    crops = run.data.validation_examples.images[:CROPS] / np.float32(255)
    painted = np.clip(keras.ops.convert_to_numpy(run.model(crops, training=False)), 0, 1)
    pairs = np.concatenate([np.stack(pair) for pair in zip(crops, painted, strict=True)])
    yield "painted", partial(plot_images, pairs, columns=4)
