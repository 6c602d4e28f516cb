"""A training whose images stay on disk ends with the weights of one in memory, resumed or not."""

import shutil

import numpy as np
import pytest

from keras_course import resume_run, train_recipe
from keras_course.data import load_images


@pytest.fixture
def options(digits_dir, tmp_path):
    return {
        "data_dir": shutil.copytree(digits_dir, tmp_path / "data"),
        "batch_size": 200,
        "decay": "none",
        "verbose": 0,
    }


def test_weights_are_those_of_a_training_in_memory_also_resumed_with_another_cache(options, tmp_path):
    options |= {"augment": ("crop",), "seed": 2}
    expected = train_recipe("perceptron", epochs=3, **options)
    train_recipe("perceptron", epochs=1, cache="none", run_dir=tmp_path / "run", **options)
    resumed = resume_run(tmp_path / "run", epochs=3, cache="disk", verbose=0)
    for ours, theirs in zip(resumed.model.get_weights(), expected.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(resumed.evaluation.probabilities, expected.evaluation.probabilities)
    assert resumed.config["polarity"] == expected.config["polarity"] == "light on dark"


def test_what_is_loaded_already_keeps_its_place(options):
    with pytest.raises(ValueError, match="`cache` must be left out: the images are loaded already"):
        train_recipe("perceptron", load_images(data_dir=options["data_dir"]), epochs=1, cache="disk", verbose=0)
