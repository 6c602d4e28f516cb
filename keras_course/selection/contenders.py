"""What can be cross-validated: a network or a scikit-learn estimator, trained and scored on the same data."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import sklearn.base

from keras_course.data import ImageData
from keras_course.evaluation import ClassifierEvaluation, evaluate
from keras_course.runs import own_seed
from keras_course.selection.folds import pool_examples
from keras_course.training import train_classifier
from keras_course.training.class_weights import BALANCED, by_label, check_class_weight
from keras_course.training.classifier import describe_classifier
from keras_course.training.settings import ClassifierSettings

Build = Callable[..., Any]
Score = dict[str, float]
# Of `train_classifier`: what a network may be trained with, besides epochs and seed.
SETTINGS = ("optimizer", "learning_rate", "decay", "patience", "weight_decay", "class_weight")
COUNTER = re.compile(r"_\d+$")  # Keras counts the models of a process
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def make_contender(build: Build | Any, data: ImageData, seed: int, class_weight: Any = None) -> Any:
    """Builds an untrained network, whose weights depend on `seed` alone, or copies an untrained estimator.

    Args:
        build: An estimator with `fit` and `predict`, or a callable of (input_shape, num_classes) that returns a Keras
            model or such an estimator.
        data: For its input shape and classes.
        seed: Integer >= 0.
        class_weight: As for `train_classifier`, which networks get in their training and estimators here.

    Returns:
        A new model or estimator.

    Raises:
        ValueError: If `build` is neither, or returns neither, or `class_weight` is given for an estimator without it.
    """
    if _is_estimator(build):
        return _weighted(_seeded(sklearn.base.clone(build, safe=False), seed), class_weight, data)
    unmade = isinstance(build, type) and hasattr(build, "predict") and not issubclass(build, keras.Model)
    if not callable(build) or isinstance(build, keras.Model) or unmade:
        raise ValueError(
            "`build` must be a callable of (input_shape, num_classes) that returns a Keras model, or an unfitted "
            f"estimator with fit and predict. Received: build={build!r}"
        )
    with own_seed(seed):
        made = build(data.input_shape, data.num_classes)
    if isinstance(made, keras.Model):
        return made
    if not _is_estimator(made):
        raise ValueError(
            f"`build` must return a Keras model or an estimator with fit and predict. Received: a {type(made).__name__}"
        )
    return _weighted(_seeded(made, seed), class_weight, data)


def describe_contender(contender: Any, data: ImageData, training: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what makes the scores of a contender, JSON-serialisable.

    Args:
        contender: From `make_contender`.
        data: What one fold trains on.
        training: Keyword arguments of `train_classifier`, for networks.

    Raises:
        ValueError: If the model doesn't fit the data or an argument is out of range.
    """
    own = training.keys() - {"epochs", "seed"}
    if not isinstance(contender, keras.Model):
        own -= {"class_weight"}
        if own:
            raise ValueError(f"`settings` must be left out: they are for networks. Received: {', '.join(sorted(own))}")
        return {"kind": "estimator", "name": type(contender).__name__, "settings": describe_estimator(contender)}
    if own - set(SETTINGS):
        raise ValueError(
            f"`settings` must be among {', '.join(SETTINGS)}, as of train_classifier. "
            f"Received: {', '.join(sorted(own - set(SETTINGS)))}"
        )
    settings = ClassifierSettings(**training)
    about = describe_classifier(contender, data, settings, *settings.prepare(contender, data))
    names = ("batch_size", "augment", "data_seed", "epochs", "optimizer", "decay", "patience", "class_weight")
    if settings.class_weight == BALANCED:  # the figures are each fold's own
        about["class_weight"] = BALANCED
    return {
        "kind": "network",
        "name": COUNTER.sub("", contender.name),
        **{name: about[name] for name in ("parameters", "layers_digest", *names)},
    }


def train_and_score(contender: Any, data: ImageData, training: Mapping[str, Any], verbose: int) -> Score:
    """Trains on `data.train_examples` and scores on `data.test_examples`.

    Args:
        contender: From `make_contender`; it is trained in place.
        data: From `fold_data`.
        training: Keyword arguments of `train_classifier`, for networks.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch, of a network.

    Returns:
        `accuracy` in [0, 1]; `loss`, the mean cross-entropy in nats, NaN for an estimator without probabilities;
        `seconds` of training and scoring; `epochs`, NaN for an estimator.
    """
    began = time.perf_counter()
    epochs = np.nan
    if isinstance(contender, keras.Model):
        run = train_classifier(contender, data.without_test(), **training, verbose=verbose)
        epochs = float(len(run.history))
    else:
        contender.fit(*data.train_examples)
    scored = evaluate_contender(contender, data)
    seconds = time.perf_counter() - began
    return {"accuracy": scored.accuracy, "loss": scored.loss, "seconds": seconds, "epochs": epochs}


def evaluate_contender(contender: Any, data: ImageData) -> ClassifierEvaluation:
    """Evaluates a trained network or estimator on the test images of `data`, in a fold those that it holds out.

    An estimator is judged by its `predict`, as scikit-learn's scorers judge it.
    """
    examples = data.test if isinstance(contender, keras.Model) else data.test_examples
    return evaluate(contender, examples, data.class_names, decision="predict")


def train_on_all(build: Build | Any, data: ImageData, training: Mapping[str, Any], seed: int, verbose: int) -> Any:
    """Trains a new contender on all training and validation images, for the final evaluation; meets no test image.

    Early stopping keeps the validation images of `data` for itself.
    """
    contender, data = make_contender(build, data, seed, training.get("class_weight")), data.without_test()
    if not isinstance(contender, keras.Model):
        contender.fit(*pool_examples(data))
        return contender
    if training.get("patience") is None:
        data = replace(data, train_examples=pool_examples(data), validation_examples=None)
    return train_classifier(contender, data, **training, verbose=verbose).model


def describe_estimator(estimator: Any) -> str:
    """Returns class and settings of an estimator in one line, the same in every process."""
    text = estimator.__repr__(N_CHAR_MAX=100_000) if isinstance(estimator, sklearn.base.BaseEstimator) else None
    return ADDRESS.sub("", " ".join(text.split()) if text else type(estimator).__name__)


def _is_estimator(value: object) -> bool:
    return hasattr(value, "fit") and hasattr(value, "predict") and not isinstance(value, keras.Model | type)


def _seeded(estimator: Any, seed: int) -> Any:
    """Gives `seed` to every step that would draw from NumPy's global state."""
    settings = estimator.get_params() if hasattr(estimator, "get_params") else {}
    unset = [name for name, value in settings.items() if name.split("__")[-1] == "random_state" and value is None]
    return estimator.set_params(**dict.fromkeys(unset, seed)) if unset else estimator


def _weighted(estimator: Any, class_weight: Any, data: ImageData) -> Any:
    """Sets `class_weight` in every step that has it, by label, for the classes with images.

    Raises:
        ValueError: If no step has it, or it is none.
    """
    check_class_weight(class_weight)
    if class_weight is None:
        return estimator
    parameters = estimator.get_params() if hasattr(estimator, "get_params") else {}
    places = [name for name in parameters if name.split("__")[-1] == "class_weight"]
    if not places:
        raise ValueError(
            "`class_weight` must be left out: no step of the estimator has such a parameter. "
            f"Received: class_weight={class_weight!r}, estimator={describe_estimator(estimator)}"
        )
    if class_weight != BALANCED:
        given, present = by_label(class_weight, data.class_names), np.unique(pool_examples(data).labels).tolist()
        class_weight = {label: given.get(label, 1.0) for label in present}
    return estimator.set_params(**dict.fromkeys(places, class_weight))
