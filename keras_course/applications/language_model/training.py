"""Trains a language model from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras

from keras_course.applications.language_model.chain import check_language_model
from keras_course.applications.language_model.evaluating import evaluate_text
from keras_course.applications.language_model.report import write_language_model_report
from keras_course.arguments import require_number
from keras_course.callbacks import LearningRateDecay
from keras_course.data import TextData
from keras_course.evaluation import TextEvaluation
from keras_course.runs.kinds import owning_run_dir
from keras_course.training.settings import check_trainable
from keras_course.training.supervised import NORMS, SupervisedRun, SupervisedSettings, fit_watched


@dataclass(frozen=True, kw_only=True)
class LanguageModelSettings(SupervisedSettings):
    """The arguments of `train_language_model`, which explains them."""

    clip_norm: float | None = 1.0

    def __post_init__(self):
        super().__post_init__()
        if self.clip_norm is not None:
            require_number("clip_norm", self.clip_norm, above=0)

    def check(self, model: Any, data: Any) -> None:
        """Raises a ValueError unless `model` predicts the next token of `data`."""
        check_trainable(model, data, TextData, "load_text")
        check_language_model(model, data.vocabulary)

    def prepare(self, model: keras.Model, data: Any) -> tuple[keras.optimizers.Optimizer, LearningRateDecay | None]:
        """Prepares as for every task, and has the optimizer clip the norm of the whole gradient."""
        optimizer, decay = super().prepare(model, data)
        applied: Any = getattr(optimizer, "inner_optimizer", optimizer)
        if self.clip_norm is not None and not (applied.clipnorm or applied.clipvalue or applied.global_clipnorm):
            applied.global_clipnorm = self.clip_norm
        return optimizer, decay


@dataclass(frozen=True, eq=False, kw_only=True)
class LanguageModelRun(SupervisedRun):
    """The outcome of `train_language_model`.

    Args:
        model: The trained model, with the best weights if `patience` was given, else the last ones.
        history: Index = epoch (0-based); loss and val_loss in nats per token, learning_rate and seconds.
        evaluation: On the test documents.
        gradient_norms: Index = step, one column per layer: L2 norm of the gradient that each step applied.
        gradient_report: Index = layer: median norm, ratio to the last layer's, update ratio, verdict.
        best_epoch: The epoch (0-based) whose weights the model has.

    Example:
        >>> from keras_course.applications.language_model import LanguageModelRun
        >>> LanguageModelRun.__mro__[1].__name__
        'SupervisedRun'
    """

    evaluation: TextEvaluation | None


def train_language_model(
    model: keras.Model,
    data: TextData,
    *,
    epochs: int,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float | None = None,
    decay: LearningRateDecay | None = None,
    patience: int | None = None,
    weight_decay: float | None = None,
    clip_norm: float | None = 1.0,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> LanguageModelRun:
    """Trains a language model on `data.train`, watches its gradients, and evaluates it on the test documents.

    What is minimised is the cross-entropy of the next token, by backpropagation through the time of one window: the
    states are zero at the start of each. So the losses of the epochs are those of windows; the evaluation, which lets
    every token see at least 256 before it, is lower. All else is as in `train_classifier`: a run that was killed and
    started again with `resume=True` ends with the weights of the uninterrupted one.

    Args:
        model: From `build_language_model`. Its first weights are the caller's to seed.
        data: As `load_text` gives it.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        optimizer: Name of a Keras optimizer, or one, of which a fresh copy is used.
        learning_rate: Float > 0, in epoch 0, with a cosine or one cycle the highest; None takes the optimizer's.
        decay: One of `keras_course.callbacks`' decays, or None for a constant rate.
        patience: Integer >= 1. Stops after so many epochs without a lower validation loss and restores the best
            weights; None runs all epochs and keeps the last ones.
        weight_decay: Float >= 0, decoupled from the gradient, on kernels but not on biases.
        clip_norm: Float > 0, the largest L2 norm of the gradient of all weights together; a longer one is shortened to
            it. None, or an optimizer that clips in a way of its own, leaves it.
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
        >>> from keras_course.applications.language_model import train_language_model
        >>> from keras_course.data import Document, TextData, Vocabulary
        >>> from keras_course.models import build_language_model
        >>> documents = (Document("fruit", "banana " * 50),)
        >>> letters = Vocabulary.from_texts(["banana "], "characters")
        >>> data = TextData("fruit", letters, documents, (), documents, length=20)
        >>> run = train_language_model(build_language_model(len(letters), units=4), data, epochs=1, verbose=0)
        >>> run.evaluation.num_tokens
        350

    Source: deck, chapter 10, the recurrent networks that it did not show; Mikolov et al. (2010).
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data")}
    return run_language_model(model, data, LanguageModelSettings(**settings))


@owning_run_dir
def run_language_model(model: keras.Model, data: TextData, settings: LanguageModelSettings) -> LanguageModelRun:
    """Trains with settings that are checked already, see `train_language_model`."""
    optimizer, decay = settings.prepare(model, data)
    config = settings.describe("language-model", model, data, optimizer, decay)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    fitted, watched = fit_watched(model, data, settings, config=config, decay=decay)
    evaluation = None if fitted.failure else evaluate_text(model, data.vocabulary, data.test_documents)
    run = LanguageModelRun(
        model=model,
        history=fitted.history,
        evaluation=evaluation,
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        **watched,
    )
    title = f"{model.name} on {data.name}{': the loss is not finite' if fitted.failure else ''}"
    fitted.close(partial(write_language_model_report, run, title), {NORMS: run.gradient_norms})
    return run
