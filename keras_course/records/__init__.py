"""What every training leaves behind: a folder written whole, a state exact to the bit, a page to read."""

from keras_course.records.epoch_seeds import EpochSeeds
from keras_course.records.folder import RunFolder, files_of_run, write_whole
from keras_course.records.nonfinite import NonFiniteLossError
from keras_course.records.own_seed import own_seed

__all__ = ["EpochSeeds", "NonFiniteLossError", "RunFolder", "files_of_run", "own_seed", "write_whole"]
