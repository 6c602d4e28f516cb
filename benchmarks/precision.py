"""Recipes in bfloat16 against float32: seconds of a warm epoch, and validation accuracy of three seeds, in turn.

What is faster at equal accuracy has `precision="bfloat16"` in `keras_course/training/recipes.py`.
"""

import statistics
from dataclasses import replace

from benchmarks.table import Row
from keras_course import train_recipe
from keras_course.data import ImageData, load_images
from keras_course.data.in_memory import take
from keras_course.training import RECIPES, TrainingRun

NAMES = ("fast", "vgg11", "resnet18")
SEEDS = (0, 1, 2)
IMAGES, EPOCHS = 20_000, 2  # 314 steps of 128 images
LOWER = 0.002  # of the mean accuracy, that counts as equal


def run() -> list[Row]:
    """Trains each recipe on a part of Fashion-MNIST.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    whole = load_images("fashion_mnist").without_test()
    part = replace(whole, train_examples=take(whole.train_examples, slice(IMAGES)))
    return [compare(name, part) for name in NAMES]


def compare(name: str, data: ImageData) -> Row:
    """Trains a recipe with each seed in both precisions, one after the other."""
    runs: dict[str, list[TrainingRun]] = {precision: [] for precision in ("float32", "bfloat16")}
    for seed in SEEDS:
        for precision, done in runs.items():
            options = {"epochs": EPOCHS, "batch_size": RECIPES[name].batch_size, "verbose": 0}
            done.append(train_recipe(name, data, seed=seed, precision=precision, **options))
    seconds = {precision: [run.history["seconds"].iloc[-1] for run in done] for precision, done in runs.items()}
    accuracy = {
        precision: statistics.mean(run.history["val_accuracy"].iloc[-1] for run in done)
        for precision, done in runs.items()
    }
    ratio = statistics.median(half / whole for half, whole in zip(seconds["bfloat16"], seconds["float32"], strict=True))
    pays = ratio < 1 and accuracy["bfloat16"] >= accuracy["float32"] - LOWER
    taken = RECIPES[name].precision
    return Row(
        f"{name}, bfloat16 / float32, second epoch of {IMAGES:,} images",
        f"{ratio:.3f}; validation accuracy after {EPOCHS} epochs {accuracy['bfloat16']:.4f} against "
        f"{accuracy['float32']:.4f}, mean of seeds 0, 1, 2; the recipe takes {taken}",
        "bfloat16 only where faster at equal accuracy",
        pays or taken == "float32",
    )
