"""A GAN on a mixture of eight Gaussians in the plane: are all modes found, and does D end at 1/2?"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from benchmarks.table import Row
from keras_course.gan import GAN, draw_latents

SEEDS = (0, 1, 2)
MODES, RADIUS, WIDTH = 8, 0.7, 0.08
UNITS, POINTS, BATCH, EPOCHS, RATE = 128, 25_600, 256, 40, 2e-3
LOW, HIGH = 0.45, 0.55
JUDGED = 10_000


def run() -> list[Row]:
    """Trains a GAN on the ring from three seeds, and looks where the generated points and both means of D end."""
    games = [play(seed) for seed in SEEDS]
    seeds = f"seeds {', '.join(map(str, SEEDS))}"
    judged = [mean for game in games for mean in (game.d_real, game.d_fake)]
    return [
        Row(
            f"ring of {MODES} Gaussians, {EPOCHS} epochs, {seeds}: modes with at least half of their share",
            f"{', '.join(str(game.modes) for game in games)} "
            f"({', '.join(f'{100 * game.near:.0f} %' for game in games)} of the points within three widths)",
            f"{MODES} each",
            all(game.modes == MODES for game in games),
        ),
        Row(
            f"the same: mean of D on real, on generated points in the last epoch, {seeds}",
            "; ".join(f"{game.d_real:.3f}, {game.d_fake:.3f}" for game in games),
            f"{LOW} to {HIGH}",
            all(LOW <= mean <= HIGH for mean in judged),
        ),
    ]


class Game(NamedTuple):
    """How a game ended."""

    modes: int
    near: float
    d_real: float
    d_fake: float


def play(seed: int) -> Game:
    """Trains both nets, and counts where the points of the generator lie."""
    keras.utils.set_random_seed(seed)
    gan = GAN(build_mlp(2, spread=0.05), build_mlp(1, spread=0.005), seed=seed)
    gan.compile(falling_adam(), falling_adam(), steps_per_execution=10)
    points = tf.data.Dataset.from_tensor_slices((draw(POINTS, seed) + 1) / 2)  # GAN takes [0, 1] to [-1, 1]
    batches = points.cache().shuffle(POINTS, seed=seed).batch(BATCH)
    history = gan.fit(batches, epochs=EPOCHS, shuffle=False, verbose=0).history
    generated = keras.ops.convert_to_numpy(gan.generator(draw_latents(JUDGED, 2, seed=1)))
    distances = np.linalg.norm(generated[:, np.newaxis] - centers(), axis=-1)
    near = distances.argmin(axis=1)[distances.min(axis=1) < 3 * WIDTH]
    shares = np.bincount(near, minlength=MODES) / JUDGED
    found = int(np.sum(shares > 1 / (2 * MODES)))
    return Game(found, float(shares.sum()), history["d_real"][-1], history["d_fake"][-1])


def centers() -> np.ndarray:
    """Returns the means of the Gaussians, (MODES, 2)."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def draw(count: int, seed: int) -> np.ndarray:
    """Draws points of the mixture, float32 (count, 2)."""
    rng = np.random.default_rng(seed)
    return (centers()[rng.integers(MODES, size=count)] + rng.normal(0, WIDTH, (count, 2))).astype(np.float32)


def build_mlp(outputs: int, spread: float) -> keras.Model:
    """Builds a net of two hidden layers from points of the plane; its first outputs are as large as `spread` says."""
    first = keras.initializers.RandomNormal(stddev=spread)
    layers: list[keras.layers.Layer] = [keras.Input((2,))]
    for _ in range(2):
        layers += [
            keras.layers.Dense(UNITS, kernel_initializer="he_normal"),
            keras.layers.LeakyReLU(negative_slope=0.2),
        ]
    return keras.Sequential([*layers, keras.layers.Dense(outputs, kernel_initializer=first)])


def falling_adam() -> keras.optimizers.Optimizer:
    """Returns Adam with a rate that falls to a twentieth of the first."""
    steps = EPOCHS * POINTS // BATCH
    return keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(RATE, steps, 1 / 20), beta_1=0.5)
