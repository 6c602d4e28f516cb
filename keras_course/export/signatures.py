"""The functions of a SavedModel: what they take and return, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_course.reading import reason


@dataclass(frozen=True)
class Signature:
    """A function of a SavedModel.

    Args:
        folder: Of the SavedModel, for messages.
        name: "serving_default", for instance.
        inputs: Shape and dtype of what it takes, by name.
        outputs: The same of what it returns.
        loaded: What TensorFlow made of the SavedModel; it keeps the variables alive.
    """

    folder: Path
    name: str
    inputs: Mapping[str, tf.TensorSpec]
    outputs: Mapping[str, tf.TensorSpec]
    loaded: Any

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        """Computes tensors from tensors, both by name.

        Raises:
            ValueError: If an operation fails: it is not there, or got what it can't work with.
        """
        try:
            return self.loaded.signatures[self.name](**inputs)
        except tf.errors.OpError as error:
            raise ValueError(
                f"`path` must hold a whole export. Received: path={str(self.folder)!r}, "
                f"which can't run ({reason(error)})"
            ) from error


def signatures_of(loaded: Any, folder: Path) -> dict[str, Signature]:
    """Returns the signatures of a SavedModel that TensorFlow has loaded, by name."""
    return {
        name: Signature(folder, name, function.structured_input_signature[1], function.structured_outputs, loaded)
        for name, function in loaded.signatures.items()
    }
