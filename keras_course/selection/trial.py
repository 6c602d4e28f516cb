"""What can only be seen by doing it, done on a few images before a comparison trains for hours."""

import warnings
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from keras_course.data import Examples, ImageData
from keras_course.selection.contenders import evaluate_contender
from keras_course.selection.fold_plan import FoldPlan

LONGEST_REASON = 500  # characters
PER_CLASS = 5  # training images of the first trial; each further one has four times as many


def try_out(plan: FoldPlan) -> None:
    """Lets the model of the first fold see a few of its images: an estimator is fitted and scored, a network called.

    An estimator that fails is tried with more images, at last with all of the fold: a few may be too few for it.

    Raises:
        ValueError: If it fails all the same.
    """
    per_class = PER_CLASS
    while True:
        contender, data, _ = plan.prepare(1)
        few = _few(data, per_class)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of few images
                _use(contender, few)
            return
        except Exception as error:  # of somebody else's code
            if isinstance(contender, keras.Model) or few.train_size == data.train_size:
                reason = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_REASON]
                raise ValueError(
                    f"`contenders` must fit their data. Received: {plan.config['model']!r}, which fails on the first "
                    f"{few.train_size} images: {reason}"
                ) from error
            per_class *= 4


def _use(contender: Any, data: ImageData) -> None:
    if isinstance(contender, keras.Model):
        contender(next(iter(data.test))[0][:1], training=False)
    else:
        contender.fit(*data.train_examples)
        evaluate_contender(contender, data)


def _few(data: ImageData, per_class: int) -> ImageData:
    """Returns data with so many training images of each class, in their order, and a few to test."""
    images, labels = data.train_examples
    members = np.sort(np.concatenate([np.flatnonzero(labels == label)[:per_class] for label in np.unique(labels)]))
    test = Examples(*(part[:PER_CLASS] for part in data.test_examples))
    return replace(data, train_examples=Examples(images[members], labels[members]), test_examples=test)
