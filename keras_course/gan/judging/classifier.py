"""The classifier that judges generated images: trained once a data set, kept in the data folder."""

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.data import ImageData, load_images
from keras_course.data.preparation import data_folder
from keras_course.files import cached
from keras_course.gan.judging.judge import ReferenceClassifier, float32_policy
from keras_course.models import build_lenet
from keras_course.runs import own_seed

logger = logging.getLogger(__name__)

SMALL_DATA = 10_000  # training images
SETTINGS: dict[str, Any] = {
    "options": {"activation": "elu", "pooling": "average", "batch_norm": True, "dropout": 0.2, "width": 1.5},
    "learning_rate": 3e-3,
    "decay_factor": 20,  # of the learning rate, over the whole training
    "seed": 0,
    "small": {"epochs": 30, "batch_size": 32},
    "large": {"epochs": 8, "batch_size": 128},
}
FILE = "model.keras"


def reference_classifier(
    name: str = "digits",
    *,
    image_size: int | Sequence[int] | None = None,
    data_dir: str | os.PathLike | None = None,
    mirror: str | os.PathLike | None = None,
    download: bool = True,
    verbose: int = 0,
) -> ReferenceClassifier:
    """Returns the classifier of a data set; the first call trains it, later ones of any process read it.

    It is a LeNet with batch normalisation, trained on all of the split `train`, kept under
    `DATA_DIR/keras_course/reference_classifier/` with its test accuracy in `about.json`. Training takes a few seconds
    on the digits and about a minute on the MNIST family, from a seed of its own: the random state and the dtype policy
    of the caller stay as they are.

    Args:
        name: Data set, as for `load_images`.
        image_size: As for `load_images`: integer >= 1 or `(height, width)` in pixels, `None` for the stored size.
        data_dir: Folder of prepared data. `None` takes `TFDS_DATA_DIR`, else `~/tensorflow_datasets`.
        mirror: Folder that holds the original files. `None` takes the environment variable `KERAS_COURSE_MIRROR`.
        download: Whether the network may be asked, default `True`.
        verbose: What Keras shows of a training: 0 nothing, 1 a progress bar, 2 a line an epoch.

    Returns:
        The classifier.

    Raises:
        ValueError: As `load_images` does, or if the images are too small for a LeNet (4x4).
        FileNotFoundError: If the data are not prepared and can be had neither from a mirror nor the network.
        OSError: If the disk is full while the data are prepared, or a file may not be read.
    """
    source: dict[str, Any] = {"image_size": image_size, "data_dir": data_dir, "mirror": mirror, "download": download}
    folder = cache_folder("reference_classifier", name, image_size, data_dir)
    return cached_classifier(folder, lambda: load_images(name, validation_fraction=0, **source), verbose=verbose)


def cached_classifier(folder: Path, load: Callable[[], ImageData], *, verbose: int = 0) -> ReferenceClassifier:
    """Reads the classifier that a folder keeps, or trains it on the images that `load` returns and leaves it there."""
    return cached(folder, read=_read, make=lambda: train_reference_classifier(load(), verbose=verbose), write=_write)


def train_reference_classifier(data: ImageData, *, verbose: int = 0) -> ReferenceClassifier:
    """Trains the classifier on `data.train` and measures it on `data.test`; keeps nothing.

    Args:
        data: As `load_images` gives it, best with `validation_fraction=0`. Its batch size, seed and augmentation are
            replaced by the classifier's.
        verbose: What Keras shows: 0 nothing, 1 a progress bar, 2 a line an epoch.

    Returns:
        The classifier, the same for the same images on the same machine.

    Raises:
        ValueError: If the images are too small for a LeNet (4x4).
    """
    schedule = SETTINGS["small" if data.train_size < SMALL_DATA else "large"]
    data = replace(data, batch_size=schedule["batch_size"], seed=SETTINGS["seed"], augment=())
    logger.info("Training the reference classifier of %s, %d epochs", data.name, schedule["epochs"])
    with own_seed(SETTINGS["seed"]), float32_policy():
        model = build_lenet(data.input_shape, data.num_classes, **SETTINGS["options"])
        steps = schedule["epochs"] * int(data.train.cardinality())
        rate = keras.optimizers.schedules.ExponentialDecay(
            SETTINGS["learning_rate"], decay_steps=steps, decay_rate=1 / SETTINGS["decay_factor"]
        )
        model.compile(
            keras.optimizers.Adam(rate),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"] if verbose else None,
        )
        model.fit(data.train, epochs=schedule["epochs"], shuffle=False, verbose=verbose)
        model = keras.Model(model.inputs, model.outputs, name=model.name)  # the optimizer need not be kept
    judge = ReferenceClassifier(model, data.name, data.class_names, test_accuracy=float("nan"))
    right = judge.classify(data.test_examples.images).classes == data.test_examples.labels
    return replace(judge, test_accuracy=float(right.mean()))


def cache_folder(
    kind: str,
    name: str,
    image_size: int | Sequence[int] | None,
    data_dir: str | os.PathLike | None,
    more: Sequence[str] = (),
) -> Path:
    """Returns the folder that keeps one kind of result for one data set, size of image and way of training.

    Args:
        kind: Name of the kind.
        name: Name of the data set.
        image_size: As for `load_images`.
        data_dir: As for `load_images`.
        more: What else the result depends on.

    Returns:
        A folder, which may be missing.
    """
    sides = list(image_size) if isinstance(image_size, list | tuple) else [image_size] * 2
    size = [] if image_size is None else list(map(str, sides))
    readable = re.sub(r"[^\w.]+", "-", "-".join([str(name), *size]))
    exact = json.dumps([str(name), size, SETTINGS, *more], sort_keys=True)
    digest = hashlib.sha256(exact.encode()).hexdigest()
    return data_folder(data_dir) / "keras_course" / kind / f"{readable}-{digest[:8]}"


def _write(classifier: ReferenceClassifier, folder: Path) -> dict[str, Any]:
    classifier.model.save(folder / FILE)
    return {
        "data": classifier.data_name,
        "class_names": list(classifier.class_names),
        "input_shape": list(classifier.input_shape),
        "test_accuracy": classifier.test_accuracy,
        "parameters": classifier.model.count_params(),
        "settings": SETTINGS,
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__},
    }


def _read(folder: Path, facts: dict[str, Any]) -> ReferenceClassifier:
    model = keras.models.load_model(folder / FILE, compile=False)
    return ReferenceClassifier(model, facts["data"], tuple(facts["class_names"]), float(facts["test_accuracy"]))
