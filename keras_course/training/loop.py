"""The callbacks of `train_classifier`: progress bar, non-finite loss, best weights and checkpoint."""

import time
from collections.abc import Callable

import keras
import numpy as np
import pandas as pd

from keras_course.callbacks import GradientNormMonitor
from keras_course.training.checkpoint import Progress, weights_of


class ProgressBar(keras.callbacks.ProgbarLogger):
    """Keras's progress bar without the mean gradient norms, of which a deep net has a hundred."""

    def on_epoch_end(self, epoch, logs=None):
        """Ends the bar of the epoch."""
        super().on_epoch_end(epoch, {k: v for k, v in (logs or {}).items() if not k.startswith("grad_norm/")})


class StopOnNonFiniteLoss(keras.callbacks.Callback):
    """Stops the training at the first step whose loss is NaN or infinite, and remembers the step.

    Args:
        step: Integer >= 0. The number of steps before this `fit`.
    """

    def __init__(self, step: int):
        super().__init__()
        self.step: int | None = None
        self._next = step

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the loss; `logs` holds the epoch's running mean, which stays non-finite once it is."""
        if not np.isfinite((logs or {}).get("loss", 0.0)):
            self.step = self._next
            self.model.stop_training = True
        self._next += 1


class KeepProgress(keras.callbacks.Callback):
    """Collects the logs, keeps the best weights, stops early, and saves a checkpoint after each sound epoch.

    Args:
        progress: Filled in place.
        monitor: Whose norms of the epoch are added to the progress.
        watch: Tells whether the loss became non-finite.
        patience: Epochs without a lower validation loss after which the training stops, or None.
        save: Called after each sound epoch.
    """

    def __init__(
        self,
        progress: Progress,
        monitor: GradientNormMonitor,
        watch: StopOnNonFiniteLoss,
        *,
        patience: int | None,
        save: Callable[[], None],
    ):
        super().__init__()
        self.progress = progress
        self.monitor = monitor
        self.watch = watch
        self.patience = patience
        self.failed = False
        self._save = save
        self._norms_before, self._updates_before = progress.norms, progress.updates
        self._began = self._rate = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock, and notes the rate that the epoch is trained with."""
        self._began = time.perf_counter()
        self._rate = float(self.model.optimizer.learning_rate)

    def on_epoch_end(self, epoch, logs=None):
        """Adds the epoch to the progress, unless the loss or a weight is not finite."""
        self._keep_norms()
        logs = {k: float(v) for k, v in (logs or {}).items() if not k.startswith("grad_norm/")}
        if self.watch.step is not None or not np.isfinite(logs.get("val_loss", 0.0)) or not self._weights_are_finite():
            self.failed = self.model.stop_training = True
            return
        logs["learning_rate"] = self._rate
        logs["seconds"] = round(time.perf_counter() - self._began, 3)
        self.progress.rows.append(logs)
        if logs.get("val_loss", np.inf) < self.progress.best_loss:
            self.progress.best_loss, self.progress.best_epoch = logs["val_loss"], epoch
            if self.patience is not None:
                self.progress.best_weights = weights_of(self.model)
        self._save()
        if self.patience is not None and epoch - self.progress.best_epoch >= self.patience:
            self.model.stop_training = True

    def _keep_norms(self) -> None:
        norms, updates = self.monitor.norms, self.monitor.update_ratios
        if not self._norms_before.empty and not norms.empty:
            # A loss-scaling optimizer does not count the steps it skips, so its count may lag behind the table.
            shift = int(self._norms_before.index[-1]) + 1 - int(norms.index[0])
            norms, updates = norms.set_axis(norms.index + shift), updates.set_axis(updates.index + shift)
        self.progress.norms = _continued(self._norms_before, norms)
        self.progress.updates = _continued(self._updates_before, updates)

    def _weights_are_finite(self) -> bool:
        return all(np.isfinite(keras.ops.convert_to_numpy(weight)).all() for weight in self.model.weights)


def _continued(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    table = now if before.empty else before if now.empty else pd.concat([before, now])
    return table.rename_axis("step")
