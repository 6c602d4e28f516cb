"""Latent vectors: how they are drawn, and the path from one to another."""

import numpy as np

from keras_course.arguments import require_integer
from keras_course.array_arguments import FloatArray, finite_array


def draw_latents(count: int, latent_dim: int, *, seed: int = 0) -> np.ndarray:
    """Draws z from N(0, 1), the same for the same seed on every machine.

    Args:
        count: Integer >= 1.
        latent_dim: Integer >= 1.
        seed: Integer >= 0.

    Returns:
        float32 (count, latent_dim).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.gan import draw_latents
        >>> draw_latents(3, 4, seed=1).shape
        (3, 4)
        >>> bool((draw_latents(3, 4, seed=1) == draw_latents(3, 4, seed=1)).all())
        True
    """
    require_integer("count", count, at_least=1)
    require_integer("latent_dim", latent_dim, at_least=1)
    require_integer("seed", seed, at_least=0)
    return np.random.default_rng(seed).standard_normal((count, latent_dim), np.float32)


def interpolate_latents(start: np.ndarray, end: np.ndarray, steps: int) -> np.ndarray:
    """Interpolates between two latent vectors along the great circle: z(t) = (sin((1-t) θ) a + sin(t θ) b) / sin θ.

    In many dimensions the middle of the straight line is closer to 0 than nearly any draw from N(0, 1): the generator
    has never been trained there. On the great circle the length goes from ‖a‖ to ‖b‖ and the angle grows evenly.

    Args:
        start: Float (latent_dim,), a.
        end: Float (latent_dim,), b.
        steps: Integer >= 2, the number of vectors, both ends included.

    Returns:
        float32 (steps, latent_dim), from `start` to `end`.

    Raises:
        ValueError: If the vectors differ in shape, one is 0, they point in opposite directions (no great circle is
            closer than the others), or `steps` is out of range.

    Example:
        >>> from keras_course.gan import interpolate_latents
        >>> interpolate_latents([1, 0], [0, 2], 3).round(3)
        array([[1.   , 0.   ],
               [1.061, 1.061],
               [0.   , 2.   ]], dtype=float32)

    Source: Shoemake (1985); for GANs White (2016), arXiv:1609.04468; goes beyond the deck, chapter 9.
    """
    a, b = finite_array("start", start, ("latent_dim",)), finite_array("end", end, ("latent_dim",))
    require_integer("steps", steps, at_least=2)
    if a.shape != b.shape:
        raise ValueError(f"`end` must have the shape of `start`. Received: start.shape={a.shape}, end.shape={b.shape}")
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if not all(lengths):
        raise ValueError("`start` and `end` must have a direction. Received: a vector of zeros")
    t = np.linspace(0, 1, steps)[:, np.newaxis]
    directions = _between(a / lengths[0], b / lengths[1], t)
    return (directions * ((1 - t) * lengths[0] + t * lengths[1])).astype(np.float32)


def _between(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    """Interpolates between two unit vectors."""
    angle = np.arccos(np.clip(a @ b, -1, 1))
    if np.sin(angle) < 1e-6:
        if a @ b < 0:
            raise ValueError("`end` must not be opposite to `start`. Received: end = -start, up to a factor")
        return (1 - t) * a + t * b
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
