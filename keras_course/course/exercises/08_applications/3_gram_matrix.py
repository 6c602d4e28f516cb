"""The Gram matrix of feature maps, which style transfer compares (deck, chapter 8, "Style transfer").

G_ij = 1/n Σ_p F_pi F_pj, a sum over the n pixels p: how often channels i and j respond in the same place.

Tutorial: `tutorials/08_applications/3_style_transfer.py`.
"""

import numpy as np


def gram_matrix(maps):
    """Computes the Gram matrix.

    Args:
        maps: F, shape (height, width, channels).

    Returns:
        G, shape (channels, channels).

    Example:
        >>> gram_matrix(np.array([[[1.0, 0.0], [3.0, 2.0]]]))
        array([[5., 3.],
               [3., 2.]])
    """
    raise NotImplementedError
