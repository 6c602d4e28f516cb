"""compare_recipes: what it refuses before images are opened, and what it records."""

import numpy as np
import pytest

from keras_course.data import ImageData
from keras_course.runs import read_config
from keras_course.selection import compare_recipes


@pytest.mark.parametrize(
    ("models", "options", "message"),
    [
        ("lenet", {}, "`models` must be a sequence.*Received: models='lenet'"),
        ([], {}, "`models` must be a sequence of at least 1"),
        (["lenet", 3], {}, "`models` must be one of .* Received: models=3"),
        (["lenet"], {"fold": 3}, "`fold` must be left out: it is not among folds, .*Received: fold=3"),
        (["lenet"], {"batch_size": 3}, "`batch_size` must be left out: "),
        (["lenet"], {"verbose": "loud"}, "`verbose` must be"),
        (["lenet"], {"resume": True}, "`resume` needs the folder"),
    ],
)
def test_bad_arguments_are_named_before_images_are_opened(models, options, message):
    with pytest.raises(ValueError, match=message):
        compare_recipes(models, "no such data", **options)


def test_class_weight_is_recorded_by_name_and_refused_before_training(tmp_path, no_figures):
    """JSON makes names of indices, and class 0 of these is called "1"."""
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8), np.uint8)
    data = ImageData.from_arrays(images, np.arange(40) % 2, class_names=["1", "0"])
    options = {"folds": 2, "run_dir": tmp_path}
    compare_recipes(["pixels+logistic"], data, class_weight={np.int64(0): np.float32(4)}, **options)
    recorded = read_config(tmp_path)["recipe"]["class_weight"]
    assert recorded == {"1": 4.0}
    for same in (recorded, {0: 4}):
        compare_recipes(["pixels+logistic"], data, class_weight=same, resume=True, **options)
    with pytest.raises(ValueError, match=r"`class_weight` must stay {'1': 4.0}"):
        compare_recipes(["pixels+logistic"], data, class_weight={1: 4}, resume=True, **options)
    for wrong in ({(1,): 2}, {"2": 2}, {0: "2"}, [1, 2]):
        with pytest.raises(ValueError, match="`class_weight.* must"):
            compare_recipes(["pixels+logistic"], data, class_weight=wrong)
