"""Checks of the two nets, and of the images and units that they are given."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_course.array_arguments import finite_array


def check_nets(generator: Any, discriminator: Any) -> tuple[tuple[int, int, int], int]:
    """Checks that the two nets are for the same images and units.

    Returns:
        The shape of an image, and the number of units.

    Raises:
        ValueError: If one is no functional model with the inputs and outputs of a GANimation's, or they don't fit.
    """
    expected = {"generator": (2, {"colour", "attention"}), "discriminator": (1, {"critic", "units"})}
    for (name, (inputs, outputs)), net in zip(expected.items(), (generator, discriminator), strict=True):
        named = getattr(net, "output", None)
        good = isinstance(net, keras.Model) and isinstance(named, dict) and named.keys() == outputs
        if not good or len(net.inputs) != inputs:
            raise ValueError(
                f"`{name}` must be a functional keras.Model of {inputs} inputs with the outputs {sorted(outputs)}, as "
                f"build_ganimation_{name} makes it. Received: {name}={net!r}"
            )
    shape, (_, units) = (tuple(tensor.shape) for tensor in generator.inputs)
    seen = tuple(discriminator.inputs[0].shape), discriminator.output["units"].shape[1]
    if seen != (shape, units):
        raise ValueError(
            f"`discriminator` must judge images {shape[1:]} of {units} units, as the generator makes them. "
            f"Received: one for images {seen[0][1:]} of {seen[1]} units"
        )
    return shape[1:], units


def check_images(name: str, images: Any, shape: Sequence[int]) -> None:
    """Raises a ValueError unless images are uint8 (n >= 1, *shape)."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != tuple(shape):
        raise ValueError(
            f"`{name}` must be uint8 (n, {', '.join(map(str, shape))}). "
            f"Received: {getattr(images, 'dtype', type(images).__name__)} {np.shape(images)}"
        )
    if not len(images):
        raise ValueError(f"`{name}` must hold at least one image. Received: {name}.shape={images.shape}")


def check_units(name: str, units: Any, count: int, num_units: int) -> np.ndarray:
    """Returns units as float32, one row per image.

    Raises:
        ValueError: If they are no numbers in [0, 1] of that shape.
    """
    rows = finite_array(name, units, ("n", num_units))
    if len(rows) != count or rows.min() < 0 or rows.max() > 1:
        raise ValueError(
            f"`{name}` must be in [0, 1], of shape ({count}, {num_units}). "
            f"Received: values from {rows.min():g} to {rows.max():g}, shape {rows.shape}"
        )
    return rows.astype(np.float32)
