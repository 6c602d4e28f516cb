"""Checks `decay_callback`: when the rate is set, and from what it is computed."""

import numpy as np

from keras_course.course.exercises.inputs import Later, quarters, sizes
from keras_course.numerics import schedules

keras = Later("keras")
EXAMPLES = 10
LIBRARIES = ("numpy", "keras")
CASES = [
    (0.5, 1.0, 0, 3),
    (1.0, 0.5, 4, 2),  # resumed
    (0.25, 0.0, 0, 2),
]


def inputs(draw):
    """Draws a law and a piece of a run."""
    return draw(quarters(0.25, 2)), draw(quarters(0, 2)), draw(sizes(0, 4)), draw(sizes(1, 4))


def use(answer, initial_rate, decay_rate, initial_epoch, epochs):
    """Calls back as `fit` does in some epochs of two batches; returns the learning rate of every batch."""
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.125), "mse")
    callbacks = keras.callbacks.CallbackList([answer(initial_rate, decay_rate)], model=model)
    rates = []
    callbacks.on_train_begin({})
    for epoch in range(initial_epoch, initial_epoch + epochs):
        callbacks.on_epoch_begin(epoch, {})
        for batch in range(2):
            callbacks.on_train_batch_begin(batch, {})
            rates.append(float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
            callbacks.on_train_batch_end(batch, {})
        callbacks.on_epoch_end(epoch, {})
    callbacks.on_train_end({})
    return np.array(rates)


def expected(initial_rate, decay_rate, initial_epoch, epochs):
    """Returns what is right: the law of the package, twice for each epoch."""
    epoch = np.arange(initial_epoch, initial_epoch + epochs)
    return np.repeat(schedules.inverse_time_decay(epoch, initial_rate, decay_rate), 2)


def decay_callback(initial_rate, decay_rate):
    """Sets the rate at the beginning of each epoch, from the epoch alone."""

    class Decay(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.learning_rate = initial_rate / (1 + decay_rate * epoch)

    return Decay()


def callback(**hooks):
    """Returns a callback with the hooks given, functions of `self` and the number of epoch or batch."""
    methods = {name: lambda self, number=0, logs=None, do=do: do(self, number) for name, do in hooks.items()}
    return type("Decay", (keras.callbacks.Callback,), methods)()


def set_rate(self, rate):
    """Sets the learning rate."""
    self.model.optimizer.learning_rate = rate


def get_rate(self):
    """Returns the learning rate."""
    return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))


def wrong_end_of_epoch(initial_rate, decay_rate):
    """Your rate comes an epoch late: when is it set?"""
    return callback(on_epoch_end=lambda self, epoch: set_rate(self, initial_rate / (1 + decay_rate * epoch)))


def wrong_next_at_end(initial_rate, decay_rate):
    """Right but for the first epoch of a run: who sets its rate?"""
    return callback(on_epoch_end=lambda self, epoch: set_rate(self, initial_rate / (1 + decay_rate * (epoch + 1))))


def wrong_compounded(initial_rate, decay_rate):
    """You divide the rate of the epoch before: the law divides λ₀."""

    def begin(self, epoch):
        rate = initial_rate if epoch == 0 else get_rate(self)
        set_rate(self, rate / (1 + decay_rate * epoch))

    return callback(on_epoch_begin=begin)


def wrong_compounded__of_its_own(initial_rate, decay_rate):
    """Keeps the rate itself, so that a resumed run begins at λ₀."""
    rates = [initial_rate]

    def begin(self, epoch):
        rates.append(rates[-1] / (1 + decay_rate * epoch))
        set_rate(self, rates[-1])

    return callback(on_epoch_begin=begin)


def wrong_own_counter(initial_rate, decay_rate):
    """Right for runs from the start: a run that is resumed begins anew with λ₀."""
    seen = []

    def begin(self, epoch):
        set_rate(self, initial_rate / (1 + decay_rate * len(seen)))
        seen.append(epoch)

    return callback(on_epoch_begin=begin)


def wrong_every_batch(initial_rate, decay_rate):
    """Your rate falls with every batch: t counts epochs."""
    seen = []

    def begin(self, batch):
        set_rate(self, initial_rate / (1 + decay_rate * len(seen)))
        seen.append(batch)

    return callback(on_train_batch_begin=begin)


def wrong_optimizers_rate(initial_rate, decay_rate):
    """Your curve begins with the optimizer's own rate: λ₀ is an argument."""
    first = []

    def begin(self, epoch):
        first.append(get_rate(self))
        set_rate(self, first[0] / (1 + decay_rate * epoch))

    return callback(on_epoch_begin=begin)


def wrong_exponential(initial_rate, decay_rate):
    """This is the exponential law."""
    return callback(on_epoch_begin=lambda self, epoch: set_rate(self, initial_rate * np.exp(-decay_rate * epoch)))


def wrong_epochs_from_one(initial_rate, decay_rate):
    """Your first epoch has less than λ₀: t counts from 0."""
    return callback(on_epoch_begin=lambda self, epoch: set_rate(self, initial_rate / (1 + decay_rate * (epoch + 1))))


def wrong_set_once(initial_rate, decay_rate):
    """Your rate is λ₀ and stays."""
    return callback(on_train_begin=lambda self, _: set_rate(self, initial_rate))
