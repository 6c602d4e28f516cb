"""Typical mistakes of `step_decay`, written a second time."""

import math


def smooth(epoch, initial_rate, drop, every):
    return initial_rate * math.pow(drop, epoch / every)


def one_drop(epoch, initial_rate, drop, every):
    if epoch < every:
        return initial_rate
    return initial_rate * drop


def epochs_from_one(epoch, initial_rate, drop, every):
    rate = initial_rate
    for e in range(1, epoch + 2):
        if e % every == 0:
            rate *= drop
    return rate


def rounded(epoch, initial_rate, drop, every):
    return initial_rate * drop ** round(epoch / every)


def drop_times_count(epoch, initial_rate, drop, every):
    drops = math.floor(epoch / every)
    return initial_rate * drop * drops


def only_at_drops(epoch, initial_rate, drop, every):
    if epoch > 0 and epoch % every == 0:
        return initial_rate * drop
    return initial_rate


def taken_away(epoch, initial_rate, drop, every):
    rate = initial_rate
    for _ in range(epoch // every):
        rate -= rate * drop
    return rate


def every_epoch(epoch, initial_rate, drop, every):
    rate = initial_rate
    for _ in range(epoch):
        rate = rate * drop
    return rate


def remainder(epoch, initial_rate, drop, every):
    return initial_rate * drop ** (epoch % every)
