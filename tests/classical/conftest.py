import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


@pytest.fixture(scope="session")
def digits():
    """scikit-learn's digits as uint8 images (n, 8, 8, 1): training images and labels, test images and labels."""
    images, labels = load_digits(return_X_y=True)
    images = np.round(images * 255 / 16).astype(np.uint8).reshape(-1, 8, 8, 1)
    train, test, y, y_test = train_test_split(images, labels, test_size=360, random_state=0, stratify=labels)
    return train, y, test, y_test


@pytest.fixture(scope="session")
def photographs():
    """Sixty colour images of 24x32 pixels, cut out of a photograph."""
    from skimage.data import astronaut

    picture, random = astronaut(), np.random.default_rng(0)
    return np.stack([picture[y : y + 24, x : x + 32] for y, x in random.integers(0, 480, (60, 2))])
