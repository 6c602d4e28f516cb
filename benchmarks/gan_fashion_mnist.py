"""Ten minutes of `keras-course gan --architecture dcgan --data fashion_mnist` against two plain DCGANs for as long."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from benchmarks.gan_step import tutorial_discriminator, tutorial_generator, two_tape_step
from benchmarks.table import Row
from keras_course.gan import GAN, Reference, class_shares, draw_latents, load_reference, scorecard

DATA, SHAPE, LATENT = "fashion_mnist", (28, 28, 1), 100
SECONDS = 600
SAMPLES = 10_000
SEEDS = (0, 1, 2)
OF_TUTORIAL, OF_PAPER, LARGEST_DISTANCE, SMALLEST_SHARE, AGREEMENT = 1 / 20, 0.6, 0.4, 0.07, 0.85
COMMAND = (sys.executable, "-m", "keras_course.cli.app", "gan", "--architecture", "dcgan", "--data", DATA)


def run() -> list[Row]:
    """Trains the two peers, the default with three seeds, and the conditional default, one after the other.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    reference = load_reference(DATA)
    ours = [train_default(reference, seed) for seed in SEEDS]
    tutorial = scorecard(train_tutorial(reference.train_images), reference)
    paper = scorecard(train_paper(reference.train_images), reference)
    return [
        _peer("(a) the TensorFlow tutorial's nets and settings", tutorial),
        _peer("(b) a plain small DCGAN after the paper", paper),
        *(_default(seed, *result, tutorial, paper, reference) for seed, result in zip(SEEDS, ours, strict=True)),
        _conditional(*train_default(reference, 0, "--conditional")),
    ]


def train_default(reference: Reference, seed: int, *options: str) -> tuple[pd.Series, float, str]:
    """Runs the command as a user does; returns the scorecard of its generator, its seconds and its verdict."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        command = [*COMMAND, "--seed", str(seed), "--run-dir", folder, *options]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds = time.perf_counter() - began
        gan: GAN = keras.saving.load_model(Path(folder) / "model.keras")
        labels = gan.labels_for(SAMPLES)
        card = scorecard(gan.generate(SAMPLES, seed=1000 + seed, labels=labels), reference, labels=labels)
    return card, seconds, "no collapse" if "no collapse" in printed else "collapse"


def train_tutorial(images: np.ndarray) -> np.ndarray:
    """Trains the tutorial's nets with its settings: Adam 1e-4, batch 256; returns samples."""
    keras.utils.set_random_seed(0)
    generator, discriminator = tutorial_generator(), tutorial_discriminator(dropout=0.3)
    step = two_tape_step(generator, discriminator, keras.random.SeedGenerator(1), batch_size=256)
    return train_peer(generator, step, images, batch_size=256)


def train_paper(images: np.ndarray) -> np.ndarray:
    """Trains small nets after the paper with its settings: Adam 2e-4, beta_1 1/2, batch 64; returns samples."""
    keras.utils.set_random_seed(0)
    generator, discriminator = paper_generator(), paper_discriminator()
    step = two_tape_step(
        generator, discriminator, keras.random.SeedGenerator(1), batch_size=64, learning_rate=2e-4, beta_1=0.5
    )
    return train_peer(generator, step, images, batch_size=64)


def train_peer(
    generator: keras.Model, step: Callable[[tf.Tensor], object], images: np.ndarray, *, batch_size: int
) -> np.ndarray:
    """Trains for the seconds of the benchmark, compilation included, and draws samples."""
    batches = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images), seed=0).batch(batch_size).repeat()
    batches = batches.map(lambda batch: tf.cast(batch, tf.float32) / 255).prefetch(tf.data.AUTOTUNE)
    began = time.perf_counter()
    for batch in batches:
        step(batch)
        if time.perf_counter() - began > SECONDS:
            break
    latents = draw_latents(SAMPLES, LATENT, seed=1000)
    made = [generator(part, training=False).numpy() for part in np.split(latents, 20)]
    return np.rint(127.5 * (np.concatenate(made) + 1)).astype(np.uint8)


def paper_generator() -> keras.Model:
    """Returns 7x7x64 and transposed convolutions to 32 maps and to the image, ReLU, batch normalisation."""
    return keras.Sequential(
        [
            keras.Input((LATENT,)),
            keras.layers.Dense(7 * 7 * 64, use_bias=False, kernel_initializer=_normal()),
            keras.layers.Reshape((7, 7, 64)),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Conv2DTranspose(
                32, 4, strides=2, padding="same", use_bias=False, kernel_initializer=_normal()
            ),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Conv2DTranspose(
                1, 4, strides=2, padding="same", activation="tanh", kernel_initializer=_normal()
            ),
        ]
    )


def paper_discriminator() -> keras.Model:
    """Returns convolutions to 32 and 64 maps, LeakyReLU 0.2, batch normalisation of the second."""
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.Conv2D(32, 4, strides=2, padding="same", kernel_initializer=_normal()),
            keras.layers.LeakyReLU(negative_slope=0.2),
            keras.layers.Conv2D(64, 4, strides=2, padding="same", use_bias=False, kernel_initializer=_normal()),
            keras.layers.BatchNormalization(),
            keras.layers.LeakyReLU(negative_slope=0.2),
            keras.layers.Flatten(),
            keras.layers.Dense(1, kernel_initializer=_normal()),
        ]
    )


def _normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.02)


def _peer(name: str, card: pd.Series) -> Row:
    return Row(f"{name}, {SECONDS} s", _figures(card), "for comparison", True)


def _default(
    seed: int,
    card: pd.Series,
    seconds: float,
    verdict: str,
    tutorial: pd.Series,
    paper: pd.Series,
    reference: Reference,
) -> Row:
    ratios = [card["frechet_distance"] / peer["frechet_distance"] for peer in (tutorial, paper)]
    share = class_shares(card, reference.class_names)["generated"].min()
    return Row(
        f"`keras-course gan --architecture dcgan --data {DATA}`, seed {seed}",
        f"{_figures(card)}; 1/{1 / ratios[0]:.0f} of (a), {ratios[1]:.2f} of (b); the rarest class {share:.1%}; "
        f"{verdict}; {seconds:.0f} s",
        f"<= {LARGEST_DISTANCE}, 1/20 of (a), {OF_PAPER} of (b), each class >= {SMALLEST_SHARE:.0%}, no collapse, "
        f"<= {SECONDS} s",
        card["frechet_distance"] <= LARGEST_DISTANCE
        and ratios[0] <= OF_TUTORIAL
        and ratios[1] <= OF_PAPER
        and share >= SMALLEST_SHARE
        and verdict == "no collapse"
        and seconds <= SECONDS,
    )


def _conditional(card: pd.Series, seconds: float, verdict: str) -> Row:
    return Row(
        "the same with --conditional: the classifier agrees with the class asked for",
        f"{card['agreement']:.3f} (with real test images' {card['test/agreement']:.3f}); {_figures(card)}; {verdict}; "
        f"{seconds:.0f} s",
        f">= {AGREEMENT} within {SECONDS} s",
        card["agreement"] >= AGREEMENT and seconds <= SECONDS,
    )


def _figures(card: pd.Series) -> str:
    return (
        f"Fréchet distance {card['frechet_distance']:.2f} (real test images {card['test/frechet_distance']:.2f}), "
        f"classifier score {card['classifier_score']:.2f} ({card['test/classifier_score']:.2f})"
    )
