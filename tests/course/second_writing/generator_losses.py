"""Typical mistakes of `generator_losses`, written a second time, with SciPy."""

import numpy as np
from scipy import special


def overflow(fake_logits):
    d = special.expit(fake_logits)
    return np.mean(np.log(1.0 - d)), -np.mean(np.log(d))


def exchanged(fake_logits):
    return -np.mean(special.log_expit(fake_logits)), np.mean(special.log_expit(-fake_logits))


def minimax_sign(fake_logits):
    return -np.mean(special.log_expit(-fake_logits)), -np.mean(special.log_expit(fake_logits))


def non_saturating_sign(fake_logits):
    return np.mean(special.log_expit(-fake_logits)), np.mean(special.log_expit(fake_logits))


def negated(fake_logits):
    loss = np.mean(special.log_expit(-fake_logits))
    return loss, -loss


def sums(fake_logits):
    return special.log_expit(-fake_logits).sum(), -special.log_expit(fake_logits).sum()


def per_image(fake_logits):
    return special.log_expit(-fake_logits), -special.log_expit(fake_logits)


def logarithm_of_mean(fake_logits):
    d = special.expit(fake_logits)
    return np.log(1 - d.mean()), -np.log(d.mean())
