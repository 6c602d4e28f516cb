import base64
import io
import os
import re
from html.parser import HTMLParser

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

import keras_course
from keras_course.callbacks import OneCycle, judge_gradients
from keras_course.evaluation import ClassifierEvaluation
from keras_course.training import report
from keras_course.training.report import training_drawings, write_report

FIGURES = {"loss", "accuracy", "learning_rate", "gradient_norms", "confusion_matrix", "reliability", "mistakes"}
HISTORY = pd.DataFrame(
    {
        "loss": [2.0, 1.0, 0.5],
        "val_loss": [2.1, 0.9, 1.1],
        "accuracy": [0.3, 0.6, 0.8],
        "val_accuracy": [0.25, 0.7, 0.72],
        "learning_rate": [0.1, 0.1, 0.05],
    }
)
NORMS = pd.DataFrame({"conv1": [0.1, 0.01, 0.02], "logits": [1.0, 0.9, np.nan]})
VERDICTS = pd.DataFrame(
    {
        "median_norm": [1e-5, 0.25, np.nan, 3e4, 0.0],
        "nonfinite": [0, 0, 7, 0, 0],
        "verdict": ["vanishing", "healthy", "non-finite", "exploding", "no gradient"],
    },
    index=["conv1", "conv2", "dense1", "dense2", "logits"],
)
CONFIG = {
    "model": "lenet",
    "seed": 7,
    "parameters": 61706,
    "training_seconds": 185.2,
    "learning_rate": 0.00012345,
    "decay": {"name": "step", "drop": 0.5},
    "patience": None,
    "augment": True,
}


NO_TRAINING = {"history": None, "gradient_norms": None, "gradient_report": None}


def evaluation(class_names=("cat", "dog", "eel")):
    labels = np.array([0] * 10 + [1] * 8 + [2] * 2)
    predicted = np.array([0] * 10 + [1] * 6 + [2] * 2 + [2] * 2)
    probabilities = np.full((20, 3), 0.1)
    probabilities[np.arange(20), predicted] = 0.8
    return ClassifierEvaluation(labels, probabilities, class_names, 0.4321)


def everything(**changes):
    arguments = {
        "title": "LeNet on digits",
        "config": CONFIG,
        "history": HISTORY,
        "gradient_norms": NORMS,
        "gradient_report": VERDICTS,
        "evaluation": evaluation(),
        "mistakes": np.random.default_rng(0).random((2, 8, 8, 1)),
    }
    return arguments | changes


class Page(HTMLParser):
    """The page's visible words, its images, and the tags that are left open."""

    VOID = frozenset({"meta", "img", "br", "link"})

    def __init__(self, html):
        super().__init__()
        self.words, self.images, self.open, self.tags, self.urls = [], [], [], set(), []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        values = dict(attributes)
        self.urls += [values[name] for name in ("src", "href") if name in values]
        if tag == "img":
            self.images.append(values)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.words.append(data)


def page_of(path):
    page = Page(path.read_text(encoding="utf-8"))
    page.close()
    assert not page.open
    return page


@pytest.fixture
def blank(monkeypatch):
    """Spares a report the drawing: what it asks for becomes empty figures."""
    for name in list(vars(report)):
        if name.startswith("plot_"):
            monkeypatch.setattr(report, name, lambda *_, **__: Figure(figsize=(1, 1)))


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    path = write_report(tmp_path_factory.mktemp("run"), **everything())
    return path, page_of(path)


def test_every_figure_is_written_and_stands_in_the_page(full):
    path, page = full
    assert path.name == "report.html"
    files = {file.stem: file.read_bytes() for file in (path.parent / "figures").iterdir()}
    assert set(files) == FIGURES
    embedded = [base64.b64decode(image["src"].removeprefix("data:image/png;base64,")) for image in page.images]
    assert sorted(embedded) == sorted(files.values())
    assert all(Image.open(io.BytesIO(png)).width > 300 for png in embedded)
    assert all(image["alt"] for image in page.images)


def test_the_page_needs_no_network(full):
    _, page = full
    assert all(url.startswith("data:") for url in page.urls)
    assert not {"script", "link", "iframe"} & page.tags
    assert "url(" not in full[0].read_text() and "@import" not in full[0].read_text()


def test_headline_numbers_are_there(full):
    text = full[1].text
    # Wilson by hand: p = 0.9, n = 20, z = 1.96
    assert "Test accuracy 90.00 % 95 % Wilson interval 69.90 to 97.21 %, n = 20 images" in text
    assert "Test loss 0.4321 nats" in text
    assert (
        "Weights of epoch 3 lowest validation loss, 0.9 nats, in epoch 2; without patience the last weights count"
        in text
    )
    assert "Parameters 61,706" in text and "Training time 3 min 05 s" in text and "Seed 7" in text


def test_every_figure_is_explained(full):
    text = full[1].text
    for heading in ("Loss.", "Accuracy.", "Learning rate.", "Gradient norms.", "Confusion matrix.", "most confident"):
        assert heading in text
    assert "Calibration." in text
    assert "lowest in epoch 2 of 3" in text
    assert "“dog” taken for “eel”, 2 times" in text


def test_tables_hold_classes_verdicts_configuration_and_versions(full):
    text = full[1].text
    assert "dog 1.000 0.750 0.857 8" in text and "eel 0.500 1.000 0.667 2" in text
    # 5/6, 2.75/3, (1 + 6/7 + 2/3)/3; (10 + 8 + 1)/20, 18/20, (10 + 8 * 6/7 + 2 * 2/3)/20
    assert "mean of the classes 0.833 0.917 0.841" in text and "weighted by support 0.950 0.900 0.910" in text
    assert "expected calibration error: 0.100" in text  # 0.9 right at a stated 0.8
    assert "conv1 1e-05 0 ↓ vanishing" in text and "conv2 0.25 0 ✓ healthy" in text
    assert "dense1 NaN 7 ✕ non-finite" in text and "dense2 3e+04 0 ↑ exploding" in text
    assert "logits 0 0 ∅ no gradient" in text
    assert "learning_rate 0.00012345 decay.name step decay.drop 0.5 patience none augment yes" in text
    assert f"keras_course {keras_course.__version__}" in text and "tensorflow 2." in text


def test_dark_light_and_print_are_styled(full):
    source = full[0].read_text()
    assert "prefers-color-scheme: dark" in source and "@media print" in source and "color-scheme: light dark" in source


def test_everything_is_escaped(tmp_path):
    evil = "<script>alert('&')</script>"
    verdicts = pd.DataFrame({"<b>col": ["<i>1"], "verdict": [evil]}, index=[evil])
    page = page_of(
        write_report(
            tmp_path,
            **everything(
                title=evil,
                config={evil: evil, "seed": evil, "versions": {evil: evil}},
                evaluation=evaluation(("a<b>", "$x_&$", evil)),
                gradient_report=verdicts,
            ),
        )
    )
    assert not {"script", "b>", "i"} & page.tags
    assert page.text.count(evil) >= 8
    assert "“$x_&$” taken for “<script>" in page.text


def test_a_run_with_nothing_yet_has_a_page_without_figures(tmp_path):
    path = write_report(tmp_path / "deep" / "run", title="empty", config={}, history=None)
    page = page_of(path)
    assert not page.images and "Nothing has been measured yet." in page.text
    assert [file.name for file in path.parent.rglob("*")] == ["report.html"]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"history": HISTORY[["loss"]]}, {"accuracy", "learning_rate"}),
        ({"history": HISTORY.iloc[:0]}, {"loss", "accuracy", "learning_rate"}),
        ({"gradient_norms": None, "gradient_report": None}, {"gradient_norms"}),
        ({"gradient_norms": pd.DataFrame(), "gradient_report": pd.DataFrame()}, {"gradient_norms"}),
        ({"mistakes": None}, {"mistakes"}),
        ({"mistakes": np.zeros((0, 8, 8, 1))}, {"mistakes"}),
        ({"evaluation": None, "mistakes": None}, {"confusion_matrix", "reliability", "mistakes"}),
    ],
)
def test_what_is_missing_is_left_out(tmp_path, blank, changes, missing):
    path = write_report(tmp_path, **everything(**changes))
    assert {file.stem for file in (tmp_path / "figures").iterdir()} == FIGURES - missing
    assert len(page_of(path).images) == len(FIGURES - missing)


def test_a_rate_by_steps_is_drawn_as_its_law_and_one_by_epochs_as_a_stair():
    cycle = {"law": "OneCycle", **OneCycle(0.1, epochs=3).get_config()}
    for decay, highest in ((cycle, 0.1), ({"law": "StepDecay", "initial_rate": 0.1, "drop": 0.5, "every": 2}, 0.05)):
        history = pd.DataFrame({"learning_rate": [0.004, 0.05, 0.01]})  # the first rate of each epoch
        drawings = dict(training_drawings(history, None, {}, decay))
        (line,) = drawings["learning_rate"]().axes[0].lines
        assert line.get_ydata().max() == pytest.approx(highest, rel=0.01)
    plt.close("all")


def test_a_perfect_classifier_is_reported(tmp_path):
    perfect = ClassifierEvaluation(np.array([0, 1]), np.eye(2), ("a", "b"), 0.0)
    none = np.zeros((0, 8, 8, 1))
    text = page_of(write_report(tmp_path, **everything(**NO_TRAINING, evaluation=perfect, mistakes=none))).text
    assert "Here there is no mistake at all." in text and "100.00 %" in text


def test_every_verdict_of_the_monitor_has_a_mark():
    norms = pd.DataFrame({"a": [np.nan], "b": [0.0], "c": [1e-5], "d": [2e3], "e": [0.1], "f": [1.0]})
    verdicts = judge_gradients(norms, norms)["verdict"]
    assert len(set(verdicts)) == 5
    assert set(verdicts) == set(report.VERDICT_MARKS)


def test_class_names_that_the_font_lacks_do_not_fail(tmp_path):
    """Matplotlib warns of them, and this suite, like `python -W error`, makes errors of warnings."""
    write_report(tmp_path, **everything(**NO_TRAINING, evaluation=evaluation(("日本", "dog", "eel"))))
    assert "“dog” taken for “eel”" in page_of(tmp_path / "report.html").text


def test_pictures_with_transparency_are_shown(tmp_path):
    mistakes = np.random.default_rng(0).random((2, 8, 8, 4))
    path = write_report(tmp_path, **everything(**NO_TRAINING, mistakes=mistakes))
    assert len(page_of(path).images) == len({"confusion_matrix", "reliability", "mistakes"})


def test_a_diverged_run_is_reported(tmp_path):
    broken = HISTORY.assign(loss=np.nan, val_loss=np.inf)
    changes = {"history": broken, "gradient_norms": NORMS * np.nan, "evaluation": None, "mistakes": None}
    text = page_of(write_report(tmp_path, **everything(**changes))).text
    assert "Weights of epoch" not in text and "Gradient norms." in text


def test_no_figure_stays_open_and_no_setting_changes(tmp_path):
    mine, before = plt.figure(), dict(mpl.rcParams)
    write_report(tmp_path, **everything())
    assert plt.get_fignums() == [mine.number] and dict(mpl.rcParams) == before


def test_a_crash_leaves_the_old_report_and_no_scraps(tmp_path, blank, monkeypatch):
    path = write_report(tmp_path, **everything())
    old = path.read_bytes()
    replace = os.replace

    def crash(source, target):
        if str(target).endswith(".html"):
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(OSError, match="disk full"):
        write_report(tmp_path, **everything(title="new"))
    assert path.read_bytes() == old
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evaluation": None}, "`evaluation` must be the one that found the 2 `mistakes`. Received: evaluation=None"),
        (
            {"mistakes": np.zeros((3, 8, 8, 1))},
            r"`mistakes` must be misclassified images, 2 in `evaluation`\. Received: len\(mistakes\)=3",
        ),
        ({"gradient_norms": -NORMS}, "`norms` must be >= 0"),
        ({"history": {"loss": [1.0]}}, "`history` must be a pandas.DataFrame or None. Received: a dict"),
        ({"gradient_report": [1]}, "`gradient_report` must be a pandas.DataFrame or None. Received: a list"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        write_report(tmp_path / "run", **everything(**changes))
    assert not (tmp_path / "run").exists() and not plt.get_fignums()


def test_a_file_as_run_folder_is_refused(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(ValueError, match="`run_dir` must be a folder. Received: run_dir=.*, a file"):
        write_report(tmp_path / "run", **everything())


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (12.34, "12.3 s"), (59.97, "1 min 00 s"), (3725, "62 min 05 s")]
)
def test_training_time_is_readable(tmp_path, seconds, text):
    path = write_report(tmp_path, title="time", config={"training_seconds": seconds}, history=None)
    assert f"Training time {text} " in page_of(path).text
