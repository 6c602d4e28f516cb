import numpy as np
import pytest
from small_convnet import BATCH, compiled, convnet, fit, taped_norms

from keras_course.callbacks import GradientNormMonitor


@pytest.fixture(scope="session")
def data():
    generator = np.random.default_rng(0)
    return generator.normal(size=(5 * BATCH, 6, 6, 1)).astype("float32"), generator.integers(0, 3, 5 * BATCH)


@pytest.fixture(scope="session")
def expected(data):
    """The norms in five steps of the convnet."""
    return taped_norms(convnet(), data)


@pytest.fixture(scope="session")
def watched(data):
    """The monitor of these steps."""
    monitor = GradientNormMonitor()
    fit(compiled(convnet()), data, monitor)
    return monitor
