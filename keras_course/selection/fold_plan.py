"""A cross-validation before it starts: its arguments checked, its folds dealt, its model described."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_course.arguments import require_integer, require_number
from keras_course.data import Examples, ImageData
from keras_course.runs.description import package_versions
from keras_course.selection.contenders import Build, describe_contender, make_contender
from keras_course.selection.folds import assign_folds, fold_data, folds_digest, pool_examples

EPOCHS = 20  # of a network, unless told otherwise


@dataclass(frozen=True, eq=False)
class FoldPlan:
    """What is trained in each fold, and on which images.

    Args:
        build: As for `cross_validate`.
        data: Without test images.
        pool: The examples that are dealt out.
        assignment: int64 of shape (n,): the fold, from 1, that holds each of them out.
        validation_fraction: Float in [0, 1), the share of a fold's training images that stops its training early.
        seed: Integer >= 0.
        training: Keyword arguments of `train_classifier`, but for the seed, for networks.
        config: What makes the scores, JSON-serialisable.
    """

    build: Build | Any
    data: ImageData
    pool: Examples
    assignment: np.ndarray
    validation_fraction: float
    seed: int
    training: Mapping[str, Any]
    config: dict[str, Any]

    @property
    def folds(self) -> int:
        """K."""
        return int(self.assignment.max())

    def prepare(self, fold: int) -> tuple[Any, ImageData, dict[str, Any]]:
        """Returns the untrained model of a fold, its images, and the keyword arguments of its training.

        Args:
            fold: Integer in [1, folds].
        """
        seed = int(np.random.SeedSequence([self.seed, fold]).generate_state(1)[0] >> 1)  # scikit-learn's ends at 2**31
        share = self.validation_fraction
        images = fold_data(self.data, self.pool, self.assignment, fold, validation_fraction=share, seed=seed)
        contender = make_contender(self.build, images, seed, self.training.get("class_weight"))
        return contender, images, {**self.training, "seed": seed}


@dataclass(frozen=True, kw_only=True)
class FoldSettings:
    """The arguments of `cross_validate` that all its models share, checked.

    Args:
        folds: Integer >= 2. K, default 5.
        seed: Integer in [0, 2**32), of the folds, and with the number of the fold of weights, dropout and whatever
            estimator has no `random_state` yet.
        validation_fraction: Float in (0, 1), default 0.1: the share of a fold's training images that decides when to
            stop early, if `patience` is given. The fold held out never does. Without `patience` nothing is kept back.

    Raises:
        ValueError: If an argument is out of range.
    """

    folds: int = 5
    seed: int = 0
    validation_fraction: float = 0.1

    def __post_init__(self):
        require_integer("folds", self.folds, at_least=2)
        require_integer("seed", self.seed, at_least=0, at_most=2**32 - 1)
        require_number("validation_fraction", self.validation_fraction, above=0, below=1)


def plan_folds(
    build: Build | Any, data: ImageData, fold_settings: FoldSettings, training: Mapping[str, Any], name: str | None
) -> FoldPlan:
    """Checks the arguments of `cross_validate`, which explains them, and deals out the folds; trains nothing.

    Args:
        build: As for `cross_validate`.
        data: As for `cross_validate`.
        fold_settings: Number of folds, seed and share of validation images.
        training: `epochs`, default 20, and what else networks are trained with.
        name: Of the model, default its own.

    Raises:
        ValueError: If one of them is out of range.
    """
    if not isinstance(data, ImageData):
        raise ValueError(f"`data` must be the ImageData that load_images returns. Received: a {type(data).__name__}")
    if not isinstance(training, Mapping):
        raise ValueError(f"`settings` must be a mapping, of arguments by name. Received: settings={training!r}")
    training = {"epochs": EPOCHS, **training}
    require_integer("epochs", training["epochs"], at_least=1)
    data = data.without_test()
    pool = pool_examples(data)
    seed, folds = fold_settings.seed, fold_settings.folds
    assignment = assign_folds(pool.labels, folds, seed)
    share = 0.0 if training.get("patience") is None else fold_settings.validation_fraction
    plan = FoldPlan(build, data, pool, assignment, share, seed, training, {})
    about = describe_contender(*plan.prepare(1))
    plan.config.update(
        {
            "kind": "cross-validation",
            "model": name or about["name"],
            "data": data.name,
            **({} if data.source is None else {"data_digest": data.source.get("digest")}),
            "input_shape": list(data.input_shape),
            "folds": folds,
            "seed": seed,
            "folds_digest": folds_digest(pool.labels, assignment),
            "validation_fraction": share,
            "training": about,
            "versions": package_versions(),
        }
    )
    return plan
