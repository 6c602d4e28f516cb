"""The report of a training run: one HTML page with its figures inside, for a student to read without a server."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_course.callbacks import law_by_step
from keras_course.evaluation import ClassifierEvaluation
from keras_course.runs.page import rounded_text, settings_headline, write_page
from keras_course.visualization import (
    mistake_title,
    plot_confusion_matrix,
    plot_curves,
    plot_gradient_norms,
    plot_images,
    plot_learning_rate,
    plot_reliability_diagram,
)
from keras_course.visualization.curves import best_epoch

WORST_MISTAKES = 18  # shown
VERDICT_MARKS = {  # a style and a sign, so that the verdict reads without colour too
    "healthy": ("good", "✓"),
    "vanishing": ("low", "↓"),
    "exploding": ("high", "↑"),
    "non-finite": ("bad", "✕"),
    "no gradient": ("low", "∅"),
}


class Picture(NamedTuple):
    """A figure that only some reports have: file name, what draws it, its heading, and how to read it."""

    name: str
    draw: Callable[[], Figure]
    heading: str
    caption: str


def write_report(
    run_dir: str | os.PathLike,
    *,
    title: str,
    config: Mapping[str, Any],
    history: pd.DataFrame | None,
    gradient_norms: pd.DataFrame | None = None,
    gradient_report: pd.DataFrame | None = None,
    evaluation: ClassifierEvaluation | None = None,
    validation: ClassifierEvaluation | None = None,
    mistakes: np.ndarray | None = None,
    pictures: Sequence[Picture] = (),
) -> Path:
    """Writes `run_dir/report.html` and `run_dir/figures/*.png`, each whole or not at all.

    What is None or empty is left out of the report. Everything is drawn before the first file is written.

    Args:
        run_dir: Folder of the run; made if missing.
        title: Heading of the page.
        config: What made the run, shown as a table; nested mappings are flattened to dotted names. `parameters` (int),
            `training_seconds` (s), `seed` also head the page, and `patience` says whose weights were tested; a mapping
            `versions` replaces the versions found here.
        history: DataFrame indexed by epoch (0-based), as for `plot_curves` and `plot_learning_rate`.
        gradient_norms: DataFrame of steps by layers, as for `plot_gradient_norms`.
        gradient_report: DataFrame indexed by layer, with a column `verdict` and any others.
        evaluation: Of the test images.
        validation: Of the validation images, where there is no history to show it.
        mistakes: The k images at `evaluation.worst_mistakes(k)`, (k, height, width, channels), in [0, 1] or uint8.
        pictures: Of the features of a classical pipeline.

    Returns:
        The path of the page.

    Raises:
        ValueError: If `run_dir` is a file, a table is no DataFrame, `mistakes` do not belong to `evaluation`, or a
            figure refuses its data.

    Example:
        >>> import tempfile
        >>> import pandas as pd
        >>> history = pd.DataFrame({"loss": [2.3, 0.8]})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_report(folder, title="LeNet on digits", config={"seed": 7}, history=history).name
        'report.html'
    """
    tables = {"history": history, "gradient_norms": gradient_norms, "gradient_report": gradient_report}
    for name, table in tables.items():
        if table is not None and not isinstance(table, pd.DataFrame):
            raise ValueError(f"`{name}` must be a pandas.DataFrame or None. Received: a {type(table).__name__}")
    return write_page(
        run_dir,
        "keras_course.training/report.html.jinja",
        [*_drawings(config, history, gradient_norms, evaluation, mistakes), *(picture[:2] for picture in pictures)],
        config=config,
        title=title,
        headline=_headline(config, history, evaluation, validation),
        pictures_of_features=pictures,
        epochs=0 if history is None else len(history),
        best=best_validation(history),
        evaluation=evaluation,
        gradients=gradient_table(gradient_report),
    )


def _drawings(
    config: Mapping[str, Any],
    history: pd.DataFrame | None,
    gradient_norms: pd.DataFrame | None,
    evaluation: ClassifierEvaluation | None,
    mistakes: np.ndarray | None,
) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yields the name of each figure there is data for, and the function that draws it."""
    yield from training_drawings(history, gradient_norms, {"loss": None, "accuracy": None}, config.get("decay"))
    if evaluation is not None:
        yield "confusion_matrix", partial(plot_confusion_matrix, evaluation.confusion_matrix, evaluation.class_names)
        yield "reliability", partial(plot_reliability_diagram, evaluation.calibration())
    if mistakes is not None and len(mistakes):
        yield "mistakes", partial(plot_images, mistakes, _mistake_titles(evaluation, len(mistakes)), columns=6)


def training_drawings(
    history: pd.DataFrame | None,
    gradient_norms: pd.DataFrame | None,
    metrics: Mapping[str, str | None],
    decay: Mapping[str, Any] | None = None,
) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yields the figures of a training, whatever the task: curves of the metrics, learning rate, gradient norms.

    `metrics` has the label of each one's axis, or None, see `plot_curves`; `decay` is that of the run's settings.
    """
    if history is not None and not history.empty:
        for metric, ylabel in metrics.items():
            if {metric, f"val_{metric}"} & set(history.columns):
                yield metric, partial(plot_curves, history, metric, ylabel=ylabel)
        if "learning_rate" in history.columns:
            yield "learning_rate", partial(plot_learning_rate, history, law_by_step(decay))
    if gradient_norms is not None and not gradient_norms.empty:
        yield "gradient_norms", partial(plot_gradient_norms, gradient_norms)


def _mistake_titles(evaluation: ClassifierEvaluation | None, count: int) -> list[str]:
    if evaluation is None:
        raise ValueError(
            f"`evaluation` must be the one that found the {count} `mistakes`. Received: evaluation={evaluation}"
        )
    positions = evaluation.worst_mistakes(count)
    if len(positions) != count:
        raise ValueError(
            f"`mistakes` must be misclassified images, {len(positions)} in `evaluation`. "
            f"Received: len(mistakes)={count}"
        )
    names, wrong = evaluation.class_names, evaluation.predictions[positions]
    probabilities = evaluation.probabilities[positions, wrong]
    return [
        mistake_title(names[true], names[false], probability)
        for true, false, probability in zip(evaluation.labels[positions], wrong, probabilities, strict=True)
    ]


def _headline(
    config: Mapping[str, Any],
    history: pd.DataFrame | None,
    evaluation: ClassifierEvaluation | None,
    validation: ClassifierEvaluation | None,
) -> list[tuple[str, str, str]]:
    """Returns the numbers at the top of the page: what, value, remark."""
    rows = []
    if evaluation is not None:
        low, high = evaluation.accuracy_interval()
        n, guess = len(evaluation.labels), np.log(len(evaluation.class_names))
        remark = f"95 % Wilson interval {100 * low:.2f} to {100 * high:.2f} %, n = {n:,} images"
        rows.append(("Test accuracy", f"{100 * evaluation.accuracy:.2f} %", remark))
        rows.append(("Test loss", f"{evaluation.loss:.4g} nats", f"mean cross-entropy; blind guessing: {guess:.3g}"))
    if validation is not None:
        remark = f"n = {len(validation.labels):,} images; what to choose among pipelines by"
        rows.append(("Validation accuracy", f"{100 * validation.accuracy:.2f} %", remark))
    return rows + weights_headline(config, history) + settings_headline(config)


def weights_headline(config: Mapping[str, Any], history: pd.DataFrame | None) -> list[tuple[str, str, str]]:
    """Returns whose epoch's weights the model has: what, value, remark; nothing without a validation loss."""
    best = best_validation(history)
    if best is None or history is None:
        return []
    stopped = config.get("patience") is not None
    last = int(history.index[-1]) + 1
    unit = " nats" if config.get("kind", "classifier") in ("classifier", "language-model") else ""
    remark = f"lowest validation loss, {best[1]:.4g}{unit}, "
    remark += f"of {last} epochs" if stopped else f"in epoch {best[0]}; without patience the last weights count"
    return [("Weights of epoch", f"{best[0] if stopped else last}", remark)]


def best_validation(history: pd.DataFrame | None) -> tuple[int, float] | None:
    """Returns the epoch (1-based) with the lowest validation loss, and that loss in nats."""
    if history is None or "val_loss" not in history.columns:
        return None
    losses = history["val_loss"].to_numpy(dtype=float)
    best = best_epoch(losses, "loss")
    return None if best is None else (int(history.index[best]) + 1, float(losses[best]))


def gradient_table(report: pd.DataFrame | None) -> dict[str, object] | None:
    """Returns a gradient report as the pages show it, for `gradient_section`; None without any."""
    if report is None or report.empty:
        return None
    figures = report.drop(columns="verdict", errors="ignore")
    verdicts = report["verdict"].astype(str) if "verdict" in report.columns else pd.Series("", report.index)
    counts = verdicts[verdicts != ""].value_counts()
    return {
        "columns": [str(column).replace("_", " ") for column in figures],
        "rows": list(zip(report.index.astype(str), figures.map(rounded_text).to_numpy(), verdicts, strict=True)),
        "marks": VERDICT_MARKS,
        "summary": ", ".join(f"{count} {verdict}" for verdict, count in counts.items()),
    }
