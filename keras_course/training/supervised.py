"""What trainings on labelled images have in common, whatever the labels: settings, what is watched, how it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import pandas as pd

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.callbacks import (
    GradientNormMonitor,
    LearningRateDecay,
    anchored,
    judge_gradients,
    skips_overflow,
)
from keras_course.data import TextData
from keras_course.data.in_memory import InMemoryData
from keras_course.runs import Fitted, Run, RunSettings, TrainingData, fit
from keras_course.runs.description import describe_run, layers_digest, model_name, optimizer_settings, parameters
from keras_course.runs.mirrored import PRECISIONS, Compile, mirrored
from keras_course.training.optimizers import fresh_optimizer, uses_averages
from keras_course.training.states import BestWeights, RecordedGradients

NORMS = "gradient_norms.csv"
LARGEST_RATE = 1e38  # that float32 holds, with room to multiply


@dataclass(frozen=True, kw_only=True)
class SupervisedSettings(RunSettings):
    """The arguments that `train_classifier`, which explains them, shares with the trainings of other tasks."""

    optimizer: str | keras.optimizers.Optimizer = "adam"
    learning_rate: float | None = None
    decay: LearningRateDecay | None = None
    patience: int | None = None
    weight_decay: float | None = None
    precision: str = "float32"

    def __post_init__(self):
        super().__post_init__()
        require_choice("precision", self.precision, PRECISIONS)
        if self.precision != "float32" and self.strategy is not None:
            raise ValueError(
                "`precision` must be 'float32' with a strategy for several devices or workers so far. "
                f"Received: precision={self.precision!r}"
            )
        if self.patience is not None:
            require_integer("patience", self.patience, at_least=1)
        if self.weight_decay is not None:
            require_number("weight_decay", self.weight_decay, at_least=0)
        if self.learning_rate is not None:
            require_number("learning_rate", self.learning_rate, above=0, below=LARGEST_RATE)

    def check(self, model: Any, data: Any) -> None:
        """Raises a ValueError unless the model is one of the task, and fits the data; each task has its own."""
        raise NotImplementedError

    def prepare(
        self, model: keras.Model, data: InMemoryData | TextData
    ) -> tuple[keras.optimizers.Optimizer, LearningRateDecay | None]:
        """Checks model and data, and returns a new optimizer and a decay that knows its initial rate.

        Raises:
            ValueError: If the model doesn't fit the data, or an argument the others.
        """
        self.check(model, data)
        if self.patience is not None and data.validation is None:
            raise ValueError(
                f"`patience` needs validation data: validation_fraction > 0. Received: patience={self.patience}"
            )
        optimizer = self.new_optimizer(model)
        return optimizer, anchored(self.decay, [optimizer], self.learning_rate)

    def new_optimizer(self, model: keras.Model) -> keras.optimizers.Optimizer:
        """Returns a new optimizer for a model.

        Weight decay spares biases and the scales of normalization.

        Raises:
            ValueError: If an argument doesn't fit the optimizer.
        """
        copy = fresh_optimizer(self.optimizer)
        if self.learning_rate is not None:
            if not isinstance(copy.learning_rate, keras.Variable):
                raise ValueError(
                    "`learning_rate` must be None for an optimizer with a learning-rate schedule object. "
                    f"Received: learning_rate={self.learning_rate!r}"
                )
            copy.learning_rate = self.learning_rate
        applied: Any = getattr(copy, "inner_optimizer", copy)  # what a loss-scaling optimizer wraps
        if self.weight_decay is not None:
            applied.weight_decay = self.weight_decay or None
        if applied.weight_decay:
            if isinstance(applied, keras.optimizers.ScheduleFreeAdamW):  # of which Keras 3.15 loses the decay
                raise ValueError(
                    "`weight_decay` must be None or 0 with ScheduleFreeAdamW, which would hardly decay: take AdamW. "
                    f"Received: weight_decay={applied.weight_decay!r}"
                )
            applied.exclude_from_weight_decay(var_list=[v for v in model.trainable_variables if len(v.shape) <= 1])
        return copy

    def describe(
        self,
        kind: str,
        model: keras.Model,
        data: InMemoryData | TextData,
        optimizer: keras.optimizers.Optimizer,
        decay: LearningRateDecay | None,
        **own: Any,
    ) -> dict[str, Any]:
        """Returns what makes a run, JSON-serialisable, see `describe_run`; `own` is what the task adds."""
        return describe_run(
            kind,
            data,
            self,
            decay=decay,
            model=model_name(model),
            parameters=parameters(model),
            layers_digest=layers_digest(model),
            optimizer=optimizer_settings(optimizer),
            patience=self.patience,
            **({} if self.precision == "float32" else {"precision": self.precision}),
            **own,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class SupervisedRun(Run):
    """The outcome of a training on labelled images; `TrainingRun` explains what it adds to `Run`."""

    gradient_norms: pd.DataFrame
    gradient_report: pd.DataFrame
    best_epoch: int


def fit_watched(
    model: keras.Model,
    data: TrainingData,
    settings: SupervisedSettings,
    *,
    config: dict[str, Any],
    decay: LearningRateDecay | None,
    before: Sequence[keras.callbacks.Callback] = (),
    last_layer: str | None = None,
    compile: Compile | None = None,
) -> tuple[Fitted, dict[str, Any]]:
    """Trains with the gradients watched and the best weights kept, as `settings` say.

    Args:
        model: Compiled.
        data: What it is trained and validated on.
        settings: What the training is told.
        config: From `SupervisedSettings.describe`.
        decay: From `SupervisedSettings.prepare`.
        before: Callbacks of the task, which come before the monitor of the gradients.
        last_layer: The layer to whose gradient those of the others are compared; None takes the last one.
        compile: Compiles a copy of the model for `settings.strategy` or `settings.precision`; None if the task can't
            have one.

    Returns:
        The training, to be closed by the task, and what `SupervisedRun` has beside it.
    """
    with mirrored(model, settings, compile) as trained:
        gradients = RecordedGradients(trained, GradientNormMonitor(log="all"))
        best = BestWeights(trained, settings.patience)
        fitted = fit(
            trained,
            data,
            settings,
            config=config,
            states=[gradients, best],
            before=[
                *([keras.callbacks.SwapEMAWeights()] if uses_averages(model.optimizer) else []),
                *before,
                gradients.monitor,
                *([decay] if decay else []),
            ],
        )
        best.restore()
    fitted.model = model
    norms = gradients.norms
    ordered = norms if last_layer not in norms else norms[[n for n in norms if n != last_layer] + [last_layer]]
    return fitted, {
        "gradient_norms": norms,
        "gradient_report": judge_gradients(ordered, gradients.updates, skips_overflow=skips_overflow(model.optimizer)),
        "best_epoch": best.epoch if settings.patience is not None else len(fitted.history) - 1,
    }
