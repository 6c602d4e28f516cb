"""A training step of `GAN` against a plain implementation of the TensorFlow DCGAN tutorial's step, on the same nets."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.table import Row
from keras_course.gan import GAN
from keras_course.models.layers.fused_batch_normalization import FusedBatchNormalization

SHAPE, LATENT, BATCH = (28, 28, 1), 100, 256
GENERATOR, DISCRIMINATOR = 2_330_944, 212_865  # parameters
ROUNDS = 30
COMPARED = 3  # steps
BAR = 0.9
CLOSE = 1e-3  # relative difference of the losses


def run() -> list[Row]:
    """Trains both ways in turn, a step each; then compares the losses of the first steps, without dropout."""
    images = np.random.default_rng(0).random((BATCH, *SHAPE), np.float32)
    batches = tf.data.Dataset.from_tensors(tf.constant(images)).repeat()
    ours, theirs = steps(batches, dropout=0.3)
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(2 + ROUNDS):
        for name, step in (("ours", ours), ("theirs", theirs)):
            began = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - began)
    measured = {name: values[2:] for name, values in seconds.items()}  # the first calls compile
    ratio = statistics.median(a / b for a, b in zip(measured["ours"], measured["theirs"], strict=True))
    milliseconds = {name: 1000 * statistics.median(values) for name, values in measured.items()}
    ours, theirs = steps(batches, dropout=0.0)
    losses = np.array([[ours(), theirs()] for _ in range(COMPARED)])
    difference = float(np.max(np.abs(losses[:, 0] / losses[:, 1] - 1)))
    pairs = "; ".join(f"{a[0]:.5f}, {a[1]:.5f} against {b[0]:.5f}, {b[1]:.5f}" for a, b in losses)
    return [
        Row(
            f"GAN step over the tutorial's two-tape step, 28x28x1, batch {BATCH}",
            f"{ratio:.3f} ({milliseconds['ours']:.0f} ms against {milliseconds['theirs']:.0f} ms, "
            f"median of {ROUNDS} pairs of steps)",
            f"<= {BAR}",
            ratio <= BAR,
        ),
        Row(
            f"losses of the first {COMPARED} steps, same weights and noise, no dropout: generator, discriminator",
            f"{pairs}; relative difference at most {difference:.1e}",
            f"<= {CLOSE}",
            difference <= CLOSE,
        ),
    ]


def steps(batches: tf.data.Dataset, *, dropout: float) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Returns a step of ours and one of theirs, which return the losses of generator and discriminator."""
    keras.utils.set_random_seed(0)
    gan = GAN(tutorial_generator(FusedBatchNormalization), tutorial_discriminator(dropout), seed=1)
    gan.compile(keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4))
    gan.make_train_function()
    iterator = iter(batches)

    def ours() -> list[float]:
        gan.reset_metrics()
        logs = gan.train_function(iterator)
        return [float(logs["generator_loss"]), float(logs["discriminator_loss"])]

    generator, discriminator = tutorial_generator(), tutorial_discriminator(dropout)
    generator.set_weights(gan.generator.get_weights())
    discriminator.set_weights(gan.discriminator.get_weights())
    two_tapes = two_tape_step(generator, discriminator, keras.random.SeedGenerator(1))
    source = iter(batches)

    def theirs() -> list[float]:
        return [float(loss) for loss in two_tapes(next(source))]

    return ours, theirs


def tutorial_generator(normalization: type = keras.layers.BatchNormalization) -> keras.Model:
    """Returns the generator after the tutorial's description, 2,330,944 parameters."""
    stages = [
        keras.Input((LATENT,)),
        keras.layers.Dense(7 * 7 * 256, use_bias=False),
        normalization(),
        keras.layers.LeakyReLU(),
        keras.layers.Reshape((7, 7, 256)),
    ]
    for filters, strides in ((128, 1), (64, 2)):
        stages += [
            keras.layers.Conv2DTranspose(filters, 5, strides=strides, padding="same", use_bias=False),
            normalization(),
            keras.layers.LeakyReLU(),
        ]
    last = keras.layers.Conv2DTranspose(1, 5, strides=2, padding="same", use_bias=False, activation="tanh")
    return _counted(keras.Sequential([*stages, last]), GENERATOR)


def tutorial_discriminator(dropout: float) -> keras.Model:
    """Returns the discriminator after the tutorial's description, 212,865 parameters."""
    stages = [keras.Input(SHAPE)]
    for filters in (64, 128):
        stages += [keras.layers.Conv2D(filters, 5, strides=2, padding="same"), keras.layers.LeakyReLU()]
        stages += [keras.layers.Dropout(dropout)] if dropout else []
    return _counted(keras.Sequential([*stages, keras.layers.Flatten(), keras.layers.Dense(1)]), DISCRIMINATOR)


def two_tape_step(
    generator: keras.Model,
    discriminator: keras.Model,
    noise: keras.random.SeedGenerator,
    *,
    batch_size: int = BATCH,
    learning_rate: float = 1e-4,
    beta_1: float = 0.9,
) -> Any:
    """Returns the tutorial's compiled step: two tapes, two cross-entropies, two Adams; the defaults are its own."""
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    generator_optimizer, discriminator_optimizer = (keras.optimizers.Adam(learning_rate, beta_1) for _ in range(2))
    generator_optimizer.build(generator.trainable_variables)
    discriminator_optimizer.build(discriminator.trainable_variables)

    @tf.function
    def step(images):
        latents = keras.random.normal((batch_size, LATENT), seed=noise)
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            made = generator(latents, training=True)
            real, fake = discriminator(2 * images - 1, training=True), discriminator(made, training=True)
            generator_loss = cross_entropy(tf.ones_like(fake), fake)
            discriminator_loss = cross_entropy(tf.ones_like(real), real) + cross_entropy(tf.zeros_like(fake), fake)
        for tape, loss, net, optimizer in (
            (generator_tape, generator_loss, generator, generator_optimizer),
            (discriminator_tape, discriminator_loss, discriminator, discriminator_optimizer),
        ):
            gradients = tape.gradient(loss, net.trainable_variables)
            optimizer.apply_gradients(zip(gradients, net.trainable_variables, strict=True))
        return generator_loss, discriminator_loss

    return step


def _counted(model: keras.Model, parameters: int) -> keras.Model:
    if model.count_params() != parameters:
        raise ValueError(f"`model` must have {parameters:,} parameters. Received: {model.count_params():,}")
    return model
