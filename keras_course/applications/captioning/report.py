"""The report of a captioner's training: one HTML page with its figures inside."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from keras_course.applications.captioning.evaluating import caption
from keras_course.evaluation import CaptionEvaluation, interval_remark
from keras_course.runs.page import settings_headline, write_page
from keras_course.training.report import gradient_table, training_drawings, weights_headline
from keras_course.visualization import plot_captions, plot_word_attention

SCENES, DRAWN = 9, 2  # test images shown with captions, and with attention
WORST = 10  # captions in the table of mistakes
CURVES = {"loss": "loss", "logits_loss": None, "not_shown_loss": None}  # metrics, labels of their axes


def write_captioning_report(run: Any, title: str) -> Path:
    """Writes `report.html` and `figures/*.png` into the folder of a run.

    Args:
        run: A `CaptionerRun` with a folder.
        title: Heading of the page.

    Returns:
        The path of the page.
    """
    evaluation = run.evaluation
    return write_page(
        run.run_dir,
        "keras_course.applications.captioning/report.html.jinja",
        [
            *training_drawings(run.history, run.gradient_norms, CURVES, run.config.get("decay")),
            *(_test_drawings(run) if evaluation is not None else ()),
        ],
        config=run.config,
        title=title,
        headline=[
            *([] if evaluation is None else _headline(evaluation.interval(), evaluation)),
            *weights_headline(run.config, run.history),
            *settings_headline(run.config),
        ],
        gradients=gradient_table(run.gradient_report),
        evaluation=evaluation,
        mistakes=None if evaluation is None else _mistakes(evaluation.per_image),
    )


def _headline(intervals: pd.DataFrame, evaluation: CaptionEvaluation) -> list[tuple[str, str, str]]:
    text, share = evaluation.commonest
    rows = [
        (
            f"{str(name)[0].upper()}{str(name)[1:]}",
            f"{value:.3f}",
            interval_remark(value, low, high, evaluation.num_images),
        )
        for name, value, low, high in intervals.itertuples()
    ]
    return [*rows, ("Commonest caption", f"{share:.3f}", f"what saying “{text}” of every image would match")]


def _mistakes(per_image: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Lists the captions with the smallest shares of right words: image, caption, reference."""
    wrong = per_image[~per_image["exact"]]
    share = wrong["right words"] / wrong["words"].clip(lower=1)
    worst = wrong.loc[share.sort_values(kind="stable").index[:WORST]]
    return [(int(index), row["caption"], row["reference"]) for index, row in worst.iterrows()]  # type: ignore[call-overload]


def _test_drawings(run: Any) -> Iterator[tuple[str, Callable[[], Figure]]]:
    """Yields the figures of the test: images with captions, and where the network looked at each word."""
    images = run.data.test_examples.images
    texts = [_beside_truth(*row) for row in run.evaluation.per_image[:SCENES].itertuples(index=False)]
    yield "scenes", partial(plot_captions, images[:SCENES], texts, columns=3)
    for index in range(min(DRAWN, len(images))):
        yield f"attention_{index + 1}", partial(_draw_attention, run, index)


def _beside_truth(caption: str, reference: str, exact: bool, *_: int) -> str:
    """Writes a caption with its reference below, or says that it is exact."""
    return f"exact: {caption}" if exact else f"written: {caption}\ntrue: {reference}"


def _draw_attention(run: Any, index: int) -> Figure:
    image = run.data.test_examples.images[index : index + 1]
    found = caption(run.model, np.asarray(image), run.data.class_names)
    return plot_word_attention(image[0], [*found.words[0], "(end)"][: found.attention.shape[1]], found.attention[0])
