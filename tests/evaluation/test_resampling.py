"""One test image or document alone has no others to be resampled with: it has figures, and no interval."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

from keras_course.applications.captioning import report as captioning
from keras_course.applications.detection import report as detection
from keras_course.applications.language_model import report as language_model
from keras_course.applications.segmentation import report as segmentation
from keras_course.cli.results import EVALUATION_TABLES
from keras_course.data import Vocabulary
from keras_course.evaluation import CaptionEvaluation, TextEvaluation, evaluate_detector, evaluate_segmenter


def captioner(count):
    return CaptionEvaluation(["a cat", "a dog"][:count], ["a cat", "a fox"][:count])


def detector(count):
    truth = {"boxes": np.float32([[[0, 0, 8, 8]]] * count), "class_id": np.zeros((count, 1), int)}
    found = truth | {"scores": np.ones((count, 1), np.float32), "count": np.ones(count, int)}
    return evaluate_detector(truth | {"is_crowd": np.zeros((count, 1), bool)}, found, ["a"])


def segmenter(count):
    masks = np.arange(count * 16).reshape(count, 4, 4) % 2
    return evaluate_segmenter(masks, masks, ["a", "b"])


def text(count):
    return TextEvaluation(("one", "two")[:count], (np.ones(4), np.full(4, 2.0))[:count])


HEADLINES = {
    "captioner": lambda judged: captioning._headline(judged.interval(), judged),
    "detector": lambda judged: detection._headline(judged.interval(), judged),
    "segmenter": lambda judged: segmentation._headline(judged.interval(), len(judged.confusions)),
    "language-model": lambda judged: language_model._headline(
        judged.interval(), judged, SimpleNamespace(vocabulary=Vocabulary("words", ("a", "b")))
    ),
}
KINDS = {"captioner": captioner, "detector": detector, "segmenter": segmenter, "language-model": text}


def shown(judged, kind):
    """Returns what the command line prints."""
    console = Console(record=True, width=200, file=io.StringIO())
    console.print(EVALUATION_TABLES[kind](judged))
    return console.export_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_one_has_no_interval_and_the_reason_is_said(kind):
    unit = "document" if kind == "language-model" else "image"
    why = f"no interval: resampling needs more than one test {unit}"
    for count in (1, 2):
        judged = KINDS[kind](count)
        table = judged.interval(resamples=50).dropna(subset="value")
        assert len(table) >= 2
        remarks = [remark for _, _, remark in HEADLINES[kind](judged)]
        if count == 1:
            assert table[["low", "high"]].isna().all(axis=None)
            assert remarks[0] == why and f"({why})" in shown(judged, kind)
        else:
            assert (table["low"] <= table["high"]).all()
            assert remarks[0].startswith("95 % interval ") and remarks[0].endswith(f"n = 2 test {unit}s")
        assert not any("nan" in remark for remark in remarks)
        assert ("95 % interval" in shown(judged, kind)) == (count == 2)
