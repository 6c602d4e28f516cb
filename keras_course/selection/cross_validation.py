"""K-fold cross-validation of networks and classical pipelines: the same folds, one score per fold, no test image."""

import csv
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_course.data import ImageData
from keras_course.reading import read_text
from keras_course.runs import RunFolder
from keras_course.runs.kinds import owning_run_dir
from keras_course.runs.settings import check_run
from keras_course.selection.contenders import Build, Score, train_and_score
from keras_course.selection.fold_plan import EPOCHS, FoldPlan, FoldSettings, plan_folds

FOLD_SCORES, ASSIGNMENT = "fold_scores.csv", "assignment.csv"
OnFold = Callable[[int, Mapping[str, float]], None]
COLUMNS = ["accuracy", "loss", "seconds", "epochs", "train_size", "test_size"]


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """What a model scored on each of the folds that it wasn't trained on.

    Args:
        name: Of the model.
        scores: Index = fold, from 1; `accuracy` in [0, 1]; `loss`, the mean cross-entropy in nats, NaN without
            probabilities; `seconds` of training and scoring; `epochs`, NaN but for networks; `train_size`, the images
            of the other folds, those that stop a training early included; `test_size`, the images held out.
        assignment: int64 of shape (n,): the fold that holds out each example, training examples first, then validation.
        config: What made the scores.

    Example:
        >>> import numpy as np
        >>> import pandas as pd
        >>> scores = pd.DataFrame({"accuracy": [0.98, 0.96], "loss": [0.1, 0.2]}, index=[1, 2])
        >>> CrossValidation("lenet", scores, np.array([1, 2, 1, 2]), {})
        CrossValidation('lenet', accuracy 0.9700 ± 0.0141 over 2 folds)
    """

    name: str
    scores: pd.DataFrame
    assignment: np.ndarray
    config: dict[str, Any]

    @property
    def accuracies(self) -> np.ndarray:
        """The accuracy on each fold, shape (folds,)."""
        return self.scores["accuracy"].to_numpy()

    @property
    def mean(self) -> float:
        """The mean accuracy of the folds, which the deck says to report."""
        return float(self.accuracies.mean())

    @property
    def standard_deviation(self) -> float:
        """The standard deviation of the folds' accuracies, divided by folds - 1.

        It tells how much one fold differs from the next. It is not the error of the mean: folds share training images.
        """
        return float(self.accuracies.std(ddof=1))

    @property
    def loss(self) -> float:
        """The mean cross-entropy of the folds in nats, NaN without probabilities."""
        return float(self.scores["loss"].mean(skipna=False))

    def __repr__(self) -> str:
        spread = f"{self.mean:.4f} ± {self.standard_deviation:.4f}"
        return f"CrossValidation({self.name!r}, accuracy {spread} over {len(self.scores)} folds)"


@owning_run_dir
def cross_validate(
    build: Build | Any,
    data: ImageData,
    *,
    folds: int = 5,
    epochs: int = EPOCHS,
    seed: int = 0,
    validation_fraction: float = 0.1,
    name: str | None = None,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    verbose: int = 0,
    on_fold: OnFold | None = None,
    **settings: Any,
) -> CrossValidation:
    """Trains a model anew for each of K folds, on the images of the others, and scores it on the fold held out.

    The folds divide the training and validation images of `data`, every class in proportion. They depend on the labels,
    `folds` and `seed` alone, so a network and a support vector machine meet the same ones. The test images are taken
    away before anything else is done: they are for `final_evaluation`.

    Args:
        build: Callable of (input_shape, num_classes) that returns a Keras model with logits, such as those of
            `MODEL_BUILDERS`, or an estimator; or an unfitted scikit-learn estimator of images uint8
            (n, height, width, channels), such as `recognition_pipeline` gives, of which each fold gets a copy.
        data: As `load_images` gives it.
        folds: Integer >= 2. K, default 5.
        epochs: Integer >= 1, of a network, default 20.
        seed: Integer in [0, 2**32), of the folds, and with the number of the fold of weights, dropout and whatever
            estimator has no `random_state` yet.
        validation_fraction: Float in (0, 1), default 0.1: the share of a fold's training images that decides when to
            stop early, if `patience` is given. The fold held out never does. Without `patience` nothing is kept back.
        name: Of the model, default its own.
        run_dir: Folder for `config.json`, `assignment.csv` and, after each fold, `fold_scores.csv`; None writes
            nothing.
        resume: Whether to go on with the folds that are left in `run_dir`. An empty folder starts.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch, of networks.
        on_fold: Called with the number of each fold and its scores, those that `run_dir` has already included.
        settings: `optimizer`, `learning_rate`, `decay`, `patience` and `weight_decay` of `train_classifier`, for
            networks. `Recipe.settings` gives them, with `epochs`. `class_weight` as of `train_classifier`, for networks
            and for estimators with a parameter of that name; "balanced" is by the training images of each fold.

    Returns:
        The scores and the folds.

    Raises:
        ValueError: If an argument is out of range, a class has fewer images than folds, or `run_dir` holds a run and
            `resume` is false or its settings differ.
        NonFiniteLossError: If a network's loss turns NaN or infinite; finished folds are kept.

    Example:
        >>> from keras_course.classical import recognition_pipeline
        >>> from keras_course.data import load_images
        >>> result = cross_validate(recognition_pipeline("pixels", "tree"), load_images("digits"), folds=2)
        >>> result.scores["test_size"].tolist(), result.mean > 0.7
        ([719, 718], True)

    Source: deck, chapter 7, "Solution: Cross validation" and "K-fold Cross validation".
    """
    check_run(run_dir, resume, verbose)
    fold_settings = FoldSettings(folds=folds, seed=seed, validation_fraction=validation_fraction)
    plan = plan_folds(build, data, fold_settings, {"epochs": epochs, **settings}, name)
    folder, scores = open_folder(plan, run_dir, resume=resume)
    return run_plan(plan, folder, scores, verbose=verbose, on_fold=on_fold)


def open_folder(
    plan: FoldPlan, run_dir: str | os.PathLike | None, *, resume: bool
) -> tuple[RunFolder | None, dict[int, Score]]:
    """Returns the folder of a cross-validation, or None, and the scores of the folds that it has already.

    Raises:
        ValueError: As `cross_validate` does for `run_dir` and `resume`.
    """
    if run_dir is None:
        return None, {}
    folder = RunFolder(run_dir, plan.config, resume=resume)
    scores = read_scores(folder.path, plan.folds)
    folder.write_config(plan.config)
    folder.write_table(ASSIGNMENT, assignment_table(plan.pool.labels, plan.assignment))
    return folder, scores


def run_plan(
    plan: FoldPlan, folder: RunFolder | None, scores: dict[int, Score], *, verbose: int, on_fold: OnFold | None
) -> CrossValidation:
    """Trains and scores the folds that `scores` does not have yet, see `cross_validate`."""
    for fold in range(1, plan.folds + 1):
        if fold not in scores:
            held_out = int(np.count_nonzero(plan.assignment == fold))
            sizes = {"train_size": len(plan.assignment) - held_out, "test_size": held_out}
            scores[fold] = train_and_score(*plan.prepare(fold), verbose) | sizes
            if folder is not None:
                folder.write_table(FOLD_SCORES, scores_table(scores))
        if on_fold is not None:
            on_fold(fold, scores[fold])
    return CrossValidation(plan.config["model"], scores_table(scores), plan.assignment, plan.config)


def scores_table(scores: Mapping[int, Mapping[str, float]]) -> pd.DataFrame:
    """Returns one row per fold, in order."""
    folds = sorted(scores)
    table = pd.DataFrame([scores[fold] for fold in folds], pd.Index(folds, name="fold"), COLUMNS)
    return table.astype({"train_size": int, "test_size": int})


def read_scores(folder: Path, folds: int) -> dict[int, dict[str, float]]:
    """Reads the scores of the folds that are finished, exact to the bit; none if there is no such file.

    Raises:
        ValueError: If the file is damaged.
    """
    path = folder / FOLD_SCORES
    if not path.exists():
        return {}
    try:
        reader = csv.DictReader(read_text(path).splitlines(), strict=True)
        rows = list(reader)
        scores = {int(row["fold"]): {name: float(row[name] or "nan") for name in COLUMNS} for row in rows}
        sound = reader.fieldnames == ["fold", *COLUMNS] and len(scores) == len(rows)
        sound = sound and scores.keys() <= set(range(1, folds + 1))
        if not sound or not all(_sound(row) for row in scores.values()):
            raise ValueError("other columns, folds or accuracies")
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise ValueError(
            f"`resume` needs whole scores. Received: {path}, damaged; delete it to train all folds anew"
        ) from error
    return scores


def _sound(row: dict[str, float]) -> bool:
    sizes = row["train_size"], row["test_size"]
    return 0 <= row["accuracy"] <= 1 and all(1 <= size < 2**53 and size.is_integer() for size in sizes)


def assignment_table(labels: np.ndarray, assignment: np.ndarray) -> pd.DataFrame:
    """Returns a row an example, training examples first, then validation: its label and the fold that holds it out."""
    return pd.DataFrame({"label": labels, "fold": assignment}).rename_axis("example")
