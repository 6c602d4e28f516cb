"""The report of a GANimation's training: one HTML page with its figures inside."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from keras_course.adversarial import pictures_of_epochs
from keras_course.applications.ganimation.evaluating import FaceEvaluation
from keras_course.callbacks import law_by_step
from keras_course.data import TrueFaces
from keras_course.runs.page import settings_headline, write_page
from keras_course.visualization import plot_edits, plot_gan_gradients, plot_gan_losses, plot_history, plot_learning_rate

if TYPE_CHECKING:
    from keras_course.applications.ganimation.training import GANimationRun

SAMPLES = "samples"  # folder of the pictures that `UnitGrid` writes
GRIDS, FACES = 4, 8  # pictures of epochs, and test faces, on the page
FIGURES = {
    "ratio": ("Error to the true picture", "of that of doing nothing"),
    "iou": ("IoU of the mask", "1 - A over 1/2 with the region that truly changes"),
    "outside": ("Error outside that region", "of the value range"),
    "keep": ("Change when asked for the own units", "of the value range"),
}
CURVES = {
    "units": ({"real_units": "real images", "fake_units": "changed images"}, "mean squared error of units"),
    "mask": ({"attention": "changed images"}, "mean of A"),
}
MEANINGS = {
    "edit": "the changed face, beside its true picture",
    "nothing": "the face as it was, beside its true picture",
    "cycle": "the face changed and changed back, beside itself",
    "truth": "the true picture: what the regressor itself gets wrong",
}


def write_ganimation_report(run: "GANimationRun") -> Path:
    """Writes `report.html` and `figures/*.png` into the folder of a run, each whole or not at all.

    Args:
        run: The run, with a folder.

    Returns:
        The path of the page.
    """
    folder: Any = run.run_dir
    grids = pictures_of_epochs(folder / SAMPLES)
    places = np.linspace(0, len(grids) - 1, min(GRIDS, len(grids))).round().astype(int)
    chosen = {f"epoch {int(grids[place].stem[6:])}": grids[place].read_bytes() for place in places}
    return write_page(
        folder,
        "keras_course.applications.ganimation/report.html.jinja",
        _drawings(run),
        config=run.config,
        pictures=chosen,
        title=f"{run.config['model']} on {run.config['data']}",
        headline=_headline(run),
        units=run.config["class_names"],
        grids=list(chosen),
        findings=run.findings,
        verdict=run.verdict,
        collapsed=run.verdict.startswith("collapsed"),
        rows=_rows(run.evaluation),
    )


def _drawings(run: "GANimationRun") -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yields the name of each figure there is data for, and the function that draws it."""
    if not run.history.empty:
        for name, (columns, ylabel) in CURVES.items():
            yield name, partial(plot_history, run.history, columns, ylabel)
        yield "losses", partial(plot_gan_losses, run.history)
        yield "gradients", partial(plot_gan_gradients, run.history)
        yield "learning_rate", partial(plot_learning_rate, run.history, law_by_step(run.config.get("decay")))
    if run.evaluation is not None and run.truth is not None:
        yield "edits", partial(_draw_edits, run.evaluation, run.truth)


def _draw_edits(evaluation: FaceEvaluation, truth: TrueFaces) -> Figure:
    return plot_edits(
        truth.images[:FACES], evaluation.changed[:FACES], truth=truth.truth[:FACES], masks=evaluation.masks[:FACES]
    )


def _headline(run: "GANimationRun") -> list[tuple[str, str, str]]:
    """Returns the numbers at the top of the page: what, value, remark."""
    rows = []
    if run.evaluation is not None:
        figures = run.evaluation.figures
        rows += [(title, f"{figures[name]:.3g}", remark) for name, (title, remark) in FIGURES.items()]
        units = run.evaluation.table["units"]
        rows.append(("Error of the units", f"{units['edit']:.3g}", f"doing nothing: {units['nothing']:.3g}"))
    kind = run.verdict.partition(":")[0]
    rows.append(("Alarm", kind, "watches for NaN and a mask that is shut or open"))
    settings = {**run.config, "parameters": sum(run.config["parameters"].values())}
    return rows + settings_headline(settings)


def _rows(evaluation: FaceEvaluation | None) -> list[tuple[str, str, str, str, str]]:
    if evaluation is None:
        return []
    return [
        (str(name), f"{row['error']:.4f}", f"{row['ssim']:.3f}", f"{row['units']:.3f}", MEANINGS[str(name)])
        for name, row in evaluation.table.iterrows()
    ]
