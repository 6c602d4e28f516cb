"""The bilinear start of transposed convolutions, against SciPy's and TensorFlow's interpolation."""

import keras
import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from keras_course.models.layers import BilinearUpsampling


def upsample(maps, factor):
    layer = keras.layers.Conv2DTranspose(
        maps.shape[-1],
        2 * factor,
        strides=factor,
        padding="same",
        use_bias=False,
        kernel_initializer=BilinearUpsampling(),
    )
    return np.asarray(layer(maps))


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_inside_it_is_bilinear_interpolation(factor):
    maps = np.random.default_rng(0).normal(size=(2, 5, 7, 3)).astype("float32")
    result = upsample(maps, factor)
    zoomed = scipy.ndimage.zoom(maps, (1, factor, factor, 1), order=1, grid_mode=True, mode="grid-constant")
    resized = np.asarray(tf.image.resize(maps, (5 * factor, 7 * factor)))
    inside = np.s_[:, factor:-factor, factor:-factor]
    np.testing.assert_allclose(result[inside], zoomed[inside], atol=1e-5)
    np.testing.assert_allclose(result[inside], resized[inside], atol=1e-5)


def test_beyond_the_border_there_are_zeros():
    maps = np.random.default_rng(1).normal(size=(1, 3, 4, 1)).astype("float32")
    frame = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    resized = np.asarray(tf.image.resize(frame, (10, 12)))
    np.testing.assert_allclose(upsample(maps, 2), resized[:, 2:-2, 2:-2], atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 4, 2, 3), (4, 6, 2, 2), (6, 6, 1, 1)])
def test_other_kernels_are_refused(shape):
    with pytest.raises(ValueError, match="`shape` must be .*Received: shape="):
        BilinearUpsampling()(shape)


def test_it_survives_saving():
    config = keras.initializers.serialize(BilinearUpsampling())
    kernel = keras.initializers.deserialize(config)((4, 4, 2, 2))
    np.testing.assert_array_equal(kernel, BilinearUpsampling()((4, 4, 2, 2)))
