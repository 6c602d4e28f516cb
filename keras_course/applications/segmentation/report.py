"""The report of a segmenter's training: one HTML page with its figures inside."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_course.applications.segmentation.evaluating import middle, segment
from keras_course.evaluation import interval_remark
from keras_course.runs.page import settings_headline, write_page
from keras_course.training.report import gradient_table, training_drawings, weights_headline
from keras_course.visualization import plot_confusion_matrix, plot_masks

SCENES, WORST = 12, 6  # test images shown
CURVES = {"loss": "loss", "mean_iou": "mean IoU"}  # metrics, labels of their axes
FIGURES = {"mean IoU": "Mean IoU", "foreground IoU": "Mean IoU without background", "pixel accuracy": "Pixel accuracy"}


def write_segmentation_report(run: Any, title: str) -> Path:
    """Writes `report.html` and `figures/*.png` into the folder of a run.

    Args:
        run: A `SegmenterRun` with a folder.
        title: Heading of the page.

    Returns:
        The path of the page.
    """
    evaluation = run.evaluation
    return write_page(
        run.run_dir,
        "keras_course.applications.segmentation/report.html.jinja",
        [
            *training_drawings(run.history, run.gradient_norms, CURVES, run.config.get("decay")),
            *(_test_drawings(run) if evaluation is not None else ()),
        ],
        config=run.config,
        title=title,
        headline=[
            *([] if evaluation is None else _headline(evaluation.interval(), len(evaluation.confusions))),
            *weights_headline(run.config, run.history),
            *settings_headline(run.config),
        ],
        gradients=gradient_table(run.gradient_report),
        evaluation=evaluation,
        per_class=None if evaluation is None else _class_rows(evaluation.per_class),
    )


def _headline(intervals: pd.DataFrame, count: int) -> list[tuple[str, str, str]]:
    known = intervals.loc[list(FIGURES), ["value", "low", "high"]].dropna(subset="value")
    return [
        (FIGURES[str(name)], f"{value:.3f}", interval_remark(value, low, high, count))
        for name, value, low, high in known.itertuples()
    ]


def _class_rows(table: pd.DataFrame) -> list[tuple[str, list[str], int]]:
    columns = ["IoU", "Dice", "boundary F"]
    figures = [*table[columns].to_numpy(), table[columns].mean().to_numpy()]
    names, pixels = [*map(str, table.index), "mean of the classes"], [*table["pixels"], table["pixels"].sum()]
    texts = [["-" if np.isnan(x) else f"{x:.3f}" for x in row] for row in figures]
    return list(zip(names, texts, map(int, pixels), strict=True))


def _test_drawings(run: Any) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yields the figures of the test: confusion matrix, scenes with masks, and those with the lowest mean IoU."""
    evaluation = run.evaluation
    matrix, names = evaluation.confusion_matrix, evaluation.class_names
    yield "confusion_matrix", partial(plot_confusion_matrix, matrix, names, normalize=True, unit="pixels")
    yield "scenes", partial(_draw_scenes, run, np.arange(min(SCENES, run.data.test_size)))
    worst = evaluation.worst_images(WORST)
    titles = [f"mean IoU {iou:.2f}" for iou in evaluation.image_iou[worst]]
    yield "worst", partial(_draw_scenes, run, worst, titles)


def _draw_scenes(run: Any, positions: np.ndarray, titles: list[str] | None = None) -> Figure:
    examples = run.data.test_examples
    predictions = segment(run.model, examples.images[positions])
    images, masks = (middle(pixels[positions], predictions.shape[1:3]) for pixels in examples[:2])
    return plot_masks(images, masks, run.data.class_names, titles, predictions=predictions)
