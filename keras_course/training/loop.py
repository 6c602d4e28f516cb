"""The callbacks of `train_classifier`: seeds, progress bar, non-finite loss, best weights and checkpoint."""

import time
from collections.abc import Callable

import keras
import numpy as np
import pandas as pd

from keras_course.callbacks import GradientNormMonitor
from keras_course.training.checkpoint import Progress, weights_of


class EpochSeeds(keras.callbacks.Callback):
    """Makes dropout and other random layers depend on (seed, epoch) alone, whatever was run before.

    Args:
        seed: Integer >= 0.
    """

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the state of every random generator of the model."""
        weights = {id(variable) for variable in self.model.weights}
        generators = [variable for variable in self.model.variables if id(variable) not in weights]
        for number, state in enumerate(generators):
            words = np.random.SeedSequence([self.seed, epoch, number]).generate_state(1)
            state.assign(np.array([words[0], 0]))


class ProgressBar(keras.callbacks.ProgbarLogger):
    """Keras's progress bar without the mean gradient norms, of which a deep net has a hundred."""

    def on_epoch_end(self, epoch, logs=None):
        """Ends the bar of the epoch."""
        super().on_epoch_end(epoch, {k: v for k, v in (logs or {}).items() if not k.startswith("grad_norm/")})


class StopOnNonFiniteLoss(keras.callbacks.Callback):
    """Stops the training at the first step whose loss is NaN or infinite, and remembers the step."""

    def __init__(self):
        super().__init__()
        self.step: int | None = None

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the loss; `logs` holds the epoch's running mean, which stays non-finite once it is."""
        if not np.isfinite((logs or {}).get("loss", 0.0)):
            self.step = int(self.model.optimizer.iterations) - 1
            self.model.stop_training = True


class KeepProgress(keras.callbacks.Callback):
    """Collects the logs, keeps the best weights, stops early, and saves a checkpoint after each epoch.

    Args:
        progress: Filled in place.
        monitor: Whose norms of the epoch are added to the progress.
        patience: Epochs without a lower validation loss after which the training stops, or None.
        failed: Whether the epoch ended in a non-finite loss and must not be kept.
        save: Called with the progress after each epoch.
    """

    def __init__(
        self,
        progress: Progress,
        monitor: GradientNormMonitor,
        *,
        patience: int | None,
        failed: Callable[[], bool],
        save: Callable[[], None],
    ):
        super().__init__()
        self.progress = progress
        self.monitor = monitor
        self.patience = patience
        self._failed = failed
        self._save = save
        self._norms_before, self._updates_before = progress.norms, progress.updates
        self._began = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Adds the epoch to the progress."""
        self.progress.norms = _continued(self._norms_before, self.monitor.norms)
        self.progress.updates = _continued(self._updates_before, self.monitor.update_ratios)
        if self._failed():
            return
        logs = {k: float(v) for k, v in (logs or {}).items() if not k.startswith("grad_norm/")}
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        logs["seconds"] = round(time.perf_counter() - self._began, 3)
        self.progress.rows.append(logs)
        if logs.get("val_loss", np.inf) < self.progress.best_loss:
            self.progress.best_loss, self.progress.best_epoch = logs["val_loss"], epoch
            if self.patience is not None:
                self.progress.best_weights = weights_of(self.model)
        self._save()
        if self.patience is not None and epoch - self.progress.best_epoch >= self.patience:
            self.model.stop_training = True


def _continued(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    return now if before.empty else before if now.empty else pd.concat([before, now])
