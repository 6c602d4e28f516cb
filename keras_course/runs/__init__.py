"""What every training leaves behind: a folder written whole, a state exact to the bit, a page to read."""

from keras_course.runs.folder import RunFolder, files_of_run
from keras_course.runs.nonfinite import NonFiniteLossError
from keras_course.runs.seeds import EpochSeeds, own_seed

__all__ = ["EpochSeeds", "NonFiniteLossError", "RunFolder", "files_of_run", "own_seed"]
