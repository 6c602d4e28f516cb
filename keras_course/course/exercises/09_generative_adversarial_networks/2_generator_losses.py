"""Two losses of the generator (deck, chapter 9, "minimax"; Goodfellow et al. 2014 for the second).

Minimax: the mean of log(1 - D(G(z))). Non-saturating: the mean of -log D(G(z)). D = σ(logit), and logits may be large.

Tutorial: `tutorials/09_generative_adversarial_networks/1_gan_on_a_mixture.py`.
"""

import numpy as np


def generator_losses(fake_logits):
    """Computes both losses in nats.

    Args:
        fake_logits: Of generated images, shape (batch,).

    Returns:
        The minimax loss and the non-saturating one, two numbers. The generator minimises either.

    Example:
        >>> [float(round(loss, 6)) for loss in generator_losses(np.array([0.0]))]  # -log 2 and log 2
        [-0.693147, 0.693147]
    """
    raise NotImplementedError
