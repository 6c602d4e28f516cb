"""What a training gives back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from keras_course.evaluation import ClassifierEvaluation


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """The outcome of `train_classifier`.

    Args:
        model: The trained model, with the best weights if `patience` was given, else the last ones.
        history: Index = epoch (0-based); loss, accuracy, val_loss, val_accuracy, learning_rate and seconds; with
            auxiliary heads also their losses.
        gradient_norms: Index = step, a column a layer: L2 norm of the gradient that each step applied.
        gradient_report: Index = layer: median norm, ratio to the last layer's, update ratio, verdict.
        evaluation: On the test images; None if the data had none, see `ImageData.without_test`.
        best_epoch: The epoch (0-based) whose weights the model has.
        config: What made the run, as in `config.json`.
        run_dir: The run folder, or None.
    """

    model: keras.Model
    history: pd.DataFrame
    gradient_norms: pd.DataFrame
    gradient_report: pd.DataFrame
    evaluation: ClassifierEvaluation | None
    best_epoch: int
    config: dict[str, Any]
    run_dir: Path | None
