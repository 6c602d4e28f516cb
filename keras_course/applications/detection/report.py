"""The report of a detector's training: one HTML page with its figures inside."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_course.data import ObjectExamples
from keras_course.evaluation import DetectorEvaluation, interval_remark
from keras_course.runs.page import settings_headline, write_page
from keras_course.training.report import gradient_table, training_drawings, weights_headline
from keras_course.visualization import plot_box_grid, plot_detection_mistakes, plot_precision_recall_curves

SHOWN = 0.3  # score from which a detection is drawn, and counts as a mistake
SCENES, MISTAKES = 12, 5  # test images shown; mistakes of each kind
CURVES = {"loss": "loss", "heatmap_loss": None, "box_loss": None}  # metrics, labels of their axes
PRECISIONS = {"AP": "mAP@[.5:.95]", "AP50": "mAP@.5", "AP75": "mAP@.75"}


def write_detection_report(run: Any, title: str) -> Path:
    """Writes `report.html` and `figures/*.png` into the folder of a run.

    Args:
        run: A `DetectorRun` with a folder.
        title: Heading of the page.

    Returns:
        The path of the page.
    """
    evaluation = run.evaluation
    intervals = None if evaluation is None else evaluation.interval()
    return write_page(
        run.run_dir,
        "keras_course.applications.detection/report.html.jinja",
        [
            *training_drawings(run.history, run.gradient_norms, CURVES, run.config.get("decay")),
            *(_test_drawings(evaluation, run.data.test_examples) if evaluation is not None else ()),
        ],
        config=run.config,
        title=title,
        headline=[
            *_headline(intervals, evaluation),
            *weights_headline(run.config, run.history),
            *settings_headline(run.config),
        ],
        gradients=gradient_table(run.gradient_report),
        evaluation=evaluation,
        per_class=None if evaluation is None else _class_rows(evaluation),
        mistakes=None if evaluation is None else evaluation.mistake_counts(score_threshold=SHOWN).to_dict(),
        shown=SHOWN,
    )


def _headline(intervals: pd.DataFrame | None, evaluation: DetectorEvaluation | None) -> list[tuple[str, str, str]]:
    if intervals is None or evaluation is None:
        return []
    rows = []
    for name, what in PRECISIONS.items():
        value, low, high = intervals.loc[name, ["value", "low", "high"]]
        rows.append((what, f"{value:.3f}", interval_remark(value, low, high, evaluation.num_images)))
    return rows


def _class_rows(evaluation: DetectorEvaluation) -> list[tuple[str, list[str], int]]:
    columns = ["AP", "AP50", "AP75", "AP small", "AP medium", "AP large", "AR@100"]
    table = evaluation.per_class
    rows = [(str(name), table.loc[name, columns], int(table.loc[name, "objects"])) for name in table.index]
    rows.append(("mean of the classes", evaluation.summary[columns], int(table["objects"].sum())))
    return [(name, ["-" if np.isnan(x) else f"{x:.3f}" for x in figures], count) for name, figures, count in rows]


def _test_drawings(
    evaluation: DetectorEvaluation, examples: ObjectExamples
) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yields the figures of the test: precision against recall, scenes with boxes, and the worst mistakes."""
    table = evaluation.per_class
    known = [k for k, objects in enumerate(table["objects"]) if objects]
    if known:
        curves = {evaluation.class_names[k]: evaluation.precision_recall_curve(k) for k in known}
        areas = {evaluation.class_names[k]: float(table["AP50"].iloc[k]) for k in known}
        yield "precision_recall", partial(plot_precision_recall_curves, curves, average_precision=areas)
    yield "scenes", partial(_draw_scenes, evaluation, examples)
    mistakes = evaluation.worst_mistakes(MISTAKES, score_threshold=SHOWN)
    if len(mistakes):
        images = examples.images[mistakes["image"].to_numpy()]
        yield "mistakes", partial(plot_detection_mistakes, images, mistakes)


def _draw_scenes(evaluation: DetectorEvaluation, examples: ObjectExamples) -> Figure:
    found, truth = evaluation.detections, evaluation.ground_truth
    shown = range(min(SCENES, evaluation.num_images))
    rows = [np.flatnonzero((found.image_ids == image) & (found.scores >= SHOWN)) for image in shown]
    return plot_box_grid(
        examples.images[: len(shown)],
        [found.boxes[own] for own in rows],
        [[evaluation.class_names[k] for k in found.class_ids[own]] for own in rows],
        [found.scores[own] for own in rows],
        true_boxes=[truth.boxes[truth.image_ids == image] for image in shown],
    )
