"""The small features: no larger than promised, and as good on areas they have never seen as their report says."""

import re
from pathlib import Path

import numpy as np
import pytest

from keras_course.models.small_features import FILTERS, WEIGHTS

REPORT = WEIGHTS.with_name("README.md")
PATCHES = 25  # of each photograph; the report has more


@pytest.fixture(scope="module")
def small_features():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2])
        from benchmarks import small_features
    return small_features


def test_they_stay_small():
    assert sum(path.stat().st_size for path in WEIGHTS.parent.iterdir()) < 400_000
    with np.load(WEIGHTS) as saved:
        assert {array.dtype for array in saved.values()} == {np.dtype(np.float16)}
        assert saved["stage4_conv2/kernel"].shape == (3, 3, FILTERS[3], FILTERS[3])


def test_accuracies_are_those_of_the_report(small_features):
    table = small_features.accuracies(small_features.photographs(), PATCHES)
    told = re.search(r"\*\*mean\*\* \| \*\*(.*)\*\* \| \*\*(.*)\*\*", REPORT.read_text(encoding="utf-8"))
    for column, figure in zip(("photograph", "turn"), told.groups(), strict=True):
        error = 3 * np.sqrt(0.25 / (PATCHES * len(table)))  # at most, of a share
        assert table[column].mean() == pytest.approx(float(figure), abs=error)


def test_test_patches_and_training_patches_share_no_pixel(small_features):
    from PIL import Image

    columns = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (200, 256, 3))
    photograph, random = Image.fromarray(np.ascontiguousarray(columns)), np.random.default_rng(0)
    for test in (False, True):
        for _ in range(200):
            patch = small_features.cut(photograph, test, random)
            assert patch.min() >= 192 if test else patch.max() <= 191


def test_training_batches_depend_on_their_number_alone(small_features):
    found = small_features.photographs()
    first, again = (small_features.Steps(found)[3] for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    assert first[0].dtype == np.float32
    assert 0 <= first[0].min() <= first[0].max() <= 1
    assert not np.array_equal(first[0], small_features.Steps(found)[4][0])


def test_folded_net_is_the_trained_one(small_features, tmp_path, monkeypatch):
    import keras

    from keras_course.models import small_features as package

    found = small_features.photographs()
    trained = small_features.with_heads(small_features.build_small_features(batch_norm=True), len(found))
    random = np.random.default_rng(0)
    for layer in trained.layers:
        if layer.name.endswith("_bn"):
            layer.set_weights([random.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    for module in (small_features, package):
        monkeypatch.setattr(module, "WEIGHTS", tmp_path / "weights.npz")
    monkeypatch.setattr(small_features, "FOLDER", tmp_path)
    small_features.save(trained)
    image = random.random((1, 48, 48, 3), np.float32)
    last = keras.Model(trained.input, trained.get_layer("stage4_pool").output)
    expected = np.asarray(last(image, training=False))
    actual = np.asarray(package.load_small_features()(image))
    np.testing.assert_allclose(actual, expected, atol=5e-3 * np.abs(expected).max())  # float16 has 11 bits
