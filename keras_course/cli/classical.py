"""`keras-course classical`: hand-crafted features and a classifier, with the same report as a network."""

from enum import StrEnum
from typing import Annotated

from keras_course.cli import options
from keras_course.cli.request import Request
from keras_course.cli.results import pipeline_table
from keras_course.cli.screen import screen


class Features(StrEnum):
    """The features of an image: the keys of `FEATURES`."""

    PIXELS = "pixels"
    HOG = "hog"
    SIFT = "sift"
    POLYNOMIAL = "polynomial"
    KERNEL = "kernel"


class Classifier(StrEnum):
    """The classifier of the features: the keys of `CLASSIFIERS`."""

    LINEAR_SVM = "linear-svm"
    RBF_SVM = "rbf-svm"
    TREE = "tree"
    FOREST = "forest"
    LOGISTIC = "logistic"


def classical(
    features: Annotated[Features, options.choice(help="Features computed from each image.")] = Features.HOG,
    classifier: Annotated[Classifier, options.choice(help="Classifier of the features.")] = Classifier.RBF_SVM,
    data: options.Data = None,
    image_size: options.ImageSize = None,
    channels: options.Channels = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    seed: options.Seed = None,
    run_dir: options.RunDir = None,
) -> None:
    """Recognize images without a network, write a report.

    Hand-crafted features, then a classifier on them: chapter 3 of the deck. The fitted pipeline is kept in the run
    folder as pipeline.joblib, a pickle: load only files that you trust.
    """
    asked = locals()
    asked["model"] = f"{asked.pop('features')}+{asked.pop('classifier')}"
    run = Request("pipeline", asked).run(pipeline_table)
    screen().print(f"pipeline: {run.run_dir / 'pipeline.joblib'}", soft_wrap=True)
