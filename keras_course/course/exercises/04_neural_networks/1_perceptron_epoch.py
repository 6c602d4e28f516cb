"""Rosenblatt's rule: a perceptron learns from its mistakes (deck, chapter 4, "Perceptron").

Begin with ω = 0 and go through the samples in order. A sample is a mistake where tᵢ (ω₀ + Σⱼ ωⱼ xᵢⱼ) <= 0. At each
mistake, ω₀ grows by tᵢ and ωⱼ by tᵢ xᵢⱼ, before the next sample is looked at.

Tutorial: `tutorials/04_neural_networks/1_perceptron.py`.
"""

import numpy as np


def perceptron_epoch(x, t):
    """Computes the weights after one pass over the samples.

    Args:
        x: Features, shape (samples, features).
        t: Classes, -1 or +1, shape (samples,).

    Returns:
        Weights, shape (1 + features,), the bias ω₀ first.

    Example:
        >>> perceptron_epoch(np.array([[2.0], [-1.0]]), np.array([1, -1]))  # the first is a mistake, then none
        array([1., 2.])
    """
    raise NotImplementedError
