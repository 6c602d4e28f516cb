"""compare_recipes: what it refuses before images are opened."""

import pytest

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
