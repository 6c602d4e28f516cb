"""The arguments of `train_classifier`: checked, made fresh and described for `config.json`."""

from typing import Any

import keras

from keras_course.arguments import require_integer, require_number
from keras_course.callbacks import LearningRateDecay
from keras_course.data import ImageData
from keras_course.runs.description import (
    data_settings,
    layers_digest,
    optimizer_settings,
    package_versions,
    parameters,
    rounded,
)


def check(model, data, epochs, patience, weight_decay, run_dir, resume, seed) -> None:
    """Raises a ValueError that names the first argument of `train_classifier` that is out of range."""
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
    require_integer("epochs", epochs, at_least=1)
    require_integer("seed", seed, at_least=0)
    if patience is not None:
        require_integer("patience", patience, at_least=1)
        if data.validation is None:
            raise ValueError(f"`patience` needs validation images: validation_fraction > 0. Received: {patience=}")
    if weight_decay is not None:
        require_number("weight_decay", weight_decay, at_least=0)
    if resume and run_dir is None:
        raise ValueError("`resume` needs the folder of the run. Received: resume=True and run_dir=None")


def fresh_optimizer(
    optimizer: str | keras.optimizers.Optimizer,
    model: keras.Model,
    learning_rate: float | None,
    weight_decay: float | None,
) -> keras.optimizers.Optimizer:
    """Returns a new optimizer with these settings; weight decay spares biases and the scales of normalisation.

    Raises:
        ValueError: If `optimizer` is unknown or `learning_rate` is out of range.
    """
    try:
        copy = keras.optimizers.deserialize(keras.optimizers.serialize(keras.optimizers.get(optimizer)))
    except (ValueError, TypeError, AttributeError) as error:
        message = "`optimizer` must be the name of a Keras optimizer or one itself"
        raise ValueError(f"{message}. Received: optimizer={optimizer!r}") from error
    if learning_rate is not None:
        require_number("learning_rate", learning_rate, above=0)
        if not isinstance(copy.learning_rate, keras.Variable):
            raise ValueError(
                "`learning_rate` must be None for an optimizer with a learning-rate schedule object. "
                f"Received: learning_rate={learning_rate!r}"
            )
        copy.learning_rate = learning_rate
    applied = getattr(copy, "inner_optimizer", copy)  # what a loss-scaling optimizer wraps
    if weight_decay is not None:
        applied.weight_decay = weight_decay or None
    if applied.weight_decay:
        applied.exclude_from_weight_decay(var_list=[v for v in model.trainable_variables if len(v.shape) <= 1])
    return copy


def with_initial_rate(
    decay: LearningRateDecay | None, optimizer: keras.optimizers.Optimizer, learning_rate: float | None
) -> LearningRateDecay | None:
    """Returns a copy of the decay that knows λ₀, so that a resumed run doesn't take it from a decayed optimizer.

    Raises:
        ValueError: If `decay` is none of ours, contradicts `learning_rate`, or the optimizer has a schedule object.
    """
    if decay is None:
        return None
    if not isinstance(decay, LearningRateDecay):
        raise ValueError(f"`decay` must be a decay of keras_course.callbacks or None. Received: decay={decay!r}")
    if not isinstance(optimizer.learning_rate, keras.Variable):
        raise ValueError(
            "`decay` needs an optimizer with a number as its rate. Received: a learning-rate schedule object"
        )
    if learning_rate is not None and decay.initial_rate not in (None, learning_rate):
        raise ValueError(
            f"`learning_rate` must be the decay's initial_rate or None. "
            f"Received: learning_rate={learning_rate!r}, initial_rate={decay.initial_rate!r}"
        )
    rate = decay.initial_rate or rounded(optimizer.learning_rate)
    return type(decay)(**{**decay.get_config(), "initial_rate": rate})


def describe(
    model: keras.Model,
    data: ImageData,
    epochs: int,
    optimizer: keras.optimizers.Optimizer,
    decay: LearningRateDecay | None,
    patience: int | None,
    seed: int,
) -> dict[str, Any]:
    """Returns what makes a run, JSON-serialisable: what a resumed run must have in common with the first."""
    return {
        "model": model.name,
        "parameters": parameters(model),
        "layers_digest": layers_digest(model),
        **data_settings(data),
        "epochs": epochs,
        "optimizer": optimizer_settings(optimizer),
        "decay": None if decay is None else {"law": type(decay).__name__, **decay.get_config()},
        "patience": patience,
        "seed": seed,
        "versions": package_versions(),
    }


def _differ(expected: tuple, received: tuple) -> bool:
    """Compares shapes; None of the model fits any size."""
    if len(expected) != len(received):
        return True
    return any(got is not None and got != want for want, got in zip(expected[1:], received[1:], strict=True))
