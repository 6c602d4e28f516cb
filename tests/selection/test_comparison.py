"""compare_models: table, intervals that hold at once, report, and what is refused before the first training."""

import re
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.base import BaseEstimator

from keras_course.data import Examples, ImageData
from keras_course.evaluation import paired_difference
from keras_course.selection import Contender, compare_models, write_comparison_report
from keras_course.selection.looks import Look

LABELS = np.arange(120) % 4


class Wrong(BaseEstimator):
    """Is wrong about every image whose number is in `errors`, which its second pixel holds."""

    fits = 0

    def __init__(self, errors=()):
        self.errors = errors

    def fit(self, images, labels):
        Wrong.fits += 1
        return self

    def predict(self, images):
        number = images[:, 0, 1, 0].astype(int)
        return np.where(np.isin(number, self.errors), 3 - number % 4, number % 4)


def data(labels=LABELS):
    images = np.zeros((120, 2, 2, 1), np.uint8)
    images[:, 0, 1, 0] = np.arange(120)
    none = Examples(images[:1], labels[:1])
    return ImageData("numbers", tuple("abcd"), Examples(images, labels), None, none)


RNG = np.random.default_rng(1)
CONTENDERS = [
    Contender("sure", Wrong(tuple(RNG.choice(120, 6, replace=False))), data()),
    Contender("mistaken", Wrong(tuple(range(0, 120, 2))), data()),
    Contender("alike", Wrong(tuple(RNG.choice(120, 7, replace=False))), data()),
]
FINAL = Look("sure", "numbers", 0.95, 0.9, 0.98, 0.1, 1234, "2026-01-01 10:00 UTC", 1)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "compare"
    return compare_models(CONTENDERS, folds=4, run_dir=folder), folder


def test_table_has_each_model_and_its_difference_from_the_first(run):
    comparison, folder = run
    table, accuracies = comparison.table, comparison.accuracies
    assert list(table.index) == ["sure", "mistaken", "alike"]
    np.testing.assert_allclose(table["accuracy"], [114 / 120, 60 / 120, 113 / 120])
    np.testing.assert_allclose(table["standard_deviation"], accuracies.std(ddof=1))
    assert table.loc["sure", ["difference", "low", "verdict"]].isna().all()
    expected = paired_difference(
        accuracies["mistaken"], accuracies["sure"], train_size=90, test_size=30, confidence=0.975
    )
    row = table.loc["mistaken"]
    assert (row.difference, row.low, row.high, row.p_value) == pytest.approx(
        (expected.mean, expected.low, expected.high, expected.p_value)
    )
    assert list(table["verdict"])[1:] == ["worse", "no difference shown"]
    written = pd.read_csv(folder / "comparison.csv", index_col="model")
    np.testing.assert_allclose(written["accuracy"], table["accuracy"])


def test_resumed_when_finished_it_trains_nothing_and_gives_the_same(run):
    comparison, folder = run
    before = Wrong.fits
    told = []
    again = compare_models(
        CONTENDERS, folds=4, run_dir=folder, resume=True, on_fold=lambda name, fold, scores: told.append((name, fold))
    )
    assert Wrong.fits == before
    assert told == [(one.name, fold) for one in CONTENDERS for fold in (1, 2, 3, 4)]
    pd.testing.assert_frame_equal(again.table, comparison.table, check_exact=True)


def test_report_shows_table_figures_and_the_final_evaluation(run):
    comparison, folder = run
    page = write_comparison_report(comparison, folder, final=FINAL).read_text()
    assert {path.name for path in (folder / "figures").iterdir()} == {"fold_scores.png", "differences.png"}
    assert page.count("data:image/png;base64,") == 2
    text = re.sub(r"<[^>]+>", " ", page)
    for part in ("sure against mistaken against alike on numbers", "▼ worse", "= no difference shown", "0.9500"):
        assert part in text
    assert "1,234 test images" in text
    assert "had not been looked at in this folder before" in text


def test_report_says_when_the_test_images_were_looked_at_before(run, tmp_path):
    again = replace(FINAL, look=2)
    assert "look number 2 at the test images" in write_comparison_report(run[0], tmp_path, final=again).read_text()


def test_one_model_alone_has_no_difference(tmp_path):
    comparison = compare_models(CONTENDERS[:1], folds=3)
    assert comparison.differences == {}
    page = write_comparison_report(comparison, tmp_path).read_text()
    assert not (tmp_path / "figures/differences.png").exists()
    assert "On the test images" not in page


def test_differences_without_spread_have_no_interval(tmp_path):
    twins = [CONTENDERS[0], Contender("twin", CONTENDERS[0].build, data())]
    comparison = compare_models(twins, folds=3)
    assert comparison.table.loc["twin", "verdict"] == "no difference shown"
    assert "no spread" in write_comparison_report(comparison, tmp_path).read_text()


def test_a_report_needs_a_folder(run, tmp_path):
    (tmp_path / "file").write_text("precious")
    with pytest.raises(ValueError, match="`run_dir` must be a folder.*a file"):
        write_comparison_report(run[0], tmp_path / "file")


@pytest.mark.parametrize(
    ("contenders", "options", "message"),
    [
        ([], {}, "`contenders` must be a sequence of at least 1"),
        (CONTENDERS[:1] * 2, {}, "`contenders` must have different names. Received: sure, sure"),
        (
            [CONTENDERS[0], Contender("other", Wrong(), data(LABELS[::-1]))],
            {},
            "`contenders` must have data with the same",
        ),
        ([CONTENDERS[0], Contender("bad", Wrong(), data(), {"epochs": 0})], {}, "`epochs` must be"),
        ([Contender("../up", Wrong(), data())], {}, r"`contenders` must have names fit for folders.*'\.\./up'"),
        *(
            ([CONTENDERS[0], Contender(name, Wrong(), data())], {}, f"`contenders` must have names.*Received: {name!r}")
            for name in ("figures", "Figures", "comparison.csv", "CONFIG.json", "report.html", "history.csv")
        ),
        ([Contender("final_evaluation.json", Wrong(), data())], {}, "`contenders` must have names"),
        ([Contender("x" * 300, Wrong(), data())], {}, "`contenders` must have names fit for folders.*at most 100"),
        ([Contender(3, Wrong(), data())], {}, "`contenders` must have names fit for folders.*Received: 3"),
        ([Contender("Sure", Wrong(), data()), CONTENDERS[0]], {}, "must have different names.* Received: Sure, sure"),
        ([Contender("\ufb01ne", Wrong(), data()), Contender("fine", Wrong(), data())], {}, "must have different names"),
        (
            [Contender("a.", Wrong(), data()), Contender("a", Wrong(), data())],
            {},
            "`contenders` must have names fit for",
        ),
        ([Contender("CON", Wrong(), data())], {}, "`contenders` must have names fit for folders.*'CON'"),
        (["sure"], {}, "`contenders` must be Contender objects. Received: 'sure'"),
        ([CONTENDERS[0], Contender("bad", Wrong(), data(), "epochs")], {}, "`settings` must be a mapping.*'epochs'"),
        ([CONTENDERS[0], Contender("bad", Wrong(), data(), {"class_weight": "even"})], {}, "`class_weight` must be"),
        (CONTENDERS, {"folds": 31}, "`folds` must be at most"),
        (CONTENDERS, {"confidence": 0}, "`confidence` must be"),
        (CONTENDERS, {"resume": True}, "`resume` needs the folder"),
    ],
)
def test_bad_arguments_are_named_before_the_first_training(tmp_path, contenders, options, message):
    folder = {} if "resume" in options else {"run_dir": tmp_path / "run"}
    before = Wrong.fits
    with pytest.raises(ValueError, match=message):
        compare_models(contenders, **{"folds": 2, **folder, **options})
    assert Wrong.fits == before
    assert not (tmp_path / "run").exists()


class Picky(Wrong):
    """Can be fitted to 40 images or more; what it predicts, `answer` makes of the number of images."""

    def __init__(self, answer=np.zeros, smallest=40):
        self.answer, self.smallest = answer, smallest

    def fit(self, images, labels):
        if len(images) < self.smallest:
            raise RuntimeError(f"needs {self.smallest} images")
        return self

    def predict(self, images):
        return self.answer(len(images))


def integers(count):
    return np.zeros(count, int)


def names(count):
    return np.full(count, "a")


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (
            Picky(integers, smallest=61),
            "`contenders` must fit their data. Received: 'last', which fails.*needs 61 images",
        ),
        (Picky(names), "`contenders` must fit their data. Received: 'last', which fails"),
    ],
)
def test_an_estimator_that_cannot_work_shows_before_the_first_training(tmp_path, last, message):
    before = Wrong.fits
    with pytest.raises(ValueError, match=message):
        compare_models([*CONTENDERS[:1], Contender("last", last, data())], folds=2, run_dir=tmp_path / "run")
    assert Wrong.fits == before
    assert not (tmp_path / "run").exists()


def test_an_estimator_that_needs_many_images_is_tried_with_more():
    comparison = compare_models([*CONTENDERS[:1], Contender("last", Picky(integers), data())], folds=2)
    np.testing.assert_allclose(comparison.table.loc["last", "accuracy"], 0.25)


def test_a_network_that_fails_on_an_image_shows_before_the_first_training(tmp_path):
    class Odd(keras.layers.Layer):
        def call(self, x):
            tf.debugging.assert_less(x, -1.0, "no image is so dark")
            return x

    def build(shape, classes):
        image = keras.Input(shape)
        return keras.Model(image, keras.layers.Dense(classes)(keras.layers.Flatten()(Odd()(image))))

    before = Wrong.fits
    with pytest.raises(ValueError, match="`contenders` must fit their data. Received: 'net', which fails.*so dark"):
        compare_models([*CONTENDERS[:1], Contender("net", build, data())], folds=2, run_dir=tmp_path / "run")
    assert Wrong.fits == before


def test_a_file_in_place_of_a_folder_shows_before_the_first_training(tmp_path):
    (tmp_path / "alike").write_text("precious")
    before = Wrong.fits
    with pytest.raises(ValueError, match="`run_dir` must be a folder. Received: run_dir='.*alike', a file"):
        compare_models(CONTENDERS, folds=2, run_dir=tmp_path)
    assert Wrong.fits == before
    assert [path.name for path in tmp_path.iterdir()] == ["alike"]


def test_settings_that_differ_from_a_finished_contenders_show_before_the_first_training(tmp_path):
    compare_models(CONTENDERS, folds=2, run_dir=tmp_path)
    (tmp_path / "sure/fold_scores.csv").unlink()  # has to be trained again
    other = [*CONTENDERS[:2], replace(CONTENDERS[2], build=Wrong((5,)))]
    before = Wrong.fits
    with pytest.raises(ValueError, match="`resume` needs the settings of the run in .*alike"):
        compare_models(other, folds=2, run_dir=tmp_path, resume=True)
    assert Wrong.fits == before
