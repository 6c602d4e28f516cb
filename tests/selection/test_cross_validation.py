"""cross_validate: the same folds for all, no test image, early stopping apart from the fold, resume, bad input."""

import json
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from keras_course.data import Examples, ImageData, load_images
from keras_course.models import build_perceptron
from keras_course.selection import contenders, cross_validate
from keras_course.selection.folds import pool_examples

TEST_PIXEL = 255


def flat(images):
    return images.reshape(len(images), -1) / 255


def svm(**options):
    return make_pipeline(FunctionTransformer(flat), SVC(**options))


@pytest.fixture(scope="module")
def data(digits_dir):
    """200 digits; the first pixel of each, else blank, is its number, and 255 in the test images."""
    digits = load_images("digits", validation_fraction=0, data_dir=digits_dir)
    images, labels = digits.train_examples.images[:210].copy(), digits.train_examples.labels[:210]
    images[:200, 0, 0, 0], images[200:, 0, 0, 0] = np.arange(200), TEST_PIXEL
    parts = [Examples(images[part], labels[part]) for part in (slice(150), slice(150, 200), slice(200, 210))]
    return ImageData("few digits", digits.class_names, *parts, batch_size=64)


def numbers(images):
    return np.asarray(images)[:, 0, 0, 0].tolist()


class Spy(BaseEstimator):
    """Takes every image for the class 1 and remembers which images it was shown."""

    seen = []

    def fit(self, images, labels):
        Spy.seen.append(["fit", numbers(images)])
        return self

    def predict(self, images):
        Spy.seen.append(["predict", numbers(images)])
        return np.ones(len(images), int)


@pytest.fixture(scope="module")
def network(data, tmp_path_factory):
    """A perceptron in two folds, stopped early; with what it was trained, stopped and scored on."""
    seen = []

    def watched(function, note):
        def call(*args, **kwargs):
            note(args[1])
            return function(*args, **kwargs)

        return call

    def note_training(part):
        seen.append((numbers(part.train_examples.images), numbers(part.validation_examples.images), part.test_size))

    def note_scoring(dataset):
        seen.append([round(255 * pixel) for images, _ in dataset for pixel in numbers(images)])

    folder = tmp_path_factory.mktemp("runs") / "perceptron"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contenders, "train_classifier", watched(contenders.train_classifier, note_training))
        patch.setattr(contenders, "evaluate", watched(contenders.evaluate, note_scoring))
        options = {"folds": 2, "epochs": 8, "patience": 2, "learning_rate": 0.05, "run_dir": folder}
        return cross_validate(build_perceptron, data, **options), seen, folder


def test_network_and_estimator_meet_the_same_folds_and_no_test_image(network, data):
    result, seen, _ = network
    Spy.seen.clear()
    spied = cross_validate(Spy(), data, folds=2)
    np.testing.assert_array_equal(result.assignment, spied.assignment)
    assert result.config["folds_digest"] == spied.config["folds_digest"]
    for fold, (training, held_out) in enumerate(zip(seen[::2], seen[1::2], strict=True), start=1):
        (_, shown), (_, asked) = Spy.seen[2 * fold - 2 : 2 * fold]
        trained, stopped, test_size = training
        assert sorted(trained + stopped) == shown
        assert held_out == asked == np.flatnonzero(result.assignment == fold).tolist()
        assert sorted(shown + asked) == list(range(200))
        assert len(stopped) == 10, "a tenth of the 100 images that a fold trains on decides when to stop"
        assert test_size == 0, "what is trained has no sight of the fold held out"


def test_scores_of_a_network(network):
    result, _, folder = network
    assert list(result.scores.index) == [1, 2]
    assert (result.scores["accuracy"] > 0.5).all()
    assert (result.scores["loss"] > 0).all()
    assert result.scores["epochs"].between(1, 8).all()
    assert result.scores[["train_size", "test_size"]].to_numpy().tolist() == [[100, 100], [100, 100]]
    assert result.name == "perceptron"
    assert repr(result).startswith(f"CrossValidation('perceptron', accuracy {result.mean:.4f} ± ")
    pd.testing.assert_frame_equal(pd.read_csv(folder / "fold_scores.csv", index_col="fold"), result.scores)
    assignment = pd.read_csv(folder / "assignment.csv", index_col="example")["fold"]
    np.testing.assert_array_equal(assignment, result.assignment)
    config = json.loads((folder / "config.json").read_text())
    assert (config["folds"], config["training"]["epochs"], config["validation_fraction"]) == (2, 8, 0.1)


def test_weights_of_a_fold_depend_on_the_seed_alone(network, data):
    np.random.default_rng().random(3)
    options = {"folds": 2, "epochs": 8, "patience": 2, "learning_rate": 0.05}
    again = cross_validate(build_perceptron, data, **options)
    pd.testing.assert_frame_equal(
        again.scores.drop(columns="seconds"), network[0].scores.drop(columns="seconds"), check_exact=True
    )


def test_estimators_score_what_scikit_learn_finds(data):
    result = cross_validate(svm(C=10), data, folds=4, seed=3)
    images = np.concatenate([data.train_examples.images, data.validation_examples.images])
    labels = np.concatenate([data.train_examples.labels, data.validation_examples.labels])
    splits = StratifiedKFold(4, shuffle=True, random_state=3)
    expected = cross_val_score(svm(C=10), images, labels, cv=splits)
    np.testing.assert_allclose(result.accuracies, expected)
    assert result.mean == pytest.approx(expected.mean())
    assert result.standard_deviation == pytest.approx(expected.std(ddof=1))
    assert np.isnan(result.loss), "an SVM has no probabilities"


def test_loss_is_the_log_loss_of_the_probabilities(data):
    forest = make_pipeline(FunctionTransformer(flat), RandomForestClassifier(30, random_state=1))
    result = cross_validate(lambda input_shape, num_classes: forest, data, folds=2)
    images, labels = (np.concatenate(pair) for pair in zip(data.train_examples, data.validation_examples, strict=True))
    first = result.assignment == 1
    forest.fit(images[~first], labels[~first])
    expected = log_loss(labels[first], forest.predict_proba(images[first]))
    assert result.scores.loc[1, "loss"] == pytest.approx(expected)


class Tenths(BaseEstimator):
    """Gives each class the same probability in float32, where ten tenths are not 1."""

    def fit(self, images, labels):
        self.classes_ = np.unique(labels)
        return self

    def predict(self, images):
        return np.zeros(len(images), int)

    def predict_proba(self, images):
        return np.full((len(images), 10), 0.1001, np.float32)


def test_probabilities_that_sum_to_one_nearly_are_taken_for_what_they_mean(data):
    assert cross_validate(Tenths(), data, folds=2).loss == pytest.approx(np.log(10))


def test_estimators_without_a_random_state_get_the_seed(data):
    forest = make_pipeline(FunctionTransformer(flat), RandomForestClassifier(3))
    one, same, other = (cross_validate(forest, data, folds=2, seed=seed).accuracies for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert forest[-1].random_state is None, "the caller's is left alone"


class Dies(BaseEstimator):
    """Fails in the third fold while `alive` is false, as a process that is killed there."""

    alive = False

    def fit(self, images, labels):
        if not Dies.alive and Dies.fits == 2:
            raise KeyboardInterrupt
        Dies.fits += 1
        return self

    def predict(self, images):
        return np.asarray(images)[:, 0, 0, 0] % 10


def test_interrupted_it_goes_on_with_the_folds_that_are_left(data, tmp_path):
    Dies.alive, Dies.fits = False, 0
    with pytest.raises(KeyboardInterrupt):
        cross_validate(Dies(), data, folds=5, run_dir=tmp_path / "run")
    assert len(pd.read_csv(tmp_path / "run/fold_scores.csv")) == 2
    Dies.alive, told = True, []
    resumed = cross_validate(
        Dies(), data, folds=5, run_dir=tmp_path / "run", resume=True, on_fold=lambda fold, _: told.append(fold)
    )
    assert Dies.fits == 5, "finished folds are not trained again"
    assert told == [1, 2, 3, 4, 5]
    whole = cross_validate(Dies(), data, folds=5)
    pd.testing.assert_frame_equal(
        resumed.scores.drop(columns="seconds"), whole.scores.drop(columns="seconds"), check_exact=True
    )


def test_resume_knows_a_network_that_keras_named_itself(data, tmp_path):
    def unnamed(shape, classes):
        return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(classes)])

    options = {"folds": 2, "epochs": 1, "name": "mine", "run_dir": tmp_path / "run"}
    first = cross_validate(unnamed, data, **options)
    pd.testing.assert_frame_equal(cross_validate(unnamed, data, **options, resume=True).scores, first.scores)


def test_other_settings_and_folders_in_use_are_refused(network, data, tmp_path):
    folder = tmp_path / "run"
    cross_validate(svm(), data, folds=2, run_dir=folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match="`run_dir` must be a new or empty folder"):
        cross_validate(svm(), data, folds=2, run_dir=folder)
    for changes, named in (({"folds": 3}, "folds was 2, now 3"), ({"seed": 1}, "seed was 0, now 1")):
        with pytest.raises(ValueError, match=named):
            cross_validate(svm(), data, **{"folds": 2, "run_dir": folder, "resume": True, **changes})
    with pytest.raises(ValueError, match=r"training\.settings was .*SVC\(random_state=\d+\).*now .*SVC\(C=3"):
        cross_validate(svm(C=3), data, folds=2, run_dir=folder, resume=True)
    with pytest.raises(ValueError, match=r"training\.epochs was 8, now 4; .*training\.optimizer\.learning_rate was"):
        cross_validate(build_perceptron, data, folds=2, epochs=4, patience=2, run_dir=network[2], resume=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "fold,accuracy\n1,0.5\n",
        "fold,accuracy,loss,seconds,epochs,train_size,test_size\n9,1,1,1,1,1,1\n",
        "fold,accuracy,loss,seconds,epochs,train_size,test_size\n1,0.9\n",
    ],
)
def test_damaged_scores_are_named(data, tmp_path, text):
    cross_validate(svm(), data, folds=2, run_dir=tmp_path / "run")
    (tmp_path / "run/fold_scores.csv").write_text(text)
    with pytest.raises(ValueError, match="`resume` needs whole scores. Received: .*fold_scores.csv, damaged"):
        cross_validate(svm(), data, folds=2, run_dir=tmp_path / "run", resume=True)


@pytest.mark.parametrize(
    ("build", "options", "message"),
    [
        (svm(), {"folds": 1}, "`folds` must be"),
        (svm(), {"seed": -1}, "`seed` must be"),
        (svm(), {"epochs": 0}, "`epochs` must be"),
        (svm(), {"validation_fraction": 1}, "`validation_fraction` must be"),
        (svm(), {"resume": True}, "`resume` needs the folder"),
        (svm(), {"verbose": "loud"}, "`verbose` must be"),
        (svm(), {"patience": 3}, "`settings` must be left out: they are for networks. Received: patience"),
        (SVC, {}, "`build` must be a callable.*Received: build=<class"),
        (3, {}, "`build` must be a callable.*Received: build=3"),
        (lambda shape, classes: None, {}, "`build` must return a Keras model or an estimator.*a NoneType"),
        (build_perceptron, {"patience": 0}, "`patience` must be"),
        (build_perceptron, {"optimizer": "adamm"}, "`optimizer` must be"),
        (build_perceptron, {"callbacks": []}, "`settings` must be among optimizer.*Received: callbacks"),
        (lambda shape, classes: build_perceptron(shape, 11), {}, "`model` must map images"),
    ],
)
def test_bad_arguments_are_named_before_anything_is_written(data, tmp_path, build, options, message):
    folder = {} if "resume" in options else {"run_dir": tmp_path / "run"}
    with pytest.raises(ValueError, match=message):
        cross_validate(build, data, **{"folds": 2, **folder, **options})
    assert not (tmp_path / "run").exists()


def test_data_must_be_image_data(data):
    with pytest.raises(ValueError, match="`data` must be the ImageData.*a tuple"):
        cross_validate(svm(), (1, 2))


def test_class_weight_reaches_estimators_as_scikit_learn_has_it(data):
    uneven = replace(data, train_examples=Examples(*(part[:120] for part in data.train_examples)))
    pool = pool_examples(uneven.without_test())
    for given, expected in (
        ("balanced", "balanced"),
        ({"1": 9.0, 4: 0.2}, {**dict.fromkeys(range(10), 1.0), 1: 9.0, 4: 0.2}),
    ):
        result = cross_validate(svm(C=0.02), uneven, folds=3, class_weight=given)
        folds = StratifiedKFold(3, shuffle=True, random_state=0)
        scores = cross_val_score(svm(C=0.02, class_weight=expected), pool.images, pool.labels, cv=folds)
        np.testing.assert_allclose(result.accuracies, scores)
        assert not np.allclose(scores, cross_validate(svm(C=0.02), uneven, folds=3).accuracies)


def test_class_weight_is_refused_by_name_where_an_estimator_has_none(data):
    with pytest.raises(ValueError, match="`class_weight` must be left out: no step .*'balanced', estimator=Spy"):
        cross_validate(Spy(), data, folds=2, class_weight="balanced")
    with pytest.raises(ValueError, match="`class_weight` must have class indices"):
        cross_validate(svm(), data, folds=2, class_weight={"eleven": 2})


def test_balanced_is_by_the_training_images_of_each_fold(data, monkeypatch):
    seen = []
    monkeypatch.setattr(
        contenders, "train_classifier", lambda model, images, **training: seen.append(training) or Trained(model)
    )
    result = cross_validate(build_perceptron, data, folds=2, epochs=1, class_weight="balanced")
    assert [training["class_weight"] for training in seen] == ["balanced"] * 2
    assert result.config["training"]["class_weight"] == "balanced"
    result = cross_validate(build_perceptron, data, folds=2, epochs=1, class_weight={3: 2})
    assert result.config["training"]["class_weight"] == [1, 1, 1, 2, 1, 1, 1, 1, 1, 1]


class Trained:
    """Stands for a run of one epoch that left its model as it was."""

    def __init__(self, model):
        self.model, self.history = model, [None]
