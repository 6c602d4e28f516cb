"""What the two nets of a GAN minimise, as functions of the discriminator's logits (deck, chapter 9).

A logit l is the discriminator's output before its sigmoid: D = σ(l), log D = -softplus(-l), log(1 - D) = -softplus(l).
Written in l, nothing overflows and no logarithm is taken of zero.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

Tensor = Any


def value(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Computes V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))], which D maximises and G minimises.

    Args:
        real_logits: Float (batch, 1), of real images.
        fake_logits: Float (batch, 1), of generated images.

    Returns:
        A scalar <= 0 in nats; -2 log 2 = -1.386 where D is 1/2 everywhere, the equilibrium.

    Source: deck, chapter 9, V(D, G); Goodfellow et al. (2014), arXiv:1406.2661, eq. 1.
    """
    return -_mean_softplus(-real_logits) - _mean_softplus(fake_logits)


def cross_entropy_discriminator_loss(real_logits: Tensor, fake_logits: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Computes -E[(1 - s) log D(x) + s log(1 - D(x))] - E[log(1 - D(G(z)))], which is -V(D, G) for s = 0.

    Args:
        real_logits: Float (batch, 1), of real images.
        fake_logits: Float (batch, 1), of generated images.
        label_smoothing: Float in [0, 1/2). s: real images get the target 1 - s, generated ones keep 0.

    Returns:
        A scalar >= 0 in nats.

    Source: deck, chapter 9; one-sided smoothing: Salimans et al. (2016), arXiv:1606.03498, section 3.4.
    """
    real = (1 - label_smoothing) * _mean_softplus(-real_logits) + label_smoothing * _mean_softplus(real_logits)
    return real + _mean_softplus(fake_logits)


def minimax_generator_loss(fake_logits: Tensor) -> Tensor:
    """Computes E[log(1 - D(G(z)))], the deck's: its gradient vanishes while D recognises all generated images.

    Args:
        fake_logits: Float (batch, 1), of generated images.

    Returns:
        A scalar <= 0 in nats.

    Source: deck, chapter 9, min over G of V(D, G).
    """
    return -_mean_softplus(fake_logits)


def non_saturating_generator_loss(fake_logits: Tensor) -> Tensor:
    """Computes E[-log D(G(z))]: the same fixed point as the minimax loss, strong gradients from the start.

    Args:
        fake_logits: Float (batch, 1), of generated images.

    Returns:
        A scalar >= 0 in nats.

    Source: Goodfellow et al. (2014), section 3; in the place of the minimax loss of the deck, chapter 9.
    """
    return _mean_softplus(-fake_logits)


def least_squares_discriminator_loss(real_logits: Tensor, fake_logits: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Computes ½ E[(s(x) - 1)²] + ½ E[s(G(z))²] of the score s = (1 + l) / 2.

    Args:
        real_logits: Float (batch, 1), of real images.
        fake_logits: Float (batch, 1), of generated images.
        label_smoothing: Float in [0, 1/2), taken from the target 1 of real images.

    Returns:
        A scalar >= 0.

    Source: Mao et al. (2017), arXiv:1611.04076, eq. 9.

    Note: The score is the paper's output with its 0-1 targets; in l its optimum is 0, so that σ(l) goes to 1/2 there as
        with the other losses.
    """
    real = keras.ops.mean(keras.ops.square((1 + real_logits) / 2 - (1 - label_smoothing)))
    return 0.5 * real + 0.5 * keras.ops.mean(keras.ops.square((1 + fake_logits) / 2))


def least_squares_generator_loss(fake_logits: Tensor) -> Tensor:
    """Computes ½ E[(s(G(z)) - 1)²] of the score s = (1 + l) / 2.

    Args:
        fake_logits: Float (batch, 1), of generated images.

    Returns:
        A scalar >= 0.

    Source: Mao et al. (2017), eq. 9.
    """
    return 0.5 * keras.ops.mean(keras.ops.square((1 + fake_logits) / 2 - 1))


def wasserstein_discriminator_loss(real_logits: Tensor, fake_logits: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Computes E[l(G(z))] - E[l(x)]; its negative estimates the Wasserstein distance, up to a factor.

    Args:
        real_logits: Float (batch, 1), of real images.
        fake_logits: Float (batch, 1), of generated images.
        label_smoothing: Has no effect here.

    Returns:
        A scalar.

    Source: Arjovsky et al. (2017), arXiv:1701.07875; used with `gradient_penalty`.
    """
    del label_smoothing
    return keras.ops.mean(fake_logits) - keras.ops.mean(real_logits)


def wasserstein_generator_loss(fake_logits: Tensor) -> Tensor:
    """Computes -E[l(G(z))].

    Args:
        fake_logits: Float (batch, 1), of generated images.

    Returns:
        A scalar.

    Source: Arjovsky et al. (2017).
    """
    return -keras.ops.mean(fake_logits)


@dataclass(frozen=True)
class GANLoss:
    """What the two nets minimise.

    Args:
        discriminator: Function of the real logits, the generated logits and the label smoothing.
        generator: Function of the generated logits.
        smooths: Whether the discriminator's loss has label smoothing.
        penalizes: Whether the discriminator also gets a gradient penalty.
        surest: The logit of a perfectly sure discriminator on real images, its negative on generated ones; None where
            there is no such bound and σ(l) is not a probability.
    """

    discriminator: Callable[[Tensor, Tensor, float], Tensor]
    generator: Callable[[Tensor], Tensor]
    smooths: bool = True
    penalizes: bool = False
    surest: float | None = math.inf

    def surest_means(self, label_smoothing: float) -> tuple[float, float] | None:
        """Returns the means of σ(l) on real and on generated images of a discriminator that is sure of all of them."""
        if self.surest is None:
            return None
        if self.surest == math.inf:
            return 1 - label_smoothing, 0.0
        real = self.surest * (1 - 2 * label_smoothing)
        return 1 / (1 + math.exp(-real)), 1 / (1 + math.exp(self.surest))

    def optimum(self, label_smoothing: float) -> float | None:
        """Returns σ(l) of the best discriminator of images that are as likely real as generated; None for a critic."""
        if self.surest is None:
            return None
        if self.surest == math.inf:
            return (1 - label_smoothing) / 2
        return 1 / (1 + math.exp(self.surest * label_smoothing))


LOSSES = {
    "non-saturating": GANLoss(cross_entropy_discriminator_loss, non_saturating_generator_loss),
    "minimax": GANLoss(cross_entropy_discriminator_loss, minimax_generator_loss),
    "least-squares": GANLoss(least_squares_discriminator_loss, least_squares_generator_loss, surest=1.0),
    "wasserstein-gp": GANLoss(
        wasserstein_discriminator_loss, wasserstein_generator_loss, smooths=False, penalizes=True, surest=None
    ),
}


def _mean_softplus(logits: Tensor) -> Tensor:
    return keras.ops.mean(keras.ops.softplus(logits))
