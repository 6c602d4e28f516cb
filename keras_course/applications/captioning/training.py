"""Trains a captioner from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from keras_course.applications.captioning.evaluating import evaluate_on
from keras_course.applications.captioning.exporting import check_captioner
from keras_course.applications.captioning.losses import caption_loss, shown_words_loss
from keras_course.applications.captioning.report import write_captioning_report
from keras_course.callbacks import LearningRateDecay
from keras_course.data import CaptionData
from keras_course.data.vocabulary import PADDING
from keras_course.evaluation import CaptionEvaluation
from keras_course.runs.kinds import owning_run_dir
from keras_course.training.settings import check_trainable
from keras_course.training.supervised import NORMS, SupervisedRun, SupervisedSettings, fit_watched


@dataclass(frozen=True, kw_only=True)
class CaptionerSettings(SupervisedSettings):
    """The arguments of `train_captioner`, which explains them."""

    def check(self, model: Any, data: Any) -> None:
        """Raises a ValueError unless `model` is a captioner for images and words of `data`."""
        check_trainable(model, data, CaptionData, "load_captions")
        known = check_captioner(model)
        received = tuple(model.inputs[0].shape[1:]), known
        if received != (data.input_shape, data.num_classes):
            raise ValueError(
                f"`model` must know the {data.num_classes} words of {data.name!r}, special ones included, and images "
                f"{data.input_shape}. Received: a model of {known} words for images {received[0]}"
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class CaptionerRun(SupervisedRun):
    """The outcome of `train_captioner`.

    Args:
        model: The trained model, with the best weights if `patience` was given, else the last ones.
        history: Index = epoch (0-based); loss, logits_loss, not_shown_loss, the three of them on the validation images,
            learning_rate and seconds.
        evaluation: On the test images, of greedy captions; None if the data had none.
        gradient_norms: Index = step, one column per layer: L2 norm of the gradient that each step applied.
        gradient_report: Index = layer: median norm, ratio to the last layer's, update ratio, verdict.
        best_epoch: The epoch (0-based) whose weights the model has.

    Example:
        >>> from keras_course.applications.captioning import CaptionerRun
        >>> CaptionerRun.__mro__[1].__name__
        'SupervisedRun'
    """

    evaluation: CaptionEvaluation | None


def train_captioner(
    model: keras.Model,
    data: CaptionData,
    *,
    epochs: int,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float | None = None,
    decay: LearningRateDecay | None = None,
    patience: int | None = None,
    weight_decay: float | None = None,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> CaptionerRun:
    """Trains a captioner on `data.train`, watches its gradients, and evaluates its greedy captions of `data.test`.

    What is minimised is the sum of `caption_loss`, with the true words before each word (teacher forcing), and
    `shown_words_loss`. Of an image with several captions one is drawn for each step. A caption that is longer than the
    model's is cut off. All else is as in `train_classifier`: a run that was killed and started again with `resume=True`
    ends with the weights of the uninterrupted one.

    Args:
        model: From `build_captioner`. Its first weights are the caller's to seed.
        data: As `load_captions` gives it.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        optimizer: Name of a Keras optimizer, or one, of which a fresh copy is used.
        learning_rate: Float > 0, in epoch 0, with a cosine the highest; None takes the optimizer's.
        decay: One of `keras_course.callbacks`' decays, or None for a constant rate.
        patience: Integer >= 1. Stops after so many epochs without a lower validation loss and restores the best
            weights; None runs all epochs and keeps the last ones.
        weight_decay: Float >= 0, decoupled from the gradient, on kernels but not on biases or scales.
        seed: Integer >= 0, see `RunSettings`.
        run_dir: Folder of the run; None writes nothing.
        resume: Whether to go on with the run in `run_dir`.
        callbacks: More Keras callbacks for `fit`.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch.

    Returns:
        The run.

    Raises:
        ValueError: If an argument is out of range, the model doesn't fit the data, or `run_dir` holds a run and
            `resume` is false or its settings differ.
        NonFiniteLossError: If the loss, or a weight, turns NaN or infinite.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.captioning import train_captioner
        >>> from keras_course.data import CaptionData
        >>> from keras_course.models import build_captioner
        >>> data = CaptionData.from_arrays(np.zeros((10, 32, 32, 1), np.uint8), ["a cat"] * 10)
        >>> model = build_captioner(data.input_shape, len(data.vocabulary), units=8, length=4, width=0.1)
        >>> run = train_captioner(model, data, epochs=1, verbose=0)
        >>> run.evaluation.num_images
        2

    Source: deck, chapter 8, "Image captioning"; Vinyals et al. (2015), arXiv:1411.4555; Xu et al. (2015).
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data")}
    return run_captioner(model, data, CaptionerSettings(**settings))


@owning_run_dir
def run_captioner(model: keras.Model, data: CaptionData, settings: CaptionerSettings) -> CaptionerRun:
    """Trains with settings that are checked already, see `train_captioner`."""
    optimizer, decay = settings.prepare(model, data)
    config = settings.describe("captioner", model, data, optimizer, decay)
    _compile(model, optimizer)
    fitted, watched = fit_watched(
        model, TaughtWords(data, model), settings, config=config, decay=decay, last_layer="logits"
    )
    judged = not fitted.failure and data.test_size
    run = CaptionerRun(
        model=model,
        history=fitted.history,
        evaluation=evaluate_on(model, data.test_examples, data.class_names) if judged else None,
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        **watched,
    )
    title = f"{model.name} on {data.name}{': the loss is not finite' if fitted.failure else ''}"
    fitted.close(partial(write_captioning_report, run, title), {NORMS: run.gradient_norms})
    return run


def _compile(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    model.compile(optimizer, {"logits": caption_loss, "not_shown": shown_words_loss})
    # Makes the variables of losses and metrics: a first step that makes them is traced a second time without.
    some = {name: tf.zeros((1, *output.shape[1:])) for name, output in model.output.items()}
    words = tf.zeros((1, model.inputs[1].shape[1]), tf.int32)
    model.compute_loss(y=dict.fromkeys(some, words), y_pred=some)
    model.reset_metrics()


class TaughtWords:
    """Gives the batches of captions as inputs and targets: each word, and the one that comes next.

    Args:
        data: Batches of (images, words).
        model: From `build_captioner`.
    """

    def __init__(self, data: CaptionData, model: keras.Model):
        self._data, self._length = data, model.inputs[1].shape[1]

    @property
    def validation(self) -> tf.data.Dataset | None:
        """The validation batches, with the first caption of each image, or None."""
        return None if self._data.validation is None else self._taught(self._data.validation, None)

    def train_from(self, epoch: int) -> tf.data.Dataset:
        """The training batches from an epoch on."""
        return self._taught(self._data.train_from(epoch), self._data.seed)

    def _taught(self, batches: tf.data.Dataset, seed: int | None) -> tf.data.Dataset:
        def batch(step, taught):
            images, words = taught
            count = tf.reduce_sum(tf.cast(words[..., 0] != PADDING, tf.int32), axis=1)
            chosen = tf.zeros_like(count)
            if seed is not None:  # the order of the images differs from epoch to epoch, so the choice does too
                drawn = tf.random.stateless_uniform(tf.shape(count), tf.stack([tf.constant(seed, tf.int64), step]))
                chosen = tf.cast(drawn * tf.cast(count, tf.float32), tf.int32)
            rows = tf.gather(words, chosen, batch_dims=1)[:, : self._length + 1]
            rows = tf.pad(rows, [[0, 0], [0, self._length + 1 - tf.shape(rows)[1]]])
            rows = tf.ensure_shape(rows, (None, self._length + 1))
            return (images, rows[:, :-1]), {"logits": rows[:, 1:], "not_shown": rows[:, 1:]}

        return batches.enumerate().map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
