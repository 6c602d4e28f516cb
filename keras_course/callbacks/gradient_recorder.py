"""Records gradient norms where an optimizer is applied, inside the compiled train step."""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

# Below this sum of squares, float32 squares of single entries may have underflowed.
SMALLEST_SAFE_SQUARES = 1e-24
# The norm of the update needs a copy of the weights, so only one recorded step in so many measures it.
UPDATE_EVERY = 25


def sum_of_squares(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Sums the squares of each tensor in its own precision; returns float64 (len(tensors),)."""
    return 2 * tf.cast(tf.stack([tf.nn.l2_loss(t) for t in tensors]), tf.float64)


def scaled_sum_of_squares(tensor: tf.Tensor) -> tf.Tensor:
    """Sums the squares of a tensor without under- or overflow; returns a float64 scalar."""
    largest = tf.reduce_max(tf.abs(tensor))
    ratio_squares = 2 * tf.nn.l2_loss(tf.math.divide_no_nan(tensor, largest))
    square = tf.cast(largest, tf.float64) ** 2 * tf.cast(ratio_squares, tf.float64)
    return tf.where(tf.math.is_inf(largest), tf.constant(np.inf, tf.float64), square)


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
        self._variables: list[Any] = []
        self._before: list[tf.Variable] = []
        # The first steps whose norm and whose update have not been collected.
        self._next_step = self._next_update = int(optimizer.iterations)
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
            self._step.assign_add(1)
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

    def collect(self) -> int:
        """Moves what the buffers hold to the host; returns how many times the optimizer was applied since."""
        if not self._variables:
            return 0
        step, applied = int(self._step.numpy()), int(self._step.numpy()) - self._next_step
        if applied > self._capacity * self._every:
            warnings.warn(
                f"gradient norms of {applied // self._every - self._capacity} steps are lost: "
                f"more than {self._capacity} in one call of the train function",
                stacklevel=2,
            )
        if int(self._sampled.numpy()) == step - self._update_span:
            self._measure_update()
        self._read(self._norms, self._every, self._next_step, step, self._norm_frames)
        measured = max(self._next_update, step - self._update_span + 1)
        self._read(self._updates, self._update_every, self._next_update, measured, self._update_frames)
        self._next_step, self._next_update = step, measured
        return applied

    def close(self) -> None:
        """Collects the last rows and lets go of the buffers and of the copy of the weights."""
        self.collect()
        self._variables = []
        self._before = []

    def _read(self, buffer: tf.Variable, every: int, first: int, end: int, frames: list[pd.DataFrame]) -> None:
        numbers = np.arange(-(-first // every), -(-end // every))[-self._capacity :]
        if len(numbers):
            index = pd.Index(numbers * every, name="step")
            frames.append(pd.DataFrame(buffer.numpy()[numbers % self._capacity], index=index, columns=self._names))

    def _build(self, variables: list[Any]) -> None:
        applied = {id(variable) for variable in variables}
        groups = {
            name: members
            for name, group in self._columns().items()
            if (members := [variable for variable in group if id(variable) in applied])
        }
        self._names = list(groups)
        self._variables = [variable for members in groups.values() for variable in members]
        self._layer_of = [column for column, members in enumerate(groups.values()) for _ in members]
        self._step = tf.Variable(self._next_step, dtype=tf.int64, trainable=False)
        # The step before which `_before` was copied; at first none, nor one that could be taken for it.
        self._sampled = tf.Variable(-1 - self._update_span, dtype=tf.int64, trainable=False)
        empty = tf.zeros((self._capacity, len(groups)), tf.float64)
        self._norms = tf.Variable(empty, trainable=False)
        self._updates = tf.Variable(empty, trainable=False)
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
        sampling = self._step % self._update_every == 0
        measurable = self._sampled == self._step - self._update_span

        def follow() -> tf.Tensor:
            tf.cond(measurable, self._measure_update, _nothing)
            return tf.cond(sampling, self._sample_weights, _nothing)

        tf.cond(sampling | measurable, follow, _nothing)

    def _write_norms(self, gradients: list[Any]) -> tf.Tensor:
        dense = [_dense(gradient) for gradient in gradients]
        plain = sum_of_squares(dense)
        present = tf.constant([gradient is not None for gradient in gradients])
        out_of_range = present & ((plain < SMALLEST_SAFE_SQUARES) | tf.math.is_inf(plain))

        def rescaled() -> tf.Tensor:
            return tf.stack(
                [
                    tf.cond(out_of_range[i], partial(scaled_sum_of_squares, tensor), partial(tf.gather, plain, i))
                    for i, tensor in enumerate(dense)
                ]
            )

        squares = tf.cond(tf.reduce_any(out_of_range), rescaled, lambda: plain)
        norms = tf.sqrt(self._per_layer(squares)) / self._loss_scale()
        return self._write(self._norms, self._step // self._every, norms)

    def _sample_weights(self) -> tf.Tensor:
        for before, variable in zip(self._before, self._variables, strict=True):
            before.assign(variable.value)
        self._sampled.assign(self._step)
        return _nothing()

    def _measure_update(self) -> tf.Tensor:
        before = [_dense(variable) for variable in self._before]
        changes = [_dense(v.value) - b for b, v in zip(before, self._variables, strict=True)]
        weight, change = (tf.sqrt(self._per_layer(sum_of_squares(tensors))) for tensors in (before, changes))
        ratio = tf.where(weight > 0, change / weight, tf.constant(np.nan, tf.float64))
        return self._write(self._updates, self._sampled // self._update_every, ratio)

    def _write(self, buffer: tf.Variable, number: tf.Tensor, row: tf.Tensor) -> tf.Tensor:
        buffer.scatter_nd_update([[number % self._capacity]], [row])
        return _nothing()

    def _per_layer(self, squares: tf.Tensor) -> tf.Tensor:
        return tf.math.unsorted_segment_sum(squares, self._layer_of, len(self._names))

    def _loss_scale(self) -> tf.Tensor | float:
        """Returns the factor by which `optimizer.scale_loss` has multiplied the gradients."""
        optimizer = self.optimizer
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            scale = optimizer.dynamic_scale if optimizer.built else optimizer.initial_scale
            return tf.cast(tf.convert_to_tensor(scale), tf.float64)
        return optimizer.loss_scale_factor or 1.0


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames) if frames else pd.DataFrame(index=pd.Index([], dtype=np.int64, name="step"))


def _nothing() -> tf.Tensor:
    """Returns what the branches of a `tf.cond` return that are run for their effect."""
    return tf.constant(0.0, tf.float64)


def _dense(value: Any) -> tf.Tensor:
    """Converts sparse, half-precision and missing gradients to a dense tensor whose squares can be summed."""
    if value is None:  # no path from the loss to this variable
        return tf.zeros((1,), tf.float32)
    tensor = tf.convert_to_tensor(value)
    return tf.cast(tensor, tf.float32) if tensor.dtype in (tf.float16, tf.bfloat16) else tensor
