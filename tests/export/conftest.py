"""The small convnet and its images, for the tests that only read them."""

import keras
import pytest
from convnets import build_convnet, draw_images, spread_logits


@pytest.fixture(scope="session")
def convnet():
    keras.utils.set_random_seed(0)
    return spread_logits(build_convnet())


@pytest.fixture(scope="session")
def images():
    return draw_images()
