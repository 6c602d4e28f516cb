import os

import pytest
from synthetic import TEST, TRAIN

from keras_course.data import integrity, load_images


@pytest.fixture
def mnist_of_size(monkeypatch):
    """Returns a function that makes other numbers of images the official ones of the MNIST family."""
    from tensorflow_datasets.image_classification import mnist

    def change(train, test):
        monkeypatch.setattr(mnist, "_TRAIN_EXAMPLES", train)
        monkeypatch.setattr(mnist, "_TEST_EXAMPLES", test)
        sizes = {"train": train, "t10k": test}
        shapes = {name: (sizes[name.split("-")[0]], *shape[1:]) for name, shape in integrity.IDX_SHAPES.items()}
        monkeypatch.setattr(integrity, "IDX_SHAPES", shapes)

    return change


@pytest.fixture
def small_mnist(mnist_of_size):
    """Makes 60 training and 20 test images the official size of the MNIST family."""
    mnist_of_size(TRAIN, TEST)


@pytest.fixture(autouse=True)
def no_mirror_of_the_machine(monkeypatch):
    """Hides the mirror that the machine may have; tests that want it take `real_mirror`."""
    monkeypatch.delenv("KERAS_COURSE_MIRROR", raising=False)


@pytest.fixture(scope="session")
def real_mirror():
    mirror = os.environ.get("KERAS_COURSE_MIRROR")
    if not mirror:
        pytest.skip("KERAS_COURSE_MIRROR is not set: no original Fashion-MNIST files")
    return mirror


@pytest.fixture
def digits(digits_dir):
    return load_images(data_dir=digits_dir)
