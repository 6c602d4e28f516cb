"""The engine: fits, checkpoints, resumes to the bit, watches for non-finite losses, keeps the clock and the rate.

How it works: a task compiles its model, describes the run in a dict (`describe_run`), and hands `fit` the model, the
data, and `State` objects for what it must remember beside weights and optimizers. After each sound epoch every state
takes note, and a checkpoint of all of them replaces the last one. An interrupted run starts from there with the data of
the next epoch, `data.train_from(epoch)`, so that it ends with the weights of the uninterrupted one. At the end
`Fitted.close` writes what is left: settings, tables, model, and the page that the task draws.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from keras_course.arguments import require_integer
from keras_course.runs.cluster import WorkerLostError, worker_of
from keras_course.runs.folder import CHECKPOINT, HISTORY, RunFolder, last_checkpoint
from keras_course.runs.kinds import files_of_run
from keras_course.runs.loop import WRITERS, check_alike, fit_replicas
from keras_course.runs.reloading import warn_unless_loadable
from keras_course.runs.seeds import EpochSeeds
from keras_course.runs.settings import RunSettings
from keras_course.runs.state import History, State, Variables, pack_all, unpack_all
from keras_course.runs.users_callbacks import CallbackStates

GRADIENT_NORMS = "grad_norm/"  # begins the names of logs that a progress bar leaves out


class NonFiniteLossError(ValueError):
    """The loss became NaN or infinite; the message names where, as far as it can be told.

    Example:
        >>> raise NonFiniteLossError("the loss is NaN or infinite at step 8")
        Traceback (most recent call last):
        keras_course.runs.engine.NonFiniteLossError: the loss is NaN or infinite at step 8
    """


class TrainingData(Protocol):
    """What `fit` trains on: batches from an epoch on, and batches to validate on, or None.

    Example:
        >>> import tensorflow as tf
        >>> class Ones:
        ...     validation = None
        ...     def train_from(self, epoch):
        ...         return tf.data.Dataset.from_tensors((tf.ones((4, 2)), tf.ones((4, 1)))).repeat(3)
        >>> data: TrainingData = Ones()
        >>> len(data.train_from(0))
        3
    """

    @property
    def validation(self) -> tf.data.Dataset | None:
        """Batches in a fixed order."""

    def train_from(self, epoch: int) -> tf.data.Dataset:
        """Batches as an uninterrupted run would see them from `epoch` (0-based) on."""


@dataclass(eq=False)
class Fitted:
    """A training after its last epoch.

    Attributes:
        model: The model that was trained.
        history: The table of the epochs.
        config: What made the run, with `training_seconds`.
        folder: Its folder, or None.
        failure: What `close` raises, or None.

    Example:
        >>> import pandas as pd
        >>> fitted = Fitted(model=None, history=pd.DataFrame(), config={"kind": "own"}, folder=None, failure=None)
        >>> fitted.close(lambda: print("not called without a folder"))
        >>> fitted.run_dir is None
        True
    """

    model: keras.Model
    history: pd.DataFrame
    config: dict[str, Any]
    folder: RunFolder | None
    failure: NonFiniteLossError | None

    @property
    def run_dir(self) -> Path | None:
        """The path of its folder, or None."""
        return None if self.folder is None else self.folder.path

    def close(self, write_page: Callable[[], Any], tables: Mapping[str, pd.DataFrame] | None = None) -> None:
        """Writes settings, tables, model and page into the folder, if there is one; raises the failure after that.

        What an earlier process wrote of them is replaced, whole or damaged. The folder is free afterwards.

        Args:
            write_page: Writes `report.html` and its figures.
            tables: More tables, by file name.
        """
        if self.folder is not None:
            with contextlib.closing(self.folder):
                self.folder.write_config(self.config)
                for name, table in {HISTORY: self.history, **(tables or {})}.items():
                    self.folder.write_table(name, table)
                if self.failure is None:
                    self.folder.write_model(self.model)
                write_page()
        if self.failure is not None:
            raise self.failure


def fit(
    model: keras.Model,
    data: TrainingData,
    settings: RunSettings,
    *,
    config: dict[str, Any],
    states: Sequence[State] = (),
    before: Sequence[keras.callbacks.Callback] = (),
    after: Sequence[keras.callbacks.Callback] = (),
    tables: Callable[[], Mapping[str, pd.DataFrame]] = dict,
) -> Fitted:
    """Trains the epochs that are left, with a checkpoint after each.

    Args:
        model: Compiled, with its optimizers built.
        data: What it is trained and validated on.
        settings: What every training is told. Their `callbacks` are called between those of the task.
        config: What made the run, JSON-serialisable, from `describe_run`.
        states: What the task remembers beside model and optimizers.
        before: Callbacks of the task that come before the user's, in their order.
        after: Callbacks of the task that come after them.
        tables: Returns what is written after each epoch beside `history.csv`, by file name.

    Returns:
        The training, to be closed by the task.

    Raises:
        ValueError: If `settings.run_dir` holds a run that is not to be resumed, was made otherwise, or has finished
            more epochs.

    Example:
        >>> import keras
        >>> import tensorflow as tf
        >>> from keras_course.runs import RunSettings
        >>> class Ones:
        ...     validation = None
        ...     def train_from(self, epoch):
        ...         return tf.data.Dataset.from_tensors((tf.ones((4, 2)), tf.ones((4, 1)))).repeat(3)
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
        >>> model.optimizer.build(model.trainable_variables)
        >>> fitted = fit(model, Ones(), RunSettings(epochs=2, verbose=0), config={"kind": "own"})
        >>> fitted.history.shape, fitted.history["loss"].is_monotonic_decreasing
        ((2, 3), True)
    """
    folder, checkpoint = _opened(settings, config)
    callbacks = [one for one in settings.callbacks if settings.is_chief or not isinstance(one, WRITERS)]
    history, of_user = History(), CallbackStates(callbacks)
    every: list[State] = [Variables(model), history, *states, of_user]
    if checkpoint is not None:
        unpack_all(every, checkpoint, Path(settings.run_dir or "", CHECKPOINT))
    check_alike(settings.strategy, config, history.epochs)
    require_integer("epochs", settings.epochs, at_least=max(1, history.epochs))
    workers = worker_of(settings.strategy).count
    if folder is not None:
        if workers > 1:
            folder.tell_loss(history.epochs, workers)
        folder.write_config(config)
        warn_unless_loadable(model)
    done = history.epochs >= settings.epochs or (history.epochs > 0 and _enough(every, history.epochs - 1))

    def save() -> None:
        if folder is not None:
            for name, table in {HISTORY: history.table, **tables()}.items():
                folder.write_table(name, table)
            folder.write_checkpoint(pack_all(every))

    keeper = EpochKeeper(every, save)
    put_back = keras.callbacks.LambdaCallback(on_train_begin=lambda logs: of_user.put_back())
    verbose = settings.verbose if settings.is_chief else 0
    shuffling = partial(model.fit, shuffle=False)  # the data set shuffles itself
    train: Any = shuffling if settings.strategy is None else partial(fit_replicas, model, settings.strategy)
    with _noted_loss(folder):
        train(  # with no epoch left too: it ends what begins, the averages of `use_ema` for instance
            data.train_from(history.epochs),
            validation_data=data.validation,
            initial_epoch=history.epochs,
            epochs=history.epochs if done else settings.epochs,
            callbacks=[
                *(EpochSeeds(settings.seed), *before, *callbacks, *after, put_back, keeper),
                *([ProgressBar()] if verbose else []),
            ],
            verbose=verbose,
        )
    seconds = round(sum(row["seconds"] for row in history.rows), 1)
    return Fitted(model, history.table, {**config, "training_seconds": seconds}, folder, keeper.failure)


@contextlib.contextmanager
def _noted_loss(folder: RunFolder | None) -> Iterator[None]:
    try:
        yield
    except WorkerLostError as error:
        if folder is not None:
            folder.write_loss(str(error).partition(";")[0])
        raise


def _opened(settings: RunSettings, config: dict[str, Any]) -> tuple[RunFolder | None, Mapping[str, np.ndarray] | None]:
    """Returns the run folder, of the process that writes it, and the checkpoint to go on from, as far as there are."""
    if settings.own_run_dir is not None:
        folder = RunFolder(settings.own_run_dir, config, resume=settings.resume)
        return folder, folder.checkpoint
    if settings.resume and settings.run_dir is not None and files_of_run(settings.run_dir, resume=True):
        return None, last_checkpoint(Path(settings.run_dir), config)
    return None, None


class ProgressBar(keras.callbacks.ProgbarLogger):
    """Keras's progress bar without the mean gradient norms, of which a deep net has a hundred."""

    def on_epoch_end(self, epoch, logs=None):
        """Ends the bar of the epoch."""
        super().on_epoch_end(epoch, without_gradient_norms(logs))


class EpochKeeper(keras.callbacks.Callback):
    """Lets every state take note of a sound epoch, then saves; comes behind all other callbacks.

    The first step with a loss that is NaN or infinite ends the training.

    Args:
        states: What is kept.
        save: Called after each sound epoch.
    """

    def __init__(self, states: Sequence[State], save: Callable[[], None]):
        super().__init__()
        self.states, self.save = states, save
        self.sound_steps, self.failed = 0, False
        self.failure: NonFiniteLossError | None = None

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the losses; `logs` holds the epoch's running means, which stay non-finite once they are."""
        if not losses_are_finite(logs):
            self.failed = self.model.stop_training = True
        self.sound_steps += not self.failed

    def on_epoch_begin(self, epoch, logs=None):
        """Starts the clock, and notes the rate that the epoch is trained with."""
        self._began = time.perf_counter()
        self._rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def on_epoch_end(self, epoch, logs=None):
        """Keeps the epoch, unless a loss or a weight is not finite."""
        row = {name: float(figure) for name, figure in without_gradient_norms(logs).items()}
        if self.failed or not losses_are_finite(row) or not self._weights_are_finite():
            self.failure = self._explained()
            self.model.stop_training = True
            return
        row |= {"learning_rate": self._rate, "seconds": round(time.perf_counter() - self._began, 3)}
        for state in self.states:
            state.keep(epoch, row)
        self.save()
        if _enough(self.states, epoch):
            self.model.stop_training = True

    def _weights_are_finite(self) -> bool:
        return all(np.isfinite(keras.ops.convert_to_numpy(weight)).all() for weight in self.model.weights)

    def _explained(self) -> NonFiniteLossError:
        step = self.sound_steps if self.failed else None
        said = [text for state in self.states if (text := state.explain(step))]
        return NonFiniteLossError(said[0] if said else "the loss or a weight is NaN or infinite")


def losses_are_finite(logs: Mapping[str, Any] | None) -> bool:
    """Says whether `loss` and whatever ends in `_loss` is finite."""
    return all(np.isfinite(x) for name, x in (logs or {}).items() if name == "loss" or name.endswith("_loss"))


def without_gradient_norms(logs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns the logs without the mean norm of each layer's gradient."""
    return {name: figure for name, figure in (logs or {}).items() if not name.startswith(GRADIENT_NORMS)}


def _enough(states: Sequence[State], epoch: int) -> bool:
    return any(state.enough(epoch) for state in states)
