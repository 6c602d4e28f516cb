"""Typical mistakes of `generator_losses`, written a second time."""

import numpy as np
from scipy.special import expit, log_expit


def terms(fake_logits):
    """The logarithms of D and of 1 - D for every image."""
    return log_expit(fake_logits), log_expit(-fake_logits)


def overflow(fake_logits):
    d = 1 / (1 + np.exp(-fake_logits))
    return np.log(1 - d).mean(), -np.log(d).mean()


def exchanged(fake_logits):
    log_real, log_fake = terms(fake_logits)
    return -log_real.mean(), log_fake.mean()


def minimax_sign(fake_logits):
    log_real, log_fake = terms(fake_logits)
    return -log_fake.mean(), -log_real.mean()


def non_saturating_sign(fake_logits):
    log_real, log_fake = terms(fake_logits)
    return log_fake.mean(), log_real.mean()


def negated(fake_logits):
    minimax = terms(fake_logits)[1].mean()
    return minimax, -minimax


def sums(fake_logits):
    minimax, non_saturating = 0.0, 0.0
    for logit in fake_logits:
        minimax -= np.logaddexp(0, logit)
        non_saturating += np.logaddexp(0, -logit)
    return minimax, non_saturating


def per_image(fake_logits):
    return -np.logaddexp(0, fake_logits), np.logaddexp(0, -fake_logits)


def bits(fake_logits):
    return -np.logaddexp(0, fake_logits).mean() / np.log(2), np.logaddexp(0, -fake_logits).mean() / np.log(2)


def logarithm_of_mean(fake_logits):
    return np.log(expit(-fake_logits).mean()), -np.log(expit(fake_logits).mean())
