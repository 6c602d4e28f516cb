"""Labels as users have them, integers or strings, to class numbers and names."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike


def class_numbers(
    labels: Mapping[str, ArrayLike], sizes: Sequence[int], class_names: Sequence[str] | None = None
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Returns the class numbers of each split, and the names of the classes.

    Args:
        labels: By the argument's name, for the messages, those to train on first: integers or strings, shape `(n,)`
            or `(n, 1)`.
        sizes: The number of images that each of them is for.
        class_names: One name per class. `None` takes the sorted strings of the first labels, or, for integers, the
            integers from 0 on as strings.

    Returns:
        `(numbers, class_names)`: int64 arrays, shapes `(n,)`, with values in [0, number of classes), and the names.

    Raises:
        ValueError: If labels are neither integers nor strings, not one per image, or out of range, unknown or all
            alike.

    Example:
        >>> class_numbers({"labels": ["dog", "cat", "dog"]}, [3])
        ([array([1, 0, 1])], ('cat', 'dog'))
    """
    arrays = [_flat(name, given, size) for (name, given), size in zip(labels.items(), sizes, strict=True)]
    kinds = [array.dtype.kind for array in arrays]
    if len(set(kinds)) > 1:
        raise ValueError(f"{_both(labels)} must be of one kind. Received: both integers and strings")
    names = _names(class_names) if class_names is not None else None
    if kinds[0] == "U":
        names = names or tuple(np.unique(arrays[0]).tolist())
        numbers = [_looked_up(name, array, names) for name, array in zip(labels, arrays, strict=True)]
    else:
        names = names or _counted(next(iter(labels)), arrays[0])
        numbers = [_in_range(name, array, len(names)) for name, array in zip(labels, arrays, strict=True)]
    if len(np.unique(numbers[0])) < 2:
        raise ValueError(
            f"`{next(iter(labels))}` must be of at least two classes. "
            f"Received: {sizes[0]} images, all of class {names[numbers[0][0]]!r}"
        )
    return numbers, names


def _both(labels: Mapping[str, ArrayLike]) -> str:
    return " and ".join(f"`{name}`" for name in labels)


def _flat(name: str, labels: ArrayLike, size: int) -> np.ndarray:
    """Returns labels as an array of integers or strings, one per image."""
    wanted = f"`{name}` must be one integer or string per image"
    try:
        array = np.asarray(labels)
    except ValueError:
        raise ValueError(f"{wanted}, shape (n,). Received: entries of varying length") from None
    if array.ndim == 2 and array.shape[1] == 1:  # as Keras stores those of CIFAR
        array = array[:, 0]
    if array.ndim != 1:
        hint = ", one-hot perhaps: take their argmax" if array.ndim == 2 else ""
        raise ValueError(f"{wanted}, shape (n,). Received: {name}.shape={array.shape}{hint}")
    if len(array) != size:
        raise ValueError(f"{wanted}. Received: {len(array)} labels for {size} images")
    if array.dtype.kind == "S" or array.dtype.kind == "O" and all(isinstance(label, str) for label in array):
        array = array.astype(str)
    if array.dtype.kind not in "iuU":
        raise ValueError(f"{wanted}. Received: {name}.dtype={array.dtype}")
    return array


def _names(class_names: Sequence[str]) -> tuple[str, ...]:
    known = isinstance(class_names, Sequence | np.ndarray) and not isinstance(class_names, str) and np.ndim(class_names)
    names = tuple(class_names) if known else ()
    if len(names) < 2 or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise ValueError(
            "`class_names` must be at least two strings, no two alike and none empty. "
            f"Received: class_names={class_names!r}"
        )
    return tuple(map(str, names))


def _looked_up(name: str, labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Returns the position of each label in `names`."""
    values, inverse = np.unique(labels, return_inverse=True)
    unknown = [value for value in values.tolist() if value not in names]
    if unknown:
        raise ValueError(
            f"`{name}` must be names of classes: {', '.join(map(repr, names[:10]))}{', ...' if names[10:] else ''}. "
            f"Received: {', '.join(map(repr, unknown[:10]))}"
        )
    return np.array([names.index(value) for value in values.tolist()], np.int64)[inverse]


def _counted(name: str, labels: np.ndarray) -> tuple[str, ...]:
    """Returns "0", "1", ... for integers without gaps."""
    values = np.unique(labels)
    if values[0] != 0 or values[-1] != len(values) - 1:
        raise ValueError(
            f"`{name}` must be integers from 0 on without gaps, unless `class_names` is given. Received: "
            f"{', '.join(map(str, values[:10].tolist()))}{', ...' if len(values) > 10 else ''}"
        )
    return tuple(map(str, values.tolist()))


def _in_range(name: str, labels: np.ndarray, classes: int) -> np.ndarray:
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"`{name}` must be in [0, {classes}), the classes. Received: labels from {labels.min()} to {labels.max()}"
        )
    return labels.astype(np.int64)
