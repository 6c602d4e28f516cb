"""Instance normalisation against NumPy and Keras's group normalisation, in every precision."""

import keras
import numpy as np
import pytest

from keras_course.models.layers import CropLike, InstanceNormalization


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_equals_group_normalization_of_one_channel_each(dtype):
    images = np.random.default_rng(0).normal(3, 2, (2, 6, 5, 4)).astype(dtype)
    ours = InstanceNormalization(epsilon=1e-3, dtype=dtype)
    theirs = keras.layers.GroupNormalization(groups=-1, epsilon=1e-3, dtype=dtype)
    for layer in (ours, theirs):
        layer.build(images.shape)
        layer.set_weights([np.array([1.0, 2, 3, 4]), np.array([0.0, 1, 0, -1])])
    np.testing.assert_allclose(ours(images), theirs(images), rtol=1e-4, atol=1e-5)


def test_each_image_and_channel_has_mean_zero_and_variance_one():
    images = np.random.default_rng(0).normal(3, 2, (3, 8, 8, 2)).astype(np.float32)
    found = np.asarray(InstanceNormalization()(images))
    np.testing.assert_allclose(found.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(found.var(axis=(1, 2)), 1, atol=1e-4)


def test_half_precision_comes_back_as_it_was():
    layer = InstanceNormalization(dtype="mixed_float16")
    found = layer(np.random.default_rng(0).normal(1000, 1, (1, 8, 8, 2)).astype(np.float16))
    assert found.dtype == "float16" and np.isfinite(np.asarray(found)).all()


def test_saved_models_load(tmp_path):
    image, small = keras.Input((None, None, 3)), keras.Input((None, None, 3))
    model = keras.Model([image, small], CropLike()([InstanceNormalization(epsilon=0.5)(image), small]))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    pictures = [np.random.default_rng(0).random((1, *size, 3)) for size in ((8, 8), (7, 5))]
    np.testing.assert_array_equal(loaded(pictures), model(pictures))
    assert loaded(pictures).shape == (1, 7, 5, 3)


@pytest.mark.parametrize("epsilon", [0, -1, float("nan")], ids=str)
def test_epsilon_is_checked(epsilon):
    with pytest.raises(ValueError, match="`epsilon` must be a finite number > 0"):
        InstanceNormalization(epsilon=epsilon)
