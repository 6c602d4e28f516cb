"""What the discriminator minimises (deck, chapter 9, "minimax").

-V(D, G) = -mean of log D(x) over real images - mean of log(1 - D(G(z))) over generated ones, with D = σ(logit). Logits
may be large: log σ(-1000) is -1000, while σ(-1000) is 0 in floating point.

Tutorial: `tutorials/09_generative_adversarial_networks/1_gan_on_a_mixture.py`.
"""

import numpy as np


def discriminator_loss(real_logits, fake_logits):
    """Computes the loss in nats.

    Args:
        real_logits: Of real images, shape (real,).
        fake_logits: Of generated images, shape (fake,).

    Returns:
        A number >= 0.

    Example:
        >>> float(round(discriminator_loss(np.array([0.0]), np.array([0.0, 0.0])), 6))  # 2 log 2 at D = 1/2
        1.386294
    """
    raise NotImplementedError
