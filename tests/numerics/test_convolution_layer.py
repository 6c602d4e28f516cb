"""The layer of eq. 18 against Keras over random settings, those that no layer of Keras takes included."""

import itertools

import keras
import numpy as np
import pytest
import scipy.signal
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_course.numerics.convolution import convolution_matrix, cross_correlate_2d, output_size

RNG = np.random.default_rng(0)
IMAGE = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
KERNEL = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])
REFUSALS = (ValueError, tf.errors.InvalidArgumentError)


def test_example_of_the_deck():
    np.testing.assert_array_equal(cross_correlate_2d(IMAGE, KERNEL), [[122, 148], [126, 134]])


def test_tensorflow_computes_the_example_too():
    result = keras.ops.conv(IMAGE[None, :, :, None].astype(float), KERNEL[:, :, None, None].astype(float))
    np.testing.assert_allclose(np.squeeze(result), cross_correlate_2d(IMAGE, KERNEL))


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
setting = {
    "stride": st.just(1) | pairs | st.integers(0, 2),
    "padding": st.just(1) | st.tuples(st.integers(0, 2), st.integers(0, 3)) | st.integers(-1, 1),
    "dilation": st.just(1) | st.just((1, 1)) | pairs | st.integers(0, 2),
}


@st.composite
def layers(draw):
    groups = draw(st.sampled_from([1] * 8 + [2, 3]))
    channels, filters = draw(st.integers(1, 2)) * groups, draw(st.integers(1, 3)) * groups
    depth = channels // groups + draw(st.sampled_from([0] * 15 + [1]))
    groups = draw(st.sampled_from([groups] * 9 + [0, 2, 4]))
    image = (channels, draw(st.integers(2, 9)), draw(st.integers(1, 9)))
    kernel = (filters, depth, draw(st.integers(1, 3)), draw(st.integers(1, 4)))
    return image, kernel, {"groups": groups, **{name: draw(values) for name, values in setting.items()}}


def keras_layer(image, kernel, bias, *, stride, padding, dilation, groups):
    """Returns what Keras's layers compute, channels first and without the batch axis.

    Stride and dilation together, which they refuse: every stride-th output of the layer with stride 1.
    """
    padded = keras.layers.ZeroPadding2D(padding, dtype="float64")(image.transpose(1, 2, 0)[np.newaxis])
    both = np.min(stride) >= 1 and np.max(stride) > 1 and np.min(dilation) >= 1 and np.max(dilation) > 1
    layer = keras.layers.Conv2D(
        len(kernel),
        kernel.shape[2:],
        strides=1 if both else stride,
        dilation_rate=dilation,
        groups=groups,
        dtype="float64",
    )
    layer.build(padded.shape)
    layer.set_weights([kernel.transpose(2, 3, 1, 0), bias])
    output = np.asarray(layer(padded))[0].transpose(2, 0, 1)
    down, right = np.broadcast_to(stride, 2) if both else (1, 1)
    return output[:, ::down, ::right]


def test_random_settings_give_what_keras_gives_and_are_refused_where_keras_refuses():
    accepted, refused = [], []

    @settings(max_examples=240, deadline=None, derandomize=True, database=None)
    @given(layers())
    def check(example):
        image_shape, kernel_shape, options = example
        image, kernel, bias = (RNG.normal(size=shape) for shape in (image_shape, kernel_shape, kernel_shape[:1]))
        try:
            expected = keras_layer(image, kernel, bias, **options)
        except REFUSALS:
            refused.append(example)
            with pytest.raises(ValueError, match="`(stride|padding|dilation|groups|kernel)` .*Received: "):
                cross_correlate_2d(image, kernel, bias, **options)
            return
        accepted.append(example)
        result = cross_correlate_2d(image, kernel, bias, **options)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-9)
        product = convolution_matrix(kernel, image_shape, **options) @ image.ravel()
        np.testing.assert_allclose(product.reshape(result.shape) + bias[:, None, None], expected, atol=1e-9)

    check()
    assert len(accepted) + len(refused) >= 200 and len(accepted) >= 90 and len(refused) >= 60, (
        len(accepted),
        len(refused),
    )
    assert sum(options["groups"] > 1 for _, _, options in accepted) >= 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": 0}, "`stride` must be an integer >= 1. Received: stride=0"),
        ({"stride": (1, 1, 1)}, r"`stride` must be an integer or a pair \(height, width\). Received: stride=\(1, 1, 1"),
        ({"padding": -1}, "`padding` must be an integer >= 0. Received: padding=-1"),
        ({"dilation": 0}, "`dilation` must be an integer >= 1. Received: dilation=0"),
        ({"dilation": 4}, r"`kernel` must fit into the padded image: it spans \(9, 9\) of \(7, 7\) pixels"),
        (
            {"dilation": (1, 5), "padding": (0, 1)},
            r"Received: kernel of \(3, 3\), image of \(7, 7\), padding=\(0, 1\), dilation=\(1, 5\)",
        ),
        ({"groups": 0}, "`groups` must be an integer >= 1. Received: groups=0"),
        ({"groups": 3}, "`groups` must divide .* Received: groups=3, channels=4, filters=2"),
        ({"groups": 2}, "`kernel` must have channels / groups = 2 channels. Received: a kernel with 4 channels"),
        ({"bias": np.ones(3)}, r"`bias` must be .* of shape \(2,\)\. Received: bias.shape=\(3,\)"),
    ],
)
def test_refusals_say_why(options, message):
    with pytest.raises(ValueError, match=message):
        cross_correlate_2d(np.ones((4, 7, 7)), np.ones((2, 4, 3, 3)), **options)


@pytest.mark.parametrize(("image", "kernel"), [((7, 7), (1, 1, 3, 3)), ((1, 7, 7), (3, 3)), ((2, 0, 7), (1, 2, 3, 3))])
def test_image_and_kernel_need_axes_that_fit(image, kernel):
    with pytest.raises(ValueError, match=r"`image` must be a non-empty array .* Received: image.shape="):
        cross_correlate_2d(np.ones(image), np.ones(kernel))


def test_erratum_eq18_sums_over_the_channels_there_are_and_has_a_pixel_on_the_left():
    """Eq. 18 with k = 0..C_in - 1, o[c, j, i] and u[c, k, n, m], each sum written out; k = C_in doesn't exist."""
    f, u, bias = RNG.normal(size=(3, 5, 6)), RNG.normal(size=(2, 3, 2, 3)), RNG.normal(size=2)
    result = cross_correlate_2d(f, u, bias)
    assert result.shape == (2, 4, 4)
    for c, j, i in itertools.product(*map(range, result.shape)):
        terms = (f[k, n + j, m + i] * u[c, k, n, m] for k in range(3) for n in range(2) for m in range(3))
        assert result[c, j, i] == pytest.approx(bias[c] + sum(terms))


@pytest.mark.parametrize(
    ("stride", "dilation", "padding", "groups"), [(2, 2, 0, 1), ((3, 2), (1, 3), (2, 1), 2), ((1, 3), (2, 1), 0, 1)]
)
def test_stride_and_dilation_together_are_the_sums_of_the_formula(stride, dilation, padding, groups):
    """Each sum of eq. 18 written out, and SciPy's correlation with the dilated kernel, every stride-th value of it."""
    f, u = RNG.normal(size=(4, 9, 11)), RNG.normal(size=(2, 4 // groups, 2, 3))
    result = cross_correlate_2d(f, u, stride=stride, dilation=dilation, padding=padding, groups=groups)
    (sy, sx), (dy, dx), (py, px) = (np.broadcast_to(value, 2) for value in (stride, dilation, padding))
    padded = np.pad(f, ((0, 0), (py, py), (px, px)))
    depth = 4 // groups
    for c, j, i in itertools.product(*map(range, result.shape)):
        first = depth * (c // (2 // groups))
        terms = (
            padded[first + k, sy * j + dy * n, sx * i + dx * m] * u[c, k, n, m]
            for k, n, m in itertools.product(range(depth), range(2), range(3))
        )
        assert result[c, j, i] == pytest.approx(sum(terms))
    dilated = np.zeros((2, depth, dy + 1, 2 * dx + 1))
    dilated[..., ::dy, ::dx] = u
    for c, kernel in enumerate(dilated):
        first = depth * (c // (2 // groups))
        whole = scipy.signal.correlate(padded[first : first + depth], kernel, "valid")[0]
        np.testing.assert_allclose(result[c], whole[::sy, ::sx], atol=1e-12)


def test_bias_of_a_single_filter_is_a_number():
    np.testing.assert_array_equal(cross_correlate_2d(IMAGE, KERNEL, 1), [[123, 149], [127, 135]])


def test_types_of_the_arguments_carry_over():
    image, kernel = IMAGE.astype(np.float32), KERNEL.astype(np.float32)
    assert cross_correlate_2d(image, kernel, np.float32(0.5)).dtype == np.float32
    assert cross_correlate_2d(IMAGE.astype(np.uint8) * 31, KERNEL).dtype == np.int64
    assert cross_correlate_2d(IMAGE, KERNEL, 0.5)[0, 0] == 122.5


def test_arguments_stay_as_they_are():
    image, kernel = IMAGE.copy(), KERNEL.copy()
    cross_correlate_2d(image, kernel, 3, padding=1)[:] = 0
    np.testing.assert_array_equal(image, IMAGE)
    np.testing.assert_array_equal(kernel, KERNEL)


@pytest.mark.parametrize(("size", "kernel_size", "stride", "padding", "dilation"), [(224, 7, 2, 3, 1), (9, 3, 3, 0, 2)])
def test_output_size_counts_the_places_of_the_window(size, kernel_size, stride, padding, dilation):
    padded = np.zeros(size + 2 * padding)
    dilated = np.zeros(dilation * (kernel_size - 1) + 1)
    expected = len(scipy.signal.correlate(padded, dilated, "valid")[::stride])
    assert output_size(size, kernel_size, stride=stride, padding=padding, dilation=dilation) == expected


@pytest.mark.parametrize(
    ("arguments", "options", "name"),
    [
        ((0, 3), {}, "size"),
        ((5, 0), {}, "kernel_size"),
        ((5, 2.0), {}, "kernel_size"),
        ((5, 3), {"stride": 0}, "stride"),
        ((5, 3), {"padding": -1}, "padding"),
        ((5, 3), {"dilation": True}, "dilation"),
        ((5, 6), {}, "kernel_size"),
    ],
)
def test_output_size_refuses(arguments, options, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}="):
        output_size(*arguments, **options)
