"""Augmented boxes and masks against plain ones: seconds of an epoch that trains a detector's backbone on scenes."""

import statistics
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from benchmarks.input_pipeline import second_epoch
from benchmarks.table import Row
from keras_course.data import IGNORE, load_masks, load_objects
from keras_course.models import build_resnet

ROUNDS = 5
WIDTH = 0.25  # 0.7 million parameters
BATCH = 32
BAR = 1.10


def run() -> list[Row]:
    """Trains a narrow ResNet-18 to name a digit of each scene, with and without augmentation in alternation.

    A detector's step takes longer than its backbone's, so that for a detector the ratios are smaller.

    Returns:
        A row for boxes and one for masks: the median of the rounds' ratios, and both medians in seconds.
    """
    return [
        _compare("boxes", load_objects, lambda objects: tf.maximum(tf.reduce_max(objects["class_id"], axis=1), 0)),
        _compare(
            "masks",
            load_masks,
            lambda masks: tf.reduce_max(tf.where(masks == IGNORE, tf.zeros_like(masks), masks), axis=(1, 2)),
        ),
    ]


def _compare(kind: str, load: Callable, label: Callable) -> Row:
    plain = load("digit_scenes", batch_size=BATCH)
    moved = load("digit_scenes", batch_size=BATCH, augment=True)
    models = [_compiled(plain), _compiled(moved)]
    seconds = np.empty((ROUNDS, 2))
    for turn in range(ROUNDS):
        for feed in (0, 1) if turn % 2 == 0 else (1, 0):
            batches = (plain, moved)[feed].train.map(lambda images, labels: (images, label(labels)))
            seconds[turn, feed] = second_epoch(models[feed], batches, shuffle=False)
    ratio = statistics.median(seconds[:, 1] / seconds[:, 0])
    without, augmented = np.median(seconds, axis=0)
    measured = f"{ratio:.3f} ({augmented:.2f} s against {without:.2f} s, {ROUNDS} rounds)"
    kinds = ", ".join(moved.augment)
    name = f"scenes with {kind}, {kinds}: second epoch of ResNet-18 x {WIDTH:g} / without"
    return Row(name, measured, f"<= {BAR}", bool(ratio <= BAR))


def _compiled(data) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = build_resnet(data.input_shape, data.num_classes, depth=18, width=WIDTH)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
