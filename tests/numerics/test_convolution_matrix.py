"""The convolution matrix against the deck's example, SciPy and TensorFlow's gradient."""

import numpy as np
import pytest
import scipy.signal
import scipy.sparse

from keras_course.numerics.convolution import convolution_matrix

X = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
KERNEL = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])
PRINTED = np.array(
    [
        [1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0],
        [0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0],
        [0, 0, 0, 0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1],
        [0, 0, 0, 0, 0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3],
    ]
)
RNG = np.random.default_rng(0)


def test_example_of_the_deck():
    np.testing.assert_array_equal(convolution_matrix(KERNEL, (4, 4)) @ X.ravel(), [122, 148, 126, 134])


def test_erratum_convolution_matrix_has_16_columns():
    """Printed are 15; the column that is missing holds the last weight, which 134 needs and 126 lacks."""
    matrix = convolution_matrix(KERNEL, (4, 4)).toarray()
    assert PRINTED.shape == (4, 15) and matrix.shape == (4, 16)
    np.testing.assert_array_equal(matrix[:, :15], PRINTED)
    np.testing.assert_array_equal(matrix[:, 15], [0, 0, 0, KERNEL[2, 2]])
    with pytest.raises(ValueError, match="mismatch in its core dimension"):
        PRINTED @ X.ravel()
    np.testing.assert_array_equal(PRINTED @ X.ravel()[:15], [122, 148, 126, 126])


def test_erratum_convolution_matrix_is_block_toeplitz_and_not_circulant():
    """Printed is "Toeplitz circulant": neither holds of the matrix, Toeplitz are its 2 x 4 blocks and their order."""
    matrix = convolution_matrix(KERNEL, (4, 4)).toarray()
    assert not np.array_equal(matrix[1:, 1:], matrix[:-1, :-1])
    assert not any(np.array_equal(matrix[2], np.roll(matrix[1], shift)) for shift in (1, 2))
    blocks = matrix.reshape(2, 2, 4, 4).transpose(0, 2, 1, 3)
    np.testing.assert_array_equal(blocks[1, 1:], blocks[0, :-1])
    np.testing.assert_array_equal(blocks[..., 1:, 1:], blocks[..., :-1, :-1])


@pytest.mark.parametrize("stride", [1, 2, (3, 1)])
@pytest.mark.parametrize("padding", [0, 1, (0, 3)])
@pytest.mark.parametrize("dilation", [1, (2, 1), 3])
def test_any_settings_equal_scipy_on_a_dilated_kernel(stride, padding, dilation):
    """Stride and dilation above 1 together included, which Keras refuses."""
    (sy, sx), (py, px), (dy, dx) = (np.broadcast_to(value, 2) for value in (stride, padding, dilation))
    image, kernel = RNG.normal(size=(9, 8)), RNG.normal(size=(3, 2))
    dilated = np.zeros((2 * dy + 1, dx + 1))
    dilated[::dy, ::dx] = kernel
    expected = scipy.signal.correlate2d(np.pad(image, ((py, py), (px, px))), dilated, "valid")[::sy, ::sx]
    matrix = convolution_matrix(kernel, image.shape, stride=stride, padding=padding, dilation=dilation)
    assert matrix.shape == (expected.size, image.size)
    np.testing.assert_allclose((matrix @ image.ravel()).reshape(expected.shape), expected, atol=1e-12)


def test_several_filters_and_channels_equal_scipy():
    image, kernel = RNG.normal(size=(3, 6, 5)), RNG.normal(size=(2, 3, 2, 3))
    expected = [scipy.signal.correlate(image, filter_, "valid")[0] for filter_ in kernel]
    matrix = convolution_matrix(kernel, image.shape)
    np.testing.assert_allclose((matrix @ image.ravel()).reshape(2, 5, 3), expected, atol=1e-12)
    np.testing.assert_allclose((convolution_matrix(kernel[1], image.shape) @ image.ravel()), np.ravel(expected[1]))


def test_matrix_is_sparse_and_in_canonical_form():
    matrix = convolution_matrix(KERNEL.astype(np.float32), (30, 40), padding=1)
    assert isinstance(matrix, scipy.sparse.csr_array)
    assert matrix.dtype == np.float32
    assert matrix.has_canonical_format
    assert matrix.nnz == (3 * 30 - 2) * (
        3 * 40 - 2
    )  # along an axis each weight misses the border once, the middle never


@pytest.mark.parametrize(
    ("kernel", "input_shape", "options", "message"),
    [
        (KERNEL, (1, 4, 4), {}, r"`input_shape` must be \(height, width\). Received: input_shape=\(1, 4, 4\)"),
        (KERNEL[None], (4, 4), {}, r"`input_shape` must be \(channels, height, width\)"),
        (KERNEL, 16, {}, "`input_shape` must be .* Received: input_shape=16"),
        (KERNEL, (4, 0), {}, "`input_shape` must be an integer >= 1. Received: input_shape=0"),
        (KERNEL[None], (2, 4, 4), {}, "`kernel` must have channels / groups = 2 channels"),
        (KERNEL, (4, 4), {"groups": 2}, "`groups` must divide .* Received: groups=2, channels=1, filters=1"),
        (KERNEL[0], (4, 4), {}, r"`kernel` must be .* of shape \(h, w\) or \(channels, h, w\) or"),
        (KERNEL, (4, 4), {"stride": 0}, "`stride` must be an integer >= 1. Received: stride=0"),
        (KERNEL, (4, 4), {"dilation": 2}, "`kernel` must fit into the padded image"),
    ],
)
def test_bad_arguments_are_named(kernel, input_shape, options, message):
    with pytest.raises(ValueError, match=message):
        convolution_matrix(kernel, input_shape, **options)
