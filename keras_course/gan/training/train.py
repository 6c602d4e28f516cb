"""Trains a GAN from start, or from where it was interrupted, to a report."""

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import keras

from keras_course.callbacks import LearningRateDecay
from keras_course.data import ImageData
from keras_course.gan.model.gan import GAN
from keras_course.gan.training.collapse_alarm import NOT_FINITE, CollapseAlarm
from keras_course.gan.training.progress import GANProgress, pack, unpack
from keras_course.gan.training.rate import FollowGeneratorRate, rate_proportion
from keras_course.gan.training.report import write_gan_report
from keras_course.gan.training.run import GANRun
from keras_course.gan.training.sample_grid import SampleGrid
from keras_course.gan.training.settings import check, describe, with_initial_rate
from keras_course.runs import EpochSeeds, NonFiniteLossError, RunFolder
from keras_course.runs.folder import HISTORY, SCORES

if TYPE_CHECKING:
    from keras_course.gan.judging.reference import Reference

SAMPLES, FILM = "samples", "samples.gif"
SCORES_A_RUN = 10


def train_gan(
    gan: GAN,
    data: ImageData,
    *,
    epochs: int,
    decay: LearningRateDecay | None = None,
    reference: "Reference | None" = None,
    score_every: int | None = None,
    score_count: int = 1_000,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    seed: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> GANRun:
    """Trains a compiled GAN on `data.train`, watches it for collapse, and judges its images by a scorecard.

    Epoch k depends on the weights, `seed` and k alone (the order of the images on the seed of `data`), so a run that
    was killed and started again with `resume=True` ends with the weights of the uninterrupted one.

    Args:
        gan: A compiled GAN. Its first weights are the caller's to seed.
        data: As `load_images` gives it.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        decay: One of `keras_course.callbacks`' decays, of the generator's rate; the discriminator's keeps its
            proportion to it. None keeps both as they are.
        reference: What generated images are compared with, from `load_reference`; None makes no scorecard, and the
            alarm doesn't look at classes.
        score_every: Integer >= 1. Makes the scorecard each so many epochs, and at the end; None does about ten.
        score_count: Integer >= 4, generated images a scorecard.
        run_dir: Folder for `config.json`, `history.csv`, `scorecard.csv`, `samples/epoch_NNN.png`, `samples.gif`,
            `figures/`, `model.keras`, `checkpoint.npz` and `report.html`; None writes nothing.
        resume: Whether to go on with the run in `run_dir`. An empty folder starts one.
        seed: Integer >= 0, of latents, dropout and the images that are looked at.
        callbacks: More Keras callbacks for `fit`.
        verbose: 0 silent, 1 progress bar, 2 one line an epoch.

    Returns:
        The run.

    Raises:
        ValueError: If an argument is out of range, or `run_dir` holds a run and `resume` is false or its settings
            differ.
        NonFiniteLossError: If a loss, or a weight, turns NaN or infinite.

    Note: As with `train_classifier`, the same seeds give the same weights to the bit on one machine; another number of
        cores may differ in the last bits of each step, and training amplifies that.
    """
    check(gan, data, epochs, reference, score_every, score_count, run_dir, resume, seed)
    decay = with_initial_rate(decay, gan)
    config = describe(gan, data, epochs, decay, seed)
    folder = None if run_dir is None else RunFolder(run_dir, config, resume=resume)
    proportion = None if decay is None else rate_proportion(gan)
    progress = GANProgress() if folder is None or folder.checkpoint is None else unpack(folder.checkpoint, gan)
    if progress.epochs < epochs:
        score = None
        if reference is not None:
            score = partial(_score, gan, reference, progress, score_count, seed)
        keep = KeepGANProgress(
            progress,
            score=score,
            score_every=score_every or max(1, epochs // SCORES_A_RUN),
            epochs=epochs,
            save=partial(_save, folder, gan, progress),
        )
        rates = [] if decay is None else [decay, FollowGeneratorRate(proportion)]
        gan.fit(
            data.train_from(progress.epochs),
            initial_epoch=progress.epochs,
            epochs=epochs,
            shuffle=False,  # the data set shuffles itself
            callbacks=[
                EpochSeeds(seed),
                *rates,
                *callbacks,
                _alarm(progress, reference, data, seed),
                *_grids(folder, seed),
                keep,
            ],
            verbose=verbose,
        )
    return _finish(gan, data, progress, folder, config)


class KeepGANProgress(keras.callbacks.Callback):
    """Collects the logs, makes scorecards, and saves a checkpoint after each sound epoch; the last of the callbacks.

    Args:
        progress: Filled in place; the alarm's findings are in it.
        score: Makes the scorecard of an epoch, or None.
        score_every: Integer >= 1, epochs.
        epochs: Integer >= 1, of the whole run.
        save: Called after each sound epoch.
    """

    def __init__(
        self,
        progress: GANProgress,
        *,
        score: Callable[[int], None] | None,
        score_every: int,
        epochs: int,
        save: Callable[[], None],
    ):
        super().__init__()
        self.progress = progress
        self._score, self._score_every = score, score_every
        self._epochs = epochs
        self._save = save
        self._began = self._rate = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock, and notes the rate that the epoch is trained with."""
        self._began = time.perf_counter()
        self._rate = float(self.model.generator_optimizer.learning_rate)

    def on_epoch_end(self, epoch, logs=None):
        """Adds the epoch to the progress, unless a figure or a weight is not finite."""
        if any(finding.kind == NOT_FINITE for finding in self.progress.findings):
            return
        row = {name: float(figure) for name, figure in (logs or {}).items() if not name.startswith("grad_norm/")}
        row |= {"learning_rate": self._rate, "seconds": round(time.perf_counter() - self._began, 3)}
        self.progress.rows.append(row)
        if self._score and ((epoch + 1) % self._score_every == 0 or epoch + 1 == self._epochs):
            self._score(epoch)
        self._save()


def _alarm(progress: GANProgress, reference: "Reference | None", data: ImageData, seed: int) -> CollapseAlarm:
    """Makes the alarm, whose memory is the progress."""

    def classify(images: Any) -> Any:
        return reference.classifier.classify(images).classes  # type: ignore[union-attr]

    alarm = CollapseAlarm(
        real=data.train_examples.images[:: max(1, data.train_size // 1000)],
        classify=None if reference is None else classify,
        class_names=data.class_names,
        seed=seed,
    )
    alarm.findings, alarm.streaks = progress.findings, progress.streaks
    return alarm


def _grids(folder: RunFolder | None, seed: int) -> list[SampleGrid]:
    return [] if folder is None else [SampleGrid(folder.path / SAMPLES, film=folder.path / FILM, seed=seed)]


def _score(gan: GAN, reference: "Reference", progress: GANProgress, count: int, seed: int, epoch: int) -> None:
    """Judges images that the sample grid doesn't show."""
    from keras_course.gan.judging.scores import scorecard

    labels = gan.labels_for(count)
    card = scorecard(gan.generate(count, seed=seed + 1, labels=labels), reference, labels=labels)
    progress.scores[epoch] = {str(name): float(figure) for name, figure in card.items()}


def _save(folder: RunFolder | None, gan: GAN, progress: GANProgress) -> None:
    if folder is None:
        return
    folder.write_table(HISTORY, progress.history)
    if progress.scores:
        folder.write_table(SCORES, progress.scorecard)
    folder.write_checkpoint(pack(gan, progress))


def _finish(
    gan: GAN, data: ImageData, progress: GANProgress, folder: RunFolder | None, config: dict[str, Any]
) -> GANRun:
    """Writes model and report; raises if a figure is not finite, after that."""
    config = {**config, "training_seconds": round(sum(row["seconds"] for row in progress.rows), 1)}
    run = GANRun(
        gan=gan,
        history=progress.history,
        scorecard=progress.scorecard,
        findings=tuple(progress.findings),
        config=config,
        run_dir=None if folder is None else folder.path,
    )
    broken = next((finding for finding in run.findings if finding.kind == NOT_FINITE), None)
    if folder is not None:
        folder.write_config(config)
        if broken is None:
            folder.write_model(gan)
        write_gan_report(run, folder.path / SAMPLES)
    if broken is not None:
        raise NonFiniteLossError(f"epoch {broken.epoch + 1}: {broken.message}")
    return run
