"""Recipes: every architecture has one that fits its builder and its images."""

import inspect

import pytest

from keras_course.models import MODEL_BUILDERS
from keras_course.training import RECIPES


def test_every_architecture_has_a_recipe_with_options_of_its_builder():
    assert list(RECIPES) == list(MODEL_BUILDERS)
    for name, recipe in RECIPES.items():
        assert recipe.options.keys() <= inspect.signature(MODEL_BUILDERS[name]).parameters.keys()


@pytest.mark.parametrize(("name", "flipped"), [("fashion_mnist", True), ("mnist", False), ("emnist/letters", False)])
def test_characters_are_not_mirrored(name, flipped):
    assert ("flip" in RECIPES["resnet18"].for_data(name, 60_000).augment) is flipped


def test_small_data_get_smaller_batches_and_their_own_epochs():
    recipe = RECIPES["resnet18"]
    small = recipe.for_data("digits", 1_300)
    assert (small.batch_size, small.epochs) == (recipe.batch_size // 4, recipe.small_epochs)
    assert recipe.for_data("fashion_mnist", 54_000) == recipe


@pytest.mark.parametrize(
    ("shape", "size"), [((8, 8, 1), (16, 16)), ((12, 40, 1), (16, 53)), ((16, 16, 1), None), ((28, 28, 3), None)]
)
def test_small_images_are_enlarged_in_proportion(shape, size):
    assert RECIPES["resnet18"].image_size(shape) == size


def test_momentum_makes_an_optimizer():
    optimizer = RECIPES["resnet18"].make_optimizer()
    assert (type(optimizer).__name__, optimizer.momentum, optimizer.nesterov) == ("SGD", 0.9, True)
    assert RECIPES["lenet"].make_optimizer() == "adam"
