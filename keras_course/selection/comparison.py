"""Several models on the same folds: a table of scores, and of differences that the folds do or don't show."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_course.arguments import require_number, require_sequence
from keras_course.data import ImageData
from keras_course.evaluation import PairedDifference, paired_difference
from keras_course.runs import RunFolder
from keras_course.runs.description import package_versions
from keras_course.runs.kinds import folder_of_run, owning_run_dir
from keras_course.runs.settings import check_run
from keras_course.selection.contenders import Build
from keras_course.selection.cross_validation import CrossValidation, open_folder, read_scores, run_plan
from keras_course.selection.fold_plan import FoldPlan, FoldSettings, plan_folds
from keras_course.selection.names import check_names
from keras_course.selection.trial import try_out

COMPARISON = "comparison.csv"


@dataclass(frozen=True, eq=False)
class Contender:
    """A model of a comparison.

    Args:
        name: Heads its row in the table and names its folder.
        build: As for `cross_validate`.
        data: The images as this model takes them; name and labels are those of all contenders.
        settings: Keyword arguments of `cross_validate` for networks: `epochs` (default 20), `optimizer`,
            `learning_rate`, `decay`, `patience`, `weight_decay`; for estimators too: `class_weight`.

    Example:
        >>> from keras_course.classical import recognition_pipeline
        >>> from keras_course.data import load_images
        >>> Contender("tree", recognition_pipeline("pixels", "tree"), load_images("digits")).settings
        {}
    """

    name: str
    build: Build | Any
    data: ImageData
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Comparison:
    """What several models scored on the same folds.

    Args:
        results: A cross-validation each; the first is the one that the others are compared with.
        confidence: In (0, 1), with which all intervals hold at once.
        config: What made it.

    Example:
        >>> import numpy as np
        >>> import pandas as pd
        >>> from keras_course.selection import CrossValidation
        >>> sizes = {"loss": [0.1, 0.1], "seconds": [1.0, 1.0], "train_size": [50, 50], "test_size": [50, 50]}
        >>> results = [
        ...     CrossValidation(name, pd.DataFrame({"accuracy": two} | sizes, [1, 2]), np.arange(100) % 2 + 1, {})
        ...     for name, two in (("lenet", [0.98, 0.97]), ("mlp", [0.95, 0.96]))
        ... ]
        >>> Comparison(tuple(results), 0.95, {}).table[["accuracy", "difference", "verdict"]]
               accuracy  difference              verdict
        model
        lenet     0.975         NaN                  NaN
        mlp       0.955       -0.02  no difference shown
    """

    results: tuple[CrossValidation, ...]
    confidence: float
    config: dict[str, Any]

    @property
    def accuracies(self) -> pd.DataFrame:
        """Accuracy in [0, 1], one row per fold, one column per model."""
        return pd.DataFrame({result.name: result.scores["accuracy"] for result in self.results})

    @cached_property
    def differences(self) -> dict[str, PairedDifference]:
        """The difference of each further model from the first, by its name.

        Each of m intervals has the confidence 1 - (1 - confidence) / m, so that all m hold at once with `confidence`
        (Bonferroni). The sizes are those of the mean fold.
        """
        first, *others = self.results
        if not others:
            return {}
        compare = partial(
            paired_difference,
            train_size=round(first.scores["train_size"].mean()),
            test_size=round(first.scores["test_size"].mean()),
            confidence=1 - (1 - self.confidence) / len(others),
        )
        return {other.name: compare(other.accuracies, first.accuracies) for other in others}

    @property
    def table(self) -> pd.DataFrame:
        """One row per model, in the order given.

        `accuracy` and `standard_deviation` of the folds; `loss` (nats, of an SVM uncalibrated); `seconds`, of all
        folds; `difference` from the first model, with `low` and `high` of its interval; `p_value`, not corrected for
        the number of models; `verdict`.
        """
        rows = {}
        for result in self.results:
            difference = self.differences.get(result.name)
            rows[result.name] = {
                "accuracy": result.mean,
                "standard_deviation": result.standard_deviation,
                "loss": result.loss,
                "seconds": float(result.scores["seconds"].sum()),
                "difference": getattr(difference, "mean", np.nan),
                **{name: getattr(difference, name, np.nan) for name in ("low", "high", "p_value", "verdict")},
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


@owning_run_dir
def compare_models(
    contenders: Sequence[Contender],
    *,
    folds: int = 5,
    seed: int = 0,
    validation_fraction: float = 0.1,
    confidence: float = 0.95,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    verbose: int = 0,
    on_fold: Callable[[str, int, Mapping[str, float]], None] | None = None,
    recipe: Mapping[str, Any] | None = None,
) -> Comparison:
    """Cross-validates several models on the same folds and compares each with the first.

    Everything is checked before the first training; estimators are fitted to a few images for that. A run that was
    killed and started again with `resume=True` does the folds that are left, and ends with the same scores.

    Args:
        contenders: At least one, of names that differ in more than case; first the one that the others have to beat.
        folds: Integer >= 2. K, default 5.
        seed: Integer in [0, 2**32), as for `cross_validate`.
        validation_fraction: Float in (0, 1), as for `cross_validate`.
        confidence: Float in (0, 1), default 0.95, with which all intervals hold at once.
        run_dir: Folder for `config.json`, `comparison.csv` and one folder per model, as `cross_validate` fills it; None
            writes nothing.
        resume: Whether to go on with the run in `run_dir`. An empty folder starts one.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch, of networks.
        on_fold: Called with name, fold and scores after each fold, those that `run_dir` has already included.
        recipe: What `compare_recipes` was given, for the record; None where it was not called.

    Returns:
        The comparison.

    Raises:
        ValueError: If an argument is out of range, names are the same or those of files of the run, a contender does
            not fit its data, the contenders' data have other labels, or `run_dir` holds a run and `resume` is false or
            its settings differ.
        NonFiniteLossError: If a network's loss turns NaN or infinite; finished folds are kept.

    Example:
        >>> from keras_course.classical import recognition_pipeline
        >>> from keras_course.data import load_images
        >>> from keras_course.selection import Contender
        >>> data = load_images("digits")
        >>> names = ("linear-svm", "tree")
        >>> contenders = [Contender(name, recognition_pipeline("pixels", name), data) for name in names]
        >>> compare_models(contenders, folds=3).table["verdict"].tolist()
        [nan, 'worse']

    Source: deck, chapter 7, "K-fold Cross validation"; Nadeau and Bengio (2003).
    """
    require_number("confidence", confidence, above=0, below=1)
    check_run(run_dir, resume, verbose)
    plans = _plans(contenders, FoldSettings(folds=folds, seed=seed, validation_fraction=validation_fraction))
    places = [None if run_dir is None else folder_of_run(Path(run_dir, plan.config["model"])) for plan in plans]
    config = {
        "kind": "comparison",
        "models": [plan.config["model"] for plan in plans],
        **{name: plans[0].config.get(name) for name in ("data", "data_digest", "folds", "seed", "folds_digest")},
        "confidence": confidence,
        **({} if recipe is None else {"recipe": dict(recipe)}),
        "versions": package_versions(),
    }
    unfinished = [plan for plan, place in zip(plans, places, strict=True) if not _is_finished(plan, place)]
    for plan in unfinished[1:]:  # the first one will show by itself
        try_out(plan)
    folder = None if run_dir is None else RunFolder(run_dir, config, resume=resume)
    if folder is not None:
        folder.write_config(config)
    opened = [open_folder(plan, place, resume=place is not None) for plan, place in zip(plans, places, strict=True)]
    results = []
    for plan, (own, scores) in zip(plans, opened, strict=True):
        name = plan.config["model"]
        tell = None if on_fold is None else lambda fold, scores, name=name: on_fold(name, fold, scores)
        results.append(run_plan(plan, own, scores, verbose=verbose, on_fold=tell))
    comparison = Comparison(tuple(results), confidence, config)
    if folder is not None:
        folder.write_table(COMPARISON, comparison.table)
    return comparison


def _plans(contenders: Sequence[Contender], settings: FoldSettings) -> list[FoldPlan]:
    """Plans all cross-validations, so that what is wrong with the last one shows before the first has cost hours."""
    require_sequence("contenders", contenders, at_least=1)
    for contender in contenders:
        if not isinstance(contender, Contender):
            raise ValueError(f"`contenders` must be Contender objects. Received: {contender!r}")
    check_names([contender.name for contender in contenders])
    plans = [plan_folds(one.build, one.data, settings, one.settings, one.name) for one in contenders]
    if len({plan.config["folds_digest"] for plan in plans}) > 1:
        raise ValueError("`contenders` must have data with the same labels in the same order. Received: different ones")
    return plans


def _is_finished(plan: FoldPlan, place: Path | None) -> bool:
    return place is not None and len(read_scores(place, plan.folds)) == plan.folds
