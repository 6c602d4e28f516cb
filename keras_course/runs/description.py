"""What makes a run, JSON-serialisable: the same for the same settings in every process."""

import hashlib
import json
import platform
import re
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import keras_course
from keras_course.callbacks import LearningRateDecay
from keras_course.callbacks.decay_choice import rounded
from keras_course.data.framing import portable_bytes
from keras_course.data.in_memory import InMemoryData, labels_of
from keras_course.data.text_data import TextData
from keras_course.runs.cluster import worker_of
from keras_course.runs.settings import RunSettings

AT_ONCE = 1000  # examples


def layers_digest(model: keras.Model) -> str:
    """Returns sixteen hexadecimal digits of class and settings of every layer, those of nested models included."""
    layers = json.dumps(_layer_configs(model), default=lambda value: type(value).__name__)
    return hashlib.sha256(layers.encode()).hexdigest()[:16]


def leaves(values: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yields dotted names and values of the leaves of nested mappings."""
    if not isinstance(values, Mapping):
        yield prefix, values
        return
    for name, value in values.items():
        yield from leaves(value, f"{prefix}.{name}" if prefix else str(name))


def model_name(model: keras.Model) -> str:
    """Returns a model's name, without the number by which Keras counts the models of a process that have none."""
    return re.sub(r"^(sequential|functional)_\d+$", r"\1", model.name)


def parameters(model: keras.Model) -> int:
    """Counts the trainable parameters."""
    return sum(int(variable.value.shape.num_elements()) for variable in model.trainable_variables)


def optimizer_settings(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """Returns the name and the settings of an optimizer."""
    # Keras's own name counts the optimizers of the process.
    return {"name": type(optimizer).__name__, **without_names(optimizer.get_config())}


def data_settings(data: InMemoryData | TextData) -> dict[str, Any]:
    """Returns name, shape, classes, sizes, order and source of the data, and what is trained and validated on."""
    if isinstance(data, TextData):
        return data.settings()
    return {
        "data": data.name,
        "input_shape": list(data.input_shape),
        "class_names": list(data.class_names),
        "train_size": data.train_size,
        "validation_size": data.validation_size,
        "test_size": data.test_size,
        "labels": _labels_digest(data),
        "batch_size": data.batch_size,
        "augment": list(data.augment),
        "data_seed": data.seed,
        **({} if data.source is None else {"source": dict(data.source), "data_digest": data.source.get("digest")}),
    }


def describe_run(
    kind: str, data: InMemoryData | TextData, settings: RunSettings, *, decay: LearningRateDecay | None, **own: Any
) -> dict[str, Any]:
    """Returns what makes a run, JSON-serialisable: what a resumed run must have in common with the first.

    Args:
        kind: Its name in `KINDS`.
        data: What is trained on.
        settings: What all trainings are told.
        decay: Of the learning rate, with its initial rate, or None.
        own: What the kind adds.
    """
    return {
        "kind": kind,
        **own,
        **data_settings(data),
        "epochs": settings.epochs,
        "decay": None if decay is None else {"law": type(decay).__name__, **decay.get_config()},
        "seed": settings.seed,
        **replicas_of(settings),
        **{name: value for name in ("recipe", "command") if (value := getattr(settings, name)) is not None},
        "versions": package_versions(),
    }


def replicas_of(settings: RunSettings) -> dict[str, Any]:
    """Returns on how many replicas is trained, and how they normalise, under a strategy."""
    if settings.strategy is None:
        return {}
    workers = worker_of(settings.strategy).count
    return {
        "replicas": settings.strategy.num_replicas_in_sync,
        "workers": workers,
        "synchronized": settings.synchronized,
    }


def plain(values: Any) -> Any:
    """Returns values as they come back from JSON; numbers of NumPy become Python's, paths and the like strings."""
    return json.loads(json.dumps(values, default=lambda one: one.item() if isinstance(one, np.generic) else str(one)))


def package_versions() -> dict[str, str]:
    """Returns the versions of Python, of this package, and of the libraries that do the computing."""
    return {
        "python": platform.python_version(),
        "keras_course": keras_course.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
    }


def without_names(config: Any) -> Any:
    """Strips what is unset and what differs between processes from a Keras config, and the noise of float32."""
    if isinstance(config, dict):
        return {k: without_names(v) for k, v in config.items() if k != "name" and v is not None and v is not False}
    if isinstance(config, list | tuple):
        return [without_names(value) for value in config]
    return rounded(config) if isinstance(config, float) else config


def _labels_digest(data: InMemoryData) -> str:
    """Returns sixteen hexadecimal digits of what is trained and validated on beside the images, in order."""
    digest = hashlib.sha256()
    for part, examples in ((b"", data.train_examples), (b"validation", data.validation_examples)):
        if examples is not None:
            digest.update(part)
            for field in labels_of(examples).values():
                for start in range(0, len(field), AT_ONCE):
                    digest.update(_portable(field[start : start + AT_ONCE]))
    return digest.hexdigest()[:16]


def _portable(labels: np.ndarray) -> bytes:
    if labels.dtype == object:
        return portable_bytes(labels)
    return labels.astype("<f4" if labels.dtype.kind == "f" else "<i8").tobytes()


def _layer_configs(model: keras.Model) -> list[Any]:
    """Lists class and settings of every layer, those of nested models in place."""
    return [
        _layer_configs(layer)
        if isinstance(layer, keras.Model)
        else [type(layer).__name__, _shapes(layer.output), without_names(layer.get_config())]
        for layer in model.layers
    ]


def _shapes(output: Any) -> str:
    """Writes the shape of an output, or of each of several."""
    return str(output.shape) if hasattr(output, "shape") else str([tuple(one.shape) for one in output])
