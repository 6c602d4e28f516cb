"""The classifier that judges generated images: its features, its probabilities, its training."""

import contextlib
import functools
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from keras_course.data import ImageData
from keras_course.gan.judging.nearest import uint8_images
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
STEPS_AT_ONCE = 16  # in one call of the train function, which saves a third of the time and changes no bit
IMAGES_AT_ONCE = 1_000
FILE = "model.keras"


class Classified(NamedTuple):
    """What the classifier says about n images: features float32 (n, d), probabilities float64 (n, num_classes).

    Example:
        >>> import numpy as np
        >>> from keras_course.gan import Classified
        >>> Classified(np.zeros((2, 3)), np.array([[0.9, 0.1], [0.2, 0.8]])).classes
        array([0, 1])
    """

    features: np.ndarray
    probabilities: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """The most probable class of each image, ints of shape (n,)."""
        return self.probabilities.argmax(axis=1)


@dataclass(frozen=True, eq=False)
class ReferenceClassifier:
    """A trained classifier, the judge of generated images.

    Its features are the inputs of its last layer, which computes the logits. Figures from different classifiers are not
    comparable; `digest` tells the classifiers apart.

    Args:
        model: Keras model of one input from images (batch, height, width, channels) in [0, 1] to logits
            (batch, num_classes), which its last layer gives.
        data_name: Name of the data set that it was trained on.
        class_names: num_classes names.
        test_accuracy: Float in [0, 1], on the test images of that data set.

    Raises:
        ValueError: If `model` or `class_names` is none of the above.

    Example:
        >>> import numpy as np
        >>> from keras_course.gan import ReferenceClassifier
        >>> from keras_course.models import build_mlp
        >>> judge = ReferenceClassifier(build_mlp((8, 8, 1), 2, hidden=(4,)), "noise", ("cat", "dog"), 0.5)
        >>> features, probabilities = judge.classify(np.zeros((3, 8, 8, 1), np.uint8))
        >>> features.shape, probabilities.shape
        ((3, 4), (3, 2))
    """

    model: keras.Model
    data_name: str
    class_names: tuple[str, ...]
    test_accuracy: float

    def __post_init__(self):
        into, out_of = self.model.input_shape, self.model.output_shape
        fits = isinstance(into, tuple) and len(into) == 4 and isinstance(out_of, tuple) and len(out_of) == 2
        if not fits or self.model.layers[-1].output is not self.model.outputs[0]:
            raise ValueError(
                "`model` must take images (batch, height, width, channels) and end in its layer of logits "
                f"(batch, num_classes). Received: a model from {into} to {out_of}"
            )
        if len(self.class_names) != out_of[1]:
            raise ValueError(
                f"`class_names` must hold {out_of[1]} names, as model has classes. "
                f"Received: len(class_names)={len(self.class_names)}"
            )

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape of an image, `(height, width, channels)`."""
        return self.model.input_shape[1:]

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.class_names)

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of the weights."""
        digest = hashlib.sha256()
        for weight in self.model.get_weights():
            digest.update(np.ascontiguousarray(weight).tobytes())
        return digest.hexdigest()

    def write(self, folder: Path) -> dict[str, Any]:
        """Writes the model into a folder; returns facts for `about.json`, from which `read` takes what it needs."""
        self.model.save(folder / FILE)
        return {
            "data": self.data_name,
            "class_names": list(self.class_names),
            "input_shape": list(self.input_shape),
            "test_accuracy": self.test_accuracy,
            "parameters": self.model.count_params(),
            "settings": SETTINGS,
            "versions": {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__},
        }

    @classmethod
    def read(cls, folder: Path, facts: dict[str, Any]) -> "ReferenceClassifier":
        """Reads what `write` left."""
        model = keras.models.load_model(folder / FILE, compile=False)
        return cls(model, facts["data"], tuple(facts["class_names"]), float(facts["test_accuracy"]))

    def classify(self, images: np.ndarray) -> Classified:
        """Computes features and probabilities of images, always the same for the same array.

        Args:
            images: uint8 in 0..255 of shape (count, height, width, channels).

        Returns:
            Features float32 (count, d) and probabilities float64 (count, num_classes).

        Raises:
            ValueError: If `images` has another type or shape.
        """
        images = uint8_images("images", images, self.input_shape)
        parts = [
            [tensor.numpy() for tensor in self._step(images[start : start + IMAGES_AT_ONCE])]
            for start in range(0, len(images), IMAGES_AT_ONCE)
        ]
        features, probabilities = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Classified(features, probabilities)

    @functools.cached_property
    def _step(self):
        last = self.model.layers[-1]
        with float32_policy():  # else a model made under half precision would cast the pixels
            network = keras.Model(self.model.inputs, [last.input, self.model.outputs[0]], name="features_and_logits")

        @tf.function(input_signature=[tf.TensorSpec([None, *self.input_shape], tf.uint8)])
        def step(images):
            features, logits = network(tf.cast(images, tf.float32) / 255, training=False)
            return tf.cast(features, tf.float32), tf.nn.softmax(tf.cast(logits, tf.float64))

        return step


@contextlib.contextmanager
def float32_policy() -> Iterator[None]:
    """Makes Keras compute in float32 what is built in the block, whatever the caller's dtype policy."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)


def train_reference_classifier(data: ImageData, *, verbose: int = 0) -> ReferenceClassifier:
    """Trains the classifier on `data.train` and measures it on `data.test`; keeps nothing.

    Args:
        data: As `load_images` gives it, best with `validation_fraction=0`. Its batch size, seed and augmentation are
            replaced by the classifier's.
        verbose: What Keras shows: 0 nothing, 1 a progress bar, 2 one line per epoch.

    Returns:
        The classifier, the same for the same images on the same machine.

    Raises:
        ValueError: If the images are too small for a LeNet (4x4).

    Example:
        >>> import numpy as np
        >>> from keras_course.data import ImageData
        >>> from keras_course.gan import train_reference_classifier
        >>> images = np.zeros((10, 8, 8))
        >>> images[::2] = 1
        >>> judge = train_reference_classifier(ImageData.from_arrays(images, ["light", "dark"] * 5))
        >>> judge.class_names
        ('dark', 'light')
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
            steps_per_execution=STEPS_AT_ONCE,
        )
        model.fit(data.train, epochs=schedule["epochs"], shuffle=False, verbose=verbose)
        model = keras.Model(model.inputs, model.outputs, name=model.name)  # the optimizer need not be kept
    judge = ReferenceClassifier(model, data.name, data.class_names, test_accuracy=float("nan"))
    right = judge.classify(data.test_examples.images).classes == data.test_examples.labels
    return replace(judge, test_accuracy=float(right.mean()))
