"""The settings of a classifier's training: checked, and the optimizer and the decay that follow from them."""

from dataclasses import dataclass
from typing import Any

import keras

from keras_course.arguments import require_integer, require_number
from keras_course.callbacks import LearningRateDecay, anchored
from keras_course.data import ImageData
from keras_course.runs import RunSettings


@dataclass(frozen=True, kw_only=True)
class ClassifierSettings(RunSettings):
    """The arguments of `train_classifier`, which explains them."""

    optimizer: str | keras.optimizers.Optimizer = "adam"
    learning_rate: float | None = None
    decay: LearningRateDecay | None = None
    patience: int | None = None
    weight_decay: float | None = None

    def __post_init__(self):
        super().__post_init__()
        if self.patience is not None:
            require_integer("patience", self.patience, at_least=1)
        if self.weight_decay is not None:
            require_number("weight_decay", self.weight_decay, at_least=0)
        if self.learning_rate is not None:
            require_number("learning_rate", self.learning_rate, above=0)

    def prepare(
        self, model: keras.Model, data: ImageData
    ) -> tuple[keras.optimizers.Optimizer, LearningRateDecay | None]:
        """Checks model and data, and returns a new optimizer and a decay that knows its initial rate.

        Raises:
            ValueError: If the model doesn't fit the data, or an argument the others.
        """
        check_model(model, data)
        if self.patience is not None and data.validation is None:
            raise ValueError(
                f"`patience` needs validation images: validation_fraction > 0. Received: patience={self.patience}"
            )
        optimizer = self._fresh_optimizer(model)
        return optimizer, anchored(self.decay, [optimizer], self.learning_rate)

    def _fresh_optimizer(self, model: keras.Model) -> keras.optimizers.Optimizer:
        """Returns a new optimizer with these settings; weight decay spares biases and the scales of normalisation."""
        try:
            copy = keras.optimizers.deserialize(keras.optimizers.serialize(keras.optimizers.get(self.optimizer)))
        except (ValueError, TypeError, AttributeError) as error:
            message = "`optimizer` must be the name of a Keras optimizer or one itself"
            raise ValueError(f"{message}. Received: optimizer={self.optimizer!r}") from error
        if self.learning_rate is not None:
            if not isinstance(copy.learning_rate, keras.Variable):
                raise ValueError(
                    "`learning_rate` must be None for an optimizer with a learning-rate schedule object. "
                    f"Received: learning_rate={self.learning_rate!r}"
                )
            copy.learning_rate = self.learning_rate
        applied: Any = getattr(copy, "inner_optimizer", copy)  # what a loss-scaling optimizer wraps
        if self.weight_decay is not None:
            applied.weight_decay = self.weight_decay or None
        if applied.weight_decay:
            applied.exclude_from_weight_decay(var_list=[v for v in model.trainable_variables if len(v.shape) <= 1])
        return copy


def check_model(model: Any, data: Any) -> None:
    """Raises a ValueError unless `model` maps the images of `data` to a logit for each class."""
    if not isinstance(model, keras.Model) or not getattr(model, "inputs", None):
        raise ValueError(f"`model` must be a built functional or sequential keras.Model. Received: model={model!r}")
    if not model.trainable_variables:
        raise ValueError(f"`model` must have trainable weights. Received: model={model!r} without any")
    if not isinstance(data, ImageData):
        raise ValueError(f"`data` must be the ImageData that load_images returns. Received: data={data!r}")
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


def _differ(expected: tuple, received: tuple) -> bool:
    """Compares shapes; None of the model fits any size."""
    if len(expected) != len(received):
        return True
    return any(got is not None and got != want for want, got in zip(expected[1:], received[1:], strict=True))
