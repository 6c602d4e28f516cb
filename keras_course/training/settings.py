"""The settings of a classifier's training, and the recipes that give them: checked, with what follows from them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.callbacks import DECAY_LAWS, decay_over
from keras_course.data import ImageData
from keras_course.data.augmentation import chosen_augmentations
from keras_course.data.in_memory import InMemoryData
from keras_course.data.mirror import dataset_of
from keras_course.models.conventions import (
    check_logits,
    check_not_probabilities,
    check_pixel_scale,
    run_main,
)
from keras_course.runs.mirrored import PRECISIONS
from keras_course.training.class_weights import check_class_weight
from keras_course.training.supervised import SupervisedSettings

SMALL_DATA = 10_000
CHECKED_IMAGES = 16
# Data sets of characters: the mirror image of one is another, or none.
NOT_TO_MIRROR = ("digits", "digit_scenes", "mnist", "kmnist", "emnist", "svhn_cropped")


@dataclass(frozen=True, kw_only=True)
class ClassifierSettings(SupervisedSettings):
    """The arguments of `train_classifier`, which explains them."""

    class_weight: str | Mapping[Any, float] | None = None

    def __post_init__(self):
        super().__post_init__()
        check_class_weight(self.class_weight)

    def check(self, model: Any, data: Any) -> None:
        """Raises a ValueError unless `model` maps the images of `data` to a logit for each class."""
        check_model(model, data)


@dataclass(frozen=True)
class Recipe:
    """Options of a builder and of `train_classifier` that go well together on small images.

    Args:
        epochs: Integer >= 1.
        small_epochs: Integer >= 1, for data sets of fewer than 10,000 training images.
        learning_rate: Float > 0, in epoch 0, with a cosine the highest.
        optimizer: Name of a Keras optimizer.
        momentum: Float in [0, 1), Nesterov's, of "sgd"; None for others.
        decay: Name of a decay law, over the whole training, or None.
        decay_factor: Float >= 1, by which the decay divides the rate, see `decay_over`.
        batch_size: Integer >= 1, images per step; a quarter of it for data sets of fewer than 10,000 training images.
        augment: Kinds of random change of the training images, see `load_images`.
        weight_decay: Float >= 0, decoupled from the gradient; None leaves it to the optimizer.
        smallest_size: Integer >= 1, pixels: images of fewer are enlarged so that their shorter side has as many.
        multiple: Integer >= 1, pixels: images are resized to the nearest height and width that are multiples of it.
        fewest_steps: Integer >= 0: of few images there are as many epochs as make so many steps.
        precision: "float32" or "bfloat16", what is faster at equal validation accuracy, or loss of boxes and masks; see
            `chosen_precision`.
        options: Keyword arguments of the builder.

    Raises:
        ValueError: If a setting is out of range.

    Example:
        >>> recipe = Recipe(epochs=10, small_epochs=30, learning_rate=0.1, smallest_size=16)
        >>> recipe.for_data("digits", train_size=1_293).settings()["epochs"], recipe.image_size((8, 8, 1))
        (30, (16, 16))
    """

    epochs: int
    small_epochs: int
    learning_rate: float
    optimizer: str = "adam"
    momentum: float | None = None
    decay: str | None = "exponential"
    decay_factor: float = 20.0
    batch_size: int = 128
    augment: tuple[str, ...] = ()
    weight_decay: float | None = None
    smallest_size: int = 1
    multiple: int = 1
    fewest_steps: int = 0
    precision: str = "float32"
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        for name in ("epochs", "small_epochs", "batch_size", "smallest_size", "multiple"):
            require_integer(name, getattr(self, name), at_least=1)
        if not isinstance(self.optimizer, str):
            raise ValueError(
                f"`optimizer` must be the name of a Keras optimizer. Received: optimizer={self.optimizer!r}"
            )
        require_integer("fewest_steps", self.fewest_steps, at_least=0)
        require_number("learning_rate", self.learning_rate, above=0)
        require_number("decay_factor", self.decay_factor, at_least=1)
        require_choice("decay", self.decay, (None, *DECAY_LAWS))
        require_choice("precision", self.precision, PRECISIONS)
        if self.momentum is not None:
            require_number("momentum", self.momentum, at_least=0, below=1)
        if self.weight_decay is not None:
            require_number("weight_decay", self.weight_decay, at_least=0)
        object.__setattr__(self, "augment", chosen_augmentations(self.augment))

    def settings(
        self,
        *,
        epochs: int | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        decay: str | None = None,
        weight_decay: float | None = None,
    ) -> dict[str, Any]:
        """Returns keyword arguments of `train_classifier`: the recipe's, but for those given here.

        Args:
            epochs: Integer >= 1.
            optimizer: Name of a Keras optimizer. One that isn't the recipe's brings its own rate and weight decay,
                unless they are given too.
            learning_rate: Float > 0.
            decay: Name of a decay law, see `decay_over`, or "none".
            weight_decay: Float >= 0.

        Raises:
            ValueError: If `optimizer` is no name, or `decay` none of a law.
        """
        if not isinstance(optimizer, str | None):
            raise ValueError(f"`optimizer` must be the name of a Keras optimizer. Received: optimizer={optimizer!r}")
        same = optimizer is None or optimizer.lower() == self.optimizer
        require_choice("decay", decay, (None, "none", *DECAY_LAWS))
        law = self.decay if decay is None else decay
        epochs = self.epochs if epochs is None else epochs
        nesterov = keras.optimizers.SGD(momentum=self.momentum, nesterov=True) if same and self.momentum else None
        return {
            "epochs": epochs,
            "optimizer": nesterov or optimizer or self.optimizer,
            "learning_rate": self.learning_rate if same and learning_rate is None else learning_rate,
            "decay": None if law in (None, "none") else decay_over(law, epochs, factor=self.decay_factor),
            "weight_decay": self.weight_decay if same and weight_decay is None else weight_decay,
        }

    def for_data(self, name: str, train_size: int) -> "Recipe":
        """Returns the recipe for a data set: small ones need smaller batches and more epochs, characters no mirror."""
        augment = tuple(kind for kind in self.augment if kind != "flip" or dataset_of(name) not in NOT_TO_MIRROR)
        if train_size >= SMALL_DATA:
            return replace(self, augment=augment)
        batch_size = max(1, self.batch_size // 4)
        epochs = max(self.small_epochs, math.ceil(self.fewest_steps / math.ceil(train_size / batch_size)))
        return replace(self, augment=augment, epochs=epochs, batch_size=batch_size)

    def image_size(self, image_shape: tuple[int | None, int | None, int]) -> tuple[int, int] | None:
        """Returns the (height, width) to which images are resized, or None: enlarged in proportion, or fitted.

        Args:
            image_shape: (height, width, channels) as stored; None where it varies.
        """
        height, width, _ = image_shape
        if height is None or width is None:
            return None
        factor = max(1, self.smallest_size / min(height, width))
        size = [self.multiple * max(1, round(side * factor / self.multiple)) for side in (height, width)]
        return (size[0], size[1]) if size != [height, width] else None


def check_model(model: Any, data: Any) -> None:
    """Raises a ValueError unless `model` maps the images of `data` to a logit for each class."""
    check_trainable(model, data, ImageData, "load_images")
    expected = (None, *data.input_shape), (None, data.num_classes)
    received = tuple(model.inputs[0].shape), [tuple(output.shape) for output in model.outputs]
    if _differ(expected[0], received[0]) or any(_differ(expected[1], shape) for shape in received[1]):
        raise ValueError(
            f"`model` must map images {expected[0]} of {data.name!r} to logits {expected[1]}. "
            f"Received: a model from {received[0]} to {', '.join(map(str, received[1]))}"
        )
    if len(model.outputs) > 1 and not isinstance(model.output, list | tuple):
        raise ValueError(
            "`model` must have several outputs in a list, the main one first. "
            f"Received: outputs in a {type(model.output).__name__}"
        )
    for output in model.outputs:
        check_logits(model, output)
    check_pixel_scale(model)
    check_on_images(model, data)


def check_on_images(model: keras.Model, data: InMemoryData) -> None:
    """Raises a ValueError if the first training images get probabilities, which a graph need not show."""
    some = data.train_examples.images[:CHECKED_IMAGES] / np.float32(255)
    try:
        outputs = run_main(model, some)
    except Exception:  # the training will say what is wrong, in Keras's words
        return
    check_not_probabilities(model, outputs)


def check_trainable(model: Any, data: Any, kind: type, loader: str) -> None:
    """Raises a ValueError unless `model` is built and has weights to train, and `data` is of a kind.

    Args:
        model: The model.
        data: The data.
        kind: Their class.
        loader: What returns such data, for the message.
    """
    if not isinstance(model, keras.Model) or not getattr(model, "inputs", None):
        raise ValueError(f"`model` must be a built functional or sequential keras.Model. Received: model={model!r}")
    if not model.trainable_variables:
        raise ValueError(f"`model` must have trainable weights. Received: model={model!r} without any")
    if not isinstance(data, kind):
        raise ValueError(f"`data` must be the {kind.__name__} that {loader} returns. Received: data={data!r}")


def _differ(expected: tuple, received: tuple) -> bool:
    """Compares shapes; None of the model fits any size."""
    if len(expected) != len(received):
        return True
    return any(got is not None and got != want for want, got in zip(expected[1:], received[1:], strict=True))
