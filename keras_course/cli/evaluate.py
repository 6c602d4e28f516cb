"""`keras-course evaluate`: judge a trained model or an export on the test images of a data set."""

import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_course.cli import options
from keras_course.cli.results import EVALUATION_TABLES, number_text
from keras_course.cli.screen import new_table, printable, screen
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from keras_course.data import ImageSource
    from keras_course.export import SavedCaptioner, SavedClassifier, SavedDetector, SavedSegmenter

KINDS_OF_EXPORTS = {
    **{"SavedClassifier": "classifier", "SavedDetector": "detector", "SavedSegmenter": "segmenter"},
    "SavedCaptioner": "captioner",
}
JUDGES = {  # of kinds of runs: callables of (model, examples, class names)
    "classifier": "keras_course.evaluation:evaluate",
    "detector": "keras_course.applications.detection:evaluate_on",
    "segmenter": "keras_course.applications.segmentation:evaluate_on",
    "captioner": "keras_course.applications.captioning:evaluate_on",
}
COLUMNS = {"detector": ["AP", "AP50", "AP75", "AR@100"]}  # shown of each class; of others all


def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="SavedModel, run folder, or .keras file, as for `predict`.")
    ],
    data: Annotated[
        str | None,
        typer.Option(
            help=f"{options.SOURCES} Or with boxes, masks, captions. [default: a run's, digits, digit_scenes]"
        ),
    ] = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    imports: options.Imports = None,
) -> None:
    """Judge a model on the test images of a data set.

    It may be a classifier, a detector, a segmenter or a captioner. The images are resized to what it takes. The data
    set must have the classes of the model, or captions in any words. Of a data set without test images of its own, a
    fifth is kept for the test, the same for every seed.
    """
    quiet_tensorflow()
    from keras_course.export import SavedAnimator, SavedGenerator, SavedPainter, SavedWriter
    from keras_course.runs import KINDS, load_predictor

    console, found = screen(), load_predictor(model)
    kind = KINDS_OF_EXPORTS.get(type(found).__name__)
    if kind is None or isinstance(found, SavedGenerator | SavedPainter | SavedWriter | SavedAnimator):
        makes = "writes text" if isinstance(found, SavedWriter) else "makes pictures"
        raise ValueError(f"`model` must predict from images. Received: model={str(model)!r}, which {makes}")
    given = {"data": data, "data_dir": data_dir, "mirror": mirror}
    known = {"data": KINDS[kind].data} | _trained_on(model) | {k: v for k, v in given.items() if v is not None}
    source = KINDS[kind].resolve("open")(known.pop("data"), channels=found.image_shape[-1], **known)
    if kind != "captioner":  # which may meet words that it does not know
        _check_classes(found, source)
    height, width = found.image_shape[:2]
    loaded = source.load(image_size=None if height is None or width is None else (height, width))
    more: dict[str, Any] = {"name": loaded.name} if kind == "detector" else {}
    judged = pkgutil.resolve_name(JUDGES[kind])(found, loaded.test_examples, found.class_names, **more)
    on = f"{loaded.test_size:,} test images of {printable(loaded.name)}"
    console.print(f"{printable(str(found.path))} on {on}", soft_wrap=True)
    console.print(EVALUATION_TABLES[kind](judged))
    if kind != "captioner":
        console.print(classes_table(judged.per_class, COLUMNS.get(kind), loaded.class_names))


def _trained_on(model: Path) -> dict[str, Any]:
    """Returns the data of a run and their place, as far as it has recorded them; nothing of an export or a file."""
    from keras_course.runs import read_config

    recorded = (read_config(model).get("recipe") or {}) if (model / "config.json").is_file() else {}
    return {name: recorded[name] for name in ("data", "data_dir", "mirror") if recorded.get(name) is not None}


def classes_table(per_class: "pd.DataFrame", columns: list[str] | None, class_names: "tuple[str, ...]") -> "Table":
    """Tabulates the figures of each class."""
    chosen = per_class if columns is None else per_class[columns]
    table = new_table("class", *(f">{name}" for name in chosen.columns))
    for index, row in chosen.iterrows():
        cells = [
            f"{value:,.0f}" if chosen[name].dtype.kind in "iu" else number_text(value) for name, value in row.items()
        ]
        table.add_row(printable(class_names[index] if isinstance(index, int) else str(index)), *cells)
    return table


def _check_classes(
    found: "SavedClassifier | SavedDetector | SavedSegmenter | SavedCaptioner", source: "ImageSource"
) -> None:
    """Raises a ValueError unless a data set has the classes of a model, in its order."""
    theirs, ours = list(source.class_names), found.class_names
    if theirs != ours:
        of_model, of_data = next(
            (pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]),
            (f"{len(ours)} classes", f"{len(theirs)} classes"),
        )
        raise ValueError(
            f"`data` must have the classes of the model, in its order. Received: data={source.name}: {of_data} where "
            f"the model has {of_model}"
        )
