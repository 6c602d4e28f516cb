"""The steps of a model on the replicas of a `tf.distribute` strategy: several devices, or machines.

How it works, in the order in which it happens:

1. `mirrored` (mirrored.py) makes a copy of the compiled model, and of its optimizer, inside the scope of the strategy:
   each replica has its own of every variable. Losses and metrics stay outside: they get what is summed over the
   replicas.
2. Each worker reads the rows of its replicas (`Share`, in data/pipeline.py), and each replica takes its own (`_share`).
3. On a replica the step is a function without effects: from variables and share to the gradients, what the metrics
   add up, and the moving averages of normalisation, each times the share of the batch (`_learn`). The state of its
   random generators is shifted by its number, so that replicas drop other units.
4. All of it is packed into one tensor (per dtype) and summed over the replicas by one all-reduce (`_summed`).
5. Outside of the replicas the sums go where they belong: the optimizer clips and applies the gradient of the whole
   batch on every replica (`train_step`). That is where `GradientNormMonitor` looks on.

Keras's own `fit` can't do this: it fails with several workers, clips on each replica, and draws the same dropout on
all. `fit_replicas` (loop.py) calls the callbacks as `fit` does.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from keras_course.callbacks.gradient_monitor.train_step import SUMMED
from keras_course.data.pipeline import Share
from keras_course.runs.cluster import share_of
from keras_course.runs.seeds import random_states

NEXT_REPLICA = 0x9E3779B9  # between the seeds of replicas


class Replicas:
    """The steps of a model whose variables are mirrored on the replicas of a strategy.

    Args:
        model: Compiled, outside of the scope of the strategy that its variables were made in.
        strategy: The strategy.
    """

    def __init__(self, model: keras.Model, strategy: Any):
        self.model, self.strategy = model, strategy
        self._frozen = [v for v in model.variables if not any(v is one for one in model.trainable_variables)]
        self._random = {id(state) for state in random_states(model)}
        self._read = share_of(strategy)

    def take_over(self) -> None:
        """Makes these steps the model's own, for `fit_replicas` and `GradientNormMonitor`."""
        for name in ("train_step", "test_step", "make_train_function", "make_test_function"):
            object.__setattr__(self.model, name, getattr(self, name))  # past Keras's tracking
        object.__setattr__(self.model, SUMMED, True)

    def make_train_function(self, force: bool = False) -> Any:
        """Makes `model.train_function` of the train step that the model has now."""
        if force or self.model.train_function is None:
            self.model.train_function = self._function(self.model.train_step)
        return self.model.train_function

    def make_test_function(self, force: bool = False) -> Any:
        """Makes `model.test_function`."""
        if force or self.model.test_function is None:
            self.model.test_function = self._function(self.model.test_step)
        return self.model.test_function

    def _function(self, step: Callable[[Any], Any]) -> Any:
        def run(iterator):
            return step(next(iterator))

        if self.model.run_eagerly:
            return run
        return tf.function(run, reduce_retracing=True, autograph=False)

    def train_step(self, batch: Any) -> dict[str, Any]:
        """Takes one step with a batch; returns the running means of the metrics."""
        sums, states = self._summed(self._learn, batch)
        self._keep(sums, states)
        self.model.optimizer.apply(sums["gradients"], self.model.trainable_variables)
        return self.model.get_metrics_result()

    def test_step(self, batch: Any) -> dict[str, Any]:
        """Adds a batch to the metrics; returns their running means."""
        sums, _ = self._summed(self._judge, batch)
        self._keep(sums, {})
        return self.model.get_metrics_result()

    def _keep(self, sums: dict[str, Any], states: dict[str, Any]) -> None:
        for number, mean in sums.get("means", {}).items():
            self._frozen[int(number)].assign(mean)
        for number, state in states.items():
            self._frozen[int(number)].assign(state)
        for variable, added in zip(self.model.metrics_variables, sums["metrics"], strict=True):
            variable.assign_add(tf.cast(added, variable.dtype))

    def _summed(self, function: Callable[..., Any], batch: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Runs a function on each replica's share; returns the sums of what it returns, and the states it leaves."""
        outlines = []

        def on_replica(batch):
            sums, states = function(*self._share(batch))
            packed, outline = _pack(sums)
            outlines.append(outline)
            return packed, states

        packed, states = self.strategy.run(on_replica, args=(batch,))
        total = {dtype: self.strategy.reduce("SUM", flat, axis=None) for dtype, flat in packed.items()}
        ours = {name: self.strategy.experimental_local_results(state)[0] for name, state in states.items()}
        return _unpack(total, outlines[0]), ours

    def _share(self, batch: Any) -> tuple[Any, tf.Tensor, tf.Tensor]:
        """Returns this replica's rows, their share of all rows, and how much of a row of the batch each stands for.

        Of fewer rows than replicas each takes all, so that none is without.

        Args:
            batch: The rows of the worker, and the size of the whole batch.
        """
        rows_of_worker, size = batch
        context = tf.distribute.get_replica_context()
        replica, count = context.replica_id_in_sync_group, context.num_replicas_in_sync
        start, end = Share(replica, replica + 1, count).rows(size)
        seen = tf.cast(tf.where(size < count, size * count, size), tf.float64)
        before = self._read.rows(size)[0]
        rows = tf.nest.map_structure(lambda part: part[start - before : end - before], rows_of_worker)
        return rows, tf.cast(end - start, tf.float64) / seen, tf.cast(size, tf.float64) / seen

    def _learn(self, rows: Any, share: tf.Tensor, weight: tf.Tensor) -> tuple[dict[str, Any], dict[str, Any]]:
        """Computes what a replica adds to the step: gradients, metrics, moving averages; and its states."""
        model = self.model
        with tf.GradientTape() as tape:
            given, shift = self._values()
            with keras.StatelessScope(state_mapping=list(given.values()), collect_losses=True) as scope:
                loss = self._loss(rows, training=True)
            scaled = model.optimizer.scale_loss(loss * tf.cast(share, loss.dtype))
        gradients = tape.gradient(scaled, model.trainable_variables)
        means, states = {}, {}
        for number, variable in enumerate(self._frozen):
            value = scope.get_current_value(variable)
            if value is given[id(variable)][1]:
                continue
            if variable.dtype.startswith(("float", "bfloat")):
                means[str(number)] = tf.cast(value, variable.dtype) * tf.cast(share, variable.dtype)
            else:
                states[str(number)] = value - tf.cast(shift, value.dtype) if id(variable) in self._random else value
        pairs = zip(gradients, model.trainable_variables, strict=True)
        dense = [None if gradient is None else tf.reshape(gradient, variable.shape) for gradient, variable in pairs]
        return {"gradients": dense, "means": means, "metrics": self._added(scope, weight)}, states

    def _judge(self, rows: Any, share: tf.Tensor, weight: tf.Tensor) -> tuple[dict[str, Any], dict[str, Any]]:
        """Computes what a replica adds to the metrics of a validation."""
        del share
        given, _ = self._values()
        with keras.StatelessScope(state_mapping=list(given.values()), collect_losses=True) as scope:
            self._loss(rows, training=False)
        return {"metrics": self._added(scope, weight)}, {}

    def _loss(self, rows: Any, *, training: bool) -> tf.Tensor:
        """Computes the mean loss of rows, penalties included, and lets the metrics see them."""
        model = self.model
        x, y, weights = keras.utils.unpack_x_y_sample_weight(rows)
        outputs = model(x, training=training)
        loss = model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=weights, training=training)
        loss *= self.strategy.num_replicas_in_sync  # by which Keras has divided it
        tracker = next(metric for metric in model.metrics if metric.name == "loss")
        tracker.update_state(loss, sample_weight=tf.shape(tf.nest.flatten(x)[0])[0])
        model.compute_metrics(x, y, outputs, sample_weight=weights)
        return loss

    def _values(self) -> tuple[dict[int, tuple[Any, tf.Tensor]], tf.Tensor]:
        """Returns the variables with the values that a step begins with, by id, and the shift of random states.

        Those of metrics are 0, so that they end as what the step adds.
        """
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int64)
        shift = replica * tf.constant([NEXT_REPLICA, 0], tf.int64)
        values = {id(variable): (variable, tf.convert_to_tensor(variable.value)) for variable in self.model.variables}
        for number in self._random:
            variable, value = values[number]
            values[number] = variable, value + tf.cast(shift, value.dtype)
        values |= {id(one): (one, tf.zeros(one.shape, one.dtype)) for one in self.model.metrics_variables}
        return values, shift

    def _added(self, scope: Any, weight: tf.Tensor) -> list[tf.Tensor]:
        values = [scope.get_current_value(variable) for variable in self.model.metrics_variables]
        values = [value if value.dtype.is_floating else tf.cast(value, tf.float32) for value in values]
        return [value * tf.cast(weight, value.dtype) for value in values]


def _pack(values: Any) -> tuple[dict[str, tf.Tensor], tuple[Any, list[Any]]]:
    """Joins tensors into one of each dtype; returns these, and what `_unpack` needs."""
    leaves = tf.nest.flatten(values)
    flat: dict[str, list[tf.Tensor]] = {}
    for leaf in leaves:
        if leaf is not None:
            flat.setdefault(leaf.dtype.name, []).append(tf.reshape(leaf, [-1]))
    outline = [None if leaf is None else (leaf.dtype.name, leaf.shape) for leaf in leaves]
    return {dtype: tf.concat(parts, 0) for dtype, parts in flat.items()}, (values, outline)


def _unpack(packed: dict[str, tf.Tensor], outline: tuple[Any, list[Any]]) -> Any:
    values, leaves = outline
    sizes = {name: [shape.num_elements() for dtype, shape in filter(None, leaves) if dtype == name] for name in packed}
    parts = {name: iter(tf.split(flat, sizes[name])) for name, flat in packed.items()}
    tensors = [None if leaf is None else tf.reshape(next(parts[leaf[0]]), leaf[1]) for leaf in leaves]
    return tf.nest.pack_sequence_as(values, tensors)
