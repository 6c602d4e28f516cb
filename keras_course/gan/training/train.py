"""Trains a GAN from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras
import pandas as pd

from keras_course.adversarial import Finding, FollowGeneratorRate, collapse_verdict, rate_proportion
from keras_course.adversarial.description import describe_two_nets
from keras_course.callbacks import LearningRateDecay, anchored
from keras_course.data import ImageData
from keras_course.gan.judging.reference import Reference
from keras_course.gan.model.clusters import clusters_of
from keras_course.gan.model.gan import GAN
from keras_course.gan.training.collapse_alarm import CollapseAlarm
from keras_course.gan.training.report import SAMPLES, write_gan_report
from keras_course.gan.training.sample_grid import SampleGrid
from keras_course.gan.training.scorecards import Scorecards
from keras_course.gan.training.settings import GANSettings
from keras_course.runs import Run, fit
from keras_course.runs.kinds import owning_run_dir

FILM = "samples.gif"


@dataclass(frozen=True, eq=False, kw_only=True)
class GANRun(Run):
    """The outcome of `train_gan`.

    Args:
        model: The trained GAN.
        history: Index = epoch (0-based): the metrics of `GAN`, `collapse` (how many alarms ring), `learning_rate` (of
            the generator) and `seconds`.
        evaluation: The last scorecard, see `scorecard`; None without a reference.
        config: What made the run, as in `config.json`.
        run_dir: The run folder, or None.
        scorecard: Index = epoch (0-based), one column per figure of `scorecard`; empty without a reference.
        findings: What the collapse alarm saw, in the order of the epochs.
        ringing: Whether an alarm still rings at the end.

    Example:
        >>> import pandas as pd
        >>> from keras_course.gan import Finding, GANRun
        >>> table, findings = pd.DataFrame(), (Finding(3, "one image", "all images are grey"),)
        >>> outcome = {"model": None, "history": table, "evaluation": None, "config": {}, "run_dir": None}
        >>> GANRun(**outcome, scorecard=table, findings=findings, ringing=True).verdict
        'collapsed: one image from epoch 4'
    """

    evaluation: pd.Series | None
    scorecard: pd.DataFrame
    findings: tuple[Finding, ...]
    ringing: bool

    @property
    def verdict(self) -> str:
        """What the collapse alarm says about the whole training."""
        return collapse_verdict(self.findings, self.ringing)


def train_gan(
    model: GAN,
    data: ImageData,
    *,
    epochs: int,
    decay: LearningRateDecay | None = None,
    reference: Reference | None = None,
    score_every: int | None = None,
    score_count: int = 1_000,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> GANRun:
    """Trains a compiled GAN on `data.train`, watches it for mode collapse, and judges its images by a scorecard.

    Epoch k depends on the weights, `seed` and k alone (the order of the images on the seed of `data`), so a run that
    was killed and started again with `resume=True` ends with the weights of the uninterrupted one.

    Args:
        model: A compiled GAN. Its first weights are the caller's to seed.
        data: As `load_images` gives it.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        decay: One of `keras_course.callbacks`' decays, of the generator's rate; the discriminator's keeps its
            proportion to it. None keeps both as they are.
        reference: What generated images are compared with, from `load_reference`; None makes no scorecard, and the
            alarm doesn't look at classes.
        score_every: Integer >= 1. Makes a scorecard every `score_every` epochs, and at the end; None makes about ten.
        score_count: Integer >= 4, generated images per scorecard.
        seed: Integer >= 0, of latents, dropout and the images that are looked at, see `RunSettings`.
        run_dir: Folder for `config.json`, `history.csv`, `scorecard.csv`, `samples/epoch_NNN.png`, `samples.gif`,
            `figures/`, `model.keras`, `checkpoint.npz` and `report.html`; None writes nothing.
        resume: Whether to continue the run in `run_dir`. An empty folder starts one.
        callbacks: More Keras callbacks for `fit`.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch.

    Returns:
        The run.

    Raises:
        ValueError: If an argument is out of range, or `run_dir` holds a run and `resume` is false or its settings
            differ.
        NonFiniteLossError: If a loss, or a weight, turns NaN or infinite.

    Example:
        >>> from keras_course.data import load_images
        >>> from keras_course.gan import GAN_RECIPES, train_gan
        >>> data = load_images("digits", batch_size=512)
        >>> run = train_gan(GAN_RECIPES["mlp"].build(data.input_shape), data, epochs=1, verbose=0)
        >>> len(run.history), run.verdict
        (1, 'no collapse: the alarm saw nothing')

    Source: deck, chapter 9.

    Note: As with `train_classifier`, the same seeds give the same weights to the bit on one machine; another number of
        cores may differ in the last bits of each step, and training amplifies that.
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data")}
    return run_gan(model, data, GANSettings(**settings))


@owning_run_dir
def run_gan(model: GAN, data: ImageData, settings: GANSettings) -> GANRun:
    """Trains with settings that are checked already, see `train_gan`."""
    settings.check(model, data)
    if (clusters := clusters_of(model.generator)) is not None and not clusters.adapted:
        clusters.adapt(data.train_examples.images, seed=settings.seed)
    decay = anchored(settings.decay, [model.generator_optimizer, model.discriminator_optimizer])
    rates = [] if decay is None else [decay, FollowGeneratorRate(rate_proportion(model))]
    alarm = CollapseAlarm.of_data(data, settings.reference, seed=settings.seed)
    scores = Scorecards(model, settings)
    fitted = fit(
        model,
        replace(data, validation_examples=None),  # a GAN has nothing to validate
        settings,
        config=describe_gan(model, data, settings, decay),
        states=[alarm, scores],
        before=rates,
        after=[alarm, *_grids(settings.run_dir, settings.seed)],
        tables=scores.tables,
    )
    run = GANRun(
        model=model,
        history=fitted.history,
        evaluation=scores.last,
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        scorecard=scores.table,
        findings=tuple(alarm.findings),
        ringing=bool(alarm.ringing),
    )
    fitted.close(partial(write_gan_report, run))
    return run


def describe_gan(
    gan: GAN, data: ImageData, settings: GANSettings, decay: LearningRateDecay | None
) -> dict[str, object]:
    """Returns what makes a run, JSON-serialisable, see `describe_run`."""
    own = ("conditional", "label_smoothing", "gradient_penalty", "precision")
    return describe_two_nets(
        "gan", gan, data, settings, decay, loss=gan.loss_name, **{name: getattr(gan, name) for name in own}
    )


def _grids(run_dir: str | os.PathLike | None, seed: int) -> list[SampleGrid]:
    return [] if run_dir is None else [SampleGrid(Path(run_dir, SAMPLES), film=Path(run_dir, FILM), seed=seed)]
