"""The folds of a cross-validation: which fold holds out which example, by the labels and a seed alone."""

import hashlib
from dataclasses import replace

import numpy as np
from sklearn.model_selection import StratifiedKFold

from keras_course.arguments import require_integer
from keras_course.data import Examples, ImageData
from keras_course.data.splits import stratified_split


def pool_examples(data: ImageData) -> Examples:
    """Returns the training examples with the validation examples behind them: all but the test.

    Args:
        data: As `load_images` gives it.

    Returns:
        Images uint8 of shape (n, height, width, channels) and labels int64 of shape (n,).
    """
    if data.validation_examples is None:
        return data.train_examples
    images, labels = zip(data.train_examples, data.validation_examples, strict=True)
    return Examples(np.concatenate(images), np.concatenate(labels))


def assign_folds(labels: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Deals examples out to folds so that every class keeps its share in each.

    Args:
        labels: Integers of shape (n,).
        folds: Integer >= 2, at most the number of examples of the rarest class.
        seed: Integer in [0, 2**32).

    Returns:
        int64 of shape (n,): the fold, from 1 to `folds`, that holds each example out. The same labels, folds and seed
        give the same folds, whatever is trained on them.

    Raises:
        ValueError: If an argument is out of range.

    Source: deck, chapter 7, "K-fold Cross validation"; scikit-learn's `StratifiedKFold`.
    """
    require_integer("folds", folds, at_least=2)
    require_integer("seed", seed, at_least=0, at_most=2**32 - 1)
    rarest = int(np.unique(labels, return_counts=True)[1].min(initial=len(labels)))
    if rarest < folds:
        raise ValueError(
            "`folds` must be at most the number of images of the rarest class, training and validation together. "
            f"Received: folds={folds}, a class with {rarest} image{'s' if rarest != 1 else ''}"
        )
    assignment = np.zeros(len(labels), np.int64)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=int(seed))
    for fold, (_, held_out) in enumerate(splitter.split(labels, labels), start=1):
        assignment[held_out] = fold
    return assignment


def fold_data(
    data: ImageData, pool: Examples, assignment: np.ndarray, fold: int, *, validation_fraction: float, seed: int
) -> ImageData:
    """Returns data whose test images are the held-out fold; the true test images are nowhere in it.

    Args:
        data: Whose name, classes, batch size, order and augmentation are kept.
        pool: From `pool_examples`.
        assignment: From `assign_folds`.
        fold: Integer in [1, folds], the one held out.
        validation_fraction: Float in [0, 1), the share of the other folds that is kept from training to stop it early;
            0 trains on all of them.
        seed: Integer in [0, 2**32), chooses that share.

    Returns:
        Data of three disjoint parts of the pool.
    """
    kept, validation = np.flatnonzero(assignment != fold), None
    if validation_fraction:
        train, stop = stratified_split(pool.labels[kept], validation_fraction, seed)
        kept, validation = kept[train], _choose(pool, kept[stop])
    held_out = _choose(pool, np.flatnonzero(assignment == fold))
    return replace(data, train_examples=_choose(pool, kept), validation_examples=validation, test_examples=held_out)


def folds_digest(labels: np.ndarray, assignment: np.ndarray) -> str:
    """Returns sixteen hexadecimal digits of labels and folds: two models with the same have met the same folds."""
    both = np.stack([labels, assignment]).astype("<i8")
    return hashlib.sha256(both.tobytes()).hexdigest()[:16]


def _choose(examples: Examples, members: np.ndarray) -> Examples:
    return Examples(examples.images[members], examples.labels[members])
