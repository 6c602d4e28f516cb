"""The plain GAN and the DCGAN on the digits as `keras-course gan` trains them by default, judged by the scorecard."""

import time

from benchmarks.table import Row
from keras_course import train_recipe

SEEDS = (0, 1, 2)
BAR = 0.8
CLASSES = 10


def run() -> list[Row]:
    """Trains each architecture from three seeds, and judges 1,000 images of each by the classifier of the digits."""
    return [row for recipe in ("gan", "dcgan") for row in judged(recipe)]


def judged(recipe: str) -> list[Row]:
    """Returns the rows of one recipe."""
    cards, seconds = [], []
    for seed in SEEDS:
        began = time.perf_counter()
        cards.append(train_recipe(recipe, "digits", seed=seed, verbose=0).evaluation)
        seconds.append(time.perf_counter() - began)
    ratios = [card["classifier_score"] / card["test/classifier_score"] for card in cards]
    smallest = [card.filter(regex="^share/").min() for card in cards]
    distances = ", ".join(f"{card['frechet_distance']:.1f}" for card in cards)
    times = ", ".join(f"{value:.0f}" for value in seconds)
    name = f"recipe {recipe}, digits, seeds {', '.join(map(str, SEEDS))}"
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
