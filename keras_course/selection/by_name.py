"""Comparison by name: what `keras-course compare` does, in one line of Python."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from keras_course.arguments import require_sequence
from keras_course.classical import recognition_pipeline
from keras_course.data import ImageData, ImageSource
from keras_course.models import MODEL_BUILDERS
from keras_course.name_arguments import find_name
from keras_course.runs import files_of_run, read_config
from keras_course.runs.description import plain
from keras_course.runs.kinds import owning_run_dir
from keras_course.runs.settings import check_run
from keras_course.selection.comparison import Comparison, Contender, compare_models
from keras_course.selection.contenders import train_on_all
from keras_course.selection.looks import FinalEvaluation, final_evaluation, read_looks, refuse_second_look
from keras_course.selection.report import write_comparison_report
from keras_course.training.by_name import PIPELINES, SOURCE, Overrides, open_data
from keras_course.training.class_weights import named_weights
from keras_course.training.recipes import RECIPES

CONTENDERS = (*MODEL_BUILDERS, *PIPELINES)
FOLDS = ("folds", "validation_fraction", "confidence")
Load = Callable[[Any], ImageData]


@owning_run_dir
def compare_recipes(
    models: Sequence[str],
    data: Any = "digits",
    *,
    final: str | None = None,
    image_size: int | tuple[int, int] | None = None,
    epochs: int | None = None,
    patience: int | None = None,
    class_weight: str | Mapping[Any, float] | None = None,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    **options: Any,
) -> tuple[Comparison, FinalEvaluation | None]:
    """Compares models by name on the same folds, and, at last, evaluates one of them on the test images.

    Args:
        models: Names of networks, which are trained by their recipes but in float32, and of classical pairs such as
            "hog+rbf-svm"; the others are compared with the first.
        data: Name of a data set, folder of pictures, file of arrays, or `ImageSource`, as for `open_images`.
        final: The model that is trained once more on all but the test images and evaluated on these. A run folder
            allows it once.
        image_size: As for `load_images`; None enlarges images for the networks whose recipe wants them larger.
        epochs: Integer >= 1, of networks; None takes the recipe's.
        patience: Integer >= 1, of networks, see `cross_validate`.
        class_weight: "balanced" or a mapping, of all models, see `train_classifier`; None counts all images alike.
        seed: Integer in [0, 2**32), of folds, weights, data order and dropout.
        run_dir: Folder of the comparison with its report; None writes nothing, and allows no `final`.
        options: `folds`, `validation_fraction`, `confidence`, `resume`, `verbose` and `on_fold` of `compare_models`;
            `channels`, `data_dir`, `mirror` and `download` of `open_images`.

    Returns:
        The comparison, and the final evaluation or None.

    Raises:
        ValueError: As `compare_models` does; if a name or an option is unknown, `final` is not compared, or the test
            images have been looked at in `run_dir`.

    Example:
        >>> comparison, _ = compare_recipes(["pixels+tree", "pixels+logistic"], "digits", folds=2)
        >>> list(comparison.table.index)
        ['pixels+tree', 'pixels+logistic']
    """
    Overrides(options, (*FOLDS, "resume", "verbose", "on_fold", *SOURCE))  # refuses others
    require_sequence("models", models, at_least=1)
    names = [find_name(name, CONTENDERS, "models") for name in models]
    check_run(run_dir, bool(options.get("resume")), options.get("verbose", 0))
    if final is not None:
        final = _checked_final(final, names, run_dir)
    place = {name: options.pop(name) for name in SOURCE if name in options}
    source = open_data(data, Overrides(place, SOURCE))
    given = {"image_size": image_size, "epochs": epochs, "patience": patience}
    given["class_weight"] = named_weights(class_weight, source.class_names)
    recipe = {"models": names, "data": _origin(source), "seed": seed, **place, **given}
    recipe |= {name: options[name] for name in FOLDS if name in options}
    if options.get("resume") and run_dir is not None:
        _check_resumed(recipe, Path(run_dir), given)

    @cache
    def load(enlarged: tuple[int, int] | None) -> ImageData:
        return source.load(image_size=enlarged if image_size is None else image_size, seed=seed)

    contenders = [_contender(name, source, load, given, seed) for name in names]
    comparison = compare_models(contenders, seed=seed, run_dir=run_dir, recipe=plain(recipe), **options)
    tested = None
    if final is not None and run_dir is not None:
        chosen = contenders[names.index(final)]
        settings = {**chosen.settings, "seed": seed}
        model = train_on_all(chosen.build, chosen.data, settings, seed, options.get("verbose", 0))
        tested = final_evaluation(model, chosen.data, run_dir=run_dir, name=final)
    if run_dir is not None:
        looks = read_looks(run_dir)
        write_comparison_report(comparison, run_dir, final=looks[-1] if looks else None)
    return comparison, tested


def _origin(source: ImageSource) -> str | None:
    """Returns the name or the path by which a source can be opened again; None where it was in memory."""
    about = source.describe()
    return about["name"] if about["kind"] == "tfds" else about["path"]


def _check_resumed(recipe: Mapping[str, Any], run_dir: Path, names: Iterable[str]) -> None:
    """Refuses, before any training, what the folds that are finished were trained without.

    Raises:
        ValueError: If one of the settings `names` differs from the recorded one.
    """
    old = (files_of_run(run_dir, resume=True) and read_config(run_dir).get("recipe")) or {}
    for name in names:
        if old and plain(recipe[name]) != old.get(name):
            raise ValueError(
                f"`{name}` must stay {old.get(name)}: the folds that are finished were trained so. "
                f"Received: {name}={recipe[name]}"
            )


def _contender(name: str, source: ImageSource, load: Load, given: Mapping[str, Any], seed: int) -> Contender:
    """Pairs a model with the images as it takes them, and a network with its recipe."""
    if name in PIPELINES:
        weights = {"class_weight": given["class_weight"]} if given["class_weight"] is not None else {}
        return Contender(name, recognition_pipeline(*name.split("+"), seed=seed), load(None), weights)
    recipe = RECIPES[name].for_data(source.name, source.train_size())
    images = replace(load(recipe.image_size(source.image_shape)), batch_size=recipe.batch_size, augment=recipe.augment)
    settings = recipe.settings(epochs=given["epochs"]) | {name: given[name] for name in ("patience", "class_weight")}
    return Contender(name, partial(MODEL_BUILDERS[name], **recipe.options), images, settings)


def _checked_final(final: str, names: Sequence[str], run_dir: str | os.PathLike | None) -> str:
    """Returns the name of the model to test, before hours of training.

    Raises:
        ValueError: If it isn't compared, there is no folder for the record, or the test images were used.
    """
    chosen = find_name(final, names, "final")
    if run_dir is None:
        raise ValueError("`final` needs a run_dir, which remembers that the test images were used. Received: None")
    refuse_second_look(run_dir, read_looks(Path(run_dir)))
    return chosen
