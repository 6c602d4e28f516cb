"""Trains a GANimation from start, or from where it was interrupted, to a report."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import keras

from keras_course.adversarial import (
    Finding,
    FollowGeneratorRate,
    collapse_verdict,
    rate_proportion,
)
from keras_course.adversarial.description import describe_two_nets
from keras_course.applications.ganimation.evaluating import FaceEvaluation, evaluate_faces
from keras_course.applications.ganimation.mask_alarm import MaskAlarm
from keras_course.applications.ganimation.model import GANimation
from keras_course.applications.ganimation.regressor import load_unit_regressor
from keras_course.applications.ganimation.report import SAMPLES, write_ganimation_report
from keras_course.applications.ganimation.unit_grid import UnitGrid
from keras_course.callbacks import LearningRateDecay, anchored
from keras_course.data import FaceData, TrueFaces
from keras_course.runs import Run, RunSettings, fit
from keras_course.runs.kinds import owning_run_dir

logger = logging.getLogger(__name__)

FILM, EVALUATION = "samples.gif", "evaluation.csv"
LOOKED_AT = 50  # faces, by the alarm
ROWS = 6  # of the sample grid


@dataclass(frozen=True, kw_only=True)
class GANimationSettings(RunSettings):
    """The arguments of `train_ganimation`, which explains them."""

    decay: LearningRateDecay | None = None
    truth: TrueFaces | None = None

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.truth, TrueFaces | None):
            raise ValueError(
                f"`truth` must be TrueFaces, from load_true_faces, or None. Received: a {type(self.truth).__name__}"
            )

    def check(self, model: object, data: object) -> None:
        """Raises a ValueError unless model, data and truth fit each other."""
        if not isinstance(model, GANimation) or not model.compiled:
            raise ValueError(f"`model` must be a compiled GANimation. Received: model={model!r}")
        if not isinstance(data, FaceData):
            raise ValueError(f"`data` must be the FaceData that load_faces returns. Received: data={data!r}")
        wanted, own = (tuple(data.input_shape), data.num_classes), (tuple(model.image_shape), model.num_units)
        if own != wanted:
            raise ValueError(
                f"`model` must be for images {wanted[0]} of {wanted[1]} units like those of {data.name!r}. "
                f"Received: one for images {own[0]} of {own[1]} units"
            )
        if self.truth is not None and (self.truth.images.shape[1:], self.truth.wanted.shape[1]) != wanted:
            raise ValueError(f"`truth` must be of images {wanted[0]}. Received: {self.truth.images.shape[1:]}")


@dataclass(frozen=True, eq=False, kw_only=True)
class GANimationRun(Run):
    """The outcome of `train_ganimation`.

    Args:
        model: The trained GANimation.
        history: Index = epoch (0-based): the metrics of `GANimation`, `collapse` (how many alarms ring),
            `learning_rate` (of the generator) and `seconds`.
        evaluation: Against the true pictures; None without them.
        config: What made the run, as in `config.json`.
        run_dir: The run folder, or None.
        findings: What the alarm saw, in the order of the epochs.
        ringing: Whether an alarm still rings at the end.

    Example:
        >>> import pandas as pd
        >>> from keras_course.adversarial import Finding
        >>> from keras_course.applications.ganimation import GANimationRun
        >>> outcome = {"model": None, "history": pd.DataFrame(), "evaluation": None, "config": {}, "run_dir": None}
        >>> GANimationRun(**outcome, findings=(Finding(3, "the mask is shut", ""),), ringing=True).verdict
        'collapsed: the mask is shut from epoch 4'
    """

    evaluation: FaceEvaluation | None
    findings: tuple[Finding, ...]
    ringing: bool
    truth: TrueFaces | None = None

    @property
    def verdict(self) -> str:
        """What the alarm says about the whole training."""
        return collapse_verdict(self.findings, self.ringing)


def train_ganimation(
    model: GANimation,
    data: FaceData,
    *,
    epochs: int,
    decay: LearningRateDecay | None = None,
    truth: TrueFaces | None = None,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> GANimationRun:
    """Trains a compiled GANimation on `data.train`, watches its mask, and judges it by true pictures at the end.

    A run that was killed and started again with `resume=True` ends with the weights of the uninterrupted one, as with
    `train_classifier`.

    Args:
        model: A compiled GANimation. Its first weights are the caller's to seed.
        data: As `load_faces` gives it.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        decay: One of `keras_course.callbacks`' decays, of the generator's rate; the discriminator's keeps its
            proportion to it. None keeps both as they are.
        truth: True pictures, from `load_true_faces`, looked at after the last epoch; None judges nothing.
        seed: Integer >= 0, see `RunSettings`.
        run_dir: Folder for `config.json`, `history.csv`, `evaluation.csv`, `samples/epoch_NNN.png`, `samples.gif`,
            `figures/`, `model.keras`, `checkpoint.npz` and `report.html`; None writes nothing.
        resume: Whether to go on with the run in `run_dir`.
        callbacks: More Keras callbacks for `fit`.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch.

    Returns:
        The run.

    Raises:
        ValueError: If an argument is out of range, or `run_dir` holds a run and `resume` is false or its settings
            differ.
        NonFiniteLossError: If a loss, or a weight, turns NaN or infinite.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.ganimation import GANIMATION_RECIPES, train_ganimation
        >>> from keras_course.data import FaceData
        >>> random = np.random.default_rng(0)
        >>> data = FaceData.from_arrays(random.random((20, 16, 16, 3)), random.random((20, 2)), batch_size=8)
        >>> model = GANIMATION_RECIPES["ganimation"].build(data.input_shape, 2)
        >>> train_ganimation(model, data, epochs=1, verbose=0).verdict
        'no collapse: the alarm saw nothing'

    Source: deck, chapter 8; Pumarola et al. (2018), arXiv:1807.09251.
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data")}
    return run_ganimation(model, data, GANimationSettings(**settings))


@owning_run_dir
def run_ganimation(model: GANimation, data: FaceData, settings: GANimationSettings) -> GANimationRun:
    """Trains with settings that are checked already, see `train_ganimation`."""
    settings.check(model, data)
    _warn_of_head_start(model.head_start, settings.epochs, data)
    decay = anchored(settings.decay, [model.generator_optimizer, model.discriminator_optimizer])
    rates = [] if decay is None else [decay, FollowGeneratorRate(rate_proportion(model))]
    alarm = MaskAlarm(data.train_examples.images[:LOOKED_AT], data.train_examples.units[:LOOKED_AT])
    fitted = fit(
        model,
        replace(data, validation_examples=None),  # its losses say nothing
        settings,
        config=describe_ganimation(model, data, settings, decay),
        states=[alarm],
        before=rates,
        after=[alarm, *_grids(settings.run_dir, data)],
    )
    evaluation = None
    if settings.truth is not None and not fitted.failure:
        data_dir = data_folder_of(data)
        evaluation = evaluate_faces(
            model, settings.truth, load_unit_regressor(settings.truth.judging, data_dir=data_dir)
        )
    run = GANimationRun(
        model=model,
        history=fitted.history,
        evaluation=evaluation,
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        findings=tuple(alarm.findings),
        ringing=bool(alarm.ringing),
        truth=settings.truth,
    )
    fitted.close(partial(write_ganimation_report, run), {} if evaluation is None else {EVALUATION: evaluation.table})
    return run


def _warn_of_head_start(head_start: int, epochs: int, data: FaceData) -> None:
    """Warns of a training that is too short for the generator to begin."""
    steps = epochs * -(-data.train_size // data.batch_size)
    if head_start >= steps:
        text = "the discriminator's head start, %d steps, takes all %d: the generator stays as it is; "
        text += "more than %d epochs train it"
        logger.warning(text, head_start, steps, head_start * epochs // steps)


def describe_ganimation(
    model: GANimation, data: FaceData, settings: GANimationSettings, decay: LearningRateDecay | None
) -> dict[str, object]:
    """Returns what makes a run, JSON-serialisable, see `describe_run`."""
    own = ("loss_weights", "critic_steps", "head_start", "noise")
    return describe_two_nets("ganimation", model, data, settings, decay, **{name: getattr(model, name) for name in own})


def _grids(run_dir: str | os.PathLike | None, data: FaceData) -> list[UnitGrid]:
    if run_dir is None:
        return []
    faces = data.test_examples if data.test_size else data.train_examples
    return [UnitGrid(Path(run_dir, SAMPLES), faces.images[:ROWS], faces.units[:ROWS], film=Path(run_dir, FILM))]


def data_folder_of(data: FaceData) -> Any:
    """Returns the folder of prepared data that faces of tfds were read from; else None."""
    source = data.source or {}
    place = Path(source["path"]) if source.get("kind") == "tfds" else None
    return None if place is None else place.parents[len(Path(data.name).parts)]
