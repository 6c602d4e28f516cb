"""Records gradient norms where an optimizer is applied, inside the compiled train step."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

# Below this sum of squares, float32 squares of single entries may have underflowed.
SMALLEST_SAFE_SQUARES = 1e-24
# The norm of the update needs a copy of the weights, so only every tenth recorded step measures it.
UPDATE_EVERY = 10


def trainable_variables_by_layer(model: keras.Model, prefix: str = "") -> dict[str, list[Any]]:
    """Groups a model's trainable variables by layer, in forward order.

    Args:
        model: A Keras model; layers of nested models are named `inner/layer`.
        prefix: Put before each name.

    Returns:
        Layer name -> its trainable variables; a variable shared by two layers belongs to the first. Variables that
        the model itself owns come last, under the model's name.
    """
    groups: dict[str, list[Any]] = {}
    taken: set[int] = set()

    def add(name: str, variables: Sequence[Any]) -> None:
        new = [variable for variable in variables if id(variable) not in taken]
        taken.update(map(id, new))
        if new:
            copies = sum(other.rpartition("#")[0] == name or other == name for other in groups)
            groups[f"{name}#{copies + 1}" if copies else name] = new

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            for name, variables in trainable_variables_by_layer(layer, f"{prefix}{layer.name}/").items():
                add(name, variables)
        else:
            add(prefix + layer.name, layer.trainable_variables)
    add(prefix + model.name, model.trainable_variables)
    return groups


def sum_of_squares(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Sums the squares of each tensor in its own precision; returns float64 (len(tensors),)."""
    return 2 * tf.cast(tf.stack([tf.nn.l2_loss(t) for t in tensors]), tf.float64)


def scaled_sum_of_squares(tensors: Sequence[tf.Tensor]) -> tf.Tensor:
    """Sums the squares of each tensor without under- or overflow; returns float64 (len(tensors),)."""
    squares = []
    for t in tensors:
        largest = tf.reduce_max(tf.abs(t))
        ratio_squares = 2 * tf.nn.l2_loss(tf.math.divide_no_nan(t, largest))
        square = tf.cast(largest, tf.float64) ** 2 * tf.cast(ratio_squares, tf.float64)
        square = tf.where(tf.math.is_inf(largest), tf.constant(np.inf, tf.float64), square)
        squares.append(tf.where(tf.reduce_any(tf.math.is_nan(t)), tf.constant(np.nan, tf.float64), square))
    return tf.stack(squares)


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
        self._columns = columns
        self._every = every
        self._update_every = every * UPDATE_EVERY
        self._capacity = capacity
        self._names: list[str] = []
        self._variables: list[Any] = []
        self._before: list[tf.Variable] = []
        self._next_step = int(optimizer.iterations)  # the first one that has not been collected
        self._norm_rows: list[tuple[np.ndarray, np.ndarray]] = []
        self._update_rows: list[tuple[np.ndarray, np.ndarray]] = []

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
        return self._frame(self._norm_rows)

    @property
    def update_ratios(self) -> pd.DataFrame:
        """The collected norms of update over norm of weight: index = step, a column a layer."""
        return self._frame(self._update_rows)

    def collect(self) -> None:
        """Moves what the buffers hold to the host."""
        if not self._variables:
            return
        step = int(self._step.numpy())
        if int(self._sampled.numpy()) == step - 1:
            self._measure_update()
        for buffer, every, rows in (
            (self._norms, self._every, self._norm_rows),
            (self._updates, self._update_every, self._update_rows),
        ):
            numbers = np.arange(-(-self._next_step // every), -(-step // every))[-self._capacity :]
            if len(numbers):
                rows.append((numbers * every, buffer.numpy()[numbers % self._capacity]))
        self._next_step = step

    def close(self) -> None:
        """Collects the last rows and lets go of the buffers and of the copy of the weights."""
        self.collect()
        self._variables = []
        self._before = []

    def _frame(self, rows: list[tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
        if not rows:
            return pd.DataFrame(index=pd.Index([], dtype=np.int64, name="step"))
        steps = pd.Index(np.concatenate([steps for steps, _ in rows]), name="step")
        return pd.DataFrame(np.concatenate([values for _, values in rows]), index=steps, columns=self._names)

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
        self._sampled = tf.Variable(-1, dtype=tf.int64, trainable=False)  # the step whose weights `_before` holds
        empty = tf.zeros((self._capacity, len(groups)), tf.float64)
        self._norms = tf.Variable(empty, trainable=False)
        self._updates = tf.Variable(empty, trainable=False)
        self._before = [tf.Variable(tf.zeros(v.shape, v.dtype), trainable=False) for v in self._variables]

    def _record(self, grads: list[Any], variables: list[Any]) -> None:
        gradient_of = {id(variable): grad for variable, grad in zip(variables, grads, strict=True)}
        found = [_dense(gradient_of.get(id(variable))) for variable in self._variables]
        if self._every == 1:
            self._write_norms(found)
            return
        due = self._step % self._every == 0
        after_sample = self._sampled == self._step - 1

        def observe() -> tf.Tensor:
            tf.cond(after_sample, self._measure_update, _nothing)
            return tf.cond(due, lambda: self._write_norms(found), _nothing)

        tf.cond(due | after_sample, observe, _nothing)

    def _write_norms(self, gradients: list[tf.Tensor]) -> tf.Tensor:
        """Writes this step's row; the rare work shares one `tf.cond`, which is what a step would feel."""
        squares = sum_of_squares(gradients)
        out_of_range = tf.reduce_any((squares < SMALLEST_SAFE_SQUARES) | tf.math.is_inf(squares))
        phase = self._step % self._update_every

        def rare() -> tf.Tensor:
            tf.cond(self._sampled == self._step - 1, self._measure_update, _nothing)
            tf.cond(phase == 0, self._sample_weights, _nothing)
            return tf.cond(out_of_range, lambda: scaled_sum_of_squares(gradients), lambda: squares)

        squares = tf.cond(out_of_range | (phase < 2), rare, lambda: squares)
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
        weight = tf.sqrt(self._per_layer(scaled_sum_of_squares(before)))
        change = tf.sqrt(self._per_layer(scaled_sum_of_squares(changes)))
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


def _nothing() -> tf.Tensor:
    """Returns what the branches of a `tf.cond` return that are run for their effect."""
    return tf.constant(0.0, tf.float64)


def _dense(value: Any) -> tf.Tensor:
    """Converts sparse, half-precision and missing gradients to a dense tensor whose squares can be summed."""
    if value is None:  # no path from the loss to this variable
        return tf.zeros((1,), tf.float32)
    tensor = tf.convert_to_tensor(value)
    return tf.cast(tensor, tf.float32) if tensor.dtype in (tf.float16, tf.bfloat16) else tensor
