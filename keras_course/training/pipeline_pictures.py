"""The figures that show the features of a pipeline, for its report."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from sklearn.pipeline import Pipeline

from keras_course.classical import HOG, SIFTWords
from keras_course.data import ImageData
from keras_course.training.report import Picture
from keras_course.visualization import plot_class_features, plot_images, plot_keypoints, plot_oriented_gradients

SHOWN = 6  # images, each of another class as far as there are
AVERAGED = 500  # images, of which the mean of a class is taken

HOG_CAPTION = """Below each image what HOG keeps of it: in every cell, strokes along the edges that run through it, the
longer the more of the gradient has that orientation. Brightness, and where exactly in its cell an edge lies, are gone.
If you can read the lower row, so may the classifier."""
SIFT_CAPTION = """Each circle is a keypoint, a place that SIFT would find again in a larger or turned picture; its
radius shows the scale, the line where the gradient points. Around each one 128 numbers describe the edges, and the
nearest of the {words} words of the vocabulary stands for them. The classifier sees how often each word occurs, not
where."""
PIXELS_CAPTION = """Training images, as they are: the features below are computed from their pixels, and a shift by one
pixel changes nearly all of them."""
CLASS_CAPTION = """A row is a class, a column a feature ({features:,} of them), the colour how far the mean of the class
lies from the mean of all training images. Features that are strong in one row and weak in the others tell the classes
apart by themselves; rows that look alike are classes that the classifier may confuse. Mean of {images:,} images."""


def feature_pictures(pipeline: Pipeline, data: ImageData) -> list[Picture]:
    """Makes the figures of a fitted pipeline's features.

    Args:
        pipeline: Fitted, with the transformer from images to features as its first step.
        data: Of which training images are shown.

    Returns:
        What the first step sees in some images, and the mean features of each class.
    """
    examples, transformer = data.train_examples, pipeline[0]
    chosen = np.array([np.flatnonzero(examples.labels == label)[0] for label in np.unique(examples.labels)[:SHOWN]])
    images, titles = examples.images[chosen], [data.class_names[label] for label in examples.labels[chosen]]
    few = slice(0, AVERAGED)
    labels, features = examples.labels[few], transformer.transform(examples.images[few])
    caption = CLASS_CAPTION.format(features=features.shape[1], images=len(features))
    draw = partial(plot_class_features, features, labels, data.class_names)
    return [
        *_examples(transformer, images, titles),
        Picture("class_features", draw, "The features, class by class", " ".join(caption.split())),
    ]


def _examples(transformer: Any, images: np.ndarray, titles: list[str]) -> Iterator[Picture]:
    draw: partial[Figure]
    if isinstance(transformer, HOG):
        cells = transformer.cells(images)
        draw = partial(plot_oriented_gradients, images, cells, titles, cell_size=transformer.cell_size_)
        heading, caption = "Histograms of oriented gradients", HOG_CAPTION
    elif isinstance(transformer, SIFTWords):
        found = transformer.keypoints(images)
        parts = {part: [getattr(one, part) for one in found] for part in ("positions", "sigmas", "angles")}
        draw = partial(plot_keypoints, images, titles=titles, **parts)
        heading, caption = "SIFT keypoints", SIFT_CAPTION.format(words=transformer.words)
    else:
        draw = partial(plot_images, images, titles, columns=SHOWN)
        heading, caption = "The images", PIXELS_CAPTION
    yield Picture("features", draw, heading, " ".join(caption.split()))
