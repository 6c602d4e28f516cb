"""GradientNormMonitor: the gradient of every layer at every step of `fit`, measured where it is applied."""

import contextlib
import warnings
from collections.abc import Callable
from functools import partial
from types import GeneratorType
from typing import Any

import keras
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.arguments import require_integer
from keras_course.callbacks.gradient_recorder import GradientRecorder
from keras_course.callbacks.gradient_verdicts import first_nonfinite, judge_gradients, skips_overflow
from keras_course.callbacks.layer_variables import trainable_variables_by_layer
from keras_course.visualization import plot_gradient_norms

BUFFER_ROWS = 512


# Past Keras's tracking of attributes, which takes microseconds in each step and is for the state of a model.
_set = object.__setattr__


class _ArmedFunction:
    """Stands in for `model.train_function` for one step: gives the original back, then runs the monitored one."""

    def __init__(self, model: keras.Model, original: Callable, monitored: Callable):
        self.original = original
        self._model = model
        self._monitored = monitored
        self._history = model.history

    def __call__(self, iterator):
        _set(self._model, "train_function", self.original)
        # If the `fit` that armed this failed before its step, this is another `fit` or `train_on_batch`: not watched.
        watched = self._model.history is self._history and not isinstance(iterator, GeneratorType)
        return (self._monitored if watched else self.original)(iterator)


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
        self._unread = self._applies_a_step = 0
        self._original: Any = None
        self._armed: Any = None

    @property
    def norms(self) -> pd.DataFrame:
        """The norms so far: index = step, one float64 column a layer, in forward order.

        Where a model has several optimizers, NaN fills the steps at which one was not applied.
        """
        return self._joined("norms")

    @property
    def update_ratios(self) -> pd.DataFrame:
        """Norm of update over norm of weight, at one recorded step in 25: index = step, a column a layer."""
        return self._joined("update_ratios")

    def report(self) -> pd.DataFrame:
        """Judges every layer, see `judge_gradients`; each optimizer's layers by themselves.

        Raises:
            ValueError: If nothing has been recorded.
        """
        self._collect()
        recorders = [recorder for recorder in self._recorders if not recorder.norms.empty]
        if not recorders:
            raise ValueError("nothing has been recorded: give the monitor to `fit(callbacks=[...])` first")
        return pd.concat(
            judge_gradients(r.norms, r.update_ratios, skips_overflow=skips_overflow(r.optimizer)) for r in recorders
        )

    def first_nonfinite(self) -> tuple[int, str] | None:
        """Returns the first recorded step with a NaN or infinite gradient and the first such layer in it, or None."""
        self._collect()
        found = [first_nonfinite(recorder.norms) for recorder in self._recorders]
        return min((place for place in found if place), key=lambda place: place[0], default=None)

    def plot(self, *, ax: Axes | None = None, limits: tuple[float, float] | None = None) -> Figure:
        """Draws the norms as a heat map, layers by steps, on a log scale; see `plot_gradient_norms`."""
        return plot_gradient_norms(self.norms, ax=ax, limits=limits)

    def on_train_begin(self, logs=None):
        """Makes a monitored train function beside the model's own."""
        if self.model.distribute_strategy.num_replicas_in_sync > 1:
            replicas = self.model.distribute_strategy.num_replicas_in_sync
            raise ValueError(f"GradientNormMonitor watches one replica. Received: a model on {replicas} replicas")
        self._recorders = []
        self._unread, self._applies_a_step = 0, BUFFER_ROWS  # the first step tells how often optimizers are applied
        function = self.model.train_function
        self._watch(function.original if isinstance(function, _ArmedFunction) else function)  # a `fit` failed before

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the epoch's means."""
        for recorder in self._recorders:
            recorder.start_epoch()
        self._unread = 0

    def on_train_batch_begin(self, batch, logs=None):
        """Puts the monitored train function in place for one step."""
        function = self.model.train_function
        if function is not self._original:
            if isinstance(function, _ArmedFunction):
                raise ValueError("one GradientNormMonitor a `fit`: another one watches this model already")
            self._watch(function)  # somebody renewed it, to thaw a layer, say
        if self._unread and (self._unread + self._steps_a_call) * self._applies_a_step > BUFFER_ROWS:
            self._collect()
        self._unread += self._steps_a_call
        _set(self.model, "train_function", self._armed)

    def on_epoch_end(self, epoch, logs=None):
        """Puts the epoch's mean norms into the logs."""
        means = {layer: mean for recorder in self._recorders for layer, mean in recorder.epoch_means().items()}
        self._unread = 0
        if logs is not None:
            logs.update({f"grad_norm/{layer}": mean for layer, mean in means.items()})
        if not means and self.norms.empty:
            warnings.warn(
                "GradientNormMonitor has recorded nothing: keep the optimizers that `train_step` applies as attributes "
                "of the model, or in a list or dict that is one",
                stacklevel=2,
            )

    def on_train_end(self, logs=None):
        """Lets go of the monitored function and its buffers."""
        for recorder in self._recorders:
            recorder.close()
        self._original = self._armed = None

    def _collect(self) -> None:
        applied = max((recorder.collect() for recorder in self._recorders), default=0)
        if self._unread and applied:
            self._applies_a_step = -(-applied // self._unread)
        self._unread = 0

    def _joined(self, attribute: str) -> pd.DataFrame:
        self._collect()
        frames = [frame for recorder in self._recorders if not (frame := getattr(recorder, attribute)).empty]
        if not frames:
            return pd.DataFrame(index=pd.Index([], dtype=np.int64, name="step"))
        return frames[0] if len(frames) == 1 else pd.concat(frames, axis=1).sort_index()

    def _watch(self, train_function: Callable) -> None:
        """Makes the monitored twin of a train function, with a recorder for every optimizer of the model."""
        known = {id(recorder.optimizer) for recorder in self._recorders}
        for recorder in self._recorders:
            recorder.close()
        self._steps_a_call = self.model.steps_per_execution
        capacity = BUFFER_ROWS + 8 * self._steps_a_call
        columns = partial(trainable_variables_by_layer, self.model)
        self._recorders += [
            GradientRecorder(optimizer, columns, every=self.every, capacity=capacity)
            for optimizer in _optimizers(self.model)
            if id(optimizer) not in known
        ]
        self._original = train_function
        self._armed = _ArmedFunction(self.model, train_function, self._make_monitored_function())

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

        _set(model, "train_step", train_step)
        try:
            model.make_train_function(force=True)
            return model.train_function
        finally:
            model.train_function = self._original
            object.__delattr__(model, "train_step")
            if own is not None:
                _set(model, "train_step", own)


def _optimizers(model: keras.Model) -> list[keras.optimizers.Optimizer]:
    """Finds the compiled optimizer and those that a model of one's own keeps beside it (a GAN's, say)."""
    candidates: list[Any] = [model.optimizer]
    for value in vars(model).values():
        held = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
        candidates.extend(held)
    unique = {id(o): o for o in candidates if isinstance(o, keras.optimizers.Optimizer)}
    return list(unique.values())
