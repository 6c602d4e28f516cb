"""A moving average of the generator's weights, and the batch-norm statistics that belong to it."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.gan.model.latents import draw_latents

SAMPLES = 512  # latents in the batch that the statistics come from


class WeightAverage:
    """Keeps another generator at the average of the weights, w̄ = Σ (1 - β) β^(t-s) w_s / (1 - β^t) over s = 1 .. t.

    A generator that chases its discriminator circles around its target; the average is closer to the middle of the
    circle. The division makes it a true average from the first step on, free of the initial weights.

    Args:
        generator: The generator that is trained.
        averaged: Its copy, or None to do nothing.
        decay: Float in [0, 1). β, per step.

    Source: Yazıcı et al. (2019), arXiv:1806.04498; the correction: Kingma and Ba (2015), section 3.
    """

    def __init__(self, generator: keras.Model, averaged: keras.Model | None, decay: float):
        self.generator = generator
        self.averaged = averaged
        self.decay = decay
        self._settled: list[float] = []

    def update(self, steps: Any) -> None:
        """Adds the weights after step `steps` (1 is the first) to the average; part of the train step."""
        if self.averaged is None:
            return
        share = (1 - self.decay) / (1 - tf.pow(tf.constant(self.decay, tf.float32), keras.ops.cast(steps, "float32")))
        for mean, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            if weight.trainable:
                mean.value.assign_sub(share * (mean.value - weight.value))

    def settle(self, num_classes: int | None) -> None:
        """Measures the batch-norm statistics of the averaged weights; other untrained weights are copied.

        The statistics of the trained generator belong to other weights: with them the contrast of the images would be
        too low or too high. They depend on the averaged weights alone, so unchanged weights need no new measurement.
        """
        if self.averaged is None or self._settled == _fingerprint(self.averaged):
            return
        for mean, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            if not weight.trainable:
                mean.assign(weight)
        _measure_statistics(self.averaged, num_classes)
        self._settled = _fingerprint(self.averaged)


def _fingerprint(net: keras.Model) -> list[float]:
    """Returns the sum of each weight, which shows whether any has changed."""
    return [float(tf.reduce_sum(weight.value)) for weight in net.weights]


def _measure_statistics(generator: keras.Model, num_classes: int | None) -> None:
    """Gives every batch normalisation the mean and the variance of one large batch, in training mode throughout."""
    layers = [layer for layer in generator._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    if not layers:
        return
    latents = draw_latents(SAMPLES, int(generator.inputs[0].shape[1]))
    labels = [] if num_classes is None else [np.arange(SAMPLES, dtype=np.int32) % num_classes]
    before = [(layer.momentum, layer.trainable) for layer in layers]
    try:
        for layer in layers:
            layer.momentum, layer.trainable = 0.0, True
        generator([latents, *labels] if labels else latents, training=True)
    finally:
        for layer, (momentum, trainable) in zip(layers, before, strict=True):
            layer.momentum, layer.trainable = momentum, trainable
