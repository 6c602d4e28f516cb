"""What a detector costs beside its backbone: a training step, and an export with the post-processing inside."""

import tempfile

import keras
import numpy as np
import tensorflow as tf

from benchmarks.clock import alternate
from benchmarks.table import Row
from keras_course.applications.detection import DETECTION
from keras_course.applications.detection.training import CenterTargets, compiled_with_losses
from keras_course.data import load_objects
from keras_course.export import export_saved_model
from keras_course.models import build_centernet, build_resnet

ROUNDS, STEPS, CALLS = 7, 15, 100
BATCH = 16
STEP_BAR, EXPORT_BAR = 2.0, 1.25


def run() -> list[Row]:
    """Measures both ways in turn: steps on the same images, and calls with one image."""
    data = load_objects("digit_scenes", batch_size=BATCH)
    keras.utils.set_random_seed(0)
    detector = build_centernet(data.input_shape, data.num_classes)
    return [_steps(data, detector), _calls(detector)]


def _steps(data, detector: keras.Model) -> Row:
    classifier = build_resnet(data.input_shape, data.num_classes, depth=18)
    classifier.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    training = compiled_with_losses(detector, keras.optimizers.Adam())
    images, targets = next(iter(CenterTargets(data, detector).train_from(0)))
    labels = tf.range(len(images)) % data.num_classes
    ratio, ours, theirs = alternate(
        lambda: training.train_on_batch(images, targets),
        lambda: classifier.train_on_batch(images, labels),
        rounds=ROUNDS,
        calls=STEPS,
    )
    return Row(
        f"training step of CenterNet on ResNet-18 / of ResNet-18 as a classifier, {BATCH} images 64x64",
        f"{ratio:.2f} ({1000 * ours:.0f} ms against {1000 * theirs:.0f} ms, {ROUNDS} rounds)",
        f"<= {STEP_BAR}",
        ratio <= STEP_BAR,
    )


def _calls(detector: keras.Model) -> Row:
    image = np.random.default_rng(0).integers(0, 256, (1, *detector.input_shape[1:])).astype(np.uint8)
    scaled = tf.constant(image / np.float32(255))
    alone = tf.function(lambda images: detector(images, training=False)).get_concrete_function(scaled)
    with tempfile.TemporaryDirectory() as directory:
        exported = tf.saved_model.load(str(export_saved_model(detector, directory, task=DETECTION)))
        signature = exported.signatures["serving_default"]
        ratio, ours, theirs = alternate(
            lambda: signature(images=tf.constant(image))["boxes"].numpy(),
            lambda: alone(scaled)["heatmap"].numpy(),
            rounds=ROUNDS,
            calls=CALLS,
        )
    return Row(
        "SavedModel of CenterNet on one image, post-processing inside / the network alone",
        f"{ratio:.2f} ({1000 * ours:.2f} ms against {1000 * theirs:.2f} ms, {ROUNDS} rounds)",
        f"<= {EXPORT_BAR}",
        ratio <= EXPORT_BAR,
    )
