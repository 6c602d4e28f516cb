"""The best answer to a generator whose density is known (deck, chapter 9)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import FloatArray


def optimal_discriminator(real_density: ArrayLike, generated_density: ArrayLike) -> FloatArray:
    """Computes D*(x) = p(x) / (p(x) + q(x)), which maximises V(D, G): 1/2 wherever p(x) = q(x).

    Args:
        real_density: Numbers >= 0 of any shape: p at some points.
        generated_density: Numbers >= 0 of the same shape: q at the same points.

    Returns:
        float64 of the same shape, in [0, 1]; 1/2 where both densities are 0, and nothing can be told.

    Raises:
        ValueError: If the shapes differ, or a density is negative or not finite.

    Source: deck, chapter 9, D(x) = 1/2 at the equilibrium; Goodfellow et al. (2014), arXiv:1406.2661, proposition 1.
    """
    p, q = np.asarray(real_density, dtype=np.float64), np.asarray(generated_density, dtype=np.float64)
    for name, density in {"real_density": p, "generated_density": q}.items():
        if not np.all(np.isfinite(density) & (density >= 0)):
            raise ValueError(
                f"`{name}` must be finite and >= 0. Received: values from {density.min()} to {density.max()}"
            )
    if p.shape != q.shape:
        raise ValueError(
            f"`generated_density` must have the shape of `real_density`, {p.shape}. "
            f"Received: generated_density.shape={q.shape}"
        )
    largest = np.maximum(p, q)
    scale = np.where(largest > 0, largest, 1.0)  # densities may be so small that their sum loses its digits
    p, q = np.where(largest > 0, p, 1.0) / scale, np.where(largest > 0, q, 1.0) / scale
    return p / (p + q)
