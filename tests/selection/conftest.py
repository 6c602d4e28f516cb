import functools

import keras
import pytest


@pytest.fixture(scope="module", autouse=True)
def eager():
    """Spares the trainings of a perceptron their graphs, which take longer to make than their few steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "compile", functools.partialmethod(keras.Model.compile, run_eagerly=True))
        yield
