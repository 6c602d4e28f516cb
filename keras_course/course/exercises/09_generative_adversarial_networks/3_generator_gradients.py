"""Why the minimax loss saturates (deck, chapter 9; Goodfellow et al. 2014).

With D = σ(l), the minimax loss is the mean of log(1 - σ(l)), the non-saturating one the mean of -log σ(l). Take the
derivatives of both by hand and look at them where the discriminator is sure, at l much below 0.

Tutorial: `tutorials/09_generative_adversarial_networks/1_gan_on_a_mixture.py`.
"""

import numpy as np


def generator_gradients(fake_logits):
    """Computes the derivative of both losses with respect to the logit of each image.

    Args:
        fake_logits: l of generated images, shape (batch,).

    Returns:
        Of the minimax loss and of the non-saturating one, each of shape (batch,).

    Example:
        >>> generator_gradients(np.array([0.0]))
        (array([-0.5]), array([-0.5]))
    """
    raise NotImplementedError
