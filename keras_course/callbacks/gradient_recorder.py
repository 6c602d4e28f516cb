"""Records gradient norms where an optimizer is applied, inside the compiled train step."""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from keras_course.callbacks.squares import SMALLEST_SAFE, dense, half_squares, scaled_half_squares

# The norm of the update needs a copy of the weights, so only one recorded step in so many measures it.
UPDATE_EVERY = 25


class GradientRecorder:
    """A ring buffer of gradient norms, written inside the train step each time one optimizer is applied.

    Args:
        optimizer: The Keras optimizer.
        columns: Returns layer name -> variables; called at the first `apply`, when every variable exists.
        every: Integer >= 1. Records each `every`-th step.
        capacity: Integer >= 1. Rows the buffer holds; older unread rows are overwritten.
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        columns: Callable[[], dict[str, list[Any]]],
        *,
        every: int,
        capacity: int,
    ):
        self.optimizer = optimizer
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        self._columns = columns
        self._every = every
        # Of so many steps in a row exactly one changes the weights.
        self._update_span = inner.gradient_accumulation_steps or 1
        self._update_every = every * UPDATE_EVERY * -(-(self._update_span + 1) // UPDATE_EVERY)
        self._capacity = capacity
        self._scales_loss = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        self._variables: list[Any] = []
        self._before: list[tf.Variable] = []
        # The first steps whose norm and whose update have not been collected.
        self._next_step = self._next_update = int(optimizer.iterations)
        self._epoch_start = 0
        self._norm_frames: list[pd.DataFrame] = []
        self._update_frames: list[pd.DataFrame] = []

    @contextlib.contextmanager
    def attached(self) -> Iterator[None]:
        """Records every `optimizer.apply` that is called (or traced) inside the block."""
        own = vars(self.optimizer).get("apply")
        apply = self.optimizer.apply

        def recording_apply(grads, trainable_variables=None):
            grads = list(grads)
            variables = list(trainable_variables or self.optimizer._trainable_variables)
            if not self._variables:
                with tf.init_scope():
                    self._build(variables)
            self._record(grads, variables)
            first = next((grad for grad in grads if grad is not None), 0.0)
            with tf.control_dependencies([dense(first)]):
                self._step.assign_add(1)  # not if the data ran out before there was a gradient
            return apply(grads, trainable_variables=variables)

        # Around Keras's attribute tracking: this is no part of the optimizer's state.
        object.__setattr__(self.optimizer, "apply", recording_apply)
        try:
            yield
        finally:
            object.__delattr__(self.optimizer, "apply")
            if own is not None:
                object.__setattr__(self.optimizer, "apply", own)

    @property
    def norms(self) -> pd.DataFrame:
        """The collected norms: index = step, one float64 column a layer."""
        return _stacked(self._norm_frames)

    @property
    def update_ratios(self) -> pd.DataFrame:
        """The collected norms of update over norm of weight: index = step, a column a layer."""
        return _stacked(self._update_frames)

    def start_epoch(self) -> None:
        """Lets the next `epoch_means` begin here."""
        self.collect()
        self._epoch_start = len(self._norm_frames)

    def epoch_means(self) -> dict[str, float]:
        """Returns the mean norm of each layer since `start_epoch`."""
        self.collect()
        means = _stacked(self._norm_frames[self._epoch_start :]).mean(skipna=False)
        return {str(layer): float(mean) for layer, mean in means.items()}

    def collect(self) -> int:
        """Moves what the buffers hold to the host; returns how many times the optimizer was applied since."""
        if not self._variables:
            return 0
        step = int(self._step.numpy())
        applied = step - self._next_step
        if applied > self._capacity * self._every:
            warnings.warn(
                f"gradient norms of {applied // self._every - self._capacity} steps are lost: "
                f"more than {self._capacity} in one call of the train function",
                stacklevel=2,
            )
        if int(self._sampled.numpy()) == step - self._update_span:
            self._measure_update()
        rows, index = self._read(self._halves, self._every, self._next_step, step)
        if len(rows):
            scales = rows[:, -1:] if self._scales_loss else self.optimizer.loss_scale_factor or 1.0
            squares = 2 * np.add.reduceat(rows[:, : len(self._variables)], self._first_of_layer, axis=1)
            self._norm_frames.append(pd.DataFrame(np.sqrt(squares) / scales, index=index, columns=self._names))
        measured = max(self._next_update, step - self._update_span + 1)
        rows, index = self._read(self._updates, self._update_every, self._next_update, measured)
        if len(rows):
            self._update_frames.append(pd.DataFrame(rows, index=index, columns=self._names))
        self._next_step, self._next_update = step, measured
        return applied

    def close(self) -> None:
        """Collects the last rows and lets go of the buffers and of the copy of the weights."""
        self.collect()
        self._variables = []
        self._before = []

    def _read(self, buffer: tf.Variable, every: int, first: int, end: int) -> tuple[np.ndarray, pd.Index]:
        """Returns the rows of a ring buffer that belong to the steps from `first` to before `end`, and these steps."""
        numbers = np.arange(-(-first // every), -(-end // every))[-self._capacity :]
        rows = buffer.numpy()[numbers % self._capacity] if len(numbers) else np.zeros((0, 0))
        return rows, pd.Index(numbers * every, name="step")

    def _build(self, variables: list[Any]) -> None:
        applied = {id(variable) for variable in variables}
        groups = {
            name: members
            for name, group in self._columns().items()
            if (members := [variable for variable in group if id(variable) in applied])
        }
        self._names = list(groups)
        self._variables = [variable for members in groups.values() for variable in members]
        sizes = [len(members) for members in groups.values()]
        self._first_of_layer = np.cumsum([0, *sizes[:-1]])
        self._layer_of = np.repeat(np.arange(len(sizes)), sizes)
        self._step = tf.Variable(self._next_step, dtype=tf.int64, trainable=False)
        # The step before which `_before` was copied; at first none, nor one that could be taken for it.
        self._sampled = tf.Variable(-1 - self._update_span, dtype=tf.int64, trainable=False)
        # The step at which the update is to be followed next: one comparison a step is all that it costs.
        self._event = tf.Variable(
            -(-self._next_step // self._update_every) * self._update_every, dtype=tf.int64, trainable=False
        )
        # Half the sum of squares of each variable's gradient, and the loss scale: the host makes norms of them.
        width = len(self._variables) + self._scales_loss
        self._halves = tf.Variable(tf.zeros((self._capacity, width), tf.float64), trainable=False)
        self._updates = tf.Variable(tf.zeros((self._capacity, len(groups)), tf.float64), trainable=False)
        self._before = [tf.Variable(tf.zeros(v.shape, v.dtype), trainable=False) for v in self._variables]

    def _record(self, grads: list[Any], variables: list[Any]) -> None:
        gradient_of = {id(variable): grad for variable, grad in zip(variables, grads, strict=True)}
        found = [gradient_of.get(id(variable)) for variable in self._variables]
        self._follow_update()
        if self._every == 1:
            self._write_norms(found)
        else:
            tf.cond(self._step % self._every == 0, lambda: self._write_norms(found), _nothing)

    def _follow_update(self) -> None:
        """Measures the update since the last sample of the weights, or takes a sample, when it is time for it.

        Apart from the norms: whatever touches the weights holds up the optimizer, so it must not wait for gradients.
        """

        @_call
        def follow() -> tf.Tensor:
            due = self._step % self._update_every == 0
            tf.cond(self._sampled == self._step - self._update_span, self._measure_update, _nothing)
            tf.cond(due, self._sample_weights, _nothing)
            wait = tf.where(
                due, tf.constant(self._update_span, tf.int64), self._update_every - self._step % self._update_every
            )
            self._event.assign(self._step + wait)
            return _nothing()

        tf.cond(self._step == self._event, follow, _nothing)

    def _write_norms(self, gradients: list[Any]) -> tf.Tensor:
        tensors = [dense(gradient) for gradient in gradients]
        plain = half_squares(tensors)
        out_of_range = (plain < SMALLEST_SAFE) | tf.math.is_inf(plain)
        missing = [gradient is None for gradient in gradients]
        if any(missing):
            out_of_range &= ~tf.constant(missing)

        @_call
        def rescaled() -> tf.Tensor:
            return tf.stack(
                [
                    tf.cond(out_of_range[i], partial(scaled_half_squares, tensor), partial(tf.gather, plain, i))
                    for i, tensor in enumerate(tensors)
                ]
            )

        row = tf.cond(tf.reduce_any(out_of_range), rescaled, lambda: plain)
        if self._scales_loss:
            row = tf.concat([row, [self._loss_scale()]], axis=0)
        number = self._step if self._every == 1 else self._step // self._every
        return self._write(self._halves, number, row)

    def _sample_weights(self) -> tf.Tensor:
        for before, variable in zip(self._before, self._variables, strict=True):
            before.assign(variable.value)
        self._sampled.assign(self._step)
        return _nothing()

    def _measure_update(self) -> tf.Tensor:
        before = [dense(variable) for variable in self._before]
        changes = [dense(v.value) - b for b, v in zip(before, self._variables, strict=True)]
        weight, change = (
            tf.sqrt(tf.math.unsorted_segment_sum(half_squares(tensors), self._layer_of, len(self._names)))
            for tensors in (before, changes)
        )
        ratio = tf.where(weight > 0, change / weight, tf.constant(np.nan, tf.float64))
        return self._write(self._updates, self._sampled // self._update_every, ratio)

    def _write(self, buffer: tf.Variable, number: tf.Tensor, row: tf.Tensor) -> tf.Tensor:
        buffer.scatter_nd_update([[number % self._capacity]], [row])
        return _nothing()

    def _loss_scale(self) -> tf.Tensor:
        """Returns the factor by which `optimizer.scale_loss` has multiplied the gradients."""
        scale = self.optimizer.dynamic_scale if self.optimizer.built else self.optimizer.initial_scale
        return tf.cast(tf.convert_to_tensor(scale), tf.float64)


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames) if frames else pd.DataFrame(index=pd.Index([], dtype=np.int64, name="step"))


def _call(function: Callable[[], tf.Tensor]) -> Callable[[], tf.Tensor]:
    """Makes a branch of a `tf.cond` a function that stays one: inlined, each of its nodes would cost when not taken."""
    return tf.function(function, autograph=False, experimental_attributes={"_noinline": True})


def _nothing() -> tf.Tensor:
    """Returns what the branches of a `tf.cond` return that are run for their effect."""
    return tf.constant(0.0, tf.float64)
