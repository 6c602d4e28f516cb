"""What every training is told: one frozen dataclass that checks itself, and the object that it gives back."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from keras_course.arguments import require_boolean, require_choice, require_integer, require_sequence
from keras_course.callbacks import LearningRateRangeTest
from keras_course.models.conventions import require_tensorflow
from keras_course.name_arguments import require_path
from keras_course.runs.cluster import check_strategy, worker_of


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """The arguments that all `train_` functions share; a task adds its own in a subclass.

    Args:
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        seed: Integer >= 0. With the number of the epoch it decides all that is random in the epoch: dropout, noise,
            latent vectors. The order of the images has a seed of its own, that of the data, and the first weights are
            the caller's to seed.
        run_dir: Folder of the run; None writes nothing.
        resume: Whether to go on with the run in `run_dir`. An empty folder starts one.
        callbacks: More Keras callbacks for `fit`.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch.
        recipe: What `train_recipe` was given, for the record; None where it was not called.
        command: The command line that asked for the run, for the record.
        strategy: A `tf.distribute` strategy for several devices or workers, or None.
        synchronized: Whether batch normalisation takes its statistics over all replicas of the strategy.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> RunSettings(epochs=3).seed
        0
    """

    epochs: int
    seed: int = 0
    run_dir: str | os.PathLike | None = None
    resume: bool = False
    callbacks: Sequence[keras.callbacks.Callback] = ()
    verbose: int = 1
    recipe: Mapping[str, Any] | None = None
    command: str | None = None
    strategy: Any = None
    synchronized: bool = False

    def __post_init__(self):
        require_tensorflow("training")
        check_strategy(self.strategy)
        require_boolean("synchronized", self.synchronized)
        if self.synchronized and self.strategy is None:
            raise ValueError("`synchronized` needs a `strategy`. Received: synchronized=True and strategy=None")
        require_integer("epochs", self.epochs, at_least=1)
        require_integer("seed", self.seed, at_least=0)
        require_sequence("callbacks", self.callbacks)
        for callback in self.callbacks:
            if not isinstance(callback, keras.callbacks.Callback):
                raise ValueError(f"`callbacks` must hold Keras callbacks. Received: {callback!r} among them")
            if isinstance(callback, LearningRateRangeTest):
                raise ValueError(
                    "`callbacks` must not hold a LearningRateRangeTest, which undoes its training at the end: "
                    "give it to a `model.fit` of its own"
                )
        check_run(self.run_dir, self.resume, self.verbose)

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run folder."""
        return worker_of(self.strategy).is_chief

    @property
    def own_run_dir(self) -> str | os.PathLike | None:
        """The run folder of the process that writes it, else None."""
        return self.run_dir if self.is_chief else None


def check_run(run_dir: object, resume: bool, verbose: int) -> None:
    """Raises a ValueError if a run is to be resumed and there is no folder of it, or `verbose` is no level."""
    require_choice("verbose", verbose, (0, 1, 2))
    require_boolean("resume", resume)
    if run_dir is not None:
        require_path("run_dir", run_dir)
    if resume and run_dir is None:
        raise ValueError("`resume` needs the folder of the run. Received: resume=True and run_dir=None")


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """The outcome of a training; each kind of training adds fields of its own.

    Args:
        model: What was trained.
        history: Index = epoch (0-based), one column per figure; empty where nothing is trained in epochs.
        evaluation: On the test images, or None.
        config: What made the run, as in `config.json`; `config["kind"]` says what kind it is.
        run_dir: The run folder, or None.
        data: What it was trained on.

    Example:
        >>> import pandas as pd
        >>> Run(model=None, history=pd.DataFrame(), evaluation=None, config={"kind": "none"}, run_dir=None).config
        {'kind': 'none'}
    """

    model: Any
    history: pd.DataFrame
    evaluation: Any
    config: dict[str, Any]
    run_dir: Path | None
    data: Any = None
