"""Typical mistakes of `discriminator_loss`, written a second time."""

import numpy as np
from scipy.special import expit, log_expit


def overflow(real_logits, fake_logits):
    d_real = 1 / (1 + np.exp(-real_logits))
    d_fake = 1 / (1 + np.exp(-fake_logits))
    return -np.mean(np.log(d_real)) - np.mean(np.log(1 - d_fake))


def fake_target(real_logits, fake_logits):
    return -log_expit(real_logits).mean() - log_expit(fake_logits).mean()


def targets_exchanged(real_logits, fake_logits):
    return -log_expit(-real_logits).mean() - log_expit(fake_logits).mean()


def half(real_logits, fake_logits):
    real = np.logaddexp(0, -real_logits).mean()
    fake = np.logaddexp(0, fake_logits).mean()
    return (real + fake) / 2


def one_mean(real_logits, fake_logits):
    targets = np.concatenate([np.ones(len(real_logits)), np.zeros(len(fake_logits))])
    logits = np.concatenate([real_logits, fake_logits])
    return np.mean(np.logaddexp(0, logits) - targets * logits)


def sums(real_logits, fake_logits):
    total = 0.0
    for logit in real_logits:
        total -= log_expit(logit)
    for logit in fake_logits:
        total -= log_expit(-logit)
    return total


def value(real_logits, fake_logits):
    return log_expit(real_logits).mean() + log_expit(-fake_logits).mean()


def difference(real_logits, fake_logits):
    return -log_expit(real_logits).mean() + log_expit(-fake_logits).mean()


def probabilities_for_logits(real_logits, fake_logits):
    d_real, d_fake = expit(real_logits), expit(fake_logits)
    return np.logaddexp(0, -d_real).mean() + np.logaddexp(0, d_fake).mean()


def without_logarithm(real_logits, fake_logits):
    return -expit(real_logits).mean() - (1 - expit(fake_logits)).mean()
