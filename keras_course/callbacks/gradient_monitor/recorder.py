"""Gradient norms, recorded inside the compiled train step and read on the host now and then."""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.callbacks.gradient_monitor.ring import Ring, stacked

# The norm of the update needs a copy of the weights, so only one recorded step in so many measures it.
UPDATE_EVERY = 25
# Below this half sum of squares, float32 squares of single entries may have underflowed.
SMALLEST_SAFE = 1e-24


class GradientRecorder:
    """Records the gradients that one optimizer applies, and now and then the update that it makes of them.

    Args:
        columns: Returns layer name -> variables; called at the first gradients, when every variable exists.
        optimizer: The Keras optimizer, or None for a training loop that calls `record` itself.
        every: Integer >= 1. Records each `every`-th step.
        capacity: Integer >= 1. Rows the buffers hold; older unread rows are overwritten.
    """

    def __init__(self, columns: Callable[[], dict[str, list[Any]]], optimizer: Any, *, every: int, capacity: int):
        self.optimizer = optimizer
        self.names: list[str] = []
        self._columns = columns
        self._inner: Any = getattr(optimizer, "inner_optimizer", optimizer)  # what a loss-scaling optimizer wraps
        self._parts = getattr(self._inner, "gradient_accumulation_steps", None) or 1  # gradients in an applied mean
        self._variables: list[Any] = []
        self._before: Any = None
        self._next_step = int(optimizer.iterations.numpy()) if optimizer else 0  # the first that has not been collected
        self.norms = Ring(every, capacity, self._next_step)
        self.updates = Ring(every * UPDATE_EVERY, capacity, self._next_step)
        self._epoch_start = 0

    @tf.autograph.experimental.do_not_convert
    def record(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Records the gradients of these variables as one step, or as a part of one that accumulates."""
        if not self._variables:
            # A tf.function that makes variables, even in `tf.init_scope`, is traced twice: another thread makes them.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(self._build, variables).result()
        # With gradient accumulation one step in so many changes the weights, by the mean of their gradients.
        applies = self._parts == 1 or (self._inner._iterations.value + 1) % self._parts == 0
        _when(applies, lambda: self._record(self._applied(gradients, variables), variables))
        if self.optimizer is None:  # nobody else knows when the buffers are full
            state = [self._step, self.norms.rows, self.updates.rows]
            _when(self._step % self.norms.capacity == 0, lambda: tf.py_function(self._take, state, []))

    def epoch_means(self) -> dict[str, float]:
        """Returns the mean norm of each layer since the last call; NaN if no step was recorded."""
        self.collect()
        means = stacked(self.norms.frames[self._epoch_start :]).mean(skipna=False)
        self._epoch_start = len(self.norms.frames)
        return {name: float(means.get(name, np.nan)) for name in self.names}

    def collect(self) -> int:
        """Moves what the buffers hold to the host; returns how many times the optimizer was applied since."""
        if not self._variables:
            return 0
        with tf.init_scope():  # a loop's step may be traced just now
            if self.optimizer is not None and int(self._sampled.numpy()) == int(self._step.numpy()) - 1:
                self._measure_update()
            applied = int(self._step.numpy()) - self._next_step
            self._take(self._step, self.norms.rows, self.updates.rows)
        return applied

    def close(self) -> None:
        """Collects the last rows and lets go of the buffers and of the copy of the weights."""
        self.collect()
        self._variables = []
        self._before = self.norms.rows = self.updates.rows = None

    def _take(self, end: Any, halves: Any, updates: Any) -> None:
        """Makes tables of the rows of the buffers that belong to the steps before `end`."""
        step = int(end.numpy())
        lost = (step - self._next_step) // self.norms.every - self.norms.capacity
        if lost > 0:
            limit = f"more than {self.norms.capacity} in one call of the train function"
            warnings.warn(f"gradient norms of {lost} steps are lost: {limit}", stacklevel=2)
        # In a loop of one's own the weights may not have changed yet: the next `record` measures the last update.
        measured = step if self.optimizer is not None else step - 1
        self.norms.read(halves, step, self.names, lambda rows: self._layer_norms(2 * rows))
        self.updates.read(updates, measured, self.names, self._layer_ratios)
        self._next_step = step

    def _layer_norms(self, squares: np.ndarray) -> np.ndarray:
        return np.sqrt(np.add.reduceat(squares, self._first_of_layer, axis=1))

    def _layer_ratios(self, halves: np.ndarray) -> np.ndarray:
        weight, change = (self._layer_norms(part) for part in np.split(halves, 2, axis=1))
        return np.divide(change, weight, out=np.full_like(change, np.nan), where=weight > 0)

    def _build(self, variables: Sequence[Any]) -> None:
        if self._parts > 1 and not self.optimizer.built:  # else it has nowhere to accumulate yet
            with keras.name_scope(self.optimizer.name):
                self.optimizer.build(variables)
        applied = {id(variable) for variable in variables}
        groups = {
            name: members
            for name, group in self._columns().items()
            if (members := [variable for variable in group if id(variable) in applied])
        }
        self.names = list(groups)
        self._variables = [variable for members in groups.values() for variable in members]
        self._first_of_layer = np.cumsum([0, *(len(members) for members in groups.values())])[:-1]
        self._step = tf.Variable(self._next_step, dtype=tf.int64, trainable=False)
        # The step before which `_before` was copied; at first none, nor one that could be taken for it.
        self._sampled = tf.Variable(-2, dtype=tf.int64, trainable=False)
        self._before = [tf.Variable(tf.zeros(v.shape, v.dtype), trainable=False) for v in self._variables]
        # Half the sums of squares of each variable's gradient; of its values and of their change.
        self.norms.allocate(len(self._variables))
        self.updates.allocate(2 * len(self._variables))

    def _record(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        gradient_of = {id(variable): gradient for variable, gradient in zip(variables, gradients, strict=True)}
        found = [gradient_of.get(id(variable)) for variable in self._variables]
        # Apart from the norms: what touches the weights holds up the optimizer, so it must not wait for gradients.
        _when(self._step % self.updates.every <= 1, self._follow_update, apart=True)
        _when(self.norms.every == 1 or self._step % self.norms.every == 0, lambda: self._write_norms(found))
        first = next((gradient for gradient in gradients if gradient is not None), 0.0)
        with tf.control_dependencies([_dense(first)]):
            self._step.assign_add(1)  # not if the data ran out before there was a gradient

    def _write_norms(self, gradients: Sequence[Any]) -> None:
        self.norms.write(self._step, _safe_half_squares(gradients) / self._loss_scale() ** 2)

    def _applied(self, gradients: Sequence[Any], variables: Sequence[Any]) -> Sequence[Any]:
        """Returns what the optimizer applies: these gradients, or their mean with those it has accumulated."""
        if self._parts == 1:
            return gradients

        def mean(gradient: Any, variable: Any) -> tf.Tensor:
            index = self._inner._get_variable_index(variable)
            others = _dense(self._inner._accumulated_gradients[index].value)  # without the loss scale
            return (_dense(gradient) + others * tf.cast(self._loss_scale(), others.dtype)) / self._parts

        return [g if g is None else mean(g, v) for g, v in zip(gradients, variables, strict=True)]

    def _loss_scale(self) -> tf.Tensor:
        """Returns the factor by which the optimizer has multiplied the loss."""
        one = tf.constant(1.0)
        return tf.cast(self.optimizer.scale_loss(one) if self.optimizer is not None else one, tf.float64)

    def _follow_update(self) -> None:
        """Measures the update since the sample of the weights, the step after it was taken; takes one when due."""
        _when(self._sampled == self._step - 1, self._measure_update)
        _when(self._step % self.updates.every == 0, self._sample_weights)

    def _sample_weights(self) -> None:
        for before, variable in zip(self._before, self._variables, strict=True):
            before.assign(variable.value)
        self._sampled.assign(self._step)

    def _measure_update(self) -> None:
        before = [_dense(variable) for variable in self._before]
        changes = [_dense(v.value) - b for b, v in zip(before, self._variables, strict=True)]
        self.updates.write(self._sampled, _half_squares(before + changes))


def _dense(value: Any) -> tf.Tensor:
    """Converts sparse, half-precision and missing gradients to a dense tensor whose squares can be summed."""
    if value is None:  # no path from the loss to this variable
        return tf.zeros((1,), tf.float32)
    tensor = tf.convert_to_tensor(value)
    return tf.cast(tensor, tf.float32) if tensor.dtype in (tf.float16, tf.bfloat16) else tensor


def _half_squares(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Sums the squares of each tensor in its own precision; returns half the sums, float64 (len(tensors),)."""
    sums = [tf.nn.l2_loss(tensor) for tensor in tensors]
    if len({one.dtype for one in sums}) > 1:  # layers of several precisions can't be stacked
        sums = [tf.cast(one, tf.float64) for one in sums]
    return tf.cast(tf.stack(sums), tf.float64)


def _safe_half_squares(gradients: Sequence[Any]) -> tf.Tensor:
    """Does the same without under- or overflow: looks again at the sums that float32 cannot be trusted with."""
    tensors = [_dense(gradient) for gradient in gradients]
    plain = _half_squares(tensors)
    present = tf.constant([gradient is not None for gradient in gradients])
    doubtful = present & ((plain < SMALLEST_SAFE) | tf.math.is_inf(plain))

    def rescaled() -> tf.Tensor:
        return tf.where(doubtful, tf.stack([_scaled_half_squares(tensor) for tensor in tensors]), plain)

    return tf.cond(tf.reduce_any(doubtful), _apart(rescaled), lambda: plain)


def _scaled_half_squares(tensor: tf.Tensor) -> tf.Tensor:
    largest = tf.reduce_max(tf.abs(tensor))
    ratio_squares = tf.nn.l2_loss(tf.math.divide_no_nan(tensor, largest))
    square = tf.cast(largest, tf.float64) ** 2 * tf.cast(ratio_squares, tf.float64)
    return tf.where(tf.math.is_inf(largest), tf.constant(np.inf, tf.float64), square)


def _when(condition: Any, action: Callable[[], object], *, apart: bool = False) -> None:
    """Runs an action for its effect if the condition holds: always, or on the device."""
    if condition is True:
        action()
        return
    nothing = partial(tf.constant, 0.0)

    def branch() -> tf.Tensor:
        action()
        return nothing()

    tf.cond(condition, _apart(branch) if apart else branch, nothing)


def _apart(function: Callable[[], tf.Tensor]) -> Callable[[], tf.Tensor]:
    """Makes a branch of a `tf.cond` a function that stays one: inlined, each of its nodes would cost when not taken."""
    if tf.executing_eagerly():
        return function
    return tf.function(function, autograph=False, experimental_attributes={"_noinline": True})
