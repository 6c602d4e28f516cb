"""Reading any image classifier: an export, the run folder of a training, or a `.keras` file."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_course.export.contract import class_names_text
from keras_course.export.loading import EXPORTS, load_saved_model, version_folder
from keras_course.export.saved_classifier import SavedClassifier
from keras_course.name_arguments import require_path
from keras_course.reading import check_types, first_cause, read_json, reason

if TYPE_CHECKING:
    import keras

    from keras_course.export.tasks import Task

TYPES = {"class_names": (list, type(None)), "polarity": (str, type(None))}


def load_classifier(path: str | Path) -> SavedClassifier:
    """Loads an image classifier from an export, from a run folder or from a `.keras` file.

    Args:
        path: What `load_saved_model` takes; or the run folder of a training, with its `model.keras` and `config.json`;
            or a `.keras` file of a Keras model as `export_saved_model` takes it. Its class names are those in a
            `config.json` beside it, else "0" to "num_classes - 1". Only the first kind is read without Keras.

    Raises:
        FileNotFoundError: If there is no model at `path`.
        ValueError: If it can't be read, or is no image classifier.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import load_classifier
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model.keras")
        ...     classifier = load_classifier(f"{folder}/model.keras")
        >>> classifier.class_names, classifier.image_shape
        (['0', '1', '2'], (2, 2, 1))
    """
    path = require_path("path", path)
    file = path / "model.keras" if path.is_dir() else path
    if file.suffix == ".keras" and file.is_file():
        from keras_course.export.tasks import CLASSIFICATION

        return load_network(file, CLASSIFICATION)
    folder = version_folder(path, f"{EXPORTS}, a run folder with a model.keras, or a .keras file")
    found = load_saved_model(folder)
    if isinstance(found, SavedClassifier):
        return found
    kind = {"SavedDetector": "a detector", "SavedSegmenter": "a segmenter"}.get(type(found).__name__)
    raise ValueError(
        f"`path` must hold an image classifier. Received: path={str(folder)!r}, {kind or 'a generator of images'}"
    )


def load_keras_model(file: Path) -> "keras.Model":
    """Loads a `.keras` file, not compiled, after a comparison of all its checksums.

    Raises:
        ValueError: If it is damaged, or needs layers that are not registered.
    """
    import keras

    import keras_course.models  # noqa: F401  (registers its layers)

    try:
        with zipfile.ZipFile(file) as archive:
            if (member := archive.testzip()) is not None:
                raise ValueError(f"bad checksum of {member}")
        return keras.models.load_model(file, compile=False)
    except Exception as error:  # zipfile, h5py and Keras raise nearly anything at damaged files
        raise ValueError(reason(first_cause(error))) from error


def _settings(file: Path) -> dict[str, Any]:
    try:
        settings = read_json(file)
        check_types(settings, TYPES)
    except ValueError as error:
        raise ValueError(f"{file.name} is damaged: {reason(error)}") from error
    return settings


def load_network(file: Path, task: "Task") -> Any:
    """Reads a `.keras` file as the export of a task is read: an object of `task.saved`.

    Raises:
        ValueError: If it can't be read, or holds no model of the task.
    """
    from keras_course.export.serving import serving_function

    settings_file = file.with_name("config.json")
    try:
        settings = _settings(settings_file) if settings_file.exists() else {}
        if "discriminator" in settings:
            raise ValueError("a GAN; `load_saved_model` reads the export of its generator")
        model = load_keras_model(file)
        names = class_names_text(settings.get("class_names"), task.check(model))
    except ValueError as error:
        raise ValueError(
            f"`path` must hold a Keras {task.name}. Received: path={str(file)!r} ({reason(error)})"
        ) from error
    own = {"polarity": settings.get("polarity")} if task.saved is SavedClassifier else {}
    return task.saved(file, serving_function(model, task), tuple(model.inputs[0].shape[1:]), names.splitlines(), **own)
