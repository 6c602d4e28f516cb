"""Recipes in bfloat16 against float32: seconds of a warm epoch, and validation accuracy or loss, over three seeds.

A recipe that is faster at equal accuracy, or at equal loss where it learns boxes or masks, has `precision="bfloat16"`.
"""

import statistics
from dataclasses import replace

from benchmarks.table import Row
from keras_course import train_recipe
from keras_course.applications.detection.recipes import DETECTOR_RECIPES
from keras_course.applications.segmentation.recipes import SEGMENTER_RECIPES
from keras_course.data import load_images, load_masks, load_objects
from keras_course.data.in_memory import InMemoryData, take
from keras_course.training import RECIPES, Recipe

NAMES = ("fast", "vgg11", "resnet18")
SCENES = {
    "unet": (SEGMENTER_RECIPES["unet"], load_masks),
    "centernet": (DETECTOR_RECIPES["centernet"], load_objects),
}
SEEDS = (0, 1, 2)
IMAGES, EPOCHS = 20_000, 2
LOWER = 0.002  # of the mean accuracy, that counts as equal
HIGHER = 1.02  # times the mean loss, that counts as equal


def run() -> list[Row]:
    """Trains each recipe on a part of Fashion-MNIST.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    whole = load_images("fashion_mnist").without_test()
    part = replace(whole, train_examples=take(whole.train_examples, slice(IMAGES)))
    rows = [compare(name, part, RECIPES[name], "val_accuracy") for name in NAMES]
    for name, (recipe, load) in SCENES.items():
        scenes = load("digit_scenes").without_test()
        rows.append(compare(name, scenes, recipe, "val_loss"))
    return rows


def compare(name: str, data: InMemoryData, recipe: Recipe, watched: str) -> Row:
    """Trains a recipe with each seed in both precisions, one after the other."""
    seconds: dict[str, list[float]] = {precision: [] for precision in ("float32", "bfloat16")}
    found: dict[str, list[float]] = {precision: [] for precision in seconds}
    for seed in SEEDS:
        for precision in seconds:
            history = train_recipe(name, data, seed=seed, precision=precision, epochs=EPOCHS, verbose=0).history
            seconds[precision].append(history["seconds"].iloc[-1])
            found[precision].append(history[watched].iloc[-1])
    ratio = statistics.median(half / whole for half, whole in zip(seconds["bfloat16"], seconds["float32"], strict=True))
    half, whole = (statistics.mean(found[precision]) for precision in ("bfloat16", "float32"))
    equal = half <= whole * HIGHER if watched == "val_loss" else half >= whole - LOWER
    return Row(
        f"{name}, bfloat16 / float32, second epoch of {data.train_size:,} images",
        f"{ratio:.3f}; {watched} after {EPOCHS} epochs {half:.4f} against {whole:.4f}, mean of seeds 0, 1, 2; "
        f"the recipe takes {recipe.precision}",
        "bfloat16 only where faster at equal accuracy or loss",
        bool(ratio < 1 and equal) or recipe.precision == "float32",
    )
