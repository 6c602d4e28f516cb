"""The report of a language model's run: curves, perplexity, a test passage token by token, and text that it writes."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_course.applications.language_model.sampling import text_writer
from keras_course.data import TextData
from keras_course.evaluation import TextEvaluation, interval_remark
from keras_course.runs.page import settings_headline, write_page
from keras_course.training.report import gradient_table, training_drawings, weights_headline

CURVES = {"loss": "cross-entropy (nats per token)"}
PASSAGE, WRITTEN, DOCUMENTS = 800, 400, 10  # tokens shown and written; documents at either end of the table
SAMPLES = ((0.5, 1.0), (0.8, 0.95), (1.0, 1.0))  # temperature, top_p
WORST = 6.0  # nats, shown in the strongest colour


def write_language_model_report(run: Any, title: str) -> Path:
    """Writes `report.html` and `figures/*.png` into the folder of a run.

    Args:
        run: A `LanguageModelRun` with a folder.
        title: Heading of the page.

    Returns:
        The path of the page.
    """
    evaluation, data = run.evaluation, run.data
    judged = evaluation is not None
    return write_page(
        run.run_dir,
        "keras_course.applications.language_model/report.html.jinja",
        training_drawings(run.history, run.gradient_norms, CURVES, run.config.get("decay")),
        config={name: value for name, value in run.config.items() if name != "class_names"},
        title=title,
        headline=[
            *(_headline(evaluation.interval(), evaluation, data) if judged else ()),
            *weights_headline(run.config, run.history),
            *settings_headline(run.config),
        ],
        gradients=gradient_table(run.gradient_report),
        passage=_passage(evaluation, data) if judged else None,
        samples=_samples(run) if judged else (),
        documents=_rows(evaluation.per_document) if judged else (),
    )


def _headline(intervals: pd.DataFrame, evaluation: TextEvaluation, data: TextData) -> list[tuple[str, str, str]]:
    rows = []
    for name, what in (("nats per token", "Test loss"), ("perplexity", "Test perplexity")):
        value, low, high = intervals.loc[name, ["value", "low", "high"]]
        unit = f" nats per {data.vocabulary.kind[:-1]}" if name == "nats per token" else ""
        remark = interval_remark(value, low, high, len(evaluation.per_document), "document")
        rows.append((what, f"{value:.4f}{unit}", remark))
    guess = np.log(len(data.vocabulary))
    rows.append(("Blind guessing", f"{guess:.2f} nats", f"all {len(data.vocabulary)} ids equally probable"))
    return rows


def _passage(evaluation: TextEvaluation, data: TextData) -> dict[str, Any]:
    """Returns the beginning of the longest test document: its name, and each token with its loss and colour."""
    longest = int(np.argmax([len(one) for one in evaluation.losses]))
    losses = evaluation.losses[longest][:PASSAGE]
    ids = data.vocabulary.encode(data.test_documents[longest].text)[:PASSAGE]
    space = "" if data.vocabulary.kind == "characters" else " "
    shown = [data.vocabulary.decode([token]) + space for token in ids]
    strengths = [round(min(1.0, float(loss) / WORST), 2) for loss in losses]
    return {"name": evaluation.names[longest], "tokens": list(zip(shown, losses, strengths, strict=True))}


def _samples(run: Any) -> list[tuple[float, float, str, str]]:
    writer = text_writer(run.model, run.data.vocabulary)
    prompt = "Return " if run.data.name == "docstrings" else ""
    return [
        (temperature, top_p, prompt, writer.write(prompt, length=WRITTEN, temperature=temperature, top_p=top_p))
        for temperature, top_p in SAMPLES
    ]


def _rows(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    ends = table if len(table) <= 2 * DOCUMENTS else pd.concat([table.head(DOCUMENTS), table.tail(DOCUMENTS)])
    return [(name, f"{int(tokens):,}", f"{nats:.3f}") for name, tokens, nats in ends.itertuples()]
