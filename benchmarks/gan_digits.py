"""The plain GAN and the DCGAN on the digits as `keras-course gan` trains them by default, judged by the scorecard."""

import time
from dataclasses import replace

import keras
import pandas as pd

from benchmarks.table import Row
from keras_course.data import load_images
from keras_course.gan import GAN_RECIPES, Reference, load_reference, train_gan

SEEDS = (0, 1, 2)
BAR = 0.8
CLASSES = 10


def run() -> list[Row]:
    """Trains each architecture from three seeds, and judges 1,000 images of each by the classifier of the digits."""
    reference = load_reference("digits")
    return [row for architecture in GAN_RECIPES for row in judged(architecture, reference)]


def judged(architecture: str, reference: Reference) -> list[Row]:
    """Returns the rows of one architecture."""
    cards, seconds = [], []
    for seed in SEEDS:
        began = time.perf_counter()
        cards.append(final_scorecard(architecture, seed, reference))
        seconds.append(time.perf_counter() - began)
    ratios = [card["classifier_score"] / card["test/classifier_score"] for card in cards]
    smallest = [card.filter(regex="^share/").min() for card in cards]
    distances = ", ".join(f"{card['frechet_distance']:.1f}" for card in cards)
    times = ", ".join(f"{value:.0f}" for value in seconds)
    name = f"keras-course gan --architecture {architecture}, digits, seeds {', '.join(map(str, SEEDS))}"
    return [
        Row(
            f"{name}: classifier score over that of real test images",
            f"{', '.join(f'{ratio:.3f}' for ratio in ratios)} (Fréchet distance {distances}; trained in {times} s)",
            f"each >= {BAR}",
            bool(min(ratios) >= BAR),
        ),
        Row(
            f"{name}: share of the rarest of the {CLASSES} classes",
            ", ".join(f"{100 * share:.1f} %" for share in smallest),
            "> 0 %",
            bool(min(smallest) > 0),
        ),
    ]


def final_scorecard(architecture: str, seed: int, reference: Reference) -> pd.Series:
    """Trains as the command does with its defaults, and returns the scorecard at the end."""
    images = load_images("digits", seed=seed, validation_fraction=0)
    recipe = GAN_RECIPES[architecture].for_data(images.train_size)
    keras.utils.set_random_seed(seed)
    gan = recipe.build(images.input_shape, seed=seed)
    trained = train_gan(
        gan,
        replace(images, batch_size=recipe.batch_size),
        epochs=recipe.epochs,
        decay=recipe.make_decay(recipe.epochs),
        reference=reference,
        seed=seed,
        verbose=0,
    )
    return trained.scorecard.iloc[-1]
