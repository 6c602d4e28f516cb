"""Typical mistakes of `decay_callback`, written a second time."""

import math

import keras


class RateCallback(keras.callbacks.Callback):
    """Holds λ₀ and k, and sets the rate of the optimizer."""

    def __init__(self, initial_rate, decay_rate):
        super().__init__()
        self.initial_rate = initial_rate
        self.decay_rate = decay_rate

    def law(self, t):
        return self.initial_rate / (1 + self.decay_rate * t)

    def set_rate(self, rate):
        self.model.optimizer.learning_rate = rate


def end_of_epoch(initial_rate, decay_rate):
    class Decay(RateCallback):
        def on_epoch_end(self, epoch, logs=None):
            self.set_rate(self.law(epoch))

    return Decay(initial_rate, decay_rate)


def next_at_end(initial_rate, decay_rate):
    class Decay(RateCallback):
        def on_epoch_end(self, epoch, logs=None):
            self.set_rate(self.law(epoch + 1))

    return Decay(initial_rate, decay_rate)


def compounded(initial_rate, decay_rate):
    class Decay(RateCallback):
        rate = initial_rate

        def on_epoch_begin(self, epoch, logs=None):
            self.rate = self.rate / (1 + self.decay_rate * epoch)
            self.set_rate(self.rate)

    return Decay(initial_rate, decay_rate)


def own_counter(initial_rate, decay_rate):
    class Decay(RateCallback):
        epochs_seen = 0

        def on_epoch_begin(self, epoch, logs=None):
            self.set_rate(self.law(self.epochs_seen))
            self.epochs_seen += 1

    return Decay(initial_rate, decay_rate)


def every_batch(initial_rate, decay_rate):
    class Decay(RateCallback):
        def on_train_begin(self, logs=None):
            self.steps = 0

        def on_train_batch_begin(self, batch, logs=None):
            self.set_rate(self.law(self.steps))
            self.steps += 1

    return Decay(initial_rate, decay_rate)


def optimizers_rate(initial_rate, decay_rate):
    class Decay(RateCallback):
        def on_train_begin(self, logs=None):
            self.initial_rate = float(self.model.optimizer.learning_rate)

        def on_epoch_begin(self, epoch, logs=None):
            self.set_rate(self.law(epoch))

    return Decay(initial_rate, decay_rate)


def exponential(initial_rate, decay_rate):
    return keras.callbacks.LearningRateScheduler(lambda epoch: initial_rate * math.exp(-decay_rate * epoch))


def epochs_from_one(initial_rate, decay_rate):
    return keras.callbacks.LearningRateScheduler(lambda epoch: initial_rate / (1 + decay_rate * (epoch + 1)))


def set_once(initial_rate, decay_rate):
    class Decay(RateCallback):
        def on_train_begin(self, logs=None):
            self.model.optimizer.learning_rate.assign(self.law(0))

    return Decay(initial_rate, decay_rate)
