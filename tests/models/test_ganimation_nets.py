"""The nets of GANimation: the published sizes, counted by hand; shapes; what the options add."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.models import blend, build_ganimation_discriminator, build_ganimation_generator
from keras_course.models.layers import InstanceNormalization, ModulatedNormalization


def test_parameters_of_the_published_generator():
    norm = lambda channels: 2 * channels  # noqa: E731  scale and shift; convolutions have no biases
    down = [7 * 7 * (3 + 17) * 64 + norm(64), 4 * 4 * 64 * 128 + norm(128), 4 * 4 * 128 * 256 + norm(256)]
    blocks = 6 * 2 * (3 * 3 * 256 * 256 + norm(256))
    up = [4 * 4 * 256 * 128 + norm(128), 4 * 4 * 128 * 64 + norm(64)]
    masks = 7 * 7 * 64 * 3 + 7 * 7 * 64 * 1
    model = build_ganimation_generator((128, 128, 3), 17)
    assert sum(down) + blocks + sum(up) + masks == 8_471_296
    assert model.count_params() == 8_471_296


def test_parameters_of_the_published_discriminator():
    widths = [3, 64, 128, 256, 512, 1024, 2048]
    trunk = sum(4 * 4 * before * after + after for before, after in zip(widths, widths[1:], strict=False))
    critic, units = 3 * 3 * 2048, (128 // 2**6) ** 2 * 2048 * 17
    model = build_ganimation_discriminator((128, 128, 3), 17)
    assert trunk + critic + units == 44_860_352
    assert model.count_params() == 44_860_352


@pytest.mark.parametrize("options", [{}, {"modulate": True}, {"skips": True}, {"modulate": True, "skips": True}])
def test_masks_have_the_size_of_the_image_and_their_intervals(options):
    keras.utils.set_random_seed(0)
    model = build_ganimation_generator((16, 24, 3), 2, base_filters=3, blocks=1, kernel_size=3, **options)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 24, 3)).astype(np.float32)
    one, other = (model([images, np.full((2, 2), level, np.float32)]) for level in (0, 1))
    assert one["colour"].shape == (2, 16, 24, 3)
    assert one["attention"].shape == (2, 16, 24, 1)
    assert -1 <= float(np.min(one["colour"])) <= float(np.max(one["colour"])) <= 1
    assert 0 < float(np.min(one["attention"])) <= float(np.max(one["attention"])) < 1
    if "modulate" in options:  # else instance normalisation takes away most of what constant planes add
        assert np.abs(np.asarray(one["colour"]) - np.asarray(other["colour"])).mean() > 0.01


def test_blend_keeps_the_image_where_attention_is_one():
    random = np.random.default_rng(0)
    images, colour = random.uniform(-1, 1, (2, 2, 4, 4, 3))
    for attention, expected in ((0.0, colour), (1.0, images), (0.25, 0.75 * colour + 0.25 * images)):
        masks = np.full((2, 4, 4, 1), attention)
        np.testing.assert_allclose(blend({"colour": colour, "attention": masks}, images), expected)


def test_modulation_is_linear_in_the_vector():
    layer, random = ModulatedNormalization(), np.random.default_rng(0)
    maps, vectors = random.normal(3, 2, (2, 6, 5, 4)), random.normal(size=(2, 5))
    layer.build([maps.shape, vectors.shape])
    gamma, beta, kernel, bias = (random.normal(size=shape) for shape in ((4,), (4,), (5, 8), (8,)))
    layer.set_weights([gamma, beta, kernel, bias])
    normalized = (maps - maps.mean((1, 2), keepdims=True)) / np.sqrt(maps.var((1, 2), keepdims=True) + layer.epsilon)
    scale, shift = np.split(vectors @ kernel + bias, 2, axis=1)
    expected = (normalized * gamma + beta) * (1 + scale[:, None, None]) + shift[:, None, None]
    np.testing.assert_allclose(layer([maps, vectors]), expected, rtol=1e-4, atol=1e-4)


def test_gradient_of_the_normalisation_is_that_of_keras_layers():
    random = np.random.default_rng(1)
    maps, weights = tf.constant(random.normal(3, 2, (2, 6, 5, 4))), random.normal(size=(2, 6, 5, 4))
    usual = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5, dtype="float64")
    gradients = []
    for layer in (InstanceNormalization(dtype="float64"), usual):
        layer.build(maps.shape)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            loss = tf.reduce_sum(tf.sin(layer(maps)) * weights)
        gradients.append(tape.gradient(loss, maps))
    np.testing.assert_allclose(*gradients, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        (build_ganimation_generator, {"image_shape": (30, 32, 3)}, "sides divisible by 4"),
        (build_ganimation_generator, {"num_units": 0}, "`num_units` must be"),
        (build_ganimation_generator, {"blocks": -1}, "`blocks` must be"),
        (build_ganimation_generator, {"modulate": 1}, "`modulate` must be"),
        (build_ganimation_discriminator, {"image_shape": (48, 48, 3)}, r"divisible by 2\^depth = 64"),
        (build_ganimation_discriminator, {"depth": 0}, "`depth` must be"),
    ],
)
def test_arguments_out_of_range_are_named(build, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**{"image_shape": (64, 64, 3), "num_units": 2, **arguments})
