"""One recipe a model: how `keras-course train MODEL` builds and trains it unless told otherwise."""

from dataclasses import dataclass, field, replace
from typing import Any

import keras

from keras_course.arguments import require_choice
from keras_course.callbacks import DECAY_LAWS, decay_over

SMALL_DATA = 10_000
# Data sets of characters: the mirror image of one is another, or none.
NOT_TO_MIRROR = ("digits", "mnist", "kmnist", "emnist", "svhn_cropped")


@dataclass(frozen=True)
class Recipe:
    """Options of a builder and of `train_classifier` that go well together on small images.

    Args:
        epochs: Integer >= 1.
        small_epochs: Integer >= 1, for data sets of fewer than 10,000 training images.
        learning_rate: Float > 0, in epoch 0.
        optimizer: Name of a Keras optimizer.
        momentum: Float in [0, 1), Nesterov's, of "sgd"; None for others.
        decay: Name of a decay law, over the whole training, or None.
        decay_factor: Float >= 1, by which the decay divides the rate, see `decay_over`.
        batch_size: Integer >= 1, images a step; a quarter of it for data sets of fewer than 10,000 training images.
        augment: Kinds of random change of the training images, see `load_images`.
        weight_decay: Float >= 0, decoupled from the gradient; None leaves it to the optimizer.
        smallest_size: Integer >= 1, pixels: images of fewer are enlarged so that their shorter side has as many.
        options: Keyword arguments of the builder.

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
    options: dict[str, Any] = field(default_factory=dict)

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
        augment = tuple(kind for kind in self.augment if kind != "flip" or name.split("/")[0] not in NOT_TO_MIRROR)
        if train_size >= SMALL_DATA:
            return replace(self, augment=augment)
        return replace(self, augment=augment, epochs=self.small_epochs, batch_size=self.batch_size // 4)

    def image_size(self, image_shape: tuple[int | None, int | None, int]) -> tuple[int, int] | None:
        """Returns the (height, width) to which images are enlarged, their proportions kept; None if they aren't.

        Args:
            image_shape: (height, width, channels) as stored; None where it varies.
        """
        height, width, _ = image_shape
        if height is None or width is None:
            return None
        factor = self.smallest_size / min(height, width)
        return (round(height * factor), round(width * factor)) if factor > 1 else None


DEEP: dict[str, Any] = {
    "optimizer": "sgd",
    "momentum": 0.9,
    "weight_decay": 5e-3,
    "decay": "exponential",
    "decay_factor": 100.0,
    "batch_size": 64,
    "augment": ("flip",),
    "smallest_size": 16,
}
LENET_OF_TODAY = {"activation": "elu", "pooling": "average", "batch_norm": True, "dropout": 0.2, "width": 1.5}

RECIPES: dict[str, Recipe] = {
    "perceptron": Recipe(epochs=20, small_epochs=40, learning_rate=3e-3),
    "mlp": Recipe(epochs=20, small_epochs=30, learning_rate=2e-3, options={"batch_norm": True, "dropout": 0.3}),
    "lenet": Recipe(epochs=10, small_epochs=30, learning_rate=3e-3, options=LENET_OF_TODAY),
    # The deep nets: SGD with momentum, as in the papers, and a quarter or three eighths of their width.
    "alexnet": Recipe(
        epochs=6, small_epochs=25, learning_rate=0.03, **DEEP, options={"normalization": "batch", "width": 0.25}
    ),
    **{
        f"vgg{depth}": Recipe(
            epochs=10,
            small_epochs=25,
            learning_rate=0.05,
            **DEEP,
            options={"batch_norm": True, "dropout": 0.2, "width": 0.25},
        )
        for depth in (11, 13, 16, 19)
    },
    "googlenet": Recipe(
        epochs=4,
        small_epochs=5,
        learning_rate=0.05,
        **DEEP,
        options={"batch_norm": True, "dropout": 0.2, "width": 0.25},
    ),
    **{
        f"resnet{depth}": Recipe(epochs=5, small_epochs=20, learning_rate=0.05, **DEEP, options={"width": 0.25})
        for depth in (18, 34, 50, 101, 152)
    },
}
