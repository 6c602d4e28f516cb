"""Checks of what all of inspection takes: a model, images, numbers of filters."""

from typing import Any

import keras
import numpy as np

from keras_course.arguments import require_integer


def check_model(model: Any) -> None:
    """Raises ValueError unless `model` is a built functional or sequential model with one image input."""
    inputs = getattr(model, "inputs", None) if isinstance(model, keras.Model) else None
    shapes = [tuple(tensor.shape) for tensor in inputs or []]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][-1] is None:
        raise ValueError(
            "`model` must be a functional model with one input of shape (batch, height, width, channels). "
            f"Received: a {type(model).__name__} with inputs of shape {shapes}"
        )


def check_images(model: keras.Model, images: Any) -> np.ndarray:
    """Returns the images as a float32 array, checked against the channels of the model's input.

    Args:
        model: A functional model with one input.
        images: Numbers of shape (batch, height, width, channels), as the model was trained on.

    Returns:
        float32 array of the same shape.

    Raises:
        ValueError: If the shape does not fit the model's input, or a pixel is not finite.
    """
    check_model(model)
    wanted = tuple(model.inputs[0].shape)
    try:
        pixels = np.asarray(images, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`images` must be numbers. Received: a {type(images).__name__} ({error})") from error
    fits = pixels.ndim == 4 and all(size in (None, got) for size, got in zip(wanted, pixels.shape, strict=True))
    if not fits or pixels.size == 0:
        raise ValueError(
            f"`images` must have the shape of the model's input, {wanted}. Received: images.shape={pixels.shape}"
        )
    if not np.all(np.isfinite(pixels)):
        raise ValueError(f"`images` must be finite. Received: {np.count_nonzero(~np.isfinite(pixels))} broken pixels")
    return pixels


def check_filters(filters: Any, count: int, *, name: str) -> np.ndarray:
    """Returns the filters' numbers as an int32 array of shape (n,).

    Args:
        filters: An integer or a sequence of integers in [0, count - 1].
        count: Int >= 1. How many there are.
        name: The argument's name, for the message.

    Returns:
        int32 array of shape (n,).

    Raises:
        ValueError: If one is no integer or out of range, or there are none.
    """
    numbers = np.asarray(filters)
    if numbers.size == 0 or numbers.ndim > 1:
        raise ValueError(f"`{name}` must be an integer or a sequence of integers. Received: {name}={filters!r}")
    for number in numbers.ravel().tolist():
        require_integer(name, number, at_least=0, at_most=count - 1)
    return numbers.ravel().astype(np.int32)
