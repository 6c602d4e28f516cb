"""The reference export in saved_models/: its size, and its accuracy measured again."""

import re
from pathlib import Path

import pytest

from keras_course.data import load_images
from keras_course.export import load_saved_model

SAVED_MODELS = Path(__file__).parents[2] / "saved_models"


def test_reference_export_is_small():
    files = [path for path in (SAVED_MODELS / "lenet_digits" / "1").rglob("*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in files) < 400_000


def test_reference_export_has_the_accuracy_that_its_readme_states(digits_dir):
    stated = re.search(r"Test accuracy: \*\*(0\.\d{4})\*\*", (SAVED_MODELS / "README.md").read_text(encoding="utf-8"))
    test = load_images("digits", data_dir=digits_dir).test_examples
    prediction = load_saved_model(SAVED_MODELS / "lenet_digits" / "1").predict(test.images)
    accuracy = (prediction.class_id == test.labels).mean()
    assert accuracy == pytest.approx(float(stated[1]), abs=5e-5)
    assert accuracy >= 0.98
