"""Training by name: what `keras-course train` does, in one line of Python."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer
from keras_course.export.keras_models import load_classifier, load_keras_model, load_network
from keras_course.export.loading import EXPORTS, Saved, load_saved_model, version_folder
from keras_course.files import write_next_version
from keras_course.name_arguments import find_name, require_folder_name, require_path
from keras_course.runs.cluster import worker_of
from keras_course.runs.exports import Export, find_export, record_export, weights_digest
from keras_course.runs.folder import CONFIG, MODEL, read_config
from keras_course.runs.kinds import KINDS, Kind, claimed_run, files_of_run, recipe_names
from keras_course.runs.settings import Run

# Kinds whose decay of the learning rate can be left out.
DECAYING = ("classifier", "detector", "segmenter", "captioner", "language-model")


def train_recipe(
    model: str, data: Any = None, *, seed: int = 0, run_dir: str | os.PathLike | None = None, **overrides: Any
) -> Run:
    """Trains a model by its recipe, to a report.

    Args:
        model: Name of a network ("lenet", "resnet18", ...), of a detector ("centernet"), of a captioner ("captioner"),
            of a GAN ("gan", "dcgan"), or of a classical pipeline ("hog+rbf-svm", ...), in any case and with "-" or "_".
        data: Name of a data set, folder of pictures or file of arrays, as for `load_images`, for a detector as for
            `load_objects`, for a captioner as for `load_captions`; or images that are loaded already, which are never
            decoded again. None takes the digits, or scenes of them.
        seed: Integer >= 0, of all that is random: first weights, order of the images, dropout. Images that are loaded
            already keep the order of their own seed.
        run_dir: Folder of the run; None writes nothing.
        overrides: What is given in place of the recipe's, such as `epochs`, `learning_rate`, `batch_size`, `width`;
            `image_size`, `channels`, `data_dir`, `mirror`, `download` as for `load_images`; `patience`, `class_weight`,
            `resume`, `callbacks` and `verbose` as for `train_classifier`; `precision`, which may be "auto", of a
            classifier, a detector, a segmenter or a GAN; of a classifier `strategy` and `synchronized` too, and `cache`
            as for `load_images`, with "none" for its None. None is as good as not given.

    Returns:
        The run: `.model`, `.history`, `.evaluation`, `.config`, `.run_dir`, and what its kind adds.

    Raises:
        ValueError: If a name, an override or a value is unknown or out of range, or `run_dir` holds a run that is not
            to be resumed, or is in use by another process.
        FileNotFoundError: If the data can be had from nowhere.
        NonFiniteLossError: If the loss turns NaN or infinite.

    Example:
        >>> run = train_recipe("perceptron", "digits", epochs=1, verbose=0)
        >>> run.config["model"], len(run.history)
        ('perceptron', 1)
    """
    names = recipe_names()
    name = find_name(model, names, "model")
    own = run_dir if worker_of(overrides.get("strategy")).is_chief else None
    with claimed_run(own):
        if own is not None:
            files_of_run(own, resume=bool(overrides.get("resume")), kind=names[name])  # before data are prepared
        kind = KINDS[names[name]]
        data = kind.data if data is None else data
        return kind.resolve("train")(name, data, seed=seed, run_dir=run_dir, **overrides)


def resume_run(run_dir: str | os.PathLike, *, epochs: int | None = None, **overrides: Any) -> Run:
    """Goes on with a run of `train_recipe`, with the settings that it recorded.

    Args:
        run_dir: Folder of the run.
        epochs: Integer, as many as the run was given or more, in all; None keeps its number.
        overrides: As for `train_recipe`; what differs from the record is refused, but for `verbose`, `callbacks` and
            the place of the data.

    Returns:
        The run.

    Raises:
        ValueError: If the folder holds no run of `train_recipe`, or the run can't go on for so many epochs.

    Example:
        >>> import tempfile
        >>> from keras_course import train_recipe
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first = train_recipe("perceptron", run_dir=folder, epochs=1, decay="none", verbose=0)
        ...     len(resume_run(folder, epochs=2, verbose=0).history)
        2
    """
    config = read_config(run_dir)
    recipe = config.get("recipe")
    trained = KINDS.get(config["kind"], Kind()).train is not None
    if not trained or not isinstance(recipe, dict) or "model" not in recipe:
        why = " that recorded no recipe" if trained else ""
        raise ValueError(
            "`run_dir` must hold a run of train_recipe or keras-course, to go on with its settings. Received: "
            f"run_dir={str(run_dir)!r}, a run of the kind {config['kind']!r}{why}"
        )
    if recipe.get("data") is None and overrides.get("data") is None:
        raise ValueError("`data` must be given again: the run was trained on images in memory. Received: data=None")
    if epochs is not None and epochs != config.get("epochs"):
        _check_longer(config, epochs)
        overrides["epochs"] = epochs
    given = {name: value for name, value in overrides.items() if value is not None}
    return train_recipe(**{**recipe, "run_dir": run_dir, "resume": True, **given})


def _check_longer(config: dict[str, Any], epochs: int) -> None:
    """Refuses another number of epochs where the learning rate falls over the whole training."""
    if "epochs" not in config:
        raise ValueError(f"`epochs` must be None: the {CONFIG} of the run is damaged, without any. Received: {epochs}")
    require_integer("epochs", epochs, at_least=config["epochs"])
    decay = config.get("decay")
    if decay is not None:
        advice = '; a run with decay="none" can go on for longer' if config["kind"] in DECAYING else ""
        raise ValueError(
            f"`epochs` must stay {config['epochs']}: the learning rate of this run falls over the whole training "
            f"({decay.get('law')}), so with more epochs it would have been another one from the start. "
            f"Received: epochs={epochs}{advice}"
        )


def export_run(
    run_dir: str | os.PathLike,
    directory: str | os.PathLike,
    *,
    name: str | None = None,
    format: str = "saved-model",
    again: bool = True,
) -> Path:
    """Exports the model of a run, whatever its kind, to `directory/NAME/<next version>/`.

    The run folder remembers in `exports.json` what was exported where.

    Args:
        run_dir: Folder of the run.
        directory: Folder that holds all exports; made if missing.
        name: Of the folder of the export; None joins model and data, as in "lenet_digits".
        format: "saved-model", "onnx" or "litert", of a GAN "saved-model".
        again: Whether to export what there is already; else the folder that an earlier call left of the same weights is
            returned, if it is still whole.

    Returns:
        The new folder.

    Raises:
        ValueError: If runs of this kind have no export or none of this format, `name` is not for a folder, files are
            damaged, or the format can't hold the model.
        FileNotFoundError: If there is no run, or it has no model yet.

    Example:
        >>> import tempfile
        >>> from keras_course import train_recipe
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = train_recipe("perceptron", run_dir=f"{folder}/run", epochs=1, verbose=0)
        ...     export_run(f"{folder}/run", f"{folder}/exports").relative_to(folder).as_posix()
        'exports/perceptron_digits/1'
    """
    folder = require_path("run_dir", run_dir)
    require_path("directory", directory)
    config, chosen, write = _export_of(folder, name, format)
    loaded, target = load_model(folder), Path(directory, chosen)
    export = Export(os.path.relpath(target.resolve(), folder.resolve()), format, weights_digest(loaded, config))
    if not again and (version := find_export(folder, export, target)) is not None:
        return version

    def fill(version: Path) -> None:
        written = write(loaded, config, version.parent / "written", chosen, format)
        for path in written.iterdir():
            path.rename(version / path.name)
        record_export(folder, export, version)  # before it gets its number: a kill can't come between

    return write_next_version(target, fill)


def export_for_a_look(run_dir: str | os.PathLike, directory: str | os.PathLike) -> Path:
    """Exports the model of a run as `export_run` does, but leaves the run folder as it is.

    Args:
        run_dir: As for `export_run`.
        directory: As for `export_run`.

    Raises:
        ValueError: As `export_run` does.
        FileNotFoundError: As `export_run` does.

    Example:
        >>> import tempfile
        >>> from keras_course import train_recipe
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = train_recipe("perceptron", run_dir=f"{folder}/run", epochs=1, verbose=0)
        ...     export_for_a_look(f"{folder}/run", f"{folder}/exports").relative_to(folder).as_posix()
        'exports/perceptron_digits/1'
    """
    folder = require_path("run_dir", run_dir)
    config, chosen, write = _export_of(folder, None, "saved-model")
    return write(load_model(folder), config, require_path("directory", directory), chosen, "saved-model")


def _export_of(folder: Path, name: str | None, format: str) -> tuple[dict[str, Any], str, Callable[..., Path]]:
    """Returns the config of a run, the name of its export, and what writes it; raises as `export_run` does."""
    if not (folder / CONFIG).is_file():
        what = f"without {CONFIG}" if folder.is_dir() else "which does not exist"
        raise FileNotFoundError(f"`run_dir` must hold a run. Received: run_dir={str(folder)!r}, {what}")
    config = read_config(folder)
    kind = KINDS.get(config["kind"], Kind())
    write = kind.resolve("export")
    if write is None:
        raise ValueError(
            "`run_dir` must be a run whose model can be exported, a network's or a GAN's. "
            f"Received: run_dir={str(folder)!r}, of the kind {config['kind']!r}"
        )
    lacking = {"model", "data", "class_names"} - config.keys()
    if lacking:
        raise ValueError(
            f"`run_dir` must hold a whole {CONFIG}. Received: run_dir={str(folder)!r}, damaged: no {min(lacking)}"
        )
    model = (config.get("recipe") or config)["model"]  # "dcgan", whose model is a `gan` like others
    chosen = re.sub(r"[^\w.+-]+", "-", f"{model}_{config['data']}") if name is None else name
    require_folder_name("name", chosen)
    require_choice("format", format, kind.formats)
    return config, chosen, write


def load_predictor(path: str | os.PathLike) -> Saved:
    """Loads whatever predicts: an export, the run folder of a network of any task, or a `.keras` file of a classifier.

    Args:
        path: As for `load_saved_model` or `load_classifier`; or the run folder of a detector or segmenter.

    Returns:
        An object with `predict(images)`, or with `sample(count)`.

    Raises:
        FileNotFoundError: If there is no model at `path`.
        ValueError: If it can't be read, or a run of this kind has no model that predicts from an image.

    Example:
        >>> import tempfile
        >>> from keras_course import train_recipe
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = train_recipe("perceptron", run_dir=folder, epochs=1, verbose=0)
        ...     load_predictor(folder).image_shape
        (8, 8, 1)
    """
    folder = require_path("path", path)
    if (folder / CONFIG).is_file():
        kind = read_config(folder)["kind"]
        task = KINDS.get(kind, Kind()).resolve("task")
        if task is None:
            raise ValueError(
                "`path` must be a run of a network that predicts from images; the generator of a GAN is read from its "
                f"export. Received: path={str(path)!r}, a run of the kind {kind!r}"
            )
        if not (folder / MODEL).is_file():
            raise FileNotFoundError(f"`path` must have a {MODEL}. Received: path={str(path)!r}")
        return load_network(folder / MODEL, task)
    if folder.suffix == ".keras":
        return load_classifier(folder)
    return load_saved_model(version_folder(folder, f"{EXPORTS}, a run folder with a {MODEL}, or a .keras file"))


def load_model(run_dir: str | os.PathLike) -> keras.Model:
    """Loads the model that a run has left.

    Args:
        run_dir: Folder of the run.

    Returns:
        The model, not compiled.

    Raises:
        FileNotFoundError: If there is none yet.
        ValueError: If its file is damaged, or needs layers that are not registered.
    """
    file = Path(run_dir) / MODEL
    if not file.is_file():
        raise FileNotFoundError(f"`run_dir` must have a {MODEL}. Received: run_dir={str(run_dir)!r}")
    try:
        return load_keras_model(file)
    except ValueError as error:
        raise ValueError(
            f"`run_dir` must have a {MODEL} that can be loaded. Received: run_dir={str(run_dir)!r} ({error}); "
            "the run, resumed (--resume), writes it again from the checkpoint"
        ) from error
