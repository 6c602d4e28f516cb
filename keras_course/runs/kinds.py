"""The table of kinds: what each kind of run is trained, exported and made of, by dotted path, resolved when used."""

import contextlib
import functools
import inspect
import os
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from keras_course.locks import LOCK, InUseError, claimed
from keras_course.name_arguments import require_path

P = ParamSpec("P")
R = TypeVar("R")

COMMON_FILES = ("config.json", "history.csv", "model.keras", "checkpoint.npz", "report.html")


@dataclass(frozen=True)
class Kind:
    """What the layers above know of one kind of run, named and not imported: "package.module:name".

    Args:
        files: The files that its run folder may hold beside `COMMON_FILES`.
        recipes: A collection of the names that `train_recipe` takes, or None.
        train: Callable of (name, data, *, seed, run_dir, **overrides) that returns a `Run`, or None.
        options: Callable of a name that lists the overrides that `train` takes, or None where no command offers others.
        export: Callable of (model, config of the run, directory, name, format) that writes the model to
            `directory/name/<next version>/` and returns that folder, or None.
        formats: What `export` writes.
        task: The `Task` of the model, with which it predicts without an export, or None.
        data: Name of the data set that is trained on where none is asked for.
        open: Callable of (data, *, data_dir, mirror, download, channels) that returns an `ImageSource`.
        resumes: Whether a run of this kind that was interrupted can go on.
        film: The one of `files` that is a film of what the run makes, or None.
        pictures: Folder of its pictures `epoch_NNN.png`, written as it trains, or None.
        result: The file that a run has once it is finished, or None if none says so.

    Example:
        >>> Kind(train="math:sqrt").resolve("train")(4)
        2.0
    """

    files: tuple[str, ...] = ()
    recipes: str | None = None
    train: str | None = None
    options: str | None = None
    export: str | None = None
    formats: tuple[str, ...] = ("saved-model",)
    task: str | None = None
    data: str = "digits"
    open: str = "keras_course.data:open_images"
    resumes: bool = True
    film: str | None = None
    pictures: str | None = None
    result: str | None = "model.keras"

    def resolve(self, field: str) -> Any:
        """Returns what `recipes`, `train`, `options`, `export` or `open` names; None where it names nothing."""
        path = getattr(self, field)
        return None if path is None else pkgutil.resolve_name(path)


KINDS: dict[str, Kind] = {
    "classifier": Kind(
        files=("gradient_norms.csv",),
        recipes="keras_course.training.recipes:RECIPES",
        train="keras_course.training.by_name:train_network",
        options="keras_course.training.by_name:NETWORKS.options",
        export="keras_course.training.by_name:export_network",
        formats=("saved-model", "onnx", "litert"),
        task="keras_course.export.tasks:CLASSIFICATION",
    ),
    "detector": Kind(
        files=("gradient_norms.csv",),
        recipes="keras_course.applications.detection.by_name:DETECTOR_RECIPES",
        train="keras_course.applications.detection.by_name:train_named_detector",
        options="keras_course.applications.detection.by_name:DETECTORS.options",
        export="keras_course.applications.detection.by_name:export_detector",
        formats=("saved-model", "onnx", "litert"),
        task="keras_course.applications.detection:DETECTION",
        data="digit_scenes",
        open="keras_course.data:open_objects",
    ),
    "segmenter": Kind(
        files=("gradient_norms.csv",),
        recipes="keras_course.applications.segmentation.by_name:SEGMENTER_RECIPES",
        train="keras_course.applications.segmentation.by_name:train_named_segmenter",
        options="keras_course.applications.segmentation.by_name:SEGMENTERS.options",
        export="keras_course.applications.segmentation.by_name:export_segmenter",
        formats=("saved-model", "onnx", "litert"),
        data="digit_scenes",
        open="keras_course.data:open_masks",
        task="keras_course.export.tasks:SEGMENTATION",
    ),
    "language-model": Kind(
        files=("gradient_norms.csv",),
        recipes="keras_course.applications.language_model.by_name:LANGUAGE_MODEL_RECIPES",
        train="keras_course.applications.language_model.by_name:train_named_language_model",
        options="keras_course.applications.language_model.by_name:language_model_options",
        export="keras_course.applications.language_model.by_name:export_run_of_text",
        data="docstrings",
        open="keras_course.applications.language_model.by_name:open_named_text",
    ),
    "captioner": Kind(
        files=("gradient_norms.csv",),
        recipes="keras_course.applications.captioning.by_name:CAPTIONER_RECIPES",
        train="keras_course.applications.captioning.by_name:train_named_captioner",
        options="keras_course.applications.captioning.by_name:CAPTIONERS.options",
        export="keras_course.applications.captioning.by_name:export_captioner",
        formats=("saved-model", "onnx", "litert"),
        task="keras_course.applications.captioning:CAPTIONING",
        data="digit_scenes",
        open="keras_course.data:open_captions",
    ),
    "pipeline": Kind(
        files=("pipeline.joblib",),
        recipes="keras_course.training.by_name:PIPELINES",
        train="keras_course.training.by_name:train_named_pipeline",
        resumes=False,
        result="pipeline.joblib",
    ),
    "gan": Kind(
        files=("scorecard.csv", "samples.gif"),
        film="samples.gif",
        pictures="samples",
        recipes="keras_course.gan.training.by_name:ARCHITECTURES",
        train="keras_course.gan.training.by_name:train_named_gan",
        export="keras_course.gan.training.by_name:export_gan",
    ),
    "ganimation": Kind(
        files=("evaluation.csv", "samples.gif"),
        film="samples.gif",
        pictures="samples",
        recipes="keras_course.applications.ganimation.by_name:GANIMATION_RECIPES",
        train="keras_course.applications.ganimation.by_name:train_named_ganimation",
        options="keras_course.applications.ganimation.by_name:ganimation_options",
        export="keras_course.applications.ganimation.by_name:export_ganimation",
        formats=("saved-model", "onnx", "litert"),
        data="schematic_faces",
        open="keras_course.data:open_faces",
    ),
    "style-transfer": Kind(files=("picture.png", "film.gif"), film="film.gif", result="picture.png"),
    "style-network": Kind(
        files=("gradient_norms.csv",), export="keras_course.applications.style_transfer.exporting:export_style_run"
    ),
    "cross-validation": Kind(files=("fold_scores.csv", "assignment.csv"), result=None),
    "comparison": Kind(files=("comparison.csv", "final_evaluation.json"), result="comparison.csv"),
}


def folder_of_run(path: str | os.PathLike) -> Path:
    """Returns the path of a run folder, which may be missing; a file in its place or above it is a ValueError.

    Example:
        >>> folder_of_run("no such folder").name
        'no such folder'
    """
    folder = require_path("run_dir", path)
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not existing.is_dir():
        what = "a file" if existing == folder else f"and {existing} is a file"
        raise ValueError(f"`run_dir` must be a folder. Received: run_dir={str(path)!r}, {what}")
    return folder


@contextlib.contextmanager
def claimed_run(path: str | os.PathLike | None) -> Iterator[None]:
    """Owns a run folder for the block, see `claimed`; None owns nothing.

    Raises:
        ValueError: If `path` is a file, or another process or thread owns the folder.

    Example:
        >>> with claimed_run(None):
        ...     pass
    """
    with claimed(None if path is None else folder_of_run(path), "run_dir"):
        yield


def last_run(root: Path, prefix: str) -> int:
    """Returns the highest N of the folders `root/PREFIX-N`, or 0.

    Example:
        >>> from pathlib import Path
        >>> last_run(Path("no such folder"), "lenet-digits")
        0
    """
    pattern = re.compile(re.escape(prefix) + r"-([0-9]+)")
    names = [path.name for path in root.iterdir()] if root.is_dir() else []
    return max((int(match[1]) for name in names if (match := pattern.fullmatch(name))), default=0)


@contextlib.contextmanager
def next_run_dir(root: Path, prefix: str) -> Iterator[Path]:
    """Makes the next free folder `root/PREFIX-N` and owns it for the block; of several processes each gets its own.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as root, next_run_dir(Path(root), "lenet-digits") as folder:
        ...     folder.name
        'lenet-digits-1'
    """
    number = last_run(root, prefix)
    with contextlib.ExitStack() as claim:
        while True:
            number += 1
            folder = root / f"{prefix}-{number}"
            with contextlib.suppress(InUseError), contextlib.ExitStack() as attempt:
                attempt.enter_context(claimed_run(folder))
                if {path.name for path in folder.iterdir()} == {LOCK}:
                    claim.push(attempt.pop_all())
                    break
        yield folder


def owning_run_dir(train: Callable[P, R]) -> Callable[P, R]:
    """Makes a function own the folder `run_dir` that it, or its argument `settings`, is given, while it runs.

    Example:
        >>> @owning_run_dir
        ... def train(model, *, run_dir=None):
        ...     return model
        >>> train("lenet")
        'lenet'
    """
    signature = inspect.signature(train)

    @functools.wraps(train)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs).arguments
        settings = given.get("settings")
        own = getattr(settings, "own_run_dir", getattr(settings, "run_dir", None))
        with claimed_run(given.get("run_dir", own)):
            return train(*args, **kwargs)

    return run


def files_of_run(path: str | os.PathLike, *, resume: bool, kind: str | None = None) -> list[str]:
    """Lists the files of a run that a folder holds, by name.

    Args:
        path: The folder; it may be missing.
        resume: Whether there may be any.
        kind: Of the run that is to be made there, for the message; None for any.

    Raises:
        ValueError: If `path` is a file, or holds files of a run and `resume` is false.

    Example:
        >>> files_of_run("no such folder", resume=False)
        []
    """
    folder = folder_of_run(path)
    known = dict.fromkeys([*COMMON_FILES, *(name for kind in KINDS.values() for name in kind.files)])
    found = [name for name in known if (folder / name).exists()]
    if found and not resume:
        advice = ", or hold a run to go on with by resume=True" if KINDS.get(kind or "", Kind()).resumes else ""
        raise ValueError(
            f"`run_dir` must be a new or empty folder{advice}. "
            f"Received: run_dir={str(path)!r}, which has {', '.join(found)}"
        )
    return found


def recipe_names() -> dict[str, str]:
    """Returns the names that `train_recipe` takes, each with its kind.

    Example:
        >>> recipe_names()["lenet"]
        'classifier'
    """
    found: dict[str, str] = {}
    for name, kind in KINDS.items():
        recipes: Iterable[str] = kind.resolve("recipes") or ()
        found |= {recipe: name for recipe in recipes if recipe not in found}
    return found


def kind_of(config: Mapping[str, Any]) -> str:
    """Returns the kind of the run that a config describes; the first version did not write it down.

    Example:
        >>> kind_of({"kind": "gan"}), kind_of({"model": "lenet", "layers_digest": "..."})
        ('gan', 'classifier')
    """
    marks = {
        "discriminator": "gan",
        "pipeline": "pipeline",
        "models": "comparison",
        "folds": "cross-validation",
        "layers_digest": "classifier",
    }
    return str(config.get("kind") or next((kind for mark, kind in marks.items() if mark in config), "unknown"))
