"""The transposed convolution against Keras's layer and TensorFlow's gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_course.numerics.convolution import convolution_matrix, cross_correlate_2d, transposed_convolution_2d

RNG = np.random.default_rng(0)
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3)) | st.just((1, 1))


@st.composite
def transposed_layers(draw):
    feature_map = (draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    kernel = (feature_map[0], draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    padding = draw(st.sampled_from([(0, 0), (0, 0), (1, 0), (0, 2)]))
    stride = draw(pairs)
    dilation = draw(pairs | st.integers(1, 2))
    output_padding = draw(st.integers(0, min(stride) - 1) | st.just(0) | st.tuples(st.just(0), st.integers(0, 2)))
    return (
        feature_map,
        kernel,
        {"stride": stride, "dilation": dilation, "output_padding": output_padding, "padding": padding},
    )


def keras_layer(feature_map, kernel, bias, *, stride, dilation, output_padding, padding):
    """Returns Keras's Conv2DTranspose, its output cropped by the padding, channels first.

    Its kernel holds the zeros of the dilation: Keras takes none beside a stride, nor TensorFlow without oneDNN.
    """
    dy, dx = np.broadcast_to(dilation, 2)
    dilated = np.zeros((*kernel.shape[:2], dy * (kernel.shape[2] - 1) + 1, dx * (kernel.shape[3] - 1) + 1))
    dilated[..., ::dy, ::dx] = kernel
    layer = keras.layers.Conv2DTranspose(
        kernel.shape[1], dilated.shape[2:], strides=stride, output_padding=output_padding
    )
    layer.build((1, *feature_map.shape[1:], len(feature_map)))
    layer.set_weights([dilated.transpose(2, 3, 1, 0), bias])
    output = layer(feature_map.transpose(1, 2, 0)[np.newaxis])
    return np.asarray(keras.layers.Cropping2D(padding)(output))[0].transpose(2, 0, 1)


def test_random_settings_give_what_keras_gives_and_are_refused_where_keras_refuses():
    accepted, refused = [], []

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(transposed_layers())
    def check(example):
        feature_shape, kernel_shape, options = example
        o, kernel, bias = (RNG.normal(size=shape) for shape in (feature_shape, kernel_shape, kernel_shape[1:2]))
        try:
            expected = keras_layer(o, kernel, bias, **options)
        except ValueError:
            refused.append(example)
            with pytest.raises(ValueError, match="`(stride|output_padding|padding)` .*Received: "):
                transposed_convolution_2d(o, kernel, bias, **options)
            return
        accepted.append(example)
        result = transposed_convolution_2d(o, kernel, bias, **options)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-5)

    check()
    assert len(accepted) >= 100 and len(refused) >= 25, (len(accepted), len(refused))


def test_it_is_the_gradient_of_the_convolution():
    image, kernel, o = RNG.normal(size=(2, 7, 6)), RNG.normal(size=(3, 2, 3, 2)), RNG.normal(size=(3, 3, 3))
    x = tf.Variable(image.transpose(1, 2, 0)[np.newaxis])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.nn.conv2d(x, kernel.transpose(2, 3, 1, 0), 2, "VALID") * o.transpose(1, 2, 0))
    expected = tape.gradient(loss, x).numpy()[0].transpose(2, 0, 1)
    np.testing.assert_allclose(transposed_convolution_2d(o, kernel, stride=2), expected, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize(
    "options", [{"stride": 2, "dilation": 3}, {"stride": (1, 2), "dilation": 2, "padding": (2, 1)}]
)
def test_with_stride_dilation_and_groups_it_is_the_transpose_still(groups, options):
    """Against the definition of a transpose: <o, conv(x)> = <convᵗ(o), x> for any o and x."""
    x, kernel = RNG.normal(size=(4, 9, 11)), RNG.normal(size=(8, 4 // groups, 2, 3))
    forward = cross_correlate_2d(x, kernel, groups=groups, **options)
    o = RNG.normal(size=forward.shape)
    smallest = transposed_convolution_2d(o, kernel, groups=groups, **options).shape
    rest = tuple(size - small for size, small in zip(x.shape[1:], smallest[1:], strict=True))
    back = transposed_convolution_2d(o, kernel, groups=groups, output_padding=rest, **options)
    assert back.shape == x.shape
    assert np.sum(o * forward) == pytest.approx(np.sum(back * x))


def test_it_is_the_transposed_matrix_times_the_output():
    kernel, o = RNG.normal(size=(3, 2)), RNG.normal(size=(4, 3))
    result = transposed_convolution_2d(o, kernel, stride=2, padding=1)
    assert result.shape == (2 * 3 + 3 - 2, 2 * 2 + 2 - 2)
    matrix = convolution_matrix(kernel, result.shape, stride=2, padding=1)
    np.testing.assert_allclose(result.ravel(), matrix.T @ o.ravel(), atol=1e-12)


def test_output_padding_tells_apart_the_inputs_of_one_output_size():
    kernel, o = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))
    for size in (7, 8):
        assert cross_correlate_2d(np.ones((size, size)), kernel, stride=2).shape == (3, 3)
        result = transposed_convolution_2d(o, kernel, stride=2, output_padding=size - 7)
        expected = convolution_matrix(kernel, (size, size), stride=2).T @ o.ravel()
        np.testing.assert_allclose(result.ravel(), expected, atol=1e-12)


def test_erratum_deconvolution_is_no_inverse():
    """The deck calls it deconvolution: it gives back the size of the image, not the image."""
    image, kernel = RNG.normal(size=(5, 5)), RNG.normal(size=(3, 3))
    back = transposed_convolution_2d(cross_correlate_2d(image, kernel), kernel)
    assert back.shape == image.shape
    assert not np.allclose(back, image)


def test_types_and_bias():
    o, kernel = np.array([[1, 2]], np.uint8), np.array([[200, 100]], np.uint8)
    np.testing.assert_array_equal(transposed_convolution_2d(o, kernel, 1), [[201, 501, 201]])
    assert transposed_convolution_2d(o, kernel, 0.5)[0, 0] == 200.5
    assert transposed_convolution_2d(o.astype(np.float32), kernel.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "kernel", "options", "message"),
    [
        (
            (2, 3, 3),
            (3, 1, 2, 2),
            {},
            r"`feature_map` must be .* of shape \(3, height, width\)\. Received: feature_map",
        ),
        ((1, 3, 3), (2, 2), {}, r"`feature_map` must be .* of shape \(height, width\)"),
        ((3, 3), (2,), {}, r"`kernel` must be .* of shape \(h, w\) or \(filters, channels, h, w\)"),
        ((3, 3), (2, 2), {"output_padding": 1}, "`output_padding` must be less than the stride"),
        ((3, 3), (2, 2), {"output_padding": -1}, "`output_padding` must be an integer >= 0"),
        ((3, 3), (2, 2), {"padding": 2}, r"`padding` must leave something .* \(0, 0\). Received: padding=\(2, 2\)"),
        ((4, 3, 3), (4, 1, 2, 2), {"groups": 3}, "`groups` must divide the filters of the kernel. .*groups=3"),
        ((4, 3, 3), (4, 1, 2, 2), {"groups": 0}, "`groups` must be an integer >= 1"),
        ((3, 3), (2, 2), {"bias": [1]}, r"`bias` must be .* Received: bias.shape=\(1,\)"),
    ],
)
def test_bad_arguments_are_named(shape, kernel, options, message):
    with pytest.raises(ValueError, match=message):
        transposed_convolution_2d(np.ones(shape), np.ones(kernel), **options)
