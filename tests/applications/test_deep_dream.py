"""Deep dream on small nets."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from skimage.data import astronaut
from skimage.transform import resize

from keras_course.applications.deep_dream import deep_dream, guided_strength, octave_sizes, strength
from keras_course.applications.deep_dream.dreaming import dream_gradient
from keras_course.applications.deep_dream.objective import DreamObjective
from keras_course.inspection.tiles import shapes_at, tiles_of, whole_picture

RNG = np.random.default_rng(0)
PICTURE = (255 * resize(astronaut(), (72, 96), anti_aliasing=True)).astype(np.uint8)
NEXT = {"octaves": 1, "jitter": 0, "steps": 1}


@pytest.fixture(scope="module")
def net():
    """Three stages as those of VGG, with random weights, that no test changes."""
    keras.utils.set_random_seed(0)
    x = inputs = keras.Input((None, None, 3))
    for stage, filters in enumerate((6, 8, 10), 1):
        x = keras.layers.Conv2D(filters, 3, padding="same", bias_initializer="normal", name=f"stage{stage}_conv1")(x)
        x = keras.layers.ReLU(name=f"stage{stage}_conv1_relu")(x)
        x = keras.layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    return keras.Model(inputs, x, name="small")


def mean_squares(net, layer, image):
    maps = keras.Model(net.inputs[0], net.get_layer(layer).output)(image[np.newaxis] / np.float32(255)).numpy()
    return np.mean(np.maximum(maps, 0) ** 2)


@pytest.mark.parametrize("layer", ["stage1_conv1", "stage2_conv1_relu", "stage3_conv1", "stage3_pool"])
def test_the_layer_responds_more_to_the_dream(net, layer):
    dream = deep_dream(PICTURE, features=net, layers=layer, steps=5)
    assert dream.image.shape == PICTURE.shape and dream.image.dtype == np.uint8
    assert mean_squares(net, layer, dream.image) > 1.5 * mean_squares(net, layer, PICTURE)
    assert dream.strengths.shape == (3, 5)
    assert np.all(dream.strengths[:, -1] > dream.strengths[:, 0])


def test_the_first_strength_is_one_and_the_rest_is_relative_to_it(net):
    shares = {"stage2_conv1": 3.0, "stage3_conv1": 1.0}
    dream = deep_dream(PICTURE, features=net, layers=shares, octaves=1, jitter=0, steps=4)
    assert dream.strengths[0, 0] == pytest.approx(4, rel=1e-5)
    last = deep_dream(PICTURE / 255, features=net, layers=shares, octaves=1, jitter=0, steps=3)
    expected = sum(
        weight * mean_squares(net, layer, last.image) / mean_squares(net, layer, PICTURE)
        for layer, weight in shares.items()
    )
    assert dream.strengths[0, 3] == pytest.approx(expected, rel=0.02)  # the picture is rounded to 8 bits


def test_a_step_is_the_published_one(net):
    image = tf.constant(PICTURE[np.newaxis] / np.float32(255))
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.reduce_mean(keras.Model(net.inputs[0], net.get_layer("stage2_conv1_relu").output)(image) ** 2)
    slope = tape.gradient(loss, image).numpy()[0]
    expected = np.clip(PICTURE / 255 + 0.03 * slope / np.sqrt(np.mean(slope**2)), 0, 1)
    dream = deep_dream(PICTURE, features=net, layers="stage2_conv1", step_size=0.03, **NEXT)
    np.testing.assert_allclose(dream.image, 255 * expected, atol=0.51)


@pytest.mark.parametrize("guided", [False, True])
def test_the_gradient_is_that_of_finite_differences(net, guided):
    guide = RNG.uniform(size=(16, 16, 3)).astype(np.float32) if guided else None
    objective = DreamObjective(net, {"stage1_conv1": 1, "stage2_conv1": 2}, guide)
    image = RNG.uniform(0.2, 0.8, (1, 12, 16, 3)).astype(np.float32)
    shapes = shapes_at(objective.network, objective.layers, (12, 16))
    whole = whole_picture([shapes[id(layer)] for layer in objective.layers], (12, 16))
    gradient = dream_gradient(objective, whole, (12, 16))
    value = lambda pixels: gradient(tf.constant(pixels), objective.weights)[0].numpy()[0]  # noqa: E731
    slope = gradient(tf.constant(image), objective.weights)[1].numpy()
    for _ in range(5):  # along a random half of its entries, where the difference stands out of float32's rounding
        step = slope * RNG.integers(0, 2, slope.shape).astype(np.float32)
        step *= 0.02 / np.linalg.norm(step)
        expected = (value(image + step) - value(image - step)) / 2
        assert np.sum(slope * step) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("tile_size", [16, 24, 40, 50])  # of 72x96 pixels
def test_the_gradient_in_tiles_is_that_of_the_whole_picture(net, tile_size):
    objective = DreamObjective(net, {"stage2_conv1": 1, "stage3_conv1_relu": 1})
    size = PICTURE.shape[:2]
    image = tf.constant(PICTURE[np.newaxis] / np.float32(255))
    shapes = shapes_at(objective.network, objective.layers, size)
    whole = whole_picture([shapes[id(layer)] for layer in objective.layers], size)
    tiles = tiles_of(objective.network, objective.layers, size, tile_size)
    (value, slope), (expected_value, expected) = (
        dream_gradient(objective, one, size)(image, objective.weights) for one in (tiles, whole)
    )
    np.testing.assert_allclose(value, expected_value, rtol=1e-5)
    np.testing.assert_allclose(slope, expected, atol=1e-4 * np.abs(expected).max())


def test_a_dream_in_tiles_is_the_same_dream(net):
    whole, tiled = (
        deep_dream(PICTURE, features=net, layers="stage3_conv1", steps=4, tile_size=side) for side in (None, 32)
    )
    assert np.mean(whole.image != tiled.image) < 0.01  # rounding of float32
    np.testing.assert_allclose(whole.strengths, tiled.strengths, rtol=1e-3)


def test_a_tile_is_at_least_as_large_as_what_a_unit_sees(net):
    """Behind a 9x9 kernel, a pooling by 4 and a 17x17 kernel: 9 + 3 + 16 * 4 = 76 pixels."""
    x = inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(2, 9, padding="same", name="first")(x)
    x = keras.layers.MaxPooling2D(4)(x)
    wide = keras.Model(inputs, keras.layers.Conv2D(2, 17, padding="same", name="last")(x))
    with pytest.raises(ValueError, match="`tile_size` must be an integer >= 76 for these .*Received: tile_size=75"):
        deep_dream(PICTURE, features=wide, layers=["first", "last"], tile_size=75, **NEXT)
    assert deep_dream(PICTURE, features=wide, layers=["first", "last"], tile_size=76, **NEXT).image.any()


def test_strength_is_numpys():
    maps = RNG.normal(size=(2, 3, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(strength(maps), (np.maximum(maps, 0) ** 2).mean(axis=-1), rtol=1e-5)


def test_guided_strength_is_numpys():
    maps, guide = RNG.normal(size=(2, 3, 4, 5)), RNG.uniform(size=(7, 5))
    expected = np.einsum("bhwf,jf->bhwj", np.maximum(maps, 0), guide).max(axis=-1) / 5
    np.testing.assert_allclose(guided_strength(np.float32(maps), np.float32(guide)), expected, rtol=1e-5)


def test_a_guided_dream_comes_nearer_to_the_guide_than_a_free_one(net):
    guide = np.zeros((40, 40, 3), np.uint8)
    guide[:, ::4] = guide[:, 1::4] = (255, 40, 40)  # red stripes
    objective = DreamObjective(net, "stage2_conv1", guide / np.float32(255))
    free, guided = (
        deep_dream(PICTURE, features=net, layers="stage2_conv1", steps=5, guide=one).image for one in (None, guide)
    )
    start, free, guided = (
        float(tf.reduce_mean(objective.strengths(image[np.newaxis] / np.float32(255))[0]))
        for image in (PICTURE, free, guided)
    )
    assert guided > start and guided > free


def test_octaves_sizes():
    assert octave_sizes(384, 384, 3, 1.4) == [(195, 195), (274, 274), (384, 384)]
    assert octave_sizes(10, 21, 2, 2) == [(5, 10), (10, 21)]
    assert octave_sizes(7, 9, 1, 1.4) == [(7, 9)]


def test_no_detail_is_lost(net):
    for octaves in (1, 4):
        dream = deep_dream(PICTURE, features=net, steps=0, octaves=octaves)
        np.testing.assert_array_equal(dream.image, PICTURE)
        assert dream.strengths.shape == (octaves, 0)


def test_octaves_change_what_is_dreamed(net):
    one, three = (deep_dream(PICTURE, features=net, octaves=octaves, steps=4).image for octaves in (1, 3))
    assert np.mean(np.abs(one.astype(int) - three)) > 3


def test_the_seed_decides(net):
    first, again, other = (deep_dream(PICTURE, features=net, steps=3, octaves=2, seed=seed).image for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.mean(first != other) > 0.5


def test_grey_transparent_and_float_pictures_become_rgb(net):
    grey = PICTURE[..., 0]
    expected = deep_dream(np.stack([grey] * 3, axis=-1), features=net, **NEXT).image
    for same in (grey, grey[..., np.newaxis], grey / 255):
        np.testing.assert_array_equal(deep_dream(same, features=net, **NEXT).image, expected)
    clear = np.dstack([PICTURE, np.full_like(grey, 255)])
    np.testing.assert_array_equal(
        deep_dream(clear, features=net, **NEXT).image, deep_dream(PICTURE, features=net, **NEXT).image
    )


def test_a_layer_at_rest_leaves_the_picture():
    keras.utils.set_random_seed(0)
    net = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, bias_initializer=lambda shape, dtype: -99 * tf.ones(shape, dtype), name="conv"),
        ]
    )
    dream = deep_dream(PICTURE, features=net, layers="conv", steps=2)
    assert np.abs(dream.image.astype(int) - PICTURE).max() <= 1
    np.testing.assert_array_equal(dream.strengths, np.zeros((3, 2)))


def test_the_usual_layer_is_the_deepest_that_suits(net):
    assert DreamObjective(net).network.find("stage3_pool")  # there is neither stage4_conv2 nor stage3_conv3
    usual, named = (
        deep_dream(PICTURE, features=net, layers=layers, **NEXT).image for layers in (None, "stage3_conv1_relu")
    )
    np.testing.assert_array_equal(usual, named)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image": np.zeros((1, 1, 3), np.uint8)}, r"`octaves` must leave a pixel of a picture of 1x1"),
        (
            {"image": np.zeros((5, 5, 3), np.uint8)},
            r"`image` must be large enough for the layers. Received: image of 2x2 pixels",
        ),
        ({"image": np.zeros((9, 9, 3), np.uint16)}, r"`image` must be a picture, uint8.*image.dtype=uint16"),
        ({"image": np.zeros((9, 9, 2), np.uint8)}, r"`image` must be a picture, .*image.shape=\(9, 9, 2\)"),
        ({"image": np.zeros((0, 9, 3), np.uint8)}, r"`image` must be a picture, .*image.shape=\(0, 9, 3\)"),
        ({"image": np.full((9, 9, 3), 1.5)}, r"`image` must be a picture, .*image in \[1.5, 1.5\]"),
        ({"image": np.full((9, 9, 3), np.nan)}, r"`image` must be a picture, .*image in \[nan, nan\]"),
        ({"image": "photo.jpg"}, r"`image` must be a picture, .*image.dtype=<U9"),
        ({"image": np.zeros((2049, 2049, 3), np.uint8)}, r"`tile_size` must be given .* tile_size=None for 2049x2049"),
        ({"layers": "stage9_conv1"}, r"`layers` must name a layer of small: .*Received: layers='stage9_conv1'"),
        ({"layers": []}, r"`layers` must be a sequence of at least 1 entry"),
        ({"layers": {}}, r"`layers` must map names to numbers > 0. Received: layers={}"),
        (
            {"layers": {"stage1_conv1": -1}},
            r"`layers` must map names to numbers > 0. Received: layers={'stage1_conv1': -1}",
        ),
        ({"layers": 3}, r"`layers` must be a sequence"),
        (
            {"features": keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])},
            r"`features` must be a functional",
        ),
        (
            {"features": keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3)])},
            "`features` must take RGB",
        ),
        ({"features": keras.layers.Dense(3)}, r"`features` must be"),
        ({"octaves": 0}, "`octaves` must be an integer >= 1. Received: octaves=0"),
        ({"octaves": 50}, "`octaves` must leave a pixel"),
        ({"octave_scale": 1}, "`octave_scale` must be a finite number > 1"),
        ({"steps": -1}, "`steps` must be an integer >= 0"),
        ({"step_size": 0}, "`step_size` must be a finite number > 0"),
        ({"jitter": 1.5}, "`jitter` must be an integer >= 0"),
        ({"tile_size": 31}, "`tile_size` must be an integer >= 32. Received: tile_size=31"),
        ({"guide": np.zeros((9, 9, 3), int)}, r"`guide` must be a picture, .*guide.dtype=int64"),
        ({"guide": np.zeros((2, 2, 3), np.uint8)}, r"`guide` must be large enough for the layers"),
        ({"seed": -1}, "`seed` must be an integer >= 0"),
    ],
)
def test_bad_input_is_named(net, arguments, message):
    with pytest.raises(ValueError, match=message):
        deep_dream(**({"image": PICTURE, "features": net} | arguments))
