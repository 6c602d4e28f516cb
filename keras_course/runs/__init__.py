"""The engine of every training: run folder, fit, checkpoint, resume, seeds, report; and training by name.

The names load on first use, so that a command line can look at run folders before it imports Keras.
"""

from typing import TYPE_CHECKING

from keras_course import publish

if TYPE_CHECKING:
    from keras_course.runs.by_name import export_run as export_run
    from keras_course.runs.by_name import load_predictor as load_predictor
    from keras_course.runs.by_name import resume_run as resume_run
    from keras_course.runs.by_name import train_recipe as train_recipe
    from keras_course.runs.cluster import Worker as Worker
    from keras_course.runs.cluster import WorkerLostError as WorkerLostError
    from keras_course.runs.cluster import strategy_of_environment as strategy_of_environment
    from keras_course.runs.engine import Fitted as Fitted
    from keras_course.runs.engine import NonFiniteLossError as NonFiniteLossError
    from keras_course.runs.engine import TrainingData as TrainingData
    from keras_course.runs.engine import fit as fit
    from keras_course.runs.folder import RunFolder as RunFolder
    from keras_course.runs.folder import read_config as read_config
    from keras_course.runs.kinds import KINDS as KINDS
    from keras_course.runs.kinds import Kind as Kind
    from keras_course.runs.kinds import files_of_run as files_of_run
    from keras_course.runs.seeds import EpochSeeds as EpochSeeds
    from keras_course.runs.seeds import own_seed as own_seed
    from keras_course.runs.settings import Run as Run
    from keras_course.runs.settings import RunSettings as RunSettings
    from keras_course.runs.state import State as State

publish(
    globals(),
    {
        "by_name": ["export_run", "load_predictor", "resume_run", "train_recipe"],
        "cluster": ["Worker", "WorkerLostError", "strategy_of_environment"],
        "engine": ["Fitted", "NonFiniteLossError", "TrainingData", "fit"],
        "folder": ["RunFolder", "read_config"],
        "kinds": ["KINDS", "Kind", "files_of_run"],
        "seeds": ["EpochSeeds", "own_seed"],
        "settings": ["Run", "RunSettings"],
        "state": ["State"],
    },
)
