"""The report of a comparison: one HTML page with its figures inside, for a student to read without a server."""

import os
from pathlib import Path

import numpy as np

from keras_course.evaluation import PairedDifference
from keras_course.evaluation.paired_test import BETTER, UNDECIDED, WORSE
from keras_course.runs.page import duration_text, write_page
from keras_course.selection.comparison import Comparison
from keras_course.selection.looks import Look
from keras_course.visualization import plot_differences, plot_fold_scores

MARKS = {BETTER: ("good", "▲"), WORSE: ("high", "▼"), UNDECIDED: ("low", "=")}


def write_comparison_report(comparison: Comparison, run_dir: str | os.PathLike, *, final: Look | None = None) -> Path:
    """Writes `run_dir/report.html` and `run_dir/figures/*.png`, each whole or not at all.

    Args:
        comparison: Of one model or more.
        run_dir: Folder of the run; made if missing.
        final: Of the chosen model on the test images, if there was one.

    Returns:
        The path of the page.

    Raises:
        ValueError: If `run_dir` is a file.

    Example:
        >>> import tempfile
        >>> from keras_course.selection import compare_recipes
        >>> comparison, _ = compare_recipes(["pixels+tree"], "digits", folds=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_comparison_report(comparison, folder).name
        'report.html'
    """
    table, names = comparison.table, [result.name for result in comparison.results]
    drawings = [("fold_scores", lambda: plot_fold_scores(comparison.accuracies))]
    if comparison.differences:
        drawings.append(("differences", lambda: plot_differences(table.iloc[1:], reference=names[0])))
    training = {result.name: result.config["training"] for result in comparison.results}
    return write_page(
        run_dir,
        "keras_course.selection/comparison.html.jinja",
        drawings,
        config={**comparison.config, "models": training},
        title=f"{' against '.join(names) if len(names) < 4 else f'{len(names)} models'} on {comparison.config['data']}",
        headline=_headline(comparison, final),
        rows=_rows(comparison),
        reference=names[0],
        folds=comparison.config["folds"],
        confidence=f"{100 * comparison.confidence:g} %",
        marks=MARKS,
        final=final,
    )


def _headline(comparison: Comparison, final: Look | None) -> list[tuple[str, str, str]]:
    """Returns the numbers at the top of the page: what, value, remark."""
    folds = comparison.config["folds"]
    rows = [
        (
            result.name,
            f"{100 * result.mean:.2f} %",
            f"mean accuracy of {folds} folds, standard deviation {100 * result.standard_deviation:.2f} %",
        )
        for result in comparison.results
    ]
    if final is not None:
        remark = f"{100 * final.low:.2f} to {100 * final.high:.2f} % (95 %, Wilson), n = {final.images:,}"
        rows.append((f"Test accuracy of {final.model}", f"{100 * final.accuracy:.2f} %", remark))
    seconds = sum(float(result.scores["seconds"].sum()) for result in comparison.results)
    sizes = comparison.results[0].scores
    rows.append(("Training time", duration_text(seconds), "of all folds of all models, on the machine it ran on"))
    images = f"{round(sizes['train_size'].mean()):,} + {round(sizes['test_size'].mean()):,}"
    rows.append(("Images per fold", images, "trained on and held out; the test images are in none"))
    return rows


def _rows(comparison: Comparison) -> list[tuple[str, list[str], str]]:
    """Returns name, cells and verdict of each model."""
    rows = []
    for result, (name, values) in zip(comparison.results, comparison.table.iterrows(), strict=True):
        loss = "–" if result.scores["loss"].isna().any() else f"{values['loss']:.3f}"
        cells = [f"{values['accuracy']:.4f}", f"{values['standard_deviation']:.4f}", loss, f"{values['seconds']:.1f}"]
        difference = comparison.differences.get(str(name))
        cells += [difference_text(difference), interval_text(difference)]
        rows.append((str(name), cells, "" if difference is None else difference.verdict))
    return rows


def difference_text(difference: PairedDifference | None) -> str:
    """Writes a mean difference with its sign; empty for the model that the others are compared with."""
    return "" if difference is None else f"{difference.mean:+.4f}"


def interval_text(difference: PairedDifference | None) -> str:
    """Writes an interval; a difference without spread has none."""
    if difference is None:
        return ""
    return "no spread" if np.isnan(difference.low) else f"{difference.low:+.4f} to {difference.high:+.4f}"
