"""Convolution as the deck defines it against NumPy, SciPy and sums written out."""

import numpy as np
import pytest
import scipy.signal

from keras_course.numerics.convolution import convolve_1d, convolve_2d, cross_correlate_1d, cross_correlate_2d

RNG = np.random.default_rng(0)
F, G = RNG.normal(size=9), RNG.normal(size=4)
IMAGE, KERNEL = RNG.normal(size=(7, 8)), RNG.normal(size=(3, 5))
COLOUR, COLOUR_KERNEL = RNG.normal(size=(3, 7, 8)), RNG.normal(size=(3, 3, 5))


@pytest.mark.parametrize("mode", ["full", "valid"])
def test_convolve_1d_equals_numpy(mode):
    np.testing.assert_allclose(convolve_1d(F, G, mode=mode), np.convolve(F, G, mode), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mode", ["full", "valid"])
def test_cross_correlate_1d_equals_numpy(mode):
    np.testing.assert_allclose(cross_correlate_1d(F, G, mode=mode), np.correlate(F, G, mode), rtol=1e-12, atol=1e-12)


def test_both_forms_of_the_sum_agree_and_are_the_full_convolution():
    """Eq. 12 and 13 written out over all m where a term is not 0."""
    n = range(len(F) + len(G) - 1)
    at = lambda values, i: values[i] if 0 <= i < len(values) else 0.0  # noqa: E731
    form_12 = [sum(at(F, m) * at(G, k - m) for m in n) for k in n]
    form_13 = [sum(at(F, k - m) * at(G, m) for m in n) for k in n]
    np.testing.assert_allclose(form_12, form_13, atol=1e-12)
    np.testing.assert_allclose(convolve_1d(F, G, mode="full"), form_12, atol=1e-12)
    np.testing.assert_allclose(convolve_1d(G, F, mode="full"), form_12, atol=1e-12)


def test_finite_supports_give_every_n_between_m_and_n_minus_m():
    """Eq. 14 written out with g on {-M..M}."""
    last, reach = 8, 2
    g = dict(zip(range(-reach, reach + 1), RNG.normal(size=2 * reach + 1), strict=True))
    expected = [sum(F[n - m] * g[m] for m in g) for n in range(reach, last - reach + 1)]
    np.testing.assert_allclose(convolve_1d(F, list(g.values())), expected, atol=1e-12)


@pytest.mark.parametrize(("last", "reach"), [(4, 1), (4, 2), (4, 3), (4, 4), (7, 3), (7, 4)])
def test_erratum_eq14_needs_two_m_at_most_n(last, reach):
    """The printed condition M ≤ N holds in every row, yet some n in [M, N - M] exists only where 2M ≤ N."""
    assert reach <= last
    f, g = np.ones(last + 1), np.ones(2 * reach + 1)
    places = range(reach, last - reach + 1)
    assert (len(places) > 0) == (2 * reach <= last)
    if places:
        assert convolve_1d(f, g, mode="valid").shape == (len(places),)
    else:
        with pytest.raises(ValueError, match="2M <= N"):
            convolve_1d(f, g, mode="valid")


@pytest.mark.parametrize("mode", ["full", "valid"])
def test_convolve_2d_equals_scipy(mode):
    expected = scipy.signal.convolve2d(IMAGE, KERNEL, mode)
    np.testing.assert_allclose(convolve_2d(IMAGE, KERNEL, mode=mode), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mode", ["full", "valid"])
def test_convolve_2d_of_colours_adds_the_channels(mode):
    expected = sum(scipy.signal.convolve2d(f, g, mode) for f, g in zip(COLOUR, COLOUR_KERNEL, strict=True))
    np.testing.assert_allclose(convolve_2d(COLOUR, COLOUR_KERNEL, mode=mode), expected, rtol=1e-12, atol=1e-12)


def colour_sum(sign, channels, n1, n2):
    """Returns eq. 16 (sign -1) or 17 (sign 1) with k in `channels`; the kernel's centre has the indices 0, 0."""
    m1, m2 = COLOUR_KERNEL.shape[1] // 2, COLOUR_KERNEL.shape[2] // 2
    return sum(
        COLOUR[k, n1 + sign * i, n2 + sign * j] * COLOUR_KERNEL[k, i + m1, j + m2]
        for k in channels
        for i in range(-m1, m1 + 1)
        for j in range(-m2, m2 + 1)
    )


@pytest.mark.parametrize(("equation", "sign", "function"), [(16, -1, convolve_2d), (17, 1, cross_correlate_2d)])
def test_erratum_eq16_and_eq17_sum_over_three_colours(equation, sign, function):
    """Printed is k = 0..3: a fourth colour. With k = 0..2 the sum is the function's value."""
    result = function(COLOUR, COLOUR_KERNEL)
    assert result[2, 1] == pytest.approx(colour_sum(sign, range(3), 2 + 1, 1 + 2)), equation
    with pytest.raises(ValueError, match="`kernel` must have channels / groups = 3 channels"):
        function(COLOUR, np.ones((4, 3, 5)))


def test_cross_correlation_of_eq17_equals_scipy():
    expected = scipy.signal.correlate(COLOUR, COLOUR_KERNEL, "valid")[0]
    np.testing.assert_allclose(cross_correlate_2d(COLOUR, COLOUR_KERNEL), expected, rtol=1e-12, atol=1e-12)


def test_integers_stay_exact_and_floats_keep_their_type():
    pixels = np.full((3, 3), 255, np.uint8)
    assert convolve_2d(pixels, pixels).item() == 9 * 255**2
    assert convolve_1d(pixels[0], pixels[0]).max() == 3 * 255**2
    assert convolve_1d(F.astype(np.float32), G.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convolve_1d([], G), r"`signal` must be .* of shape \(length,\)\. Received: signal.shape=\(0,\)"),
        (lambda: convolve_1d(F, IMAGE), r"`kernel` must be .* Received: kernel.shape=\(7, 8\)"),
        (lambda: convolve_1d(F, ["a"]), "`kernel` must be .* real numbers .* Received: kernel.dtype=<U1"),
        (lambda: convolve_1d(F, G, mode="same"), "`mode` must be one of 'full', 'valid'. Received: mode='same'"),
        (lambda: cross_correlate_1d([[1], [1, 2]], G), "`signal` must be .* which is not an array"),
        (lambda: convolve_2d(F, G), r"`kernel` must be .* of shape \(h, w\) or \(channels, h, w\)"),
        (lambda: convolve_2d(COLOUR, KERNEL), r"`image` must be .* of shape \(height, width\)\. Received: image.shape"),
        (lambda: convolve_2d(IMAGE, KERNEL, mode=None), "`mode` must be one of 'full', 'valid'"),
        (
            lambda: convolve_2d(KERNEL, IMAGE),
            r"`kernel` must fit into the padded image.* Received: kernel of \(7, 8\), image of \(3, 5\)",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
