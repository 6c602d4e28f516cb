"""Which trainable variables belong to which layer."""

from collections.abc import Sequence
from typing import Any

import keras


def trainable_variables_by_layer(model: keras.Model, prefix: str = "") -> dict[str, list[Any]]:
    """Groups a model's trainable variables by layer, in forward order.

    Args:
        model: A Keras model; layers of nested models are named `inner/layer`.
        prefix: Put before each name.

    Returns:
        Layer name -> its trainable variables; a variable shared by two layers belongs to the first. Variables that
        the model itself owns come last, under the model's name.
    """
    groups: dict[str, list[Any]] = {}
    taken: set[int] = set()

    def add(name: str, variables: Sequence[Any]) -> None:
        new = [variable for variable in variables if id(variable) not in taken]
        taken.update(map(id, new))
        if new:
            copies = sum(other.rpartition("#")[0] == name or other == name for other in groups)
            groups[f"{name}#{copies + 1}" if copies else name] = new

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            for name, variables in trainable_variables_by_layer(layer, f"{prefix}{layer.name}/").items():
                add(name, variables)
        else:
            add(prefix + layer.name, layer.trainable_variables)
    add(prefix + model.name, model.trainable_variables)
    return groups
