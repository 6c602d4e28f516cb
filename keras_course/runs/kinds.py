"""The table of kinds: what each kind of run is trained, exported and made of, by dotted path, resolved when used."""

import os
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMON_FILES = ("config.json", "history.csv", "model.keras", "checkpoint.npz", "report.html")


@dataclass(frozen=True)
class Kind:
    """What the layers above know of one kind of run, named and not imported: "package.module:name".

    Args:
        files: The files that its run folder may hold beside `COMMON_FILES`.
        recipes: A collection of the names that `train_recipe` takes, or None.
        train: Callable of (name, data, *, seed, run_dir, **overrides) that returns a `Run`, or None.
        export: Callable of (model, config of the run, directory, name, format) that writes the model to
            `directory/name/<next version>/` and returns that folder, or None.
        formats: What `export` writes.
        resumes: Whether a run of this kind that was interrupted can go on.

    Example:
        >>> Kind(train="math:sqrt").resolve("train")(4)
        2.0
    """

    files: tuple[str, ...] = ()
    recipes: str | None = None
    train: str | None = None
    export: str | None = None
    formats: tuple[str, ...] = ("saved-model",)
    resumes: bool = True

    def resolve(self, field: str) -> Any:
        """Returns what `recipes`, `train` or `export` names; None where it names nothing."""
        path = getattr(self, field)
        return None if path is None else pkgutil.resolve_name(path)


KINDS: dict[str, Kind] = {
    "classifier": Kind(
        files=("gradient_norms.csv",),
        recipes="keras_course.training.recipes:RECIPES",
        train="keras_course.training.by_name:train_network",
        export="keras_course.training.by_name:export_network",
        formats=("saved-model", "onnx", "litert"),
    ),
    "pipeline": Kind(
        files=("pipeline.joblib",),
        recipes="keras_course.training.by_name:PIPELINES",
        train="keras_course.training.by_name:train_named_pipeline",
        resumes=False,
    ),
    "gan": Kind(
        files=("scorecard.csv", "samples.gif"),
        recipes="keras_course.gan.training.by_name:ARCHITECTURES",
        train="keras_course.gan.training.by_name:train_named_gan",
        export="keras_course.gan.training.by_name:export_gan",
    ),
    "cross-validation": Kind(files=("fold_scores.csv", "assignment.csv")),
    "comparison": Kind(files=("comparison.csv", "final_evaluation.json")),
}


def folder_of_run(path: str | os.PathLike) -> Path:
    """Returns the path of a run folder, which may be missing; a file in its place or above it is a ValueError.

    Example:
        >>> folder_of_run("no such folder").name
        'no such folder'
    """
    folder = Path(path)
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not existing.is_dir():
        what = "a file" if existing == folder else f"and {existing} is a file"
        raise ValueError(f"`run_dir` must be a folder. Received: run_dir={str(path)!r}, {what}")
    return folder


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
