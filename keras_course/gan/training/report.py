"""The report of a GAN's training: one HTML page with its figures inside."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_course.adversarial import pictures_of_epochs
from keras_course.callbacks import law_by_step
from keras_course.gan.judging.scores import class_shares, scorecard_table
from keras_course.gan.model.losses import LOSSES
from keras_course.runs.page import rounded_text, settings_headline, write_page
from keras_course.visualization import plot_class_shares, plot_learning_rate
from keras_course.visualization.gan_training import (
    plot_discriminator,
    plot_gan_gradients,
    plot_gan_losses,
    plot_scores,
    plot_value,
)

if TYPE_CHECKING:
    from keras_course.gan.training.train import GANRun

SAMPLES = "samples"  # folder of the pictures that `SampleGrid` writes
GRIDS = 6  # pictures of epochs on the page
HEADLINE = (
    ("frechet_distance", "Fréchet distance", ""),
    ("classifier_score", "Classifier score", ""),
    ("agreement", "Agreement", "the classifier sees the class asked for; "),
)


def write_gan_report(run: "GANRun") -> Path:
    """Writes `report.html` and `figures/*.png` into the folder of a run, each whole or not at all.

    Args:
        run: The run, with a folder.

    Returns:
        The path of the page.

    Raises:
        ValueError: If the run has no folder.
    """
    if run.run_dir is None:
        raise ValueError("`run` must have a folder. Received: run.run_dir=None")
    config = run.config
    chosen = _some(pictures_of_epochs(run.run_dir / SAMPLES), GRIDS)
    grids = {f"epoch {int(path.stem[6:])}": path.read_bytes() for path in chosen}
    return write_page(
        run.run_dir,
        "keras_course.gan.training/report.html.jinja",
        _drawings(run),
        config=config,
        pictures=grids,
        title=f"{config['generator']} on {config['data']}",
        headline=_headline(run),
        optimum=_optimum(config),
        conditional=config["conditional"],
        smoothing=config["label_smoothing"],
        grids=list(grids),
        findings=run.findings,
        verdict=run.verdict,
        collapsed=run.verdict.startswith("collapsed"),
        scores=_score_rows(run.evaluation),
    )


def _drawings(run: "GANRun") -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yields the name of each figure there is data for, and the function that draws it."""
    if not run.history.empty:
        yield "discriminator", partial(plot_discriminator, run.history, optimum=_optimum(run.config))
        if _optimum(run.config) is not None:  # V is of probabilities
            yield "value", partial(plot_value, run.history)
        yield "losses", partial(plot_gan_losses, run.history)
        yield "gradients", partial(plot_gan_gradients, run.history)
        yield "learning_rate", partial(plot_learning_rate, run.history, law_by_step(run.config.get("decay")))
    if run.evaluation is not None:
        yield "scores", partial(plot_scores, run.scorecard)
        yield "class_shares", partial(plot_class_shares, class_shares(run.evaluation, run.config["class_names"]))


def _optimum(config: Mapping[str, Any]) -> float | None:
    return LOSSES[config["loss"]].optimum(config["label_smoothing"])


def _headline(run: "GANRun") -> list[tuple[str, str, str]]:
    """Returns the numbers at the top of the page: what, value, remark."""
    rows, card = [], run.evaluation
    if card is not None:
        for name, title, remark in HEADLINE:
            if name in card:
                rows.append((title, f"{card[name]:.4g}", f"{remark}real test images: {card[f'test/{name}']:.4g}"))
        accuracy = f"{card['classifier_accuracy']:.4g}"
        rows.append(("Accuracy of the judge", accuracy, "of its classifier, on real test images"))
    if not run.history.empty:
        last, optimum = run.history.iloc[-1], _optimum(run.config)
        remark = "of a critic, without an optimum" if optimum is None else f"{optimum:.3g} at the optimum"
        rows.append(("D on real / generated", f"{last['d_real']:.2f} / {last['d_fake']:.2f}", remark))
    kind = run.verdict.partition(":")[0]
    rows.append(("Collapse alarm", kind, "watches for NaN, one image, one class, D(x) at 1"))
    settings: Mapping[str, Any] = {**run.config, "parameters": sum(run.config["parameters"].values())}
    return rows + settings_headline(settings)


def _score_rows(card: pd.Series | None) -> list[tuple[str, ...]]:
    """Returns the last scorecard: figure, generated images, test images, meaning."""
    table = pd.DataFrame() if card is None else scorecard_table(card)
    return [(str(name), *(_score_text(name, value) for value in row)) for name, row in table.iterrows()]


def _score_text(name: object, value: object) -> str:
    return f"{value:,.0f}" if name == "count" and isinstance(value, float) else rounded_text(value)


def _some(paths: list[Path], count: int) -> list[Path]:
    """Picks the first, the last and some in between."""
    places = np.linspace(0, len(paths) - 1, min(count, len(paths))).round().astype(int)
    return [paths[place] for place in places]
