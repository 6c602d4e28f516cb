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
    """What each fold trains, on what.

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
        return make_contender(self.build, images, seed), images, {**self.training, "seed": seed}


def plan_folds(
    build: Build | Any,
    data: ImageData,
    folds: int,
    epochs: int,
    seed: int,
    validation_fraction: float,
    name: str | None,
    settings: Mapping[str, Any],
) -> FoldPlan:
    """Checks the arguments of `cross_validate`, which has them explained, and deals out the folds; trains nothing.

    Raises:
        ValueError: If one of them is out of range.
    """
    if not isinstance(data, ImageData):
        raise ValueError(f"`data` must be the ImageData that load_images returns. Received: a {type(data).__name__}")
    require_integer("epochs", epochs, at_least=1)
    require_number("validation_fraction", validation_fraction, above=0, below=1)
    data = data.without_test()
    pool = pool_examples(data)
    assignment = assign_folds(pool.labels, folds, seed)
    share = 0.0 if settings.get("patience") is None else validation_fraction
    plan = FoldPlan(build, data, pool, assignment, share, seed, {"epochs": epochs, **settings}, {})
    about = describe_contender(*plan.prepare(1))
    plan.config.update(
        {
            "model": name or about["name"],
            "data": data.name,
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
