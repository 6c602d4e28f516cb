"""Typical mistakes of `focal_loss`, written a second time."""

import numpy as np


def alpha_for_both(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    return np.mean(-alpha * (1 - p) ** gamma * log_p)


def alpha_exchanged(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    a = np.where(labels == 1, 1 - alpha, alpha)
    return -np.mean(a * (1 - p) ** gamma * log_p)


def no_alpha(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    return -((1 - p) ** gamma * log_p).mean()


def easy_examples(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    a = labels * alpha + (1 - labels) * (1 - alpha)
    return -np.mean(a * p**gamma * log_p)


def power_of_p(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return -np.mean(a * (1 - p**gamma) * log_p)


def factor_for_power(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return -np.mean(a * gamma * (1 - p) * log_p)


def no_focus(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return -np.mean(a * log_p)


def sum(logits, labels, gamma, alpha):
    total = 0.0
    for d, y in zip(logits, labels, strict=True):
        s = d if y == 1 else -d
        log_p = -np.logaddexp(0, -s)
        a = alpha if y == 1 else 1 - alpha
        total += -a * (1 - np.exp(log_p)) ** gamma * log_p
    return total


def mean_over_objects(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return -np.sum(a * (1 - p) ** gamma * log_p) / max(1, np.sum(labels))


def bits(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return -np.mean(a * (1 - p) ** gamma * log_p / np.log(2))


def clipped(logits, labels, gamma, alpha):
    q = 0.5 * (1 + np.tanh(logits / 2))
    p = np.clip(np.where(labels == 1, q, 1 - q), 1e-7, 1 - 1e-7)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return np.mean(-a * (1 - p) ** gamma * np.log(p))


def overflow(logits, labels, gamma, alpha):
    q = 1 / (1 + np.exp(-logits))
    p = np.where(labels == 1, q, 1 - q)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return np.mean(-a * (1 - p) ** gamma * np.log(p))


def p_of_class_one(logits, labels, gamma, alpha):
    log_p = -np.logaddexp(0, -logits)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return np.mean(-a * (1 - np.exp(log_p)) ** gamma * log_p)


def only_class_one(logits, labels, gamma, alpha):
    log_p = -np.logaddexp(0, -logits)
    return np.mean(-alpha * labels * (1 - np.exp(log_p)) ** gamma * log_p)


def negative(logits, labels, gamma, alpha):
    losses = []
    for d, y in zip(logits, labels, strict=True):
        log_p = -np.logaddexp(0, -d) if y else -np.logaddexp(0, d)
        losses.append((alpha if y else 1 - alpha) * (1 - np.exp(log_p)) ** gamma * log_p)
    return np.mean(losses)


def weighted_mean(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    p = np.exp(log_p)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return -np.sum(a * (1 - p) ** gamma * log_p) / np.sum(a)


def no_mean(logits, labels, gamma, alpha):
    signed = np.where(labels == 1, logits, -logits)
    log_p = -np.logaddexp(0, -signed)
    a = np.where(labels == 1, alpha, 1 - alpha)
    return -a * (1 - np.exp(log_p)) ** gamma * log_p
