"""The loop over epochs and steps of a model on the replicas of a strategy, in place of `model.fit`."""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.runs.cluster import WorkerLostError, worker_of
from keras_course.runs.description import plain
from keras_course.runs.folder import FREE_TO_CHANGE

LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
)
# Callbacks that write files, which is for the chief.
WRITERS = (
    keras.callbacks.BackupAndRestore,
    keras.callbacks.CSVLogger,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.TensorBoard,
    *filter(None, [getattr(keras.callbacks, "OrbaxCheckpoint", None)]),  # not in every Keras 3
)


@contextlib.contextmanager
def losses_of_workers(strategy: Any) -> Iterator[None]:
    """Turns the errors by which TensorFlow says that another worker has ended into a `WorkerLostError`.

    Args:
        strategy: The strategy, or None; where it has no other workers, errors stay as they are.

    Example:
        >>> with losses_of_workers(None):
        ...     pass
    """
    try:
        yield
    except LOST as error:
        if worker_of(strategy).count == 1:
            raise
        message = str(error)
        first_line = message.partition("\n")[0]
        raise WorkerLostError(
            f"{_lost_worker(strategy, message)} has ended or can't be reached; start all workers again with "
            f"`resume=True`, and they go on from the last checkpoint ({first_line})"
        ) from error


def _lost_worker(strategy: Any, message: str) -> str:
    """Returns which worker an error is about, if it names one beside this."""
    own, cluster = worker_of(strategy), strategy.cluster_resolver.cluster_spec()
    before = {"worker": int("chief" in cluster.jobs)}
    tasks = re.findall(r"/job:(chief|worker)/replica:\d+/task:(\d+)", message)
    others = {before.get(job, 0) + int(task) for job, task in tasks} - {own.index}
    return f"worker {others.pop() + 1} of {own.count}" if len(others) == 1 else "another worker"


def fit_replicas(
    model: keras.Model,
    strategy: Any,
    data: tf.data.Dataset,
    *,
    validation_data: tf.data.Dataset | None = None,
    initial_epoch: int = 0,
    epochs: int = 1,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> None:
    """Trains as `model.fit` does, with the steps of `Replicas`.

    Each worker runs this with equal arguments. Where several do, a callback that ends the training within an epoch is
    heard at the end of the epoch, since all must end at the same step.

    Args:
        model: What `mirrored` gives.
        strategy: Its strategy.
        data: Of each batch of an epoch the rows of this worker and the size of the whole, see `Share`; of known number.
        validation_data: Such pairs, or None.
        initial_epoch: Of the first epoch.
        epochs: Number of the last epoch + 1.
        callbacks: As for `fit`.
        verbose: As for `fit`.

    Raises:
        WorkerLostError: If another worker has ended.
    """
    with losses_of_workers(strategy):
        steps, alone = len(data), worker_of(strategy).count == 1
        options = {"verbose": verbose, "epochs": epochs, "steps": steps, "model": model}
        called = keras.callbacks.CallbackList(list(callbacks), add_history=True, add_progbar=verbose != 0, **options)
        model.stop_training = False
        model.make_train_function()
        called.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            model.reset_metrics()
            called.on_epoch_begin(epoch)
            iterator = iter(data)
            for step in range(steps):
                called.on_train_batch_begin(step)
                logs = model.train_function(iterator)
                called.on_train_batch_end(step, logs)
                if alone and model.stop_training:
                    break
            logs = _numbers(model.get_metrics_result())
            if validation_data is not None:
                logs |= {f"val_{name}": figure for name, figure in _validate(model, validation_data, called).items()}
            called.on_epoch_end(epoch, logs)
            if not alone:
                model.stop_training = bool(total(strategy, [model.stop_training])[0])
            if model.stop_training:
                break
        model.optimizer.finalize_variable_values(model.trainable_variables)
        called.on_train_end()


def _validate(model: keras.Model, data: tf.data.Dataset, called: keras.callbacks.CallbackList) -> dict[str, float]:
    model.make_test_function()
    model.reset_metrics()
    called.on_test_begin()
    iterator = iter(data)
    for step in range(len(data)):
        called.on_test_batch_begin(step)
        called.on_test_batch_end(step, model.test_function(iterator))
    logs = _numbers(model.get_metrics_result())
    called.on_test_end(logs)
    return logs


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(figure) for name, figure in logs.items()}


def total(strategy: Any, numbers: Sequence[float]) -> np.ndarray:
    """Sums numbers over the workers of a strategy; all wait until each has given its own.

    Args:
        strategy: The strategy; None sums over this process alone.
        numbers: As many on every worker.

    Example:
        >>> total(None, [2.0]).tolist()
        [2.0]
    """
    values = np.asarray(numbers, np.float64)
    if worker_of(strategy).count == 1:
        return values
    with losses_of_workers(strategy):
        local = strategy.num_replicas_in_sync // worker_of(strategy).count  # each of which adds the worker's numbers
        return _sum(strategy, tf.constant(values)).numpy() / local


@tf.function(autograph=False)
def _sum(strategy: Any, values: tf.Tensor) -> tf.Tensor:
    return strategy.reduce("SUM", strategy.run(tf.identity, args=(values,)), axis=None)


def check_alike(strategy: Any, config: Mapping[str, Any], epochs: int) -> None:
    """Raises unless all workers have the same settings and go on from the same checkpoint.

    Args:
        strategy: Of the training, or None.
        config: What makes the run.
        epochs: How many the checkpoint has.

    Raises:
        ValueError: If another worker has others.
        WorkerLostError: If another worker has ended.

    Example:
        >>> check_alike(None, {"kind": "own"}, 0)
    """
    count = worker_of(strategy).count
    if count == 1:
        return
    own = {name: value for name, value in plain(config).items() if name not in FREE_TO_CHANGE}
    digest = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).digest()
    ours = np.array([epochs, *np.frombuffer(digest[:16], np.uint16)], np.float64)
    means = total(strategy, [*ours, *ours**2]) / count
    spread = means[len(ours) :] - means[: len(ours)] ** 2  # of whole numbers: 0 or at least 1 / (2 count)
    if (spread * count > 0.25).any():
        what = f"a checkpoint of {epochs} epochs" if spread[0] * count > 0.25 else f"the settings {own}"
        raise ValueError(
            "`strategy` needs workers with the same arguments, data and run folder, on a disk that all of them see. "
            f"Received: here {what}, elsewhere another"
        )
