"""A GANimation read from disk, and the faces that it changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer
from keras_course.array_arguments import finite_array
from keras_course.export.contract import CHANGED
from keras_course.export.images import as_batch


@dataclass(frozen=True)
class SavedAnimator:
    """An exported GANimation, ready to change faces; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel.
        function: Takes tensors `images` uint8 `(batch, height, width, channels)` and `units` float32
            `(batch, num_units)`; returns a dictionary with the tensor `changed`, uint8 like the images.
        image_shape: `(height, width, channels)`.
        unit_names: Names of the units, in their order.

    Example:
        >>> import numpy as np, tempfile
        >>> from keras_course.applications.ganimation import export_animator
        >>> from keras_course.export import load_saved_model
        >>> from keras_course.models import build_ganimation_generator
        >>> generator = build_ganimation_generator((8, 8, 3), 2, base_filters=2, blocks=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     animator = load_saved_model(export_animator(generator, folder, "faces", unit_names=["smile", "blink"]))
        ...     animator.animate(np.zeros((8, 8, 3), np.uint8), {"smile": 1}, frames=6).shape
        (6, 8, 8, 3)
    """

    path: Path
    function: Callable[..., dict[str, Any]]
    image_shape: tuple[int, ...]
    unit_names: list[str]

    def change(self, images: Any, units: Any) -> np.ndarray:
        """Changes faces.

        Args:
            images: uint8 array `(height, width, channels)` or `(batch, height, width, channels)`; or a PIL image.
            units: Floats in [0, 1], `(num_units,)` for all faces or `(batch, num_units)`.

        Returns:
            uint8 `(batch, height, width, channels)`.

        Raises:
            ValueError: If an argument has another shape or is out of range.
        """
        batch, count = as_batch(images, self.image_shape), len(self.unit_names)
        rows = finite_array("units", units, (count,), ("batch", count))
        if rows.ndim == 2 and len(rows) != len(batch):
            raise ValueError(f"`units` must have a row per image, {len(batch)}. Received: {len(rows)}")
        if rows.min() < 0 or rows.max() > 1:
            raise ValueError(f"`units` must be in [0, 1]. Received: values from {rows.min():g} to {rows.max():g}")
        wanted = np.ascontiguousarray(np.broadcast_to(rows, (len(batch), count)), np.float32)
        return self.function(images=tf.constant(batch), units=tf.constant(wanted))[CHANGED].numpy()

    def animate(
        self, image: Any, units: Mapping[str, float], *, start: Mapping[str, float] | None = None, frames: int = 60
    ) -> np.ndarray:
        """Changes a face from one setting of the units to another and back, in equal steps, in one batch.

        Frames on the way back are those on the way there. The last one is a step before the first, so that the film
        can be repeated.

        Args:
            image: uint8 array `(height, width, channels)`, or a PIL image.
            units: The units to go to, by name; those left out stay as in `start`.
            start: The units to start from, by name; those left out are 0.
            frames: Integer >= 2.

        Returns:
            uint8 `(frames, height, width, channels)`.

        Raises:
            ValueError: If an argument is out of range, or a name is unknown or not the only one that it can mean.
        """
        require_integer("frames", frames, at_least=2)
        first = self.setting("start", start or {}, np.zeros(len(self.unit_names)))
        last = self.setting("units", units, first)
        steps = np.arange(frames)
        there = np.minimum(steps, frames - steps)  # of the way, in steps of 2 / frames
        shares = 2 * np.arange(there.max() + 1)[:, np.newaxis] / frames
        face = as_batch(image, self.image_shape)
        if len(face) != 1:
            raise ValueError(f"`image` must be one image. Received: {len(face)}")
        return self.change(np.repeat(face, len(shares), axis=0), first + shares * (last - first))[there]

    def setting(self, argument: str, units: Mapping[str, float], base: np.ndarray) -> np.ndarray:
        """Returns units as an array: those given by name, or by a part of one that no other has, else those of `base`.

        Args:
            argument: What the units are called, for the message.
            units: Numbers in [0, 1] by name.
            base: Float `(num_units,)`.

        Raises:
            ValueError: If a name is unknown or could mean several, or a number is out of range.
        """
        setting = np.array(base, np.float64)
        for name, value in units.items():
            plain = name.lower().replace("-", "_")
            known = [unit.lower() for unit in self.unit_names]
            meant = [k for k, unit in enumerate(known) if unit == plain] or [
                k for k, u in enumerate(known) if plain in u
            ]
            if len(meant) != 1 or not plain:
                raise ValueError(
                    f"`{argument}` must name units out of {', '.join(self.unit_names)}. Received: {name!r}"
                )
            if not 0 <= value <= 1:
                raise ValueError(f"`{argument}` must be in [0, 1]. Received: {name}={value}")
            setting[meant[0]] = value
        return setting
