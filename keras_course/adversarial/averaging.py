"""A moving average of the generator's weights, and the batch-norm statistics that belong to it."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


class WeightAverage:
    """Keeps another generator at the average of the weights, w̄ = Σ (1 - β) β^(t-s) w_s / (1 - β^t) over s = 1 .. t.

    A generator that chases its discriminator circles around its target; the average is closer to the middle of the
    circle. The division makes it a true average from the first step on, free of the initial weights.

    Args:
        generator: The generator that is trained.
        averaged: Its copy, or None to do nothing.
        decay: Float in [0, 1). β, per step.
        sample: Returns a large batch of what the generator takes, of which batch normalisation takes its statistics;
            None for generators without any.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.adversarial import WeightAverage
        >>> nets = [keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]) for _ in range(2)]
        >>> average = WeightAverage(*nets, decay=0.5)
        >>> for step, weight in enumerate([4.0, 1.0], start=1):
        ...     nets[0].set_weights([np.array([[weight]]), np.zeros(1)])
        ...     average.update(step)
        >>> round(float(nets[1].weights[0][0, 0]), 4)  # (4 + 2 · 1) / 3
        2.0

    Source: Yazıcı et al. (2019), arXiv:1806.04498; the correction: Kingma and Ba (2015), section 3.
    """

    def __init__(
        self,
        generator: keras.Model,
        averaged: keras.Model | None,
        decay: float,
        sample: Callable[[], Any] | None = None,
    ):
        self.generator = generator
        self.averaged = averaged
        self.decay = decay
        self.sample = sample
        self._settled: list[float] = []

    def update(self, steps: Any) -> None:
        """Adds the weights after step `steps` (1 is the first) to the average; part of the train step."""
        if self.averaged is None:
            return
        share = (1 - self.decay) / (1 - tf.pow(tf.constant(self.decay, tf.float32), keras.ops.cast(steps, "float32")))
        for mean, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            if weight.trainable:
                mean.value.assign_sub(share * (mean.value - weight.value))

    def settle(self) -> None:
        """Measures the batch-norm statistics of the averaged weights; other untrained weights are copied.

        The statistics of the trained generator belong to other weights: with them the contrast of the images would be
        too low or too high. They depend on the averaged weights alone, so unchanged weights need no new measurement.
        """
        if self.averaged is None or self._settled == _fingerprint(self.averaged):
            return
        for mean, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            if not weight.trainable:
                mean.assign(weight)
        _measure_statistics(self.averaged, self.sample)
        self._settled = _fingerprint(self.averaged)


def _fingerprint(net: keras.Model) -> list[float]:
    """Returns the sum of each weight, which shows whether any has changed."""
    return [float(tf.reduce_sum(weight.value)) for weight in net.weights]


def _measure_statistics(generator: keras.Model, sample: Callable[[], Any] | None) -> None:
    """Gives every batch normalisation the mean and the variance of one large batch, in training mode throughout."""
    layers = [layer for layer in generator._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    if not layers or sample is None:
        return
    before = [(layer.momentum, layer.trainable) for layer in layers]
    try:
        for layer in layers:
            layer.momentum, layer.trainable = 0.0, True
        generator(sample(), training=True)
    finally:
        for layer, (momentum, trainable) in zip(layers, before, strict=True):
            layer.momentum, layer.trainable = momentum, trainable
