"""Recipes: every architecture has one that fits its builder and its images."""

import inspect

import numpy as np
import pytest
from outlines import outline

from keras_course.applications.detection import DETECTOR_RECIPES
from keras_course.applications.segmentation import SEGMENTER_RECIPES
from keras_course.models import DETECTOR_BUILDERS, MODEL_BUILDERS, SEGMENTER_BUILDERS
from keras_course.training import RECIPES, Recipe, train_classifier


def test_every_architecture_has_a_recipe_with_options_of_its_builder():
    assert list(RECIPES) == list(MODEL_BUILDERS)
    for name, recipe in RECIPES.items():
        assert recipe.options.keys() <= inspect.signature(MODEL_BUILDERS[name]).parameters.keys()


@pytest.mark.parametrize(
    ("name", "flipped"),
    [
        *(("fashion_mnist", True), ("mnist", False), ("emnist/letters", False)),
        *(("fashion_mnist:3.0.1", True), ("mnist:3.0.1", False), ("emnist/letters:3.1.0", False)),
    ],
)
def test_characters_are_not_mirrored(name, flipped):
    assert ("flip" in RECIPES["resnet18"].for_data(name, 60_000).augment) is flipped


def test_small_data_get_smaller_batches_and_their_own_epochs():
    recipe = RECIPES["resnet18"]
    small = recipe.for_data("digits", 1_300)
    assert (small.batch_size, small.epochs) == (recipe.batch_size // 4, recipe.small_epochs)
    assert recipe.for_data("fashion_mnist", 54_000) == recipe


def test_a_batch_of_small_data_has_an_image():
    recipe = Recipe(epochs=1, small_epochs=1, learning_rate=0.1, batch_size=3)
    assert recipe.for_data("digits", 100).batch_size == 1


@pytest.mark.parametrize(
    "setting",
    [
        *({name: value} for name in ("epochs", "small_epochs", "batch_size", "smallest_size") for value in (0, 1.5)),
        {"learning_rate": -1},
        {"optimizer": None},
        {"momentum": 1},
        {"decay": "slow"},
        {"decay_factor": 0},
        {"weight_decay": -1},
        {"augment": ("rotate",)},
    ],
)
def test_settings_out_of_range_are_named(setting):
    with pytest.raises(ValueError, match=f"`{next(iter(setting))}` must "):
        Recipe(**{"epochs": 1, "small_epochs": 1, "learning_rate": 0.1, **setting})


@pytest.mark.parametrize(
    ("shape", "size"), [((8, 8, 1), (16, 16)), ((12, 40, 1), (16, 53)), ((16, 16, 1), None), ((28, 28, 3), None)]
)
def test_small_images_are_enlarged_in_proportion(shape, size):
    assert RECIPES["resnet18"].image_size(shape) == size


def test_settings_are_those_of_train_classifier():
    assert RECIPES["lenet"].settings().keys() <= inspect.signature(train_classifier).parameters.keys()


def test_settings_have_the_optimizer_with_its_momentum():
    optimizer = RECIPES["vgg11"].settings()["optimizer"]
    assert (type(optimizer).__name__, optimizer.momentum, optimizer.nesterov) == ("SGD", 0.9, True)
    assert RECIPES["lenet"].settings()["optimizer"] == "adam"


def test_settings_given_win_and_another_optimizer_has_rates_of_its_own():
    recipe = RECIPES["vgg11"]
    given = recipe.settings(epochs=3, learning_rate=0.5, weight_decay=0.0, decay="none")
    assert [given[name] for name in ("epochs", "learning_rate", "weight_decay", "decay")] == [3, 0.5, 0.0, None]
    other = recipe.settings(optimizer="adam")
    assert [other[name] for name in ("optimizer", "learning_rate", "weight_decay")] == ["adam", None, None]
    assert recipe.settings(optimizer="SGD")["learning_rate"] == recipe.learning_rate


def test_decay_goes_over_the_epochs_asked_for():
    recipe = RECIPES["vgg11"]
    decay = recipe.settings(epochs=4, learning_rate=1.0)["decay"]
    assert decay.decay_rate == pytest.approx(np.log(recipe.decay_factor) / 4)


@pytest.mark.parametrize(
    ("build", "recipe"),
    [
        *((build, DETECTOR_RECIPES[name]) for name, build in DETECTOR_BUILDERS.items()),
        *((build, SEGMENTER_RECIPES[name]) for name, build in SEGMENTER_BUILDERS.items()),
    ],
    ids=[*DETECTOR_BUILDERS, *SEGMENTER_BUILDERS],
)
def test_pictures_of_one_size_are_fitted_to_what_a_detector_or_a_segmenter_takes(build, recipe):
    height, width = recipe.image_size((100, 75, 3))
    assert outline(build, (height, width, 3), 2, **recipe.options).input_shape == (None, height, width, 3)
