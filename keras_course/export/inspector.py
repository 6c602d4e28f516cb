"""What an export shows of its inside: feature maps, the gradient of its input, Grad-CAM."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.export.contract import GRAD_CAM, GRADIENT, MAPS


@dataclass(frozen=True)
class Inspection:
    """What a classifier computes on the way to its answers for a batch of images.

    Attributes:
        maps: Feature maps of layers, float32 `(batch, height, width, filters)` each, by name in the network's order.
        gradient: float32 `(batch, height, width, channels)`, the gradient of the logit of the most probable class, per
            unit of a pixel in [0, 1].
        grad_cam: float32 in [0, 1] `(batch, height, width)`, where the last feature maps speak for that class; None of
            a network without convolutions.

    Example:
        >>> import numpy as np
        >>> from keras_course.export import Inspection
        >>> Inspection({}, np.float32([[[[-2, 1]]]]), None).saliency
        array([[[2.]]], dtype=float32)
    """

    maps: Mapping[str, np.ndarray]
    gradient: np.ndarray
    grad_cam: np.ndarray | None

    @property
    def saliency(self) -> np.ndarray:
        """maxₖ |∂s_c / ∂x_k| over the channels k, float32 `(batch, height, width)`."""
        return np.abs(self.gradient).max(axis=-1)


@dataclass(frozen=True)
class Inspector:
    """The signature `inspect` of an export.

    Attributes:
        function: Takes a tensor `images` and returns a dictionary of tensors.
        layers: Names of the layers whose feature maps it returns, in the network's order.
    """

    function: Callable[..., dict[str, Any]]
    layers: list[str]

    def inspect(self, batch: np.ndarray) -> Inspection:
        """Looks inside the network.

        Args:
            batch: uint8 `(batch, height, width, channels)` that fits the model.
        """
        found = {name: tensor.numpy() for name, tensor in self.function(images=tf.constant(batch)).items()}
        return Inspection({layer: found[MAPS + layer] for layer in self.layers}, found[GRADIENT], found.get(GRAD_CAM))
