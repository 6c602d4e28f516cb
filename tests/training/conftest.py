import pytest


@pytest.fixture
def no_report(monkeypatch):
    """Spares runs the figures, which take longer than a small net's training."""
    monkeypatch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)
