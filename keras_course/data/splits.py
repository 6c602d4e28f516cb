"""Which images train, which validate, which test."""

import numpy as np

HELD_OUT_FOR_TEST = 0.2  # of a data set that brings the split `train` alone


def held_out_size(size: int, fraction: float) -> int:
    """Computes how many of n members `stratified_split` holds out: max(1, round(n * fraction)), at most n - 1.

    Example:
        >>> held_out_size(1437, 0.1), held_out_size(3, 0.1), held_out_size(2, 0.9)
        (144, 1, 1)
    """
    return min(max(1, round(size * fraction)), size - 1)


def stratified_split(labels: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divides indices in two so that every class keeps its share, from `seed` alone.

    The held-out part has max(1, round(n * fraction)) members, at most n - 1. Class c with n_c members
    gives floor(n_c * fraction) of them, or one more where its remainder is among the largest; between equal
    remainders `seed` decides.

    Args:
        labels: Integers, shape `(n,)` with n >= 2.
        fraction: Float in (0, 1). Share of the held-out part.
        seed: Integer in [0, 2**32). Chooses the members.

    Returns:
        `(kept, held_out)`: two sorted int64 arrays of indices, disjoint, together `0..n - 1`.

    Raises:
        ValueError: If there are fewer than two labels.

    Example:
        >>> import numpy as np
        >>> stratified_split(np.array([0, 0, 0, 0, 1, 1, 1, 1]), 0.25, seed=0)
        (array([0, 1, 3, 5, 6, 7]), array([2, 4]))
    """
    size = len(labels)
    if size < 2:
        raise ValueError(f"`labels` must have at least 2 members to be divided. Received: {size}")
    random = np.random.RandomState(seed)  # a frozen stream: every NumPy gives the same split
    classes, counts = np.unique(labels, return_counts=True)
    ties = np.random.RandomState([seed, *counts])  # a stream of its own: what has no ties is divided as without it
    quotas = _largest_remainders(counts, held_out_size(size, fraction), ties)
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:quota]
        for label, quota in zip(classes, quotas, strict=True)
    ]
    held_out = np.sort(np.concatenate(chosen))
    return np.setdiff1d(np.arange(size), held_out, assume_unique=True), held_out


def _largest_remainders(counts: np.ndarray, total: int, ties: np.random.RandomState) -> np.ndarray:
    """Shares `total` out in proportion to `counts`, shape `(classes,)`, in whole numbers."""
    quotas, remainders = np.divmod(counts * total, counts.sum())
    by_remainder = np.lexsort([ties.random_sample(len(counts)), -remainders])
    quotas[by_remainder[: total - quotas.sum()]] += 1
    return quotas


def choose_splits(name: str, available: tuple[str, ...]) -> tuple[str, str | None]:
    """Chooses the tfds splits to train on and to test on.

    Args:
        name: The data set's name, for the message.
        available: The names of its splits.

    Returns:
        `("train", test)`, where test is `"test"`, else `"validation"`, else `None`: then a fifth of
        train is to be held out.

    Raises:
        ValueError: If there is no split `train`.

    Example:
        >>> choose_splits("mnist", ("train", "test"))
        ('train', 'test')
    """
    if "train" not in available:
        raise ValueError(
            f"`name` must be a data set with a split 'train'. Received: name={name!r}, "
            f"which has {', '.join(map(repr, available)) or 'none'}"
        )
    return "train", next((split for split in ("test", "validation") if split in available), None)
