"""One recipe a model: how `keras-course train MODEL` builds and trains it unless told otherwise."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """Options of a builder and of `train_classifier` that go well together on small images.

    Args:
        epochs: Integer >= 1.
        learning_rate: Float > 0, in epoch 0.
        optimizer: Name of a Keras optimizer.
        decay: Name of a decay law, over the whole training, or None.
        batch_size: Integer >= 1, images a step.
        augment: Kinds of random change of the training images, see `load_images`.
        options: Keyword arguments of the builder.
    """

    epochs: int
    learning_rate: float
    optimizer: str = "adam"
    decay: str | None = "exponential"
    batch_size: int = 128
    augment: bool | tuple[str, ...] = False
    options: dict[str, Any] = field(default_factory=dict)


MODERN_LENET = {"activation": "relu", "pooling": "max", "dropout": 0.3}

RECIPES: dict[str, Recipe] = {
    "perceptron": Recipe(epochs=20, learning_rate=3e-3),
    "mlp": Recipe(epochs=20, learning_rate=1e-3, options={"dropout": 0.3}),
    "lenet": Recipe(epochs=20, learning_rate=2e-3, options={**MODERN_LENET, "width": 2.0}),
}
