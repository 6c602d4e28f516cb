"""The best discriminator in closed form (deck, chapter 9)."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.array_arguments import FloatArray, finite_array


def optimal_discriminator(real_density: ArrayLike, generated_density: ArrayLike) -> FloatArray:
    """Computes D*(x) = p(x) / (p(x) + q(x)), which maximises V(D, G): 1/2 wherever p(x) = q(x).

    Args:
        real_density: Numbers >= 0 of any shape: p at some points.
        generated_density: Numbers >= 0 of the same shape: q at the same points.

    Returns:
        float64 of the same shape, in [0, 1]; 1/2 where both densities are 0 and nothing is known.

    Raises:
        ValueError: If the shapes differ, or a density is negative or not finite.

    Example:
        >>> from keras_course.gan import optimal_discriminator
        >>> optimal_discriminator([3.0, 0.5, 0.0], [1.0, 0.5, 2.0])
        array([0.75, 0.5 , 0.  ])

    Source: deck, chapter 9, D(x) = 1/2 at the equilibrium; Goodfellow et al. (2014), arXiv:1406.2661, proposition 1.
    """
    p = finite_array("real_density", real_density)
    q = finite_array("generated_density", generated_density, p.shape)
    for name, density in {"real_density": p, "generated_density": q}.items():
        if density.min() < 0:
            raise ValueError(f"`{name}` must be >= 0. Received: values from {density.min()} to {density.max()}")
    largest = np.maximum(p, q)
    scale = np.where(largest > 0, largest, 1.0)  # densities may be so small that their sum loses its digits
    p, q = np.where(largest > 0, p, 1.0) / scale, np.where(largest > 0, q, 1.0) / scale
    return p / (p + q)
