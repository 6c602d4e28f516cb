"""Hand-crafted features and the classifiers that they were made for (deck, chapter 3), as scikit-learn pipelines.

Importing this package imports neither Keras nor TensorFlow, so the processes that compute features start quickly.
"""

from keras_course.classical.hog import HOG
from keras_course.classical.images import ImageTransformer
from keras_course.classical.pipeline import (
    CLASSIFIERS,
    FEATURES,
    kernel_pixels,
    polynomial_pixels,
    recognition_pipeline,
)
from keras_course.classical.pixels import Pixels
from keras_course.classical.sift_words import Keypoints, SIFTWords
from keras_course.classical.softmax import SoftmaxOfScores

__all__ = [
    "CLASSIFIERS",
    "FEATURES",
    "HOG",
    "ImageTransformer",
    "Keypoints",
    "Pixels",
    "SIFTWords",
    "SoftmaxOfScores",
    "kernel_pixels",
    "polynomial_pixels",
    "recognition_pipeline",
]
