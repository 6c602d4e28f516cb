"""GradientNormMonitor, the callback: which steps are watched, and what becomes of their norms."""

import warnings
from collections.abc import Iterable
from functools import partial
from typing import Any

import keras
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_course.arguments import require_choice, require_integer
from keras_course.callbacks.gradient_monitor.recorder import GradientRecorder
from keras_course.callbacks.gradient_monitor.ring import stacked
from keras_course.callbacks.gradient_monitor.train_step import (
    SUMMED,
    ArmedFunction,
    optimizers_of,
    trainable_variables_by_layer,
)
from keras_course.callbacks.gradient_monitor.verdicts import first_nonfinite, judge_gradients, skips_overflow
from keras_course.models.conventions import require_tensorflow
from keras_course.visualization import plot_gradient_norms

BUFFER_ROWS = 512


class GradientNormMonitor(keras.callbacks.Callback):
    """Records the exact L2 norm of the gradient that each step applied, for every trainable layer.

    Works with plain `compile` and `fit`, any optimizer, and needs no change to the model. The norms are taken inside
    the compiled train step, on the gradients handed to the optimizer: before clipping, after undoing loss scaling.
    The model is left as found, even if training fails half-way. For training loops of your own see `record`.

    Args:
        every: Integer >= 1. Records each `every`-th step, default 1.
        log: Which means over the epoch go to `logs` as `grad_norm/<layer>`: "summary" (default) those of the first and
            the last layer, "all" those of every layer, False none. Keras prints everything in `logs` on the progress
            line; CSVLogger, TensorBoard and EarlyStopping see it when they come later in the list.

    Raises:
        ValueError: If an argument is out of range; in `fit`, if a second monitor watches the same model or the model
            trains on several replicas; with the `strategy` of a training here, the norms are those of the whole batch.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.callbacks import GradientNormMonitor
        >>> inputs = keras.Input((2,))
        >>> layer = keras.layers.Dense(1, kernel_initializer="ones", use_bias=False, name="out")
        >>> model = keras.Model(inputs, layer(inputs))
        >>> model.compile(keras.optimizers.SGD(0.25), "mse")
        >>> monitor = GradientNormMonitor()
        >>> history = model.fit(np.ones((4, 2)), np.zeros((4, 1)), batch_size=2, callbacks=[monitor], verbose=0)
        >>> monitor.norms.round(3)
                out
        step
        0     5.657
        1     0.000

    Source: deck, chapter 6, "Vanishing gradients".

    Note: A layer of a nested model is called `inner/layer`. A step is counted from 0 by `optimizer.iterations`, so
    that a resumed training goes on counting; with gradient accumulation a step is one applied mean. With several
    optimizers, "summary" means the first and last layer of each. With a dynamic loss scale, a step that overflows
    shows as infinite or NaN: the optimizer skips it and lowers the scale.
    """

    def __init__(self, every: int = 1, *, log: str | bool = "summary"):
        super().__init__()
        require_integer("every", every, at_least=1)
        require_choice("log", log, ("summary", "all", False))
        self.every = every
        self.log = log
        self._recorders: list[GradientRecorder] = []
        self._unread = self._applies_a_step = 0
        self._armed: Any = None
        self._looped: list[Any] = []  # model and variables of a training loop

    def record(self, gradients: Iterable[Any], model: keras.Model) -> None:
        """Records the gradients of one step of a training loop of your own, eager or inside a `tf.function`.

        Afterwards `norms`, `report()` and `plot()` work as after `fit`. Steps are counted from 0 by the calls. The
        gradients are taken as they are: undo loss scaling first. `update_ratios` compares the weights at one recorded
        call in 25 with those at the next call.

        Args:
            gradients: One per variable of `model.trainable_variables`, in that order: tensors, `tf.IndexedSlices`, or
                None where no path leads from the loss to the variable (its norm is 0).
            model: The Keras model, built; always the same one, since a second model needs a monitor of its own.

        Raises:
            ValueError: If the number of gradients differs from that of the variables, the model is another one than
                at the call before, or the code runs on several replicas.

        Example:
            >>> import keras
            >>> import tensorflow as tf
            >>> from keras_course.callbacks import GradientNormMonitor
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="out")])
            >>> monitor = GradientNormMonitor()
            >>> with tf.GradientTape() as tape:
            ...     loss = tf.reduce_sum(model(tf.constant([[2.0, 2.0]])))
            >>> monitor.record(tape.gradient(loss, model.trainable_variables), model)
            >>> monitor.norms
                  out
            step
            0     3.0

        Note: A function with `jit_compile=True` cannot hand rows to Python; let it return the gradients and call
        `record` outside.
        """
        require_tensorflow("GradientNormMonitor")
        gradients, variables = list(gradients), list(model.trainable_variables)
        if len(gradients) != len(variables):
            raise ValueError(
                f"`gradients` must have one entry for each of the {len(variables)} trainable variables of the model. "
                f"Received: {len(gradients)} entries"
            )
        if not self._looped:
            self._recorders = [self._recorder(model)]
        elif self._looped[0] is not model:
            raise ValueError(
                "`model` must be the one recorded before: a second model needs a GradientNormMonitor of its own. "
                f"Received: {model.name!r} after {self._looped[0].name!r}"
            )
        elif list(map(id, self._looped[1:])) != list(map(id, variables)):
            self._recorders[0].close()  # a layer was frozen or thawed
        self._looped = [model, *variables]
        self._recorders[0].record(gradients, variables)

    @property
    def norms(self) -> pd.DataFrame:
        """The norms so far: index = step, one float64 column per layer, in forward order.

        Where a model has several optimizers, NaN fills the steps at which one was not applied.
        """
        return self._joined("norms")

    @property
    def update_ratios(self) -> pd.DataFrame:
        """Norm of update over norm of weight, at one recorded step in 25: index = step, one column per layer."""
        return self._joined("updates")

    def report(self) -> pd.DataFrame:
        """Judges every layer, see `judge_gradients`; each optimizer's layers by themselves.

        Raises:
            ValueError: If nothing has been recorded.
        """
        self._collect()
        tables = [(r.norms.table(), r.updates.table(), skips_overflow(r.optimizer)) for r in self._recorders]
        verdicts = [judge_gradients(n, u, skips_overflow=skips) for n, u, skips in tables if not n.empty]
        if not verdicts:
            raise ValueError("nothing has been recorded: give the monitor to `fit(callbacks=[...])` or call `record`")
        return pd.concat(verdicts)

    def first_nonfinite(self) -> tuple[int, str] | None:
        """Returns the first recorded step with a NaN or infinite gradient and the first such layer in it, or None."""
        self._collect()
        found = [first_nonfinite(recorder.norms.table()) for recorder in self._recorders]
        return min((place for place in found if place), key=lambda place: place[0], default=None)

    def plot(self, *, ax: Axes | None = None, limits: tuple[float, float] | None = None) -> Figure:
        """Draws the norms as a heat map, layers by steps, on a log scale; see `plot_gradient_norms`."""
        return plot_gradient_norms(self.norms, ax=ax, limits=limits)

    def on_train_begin(self, logs=None):
        """Makes a monitored train function beside the model's own."""
        require_tensorflow("GradientNormMonitor")
        self._recorders, self._looped = [], []
        self._unread, self._applies_a_step = 0, BUFFER_ROWS  # the first step tells how often optimizers are applied
        function = self.model.train_function
        self._watch(function.original if isinstance(function, ArmedFunction) else function)  # a `fit` failed before

    def on_train_batch_begin(self, batch, logs=None):
        """Puts the monitored train function in place for one step."""
        function = self.model.train_function
        if isinstance(function, ArmedFunction):
            raise ValueError("one GradientNormMonitor per `fit`: another one already watches this model")
        if function is not self._armed.original:
            self._watch(function)  # somebody renewed it, to thaw a layer, say
        if self._unread and (self._unread + self._steps_a_call) * self._applies_a_step > BUFFER_ROWS:
            self._collect()
        self._unread += self._steps_a_call
        self._armed.arm()

    def on_epoch_end(self, epoch, logs=None):
        """Puts the epoch's mean norms into the logs."""
        self._unread = 0
        for recorder in self._recorders:
            means = recorder.epoch_means()
            layers = {"all": recorder.names, "summary": recorder.names[:1] + recorder.names[-1:]}.get(str(self.log), [])
            if logs is not None:
                logs.update({f"grad_norm/{layer}": means[layer] for layer in layers})
        if not any(recorder.names for recorder in self._recorders):
            warnings.warn(
                "GradientNormMonitor has recorded nothing: keep the optimizers that `train_step` applies as attributes "
                "of the model, or in a list or dict that is one",
                stacklevel=2,
            )

    def on_train_end(self, logs=None):
        """Lets go of the monitored function and its buffers."""
        for recorder in self._recorders:
            recorder.close()
        self._armed = None

    def _collect(self) -> None:
        applied = max((recorder.collect() for recorder in self._recorders), default=0)
        if self._unread and applied:
            self._applies_a_step = -(-applied // self._unread)
        self._unread = 0

    def _joined(self, table: str) -> pd.DataFrame:
        self._collect()
        frames = [frame for recorder in self._recorders if not (frame := getattr(recorder, table).table()).empty]
        return pd.concat(frames, axis=1).sort_index() if frames else stacked([])

    def _watch(self, train_function: Any) -> None:
        """Makes the monitored twin of a train function, with a recorder for every optimizer of the model."""
        known = {id(recorder.optimizer) for recorder in self._recorders}
        for recorder in self._recorders:
            recorder.close()
        self._steps_a_call = self.model.steps_per_execution
        self._recorders += [
            self._recorder(self.model, optimizer, BUFFER_ROWS + 8 * self._steps_a_call)
            for optimizer in optimizers_of(self.model).values()
            if id(optimizer) not in known
        ]
        self._armed = ArmedFunction(self.model, train_function, self._recorders)

    def _recorder(self, model: keras.Model, optimizer: Any = None, capacity: int = BUFFER_ROWS) -> GradientRecorder:
        if (replicas := model.distribute_strategy.num_replicas_in_sync) > 1 and not getattr(model, SUMMED, False):
            raise ValueError(
                "GradientNormMonitor watches one replica, or a training by keras_course with a `strategy`. "
                f"Received: a model on {replicas} replicas"
            )
        columns = partial(trainable_variables_by_layer, model)
        return GradientRecorder(columns, optimizer, every=self.every, capacity=capacity)
