"""GradientNormMonitor: the gradient of every layer at every step of `fit`, measured where it is applied."""

import contextlib
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.callbacks.gradient_recorder import GradientRecorder, trainable_variables_by_layer
from keras_course.callbacks.gradient_verdicts import judge_gradients
from keras_course.numerics.arguments import require_integer
from keras_course.visualization import plot_gradient_norms

BUFFER_ROWS = 512


class _ArmedFunction:
    """Stands in for `model.train_function` for one step: gives the original back, then runs the monitored one."""

    def __init__(self, model: keras.Model, original: Callable, monitored: Callable):
        self.original = original
        self._model = model
        self._monitored = monitored
        self._history = model.history

    def __call__(self, iterator):
        self._model.train_function = self.original
        # Another `fit` than the one that armed this (that one failed before its step): not ours to watch.
        monitored = self._model.history is self._history
        return (self._monitored if monitored else self.original)(iterator)


class GradientNormMonitor(keras.callbacks.Callback):
    """Records the exact L2 norm of the gradient that each step applied, for every trainable layer.

    Works with plain `compile` and `fit`, any optimizer, and needs no change to the model. The norms are taken inside
    the compiled train step, on the gradients handed to the optimizer: before clipping, after undoing loss scaling.
    Epoch means go to `logs` as `grad_norm/<layer>`; callbacks that write logs (CSVLogger, TensorBoard) see them when
    they come later in the list. The model is left as found, even if training fails half-way.

    Args:
        every: Integer >= 1. Records each `every`-th step, default 1.

    Raises:
        ValueError: If `every` is out of range; in `fit`, if a second monitor watches the same model or the model
            trains on several replicas.

    Source: deck, chapter 6, "Vanishing gradients".

    Note: A layer of a nested model is called `inner/layer`. A step is counted from 0 by `optimizer.iterations`, so
    that a resumed training goes on counting. With a dynamic loss scale, a step that overflows shows as infinite
    or NaN: the optimizer skips it and lowers the scale.
    """

    def __init__(self, every: int = 1):
        super().__init__()
        require_integer("every", every, at_least=1)
        self.every = every
        self._recorders: list[GradientRecorder] = []
        self._skips_overflow = False
        self._original: Any = None
        self._monitored: Any = None

    @property
    def norms(self) -> pd.DataFrame:
        """The norms so far: index = step, one float64 column a layer, in forward order."""
        return self._joined("norms")

    @property
    def update_ratios(self) -> pd.DataFrame:
        """Norm of update over norm of weight, at every tenth recorded step: index = step, a column a layer."""
        return self._joined("update_ratios")

    def report(self) -> pd.DataFrame:
        """Judges every layer, see `judge_gradients`.

        Raises:
            ValueError: If nothing has been recorded.
        """
        return judge_gradients(self.norms, self.update_ratios, skips_overflow=self._skips_overflow)

    def first_nonfinite(self) -> tuple[int, str] | None:
        """Returns the first recorded step with a NaN or infinite gradient and the first such layer in it, or None."""
        norms = self.norms
        bad = ~np.isfinite(norms.to_numpy())
        if not bad.any():
            return None
        row = int(bad.any(axis=1).argmax())
        return int(norms.index[row]), str(norms.columns[int(bad[row].argmax())])

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Draws the norms as a heat map, layers by steps, on a log scale."""
        return plot_gradient_norms(self.norms, ax=ax)

    def on_train_begin(self, logs=None):
        """Makes a monitored train function beside the model's own."""
        if self.model.distribute_strategy.num_replicas_in_sync > 1:
            replicas = self.model.distribute_strategy.num_replicas_in_sync
            raise ValueError(f"GradientNormMonitor watches one replica. Received: a model on {replicas} replicas")
        self._epoch_start = self._unread = 0
        self._skips_overflow = isinstance(self.model.optimizer, keras.optimizers.LossScaleOptimizer)
        capacity = BUFFER_ROWS + self.model.steps_per_execution
        self._recorders = [
            GradientRecorder(
                optimizer, lambda: trainable_variables_by_layer(self.model), every=self.every, capacity=capacity
            )
            for optimizer in _optimizers(self.model)
        ]
        if isinstance(self.model.train_function, _ArmedFunction):  # left by a `fit` that failed
            self.model.train_function = self.model.train_function.original
        self._original = self.model.train_function
        self._monitored = self._make_monitored_function()

    def on_epoch_begin(self, epoch, logs=None):
        """Remembers where the epoch starts."""
        self._epoch_start = len(self.norms)

    def on_train_batch_begin(self, batch, logs=None):
        """Puts the monitored train function in place for one step."""
        if self.model.train_function is not self._original:
            raise ValueError("one GradientNormMonitor a `fit`: another one watches this model already")
        if self._unread + self.model.steps_per_execution > BUFFER_ROWS:
            self._collect()
        self._unread += self.model.steps_per_execution
        self.model.train_function = _ArmedFunction(self.model, self._original, self._monitored)

    def on_epoch_end(self, epoch, logs=None):
        """Puts the epoch's mean norms into the logs."""
        if logs is not None:
            means = self.norms.iloc[self._epoch_start :].mean(skipna=False)
            logs.update({f"grad_norm/{layer}": float(mean) for layer, mean in means.items()})

    def on_train_end(self, logs=None):
        """Lets go of the monitored function and its buffers."""
        for recorder in self._recorders:
            recorder.close()
        self._original = self._monitored = None

    def _collect(self) -> None:
        for recorder in self._recorders:
            recorder.collect()
        self._unread = 0

    def _joined(self, attribute: str) -> pd.DataFrame:
        self._collect()
        frames = [frame for recorder in self._recorders if not (frame := getattr(recorder, attribute)).empty]
        if not frames:
            return pd.DataFrame(index=pd.Index([], dtype=np.int64, name="step"))
        return frames[0] if len(frames) == 1 else pd.concat(frames, axis=1)

    def _make_monitored_function(self) -> Callable:
        """Lets the model make a second train function, whose train step records as it applies the gradients."""
        model, recorders = self.model, self._recorders
        own = vars(model).get("train_step")
        original_step = model.train_step

        def train_step(*args, **kwargs):
            with contextlib.ExitStack() as stack:
                for recorder in recorders:
                    stack.enter_context(recorder.attached())
                return original_step(*args, **kwargs)

        object.__setattr__(model, "train_step", train_step)
        try:
            model.make_train_function(force=True)
            return model.train_function
        finally:
            model.train_function = self._original
            object.__delattr__(model, "train_step")
            if own is not None:
                object.__setattr__(model, "train_step", own)


def _optimizers(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """Finds the compiled optimizer and those that a model of one's own keeps beside it (a GAN's, say)."""
    candidates = [model.optimizer, *vars(model).values()]
    unique = {id(o): o for o in candidates if isinstance(o, keras.optimizers.Optimizer)}
    return list(unique.values())
