"""What can be cross-validated: a network or a scikit-learn estimator, trained and scored on the same data."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import sklearn.base
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline

from keras_course.data import ImageData
from keras_course.evaluation import evaluate_classifier
from keras_course.runs import own_seed
from keras_course.runs.description import layers_digest, parameters
from keras_course.selection.folds import pool_examples
from keras_course.training.settings import check, fresh_optimizer, with_initial_rate
from keras_course.training.settings import describe as describe_training
from keras_course.training.train import train_classifier

Build = Callable[..., Any]
Score = dict[str, float]
# Of `train_classifier`, with its defaults: what a network may be trained with, besides epochs and seed.
SETTINGS: dict[str, Any] = {
    "optimizer": "adam",
    "learning_rate": None,
    "decay": None,
    "patience": None,
    "weight_decay": None,
}
COUNTER = re.compile(r"_\d+$")  # Keras counts the models of a process
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def make_contender(build: Build | Any, data: ImageData, seed: int) -> Any:
    """Builds an untrained network, whose weights depend on `seed` alone, or copies an untrained estimator.

    Args:
        build: An estimator with `fit` and `predict`, or a callable of (input_shape, num_classes) that returns a Keras
            model or such an estimator.
        data: For its input shape and classes.
        seed: Integer >= 0.

    Returns:
        A new model or estimator.

    Raises:
        ValueError: If `build` is neither, or returns neither.
    """
    if _is_estimator(build):
        return _seeded(sklearn.base.clone(build, safe=False), seed)
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
    return _seeded(made, seed)


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
        if own:
            raise ValueError(f"`settings` must be left out: they are for networks. Received: {', '.join(sorted(own))}")
        return {"kind": "estimator", "name": type(contender).__name__, "settings": describe_estimator(contender)}
    if own - SETTINGS.keys():
        raise ValueError(
            f"`settings` must be among {', '.join(SETTINGS)}, as of train_classifier. "
            f"Received: {', '.join(sorted(own - SETTINGS.keys()))}"
        )
    settings = SETTINGS | dict(training)
    epochs, seed, patience = settings["epochs"], settings["seed"], settings["patience"]
    rate, weight_decay = settings["learning_rate"], settings["weight_decay"]
    check(contender, data, epochs, patience, weight_decay, None, False, seed)
    optimizer = fresh_optimizer(settings["optimizer"], contender, rate, weight_decay)
    decay = with_initial_rate(settings["decay"], optimizer, rate)
    about = describe_training(contender, data, epochs, optimizer, decay, patience, seed)
    names = ("batch_size", "augment", "data_seed", "epochs", "optimizer", "decay", "patience")
    return {
        "kind": "network",
        "name": COUNTER.sub("", contender.name),
        "parameters": parameters(contender),
        "layers_digest": layers_digest(contender),
        **{name: about[name] for name in names},
    }


def train_and_score(contender: Any, data: ImageData, training: Mapping[str, Any], verbose: int) -> Score:
    """Trains on `data.train_examples` and scores on `data.test_examples`.

    Args:
        contender: From `make_contender`; it is trained in place.
        data: From `fold_data`.
        training: Keyword arguments of `train_classifier`, for networks.
        verbose: 0 silent, 1 progress bar, 2 one line an epoch, of a network.

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
    accuracy, loss = score_contender(contender, data)
    return {"accuracy": accuracy, "loss": loss, "seconds": time.perf_counter() - began, "epochs": epochs}


def score_contender(contender: Any, data: ImageData) -> tuple[float, float]:
    """Scores a trained network or estimator on the test images of `data`, in a fold those that it holds out.

    Args:
        contender: A Keras model with logits, or an estimator with `predict`.
        data: With test images.

    Returns:
        Accuracy in [0, 1] and mean cross-entropy in nats, NaN for an estimator without probabilities.
    """
    if isinstance(contender, keras.Model):
        evaluation = evaluate_classifier(contender, data.test, data.class_names)
        return evaluation.accuracy, evaluation.loss
    images, labels = data.test_examples
    if isinstance(contender, Pipeline) and len(contender) > 1:  # both questions below would transform the images
        images, contender = contender[:-1].transform(images), contender[-1]
    accuracy = float(np.mean(np.asarray(contender.predict(images)) == labels))
    if not hasattr(contender, "predict_proba"):
        return accuracy, np.nan
    probabilities = np.zeros((len(labels), data.num_classes))
    probabilities[:, np.asarray(contender.classes_)] = contender.predict_proba(images)
    probabilities /= probabilities.sum(axis=1, keepdims=True)  # of float32 they sum to 1 only nearly
    return accuracy, float(log_loss(labels, probabilities, labels=range(data.num_classes)))


def train_on_all(build: Build | Any, data: ImageData, training: Mapping[str, Any], seed: int, verbose: int) -> Any:
    """Trains a new contender on all training and validation images, for the final evaluation; meets no test image.

    Early stopping keeps the validation images of `data` for itself.
    """
    contender, data = make_contender(build, data, seed), data.without_test()
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
