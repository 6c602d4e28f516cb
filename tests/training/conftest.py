import functools

import keras
import pytest


@pytest.fixture
def no_report(monkeypatch):
    """Spares runs the figures, which take longer than a small net's training."""
    monkeypatch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)


@pytest.fixture
def eager(monkeypatch):
    """Spares a training its graph, which takes longer to make than a few steps of a small net."""
    monkeypatch.setattr(keras.Model, "compile", functools.partialmethod(keras.Model.compile, run_eagerly=True))
