"""The `fast` recipe on Fashion-MNIST: test accuracy of three seeds, and training time against Keras's recipe."""

import statistics
from typing import Any

from benchmarks.fashion_mnist import PEER_EPOCHS, PeerBetweenEpochs
from benchmarks.table import Row
from keras_course import train_recipe
from keras_course.data import load_images
from keras_course.training import TrainingRun

SEEDS = (0, 1, 2)
LONGER: dict[str, Any] = {"epochs": 7, "width": 1.5}  # 16 epochs at width 1 are less accurate on the validation images
BARS = (({}, 1.0, 0.92), (LONGER, 2.5, 0.93))  # options, ratio of times, accuracy


def run() -> list[Row]:
    """Trains each variant with three seeds, the first in turn with the peer, epoch by epoch.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    return [row for options, ratio, accuracy in BARS for row in _rows(options, ratio, accuracy)]


def _rows(options: dict[str, Any], most: float, least: float) -> list[Row]:
    first, turn = _in_turn(options)
    runs = [first, *(train(seed, options) for seed in SEEDS[1:])]
    accuracies = [run.evaluation.accuracy for run in runs]
    mean, (ours, theirs) = statistics.mean(accuracies), (sum(turn.ours), sum(turn.theirs))
    command = " ".join(["train fast --data fashion_mnist", *(f"--{name} {value}" for name, value in options.items())])
    each = ", ".join(f"{accuracy:.4f}" for accuracy in accuracies)
    return [
        Row(
            f"`{command}`, mean test accuracy of seeds 0, 1, 2",
            f"{mean:.4f} ({each}; {first.config['parameters']:,} parameters, {first.config['epochs']} epochs)",
            f">= {least}",
            mean >= least,
        ),
        Row(
            f"`{command}`: whole training / that of Keras's simple convnet, epochs in turn",
            f"{ours / theirs:.3f} ({ours:.0f} s against {theirs:.0f} s for {PEER_EPOCHS} epochs; "
            f"{first.config.get('precision', 'float32')})",
            f"<= {most}",
            ours <= most * theirs,
        ),
    ]


def _in_turn(options: dict[str, Any]) -> tuple[TrainingRun, PeerBetweenEpochs]:
    """Trains with the first seed, an epoch of the peer after each of ours, and what is left of it."""
    turn = PeerBetweenEpochs(load_images("fashion_mnist", seed=SEEDS[0]))
    first = train(SEEDS[0], options, [turn])
    while len(turn.theirs) < PEER_EPOCHS:
        turn.train_peer()
    return first, turn


def train(seed: int, options: dict[str, Any], callbacks=()) -> TrainingRun:
    """Trains by the recipe, as `keras-course train fast --data fashion_mnist` does."""
    return train_recipe("fast", "fashion_mnist", seed=seed, callbacks=callbacks, verbose=2, **options)
