"""The engine of every training: run folder, fit, checkpoint, resume, seeds, report; and training by name.

The names load on first use, so that a command line can look at run folders before it imports Keras.
"""

from typing import TYPE_CHECKING

from keras_course import lazy

if TYPE_CHECKING:
    from keras_course.runs.engine import Fitted, NonFiniteLossError, TrainingData, fit
    from keras_course.runs.folder import RunFolder, read_config
    from keras_course.runs.kinds import KINDS, Kind, files_of_run
    from keras_course.runs.recipes import export_run, resume_run, train_recipe
    from keras_course.runs.seeds import EpochSeeds, own_seed
    from keras_course.runs.settings import Run, RunSettings
    from keras_course.runs.state import State

__all__ = [
    "KINDS",
    "EpochSeeds",
    "Fitted",
    "Kind",
    "NonFiniteLossError",
    "Run",
    "RunFolder",
    "RunSettings",
    "State",
    "TrainingData",
    "export_run",
    "files_of_run",
    "fit",
    "own_seed",
    "read_config",
    "resume_run",
    "train_recipe",
]

__getattr__ = lazy(
    __name__,
    {
        "engine": ["Fitted", "NonFiniteLossError", "TrainingData", "fit"],
        "folder": ["RunFolder", "read_config"],
        "kinds": ["KINDS", "Kind", "files_of_run"],
        "recipes": ["export_run", "resume_run", "train_recipe"],
        "seeds": ["EpochSeeds", "own_seed"],
        "settings": ["Run", "RunSettings"],
        "state": ["State"],
    },
)


def __dir__():
    return __all__
