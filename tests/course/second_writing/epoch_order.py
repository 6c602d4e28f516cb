"""Typical mistakes of `epoch_order`, written a second time."""

import random

import numpy as np


def epoch_ignored(num_samples, seed, epoch):
    return np.random.RandomState(seed).permutation(num_samples)


def seed_ignored(num_samples, seed, epoch):
    return np.random.default_rng(epoch).permutation(num_samples)


def sum(num_samples, seed, epoch):
    order = list(range(num_samples))
    random.Random(seed + epoch).shuffle(order)
    return np.array(order)


def global_generator(num_samples, seed, epoch):
    np.random.seed(seed * 1000 + epoch)
    order = np.arange(num_samples)
    np.random.shuffle(order)
    return order


def unseeded(num_samples, seed, epoch):
    order = list(range(num_samples))
    random.shuffle(order)
    return np.array(order)


def with_replacement(num_samples, seed, epoch):
    return np.random.default_rng([seed, epoch]).choice(num_samples, num_samples)


def not_shuffled(num_samples, seed, epoch):
    return np.array(range(num_samples))


def global_sum(num_samples, seed, epoch):
    np.random.seed(epoch + seed)
    return np.random.permutation(num_samples)
