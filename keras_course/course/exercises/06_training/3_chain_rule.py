"""The chain rule on a chain of sigmoids (deck, chapter 6, "Chain rule").

ŷ = σ(w_L ... σ(w₂ σ(w₁ x))) with σ(u) = 1 / (1 + exp(-u)) and σ'(u) = σ(u) (1 - σ(u)).

Tutorial: `tutorials/06_training/3_chain_rule.py`.
"""

import numpy as np


def chain_rule(x, weights):
    """Computes the derivative of ŷ with respect to every weight.

    Args:
        x: A number.
        weights: w₁, ..., w_L, shape (L,), L >= 1.

    Returns:
        ∂ŷ/∂w₁, ..., ∂ŷ/∂w_L, shape (L,).

    Example:
        >>> chain_rule(2.0, np.array([0.0])).round(6)  # σ'(0) · 2
        array([0.5])
    """
    raise NotImplementedError
