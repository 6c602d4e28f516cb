"""Names that Keras makes up count the models and layers of the process: they are no settings of a run."""

import keras
import numpy as np
import pytest

from keras_course.data import Examples, ImageData
from keras_course.training import train_classifier

RNG = np.random.default_rng(0)
EXAMPLES = Examples(RNG.integers(0, 256, (24, 4, 4, 1), np.uint8), np.arange(24) % 3)
DATA = ImageData("noise", ("a", "b", "c"), EXAMPLES, None, EXAMPLES, batch_size=12)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)


def sequential(units=5, **options):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Flatten(), keras.layers.Dense(units), keras.layers.Dense(3)]
    return keras.Sequential([keras.Input((4, 4, 1)), *layers], **options)


def train(model, folder, epochs, **options):
    return train_classifier(model, DATA, epochs=epochs, run_dir=folder, verbose=0, **options)


def test_an_unnamed_model_is_resumed_in_the_same_process(tmp_path):
    whole = train(sequential(), tmp_path / "whole", 2)
    train(sequential(), tmp_path / "parts", 1)
    model = sequential()
    parts = train(model, tmp_path / "parts", 2, resume=True)
    for value, expected in zip(parts.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)
    assert list(parts.gradient_norms.columns) == [layer.name for layer in model.layers if layer.weights]
    np.testing.assert_array_equal(parts.gradient_norms.to_numpy(), whole.gradient_norms.to_numpy())


def test_names_that_were_given_count(tmp_path):
    train(sequential(name="mine"), tmp_path / "run", 1)
    with pytest.raises(ValueError, match=r"`resume` needs the settings of the run.*model was 'mine', now 'yours'"):
        train(sequential(name="yours"), tmp_path / "run", 2, resume=True)


def test_another_net_is_another_net(tmp_path):
    train(sequential(), tmp_path / "run", 1)
    with pytest.raises(ValueError, match=r"`resume` needs the settings of the run.*layers_digest was"):
        train(sequential(units=6), tmp_path / "run", 2, resume=True)
