"""Weights of the classes in the loss: "balanced", or by class."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_course.arguments import require_number

BALANCED = "balanced"


def check_class_weight(class_weight: object) -> None:
    """Raises a ValueError unless `class_weight` is None, "balanced" or a mapping to numbers > 0."""
    if isinstance(class_weight, Mapping):
        for key, weight in class_weight.items():
            require_number(f"class_weight[{key!r}]", weight, above=0)
    elif class_weight is not None and not (isinstance(class_weight, str) and class_weight == BALANCED):
        raise ValueError(
            f"`class_weight` must be {BALANCED!r}, a mapping of class index or name to a weight > 0, or None. "
            f"Received: class_weight={class_weight!r}"
        )


def weights_of_classes(class_weight: Any, labels: np.ndarray, class_names: Sequence[str]) -> list[float] | None:
    """Returns the weight of each class in the loss.

    Args:
        class_weight: "balanced": n / (k n_c), for class c with n_c of the n images and k classes with images, so that
            each counts as much as the others and the mean over the images is 1. A mapping of class index or name to a
            weight > 0: other classes have 1. None.
        labels: Integers of shape (n,), of the training images.
        class_names: One name per class, by label.

    Returns:
        A number per class, by label; 1 for a class without images where "balanced". None for None.

    Raises:
        ValueError: If a key is no class, or two are the same, or a weight is no number > 0.

    Source: scikit-learn's `compute_class_weight`.
    """
    check_class_weight(class_weight)
    if class_weight is None:
        return None
    if class_weight == BALANCED:
        counts = np.bincount(labels, minlength=len(class_names))
        present = np.count_nonzero(counts)
        return np.where(counts > 0, len(labels) / (present * np.maximum(counts, 1)), 1.0).tolist()
    weights = np.ones(len(class_names))
    for label, weight in by_label(class_weight, class_names).items():
        weights[label] = weight
    return weights.tolist()


def by_label(class_weight: Mapping[Any, float], class_names: Sequence[str]) -> dict[int, float]:
    """Returns a mapping of class index or name to a weight with the index for every key.

    Raises:
        ValueError: If a key is no class, or two are the same.
    """
    weights: dict[int, float] = {}
    for key, weight in class_weight.items():
        if isinstance(key, int | np.integer) and not isinstance(key, bool) and 0 <= key < len(class_names):
            label = int(key)
        elif isinstance(key, str) and key in class_names:
            label = list(class_names).index(key)
        else:
            named = f"names such as {class_names[0]!r}"
            raise ValueError(
                f"`class_weight` must have class indices in [0, {len(class_names)}) or {named} as keys. "
                f"Received: class_weight={dict(class_weight)!r}, with {key!r}"
            )
        if label in weights:
            raise ValueError(
                f"`class_weight` must have one weight for class {label}, {class_names[label]!r}. "
                f"Received: class_weight={dict(class_weight)!r}"
            )
        weights[label] = float(weight)
    return weights


def named_weights(class_weight: Any, class_names: Sequence[str]) -> Any:
    """Returns `class_weight` as a record of JSON can hold it: a mapping by the names of classes, others as they are.

    Raises:
        ValueError: If it is none, a key is no class, or two are the same.
    """
    check_class_weight(class_weight)
    if not isinstance(class_weight, Mapping):
        return class_weight
    return {class_names[label]: weight for label, weight in by_label(class_weight, class_names).items()}
