"""Fits a classical pipeline as `train_classifier` trains a network: the same images, evaluation and report."""

import inspect
import io
import os
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from keras_course.data import Examples, ImageData
from keras_course.evaluation import ClassifierEvaluation, evaluate, select_images
from keras_course.files import write_file
from keras_course.runs import Run, RunFolder, files_of_run
from keras_course.runs.description import data_settings, package_versions
from keras_course.runs.kinds import owning_run_dir
from keras_course.training.pipeline_pictures import feature_pictures
from keras_course.training.report import WORST_MISTAKES, write_report

PACKAGES = ("scikit-learn", "scikit-image")
PIPELINE = "pipeline.joblib"
NO_MATTER = ("n_jobs", "progress", "cache_size")  # they change the time, not the result


@dataclass(frozen=True, eq=False, kw_only=True)
class PipelineRun(Run):
    """The outcome of `train_pipeline`.

    Args:
        model: The fitted pipeline.
        history: Empty: a pipeline is fitted in one go.
        evaluation: On the test images; None if the data had none, see `ImageData.without_test`.
        config: What made the run, as in `config.json`.
        run_dir: The run folder, or None.
        validation: On the validation images, or None without any.

    Example:
        >>> from keras_course import train_recipe
        >>> run = train_recipe("pixels+tree", "digits")
        >>> type(run).__name__, run.model.steps[-1][0], run.validation.accuracy > 0.7
        ('PipelineRun', 'classifier', True)
    """

    evaluation: ClassifierEvaluation | None
    validation: ClassifierEvaluation | None


def train_pipeline(
    model: Pipeline, data: ImageData, *, name: str | None = None, run_dir: str | os.PathLike | None = None
) -> PipelineRun:
    """Fits a pipeline on `data.train_examples`, calibrates it on the validation images, and evaluates it on the test.

    The validation images are for choosing among pipelines, and for the temperature of `SoftmaxOfScores` where the
    classifier is one; no prediction depends on them. `load_images(..., validation_fraction=0)` trains on all images
    that are not for the test; the temperature is 1 then, and the loss of an SVM means little.

    Args:
        model: From `recognition_pipeline`, or any scikit-learn pipeline from images (n, height, width, channels) to
            a classifier with `predict_proba`. It is fitted in place.
        data: As `load_images` gives it. Augmentation, which is for networks, is not applied. To choose among several
            pipelines give data `without_test`, and use `final_evaluation` at the end.
        name: What the report calls the pipeline. None takes the class names of features and classifier.
        run_dir: Folder for `config.json`, `pipeline.joblib`, `figures/` and `report.html`; None writes nothing.

    Returns:
        The run.

    Raises:
        ValueError: If `model` or `data` is none, the pipeline refuses the images, or `run_dir` holds a run.

    Example:
        >>> from keras_course.classical import recognition_pipeline
        >>> from keras_course.data import load_images
        >>> run = train_pipeline(recognition_pipeline("pixels", "tree"), load_images("digits"))
        >>> run.config["model"], run.evaluation.accuracy > 0.7
        ('Pixels + DecisionTreeClassifier', True)

    Source: deck, chapter 3, "Standard procedure".

    Note: `pipeline.joblib` is a pickle: `joblib.load` runs what is in it, so load only files that you trust, and with
        the versions of scikit-learn and keras_course in `config.json`.
    """
    _check(model, data)
    return fit_pipeline(model, data, run_dir, describe_pipeline(model, data, name))


@owning_run_dir
def fit_pipeline(
    model: Pipeline, data: ImageData, run_dir: str | os.PathLike | None, config: dict[str, Any]
) -> PipelineRun:
    """Fits a pipeline that is checked and described already, see `train_pipeline`."""
    if run_dir is not None:
        files_of_run(run_dir, resume=False, kind="pipeline")
    start = time.perf_counter()
    model.fit(*data.train_examples)
    config["training_seconds"] = round(time.perf_counter() - start, 1)
    validation = _calibrate(model, data)
    evaluation = evaluate(model, data.test_examples, data.class_names) if data.test_size else None
    folder = None if run_dir is None else RunFolder(run_dir, config, resume=False)  # nothing if `fit` was interrupted
    run = PipelineRun(
        model=model,
        history=pd.DataFrame(),
        evaluation=evaluation,
        config=config,
        run_dir=None if folder is None else folder.path,
        data=data,
        validation=validation,
    )
    if folder is not None:
        _write(folder, run, data)
    return run


def describe_pipeline(pipeline: Pipeline, data: ImageData, name: str | None = None) -> dict[str, Any]:
    """Returns what makes a run, JSON-serialisable.

    Args:
        pipeline: The pipeline, fitted or not.
        data: What it is fitted on.
        name: What the report calls it; None takes the class names of features and classifier.
    """
    seeds = {value for key, value in pipeline.get_params().items() if key.endswith("random_state")} - {None}
    return {
        "kind": "pipeline",
        "model": name or f"{type(pipeline[0]).__name__} + {type(_innermost(pipeline[-1])).__name__}",
        "pipeline": {step: _settings(estimator) for step, estimator in pipeline.steps},
        **{key: value for key, value in data_settings(data).items() if key not in ("batch_size", "augment")},
        **({"seed": seeds.pop()} if len(seeds) == 1 else {}),
        "versions": {**package_versions(), **{name: version(name) for name in PACKAGES}},
    }


def _check(pipeline: Any, data: Any) -> None:
    if not isinstance(pipeline, Pipeline) or not hasattr(pipeline[-1], "predict_proba"):
        raise ValueError(
            f"`model` must be a scikit-learn Pipeline whose classifier has predict_proba. Received: {pipeline!r}"
        )
    if not isinstance(data, ImageData):
        raise ValueError(f"`data` must be the ImageData that load_images returns. Received: data={data!r}")


def _calibrate(pipeline: Pipeline, data: ImageData) -> ClassifierEvaluation | None:
    """Calibrates on the validation images and evaluates on them, from features computed once."""
    if data.validation_examples is None:
        return None
    images, labels = data.validation_examples
    features = pipeline[:-1].transform(images)
    known = np.isin(labels, pipeline.classes_)  # a rare class may be among the validation images alone
    if known.any() and hasattr(pipeline[-1], "calibrate"):
        pipeline[-1].calibrate(features[known], labels[known])
    return evaluate(pipeline[-1:], Examples(features, labels), data.class_names)


def _settings(estimator: Any) -> dict[str, Any]:
    """Returns the class of an estimator and the settings that are not scikit-learn's, those of estimators nested."""
    if isinstance(estimator, Pipeline):
        return {step: _settings(inner) for step, inner in estimator.steps}
    settings: dict[str, Any] = {"name": type(estimator).__name__}
    ours = type(estimator).__module__.startswith("keras_course.")
    for name, parameter in inspect.signature(type(estimator)).parameters.items():
        value = getattr(estimator, name, None)
        if hasattr(value, "get_params"):
            settings[name] = _settings(value)
        elif name not in NO_MATTER and value is not None and (ours or value != parameter.default):
            settings[name] = value
    return settings


def _innermost(classifier: Any) -> Any:
    return getattr(classifier, "classifier", classifier)


def _write(folder: RunFolder, run: PipelineRun, data: ImageData) -> None:
    with io.BytesIO() as buffer:
        joblib.dump(run.model, buffer, compress=3)
        write_file(folder.path / PIPELINE, buffer.getvalue())
    mistakes = None
    if run.evaluation is not None:
        mistakes = select_images(data.test_examples, run.evaluation.worst_mistakes(WORST_MISTAKES))
    write_report(
        folder.path,
        title=f"{run.config['model']} on {run.config['data']}",
        config=run.config,
        history=None,
        evaluation=run.evaluation,
        validation=run.validation,
        mistakes=mistakes,
        pictures=feature_pictures(run.model, data),
    )
