"""Convolution as the deck defines it, in one and two dimensions, beside the cross-correlation (eq. 12 to eq. 16)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from keras_course.arguments import require_choice
from keras_course.array_arguments import Array, require_array
from keras_course.numerics.convolution.layer import cross_correlate_2d, result_dtype, with_all_axes

MODES = ("full", "valid")


def convolve_1d(signal: ArrayLike, kernel: ArrayLike, *, mode: str = "valid") -> Array:
    """Computes (f * g)[n] = Σₘ f[n - m] g[m] = Σₘ f[m] g[n - m].

    Args:
        signal: f, of shape (length,); f is 0 outside it.
        kernel: g, of shape (size,); g is 0 outside it.
        mode: "full" for every n where the sum has a term (eq. 12, eq. 13), length + size - 1 of them; "valid" for those
            where the kernel lies within the signal (eq. 14), length - size + 1 of them. Default "valid".

    Returns:
        Array of shape (length - size + 1,) or (length + size - 1,). Floats keep their type; integers give int64.

    Raises:
        ValueError: If a shape or the mode is wrong, or in mode "valid" the kernel is longer than the signal.

    Example:
        >>> from keras_course.numerics.convolution import convolve_1d
        >>> convolve_1d([1, 2, 3, 4], [1, 10])  # 10 · f[n - 1] + 1 · f[n]
        array([12, 23, 34])
        >>> convolve_1d([1, 2, 3, 4], [1, 10], mode="full")
        array([ 1, 12, 23, 34, 40])

    Source: deck, eq. 12, eq. 13, eq. 14.

    Note: With f on {0..N} and g on {-M..M}, eq. 14 holds for n in [M, N - M]. Printed is the condition M ≤ N; right is
        2M ≤ N, or no such n is left. An array has no negative index: g[-M] is `kernel[0]`, and the results for
        n = M..N - M come at index 0..N - 2M.
    """
    return cross_correlate_1d(signal, _one_axis("kernel", kernel)[::-1], mode=mode)


def cross_correlate_1d(signal: ArrayLike, kernel: ArrayLike, *, mode: str = "valid") -> Array:
    """Computes Σₘ f[n + m] g[m]: the convolution of eq. 13 with the kernel turned round, which deep learning uses.

    Args:
        signal: f, of shape (length,).
        kernel: g, of shape (size,).
        mode: "valid" for windows within the signal, length - size + 1 of them; "full" for every window that touches
            it, length + size - 1. Default "valid".

    Returns:
        Array of shape (length - size + 1,) or (length + size - 1,). Floats keep their type; integers give int64.

    Raises:
        ValueError: If a shape or the mode is wrong, or in mode "valid" the kernel is longer than the signal.

    Example:
        >>> from keras_course.numerics.convolution import cross_correlate_1d
        >>> cross_correlate_1d([1, 2, 3, 4], [1, 10])  # 1 · f[n] + 10 · f[n + 1]
        array([21, 32, 43])

    Source: deck, chapter 5, "Example 1D convolution for deep learning", the one-dimensional case of eq. 17.
    """
    f, g = _one_axis("signal", signal), _one_axis("kernel", kernel)
    require_choice("mode", mode, MODES)
    if mode == "full":
        f = np.pad(f, g.size - 1)
    elif g.size > f.size:
        raise ValueError(
            "`kernel` must not be longer than the signal: of f on {0..N} and g on {-M..M}, 2M <= N. "
            f"Received: kernel.shape={g.shape}, signal.shape={f.shape}"
        )
    dtype = result_dtype(f, g)
    return sliding_window_view(f.astype(dtype, copy=False), g.size) @ g.astype(dtype, copy=False)


def convolve_2d(image: ArrayLike, kernel: ArrayLike, *, mode: str = "valid") -> Array:
    """Computes (f * g)[n₁, n₂] = Σₖ Σₘ₁ Σₘ₂ f[k, n₁ - m₁, n₂ - m₂] g[k, m₁, m₂].

    Args:
        image: f, of shape (height, width) (eq. 15) or (channels, height, width) (eq. 16).
        kernel: g, of shape (h, w), or (channels, h, w) with the channels of the image.
        mode: "valid" for windows within the image; "full" for every window that touches it. Default "valid".

    Returns:
        Array of shape (height - h + 1, width - w + 1), or (height + h - 1, width + w - 1) in mode "full".
        Floats keep their type; integers give int64.

    Raises:
        ValueError: If a shape or the mode is wrong, or in mode "valid" the kernel is larger than the image.

    Example:
        >>> from keras_course.numerics.convolution import convolve_2d
        >>> convolve_2d([[1, 2], [3, 4]], [[1, 10]], mode="full")
        array([[ 1, 12, 20],
               [ 3, 34, 40]])

    Source: deck, eq. 15, eq. 16.

    Note: Printed in eq. 16 is k = 0..3 over a colour image, four terms; right is k = 0..2. It puts the channel last,
        f[n₁, n₂, k]; here it comes first, as in eq. 18.
    """
    require_choice("mode", mode, MODES)
    g = require_array("kernel", kernel, ("h", "w"), ("channels", "h", "w"))
    f, g = with_all_axes(image, g)
    padding = (g.shape[2] - 1, g.shape[3] - 1) if mode == "full" else 0
    return cross_correlate_2d(f, g[..., ::-1, ::-1], padding=padding)[0]


def _one_axis(name: str, value: ArrayLike) -> Array:
    return require_array(name, value, ("length",))
