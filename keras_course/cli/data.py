"""`keras-course data NAME`: prepares a data set, shows its splits and classes, draws some examples."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_course.cli import options
from keras_course.cli.screen import new_table, printable, screen, styled
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from rich.table import Table

    from keras_course.data import ImageData
    from keras_course.data.in_memory import InMemoryData

CLASSES_SHOWN = 20  # rows of the table
GRID_ROWS, GRID_COLUMNS = 10, 10  # classes by examples
SHEET_ROWS, SHEET_COLUMNS = 4, 6  # images with boxes, masks or captions
DPI = 150
COUNTED = {  # by task, per class
    "classification": "images",
    "detection": "objects",
    "segmentation": "pixels",
    "captioning": "words",
}


def data(
    name: Annotated[str, typer.Argument(metavar="DATA", help=options.SOURCES)],
    image_size: options.ImageSize = None,
    channels: options.Channels = None,
    data_dir: options.DataDir = None,
    mirror: options.Mirror = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(COUNTED),
            help="What the labels are. [default: what a folder holds; detection for digit_scenes]",
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write the examples.", metavar="PNG")] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=options.LARGEST_SEED, help="Chooses the validation images and the examples.")
    ] = 0,
) -> None:
    """Prepare a data set, show its splits, draw examples."""
    task = task or likely_task(name)
    from keras_course.arguments import require_choice

    require_choice("task", task, tuple(COUNTED))
    size = options.parse_image_size(image_size)
    label = name.strip("./").replace("/", "-").replace(":", "-")
    output = options.checked_output(output or Path(f"{label}-examples.png"))
    console = screen()
    quiet_tensorflow()
    from keras_course.data import load_captions, load_images, load_masks, load_objects
    from keras_course.files import write_picture

    loaders = load_images, load_objects, load_masks, load_captions
    load: Any = dict(zip(COUNTED, loaders, strict=True))[task]
    with screen(stderr=True).status(styled("", f"Preparing {name} ...")):
        images: InMemoryData = load(
            name, image_size=size, channels=channels, seed=seed, data_dir=data_dir, mirror=mirror
        )
    height, width, depth = images.input_shape
    known = f"{len(class_rows(images))} {'words' if task == 'captioning' else 'classes'}"
    facts = f": {known}, images {height}x{width} pixels, {depth} channel{'s' * (depth > 1)}"
    console.print(styled(printable(images.name), facts))
    console.print(splits_table(images, COUNTED[task]), classes_table(images, COUNTED[task]))
    draw: Any = draw_examples if task == "classification" else draw_labels
    write_picture(output, draw(images).savefig)
    console.print(f"Examples: {output}", soft_wrap=True)


def likely_task(name: str) -> str:
    """Returns the task that a folder's files, or a data set's name, speak for.

    Args:
        name: As DATA on the command line.
    """
    if name.split("/")[0] == "digit_scenes":
        return "detection"
    folder = Path(name) / "train" if Path(name, "train").is_dir() else Path(name)
    entries = [*folder.iterdir()] if folder.is_dir() else []
    if name.lower().endswith(".csv") or any(entry.name == "captions.csv" for entry in entries):
        return "captioning"
    if any(entry.suffix.lower() in (".json", ".xml") or entry.name == "Annotations" for entry in entries):
        return "detection"
    return "segmentation" if {"images", "masks"} <= {entry.name for entry in entries} else "classification"


def class_counts(examples: Any, num_classes: int) -> "np.ndarray":
    """Counts images, objects or pixels of each class, shape `(num_classes,)`."""
    import numpy as np

    labels = next(getattr(examples, field) for field in ("labels", "class_id", "masks") if hasattr(examples, field))
    return np.bincount(labels[(labels >= 0) & (labels < num_classes)], minlength=num_classes)


def sentences_of(examples: Any) -> list[list[str]]:
    """Returns the words of each caption."""
    from keras_course.data import split_text

    return [split_text(text) for own in examples.references() for text in own]


def class_rows(images: "InMemoryData") -> list[tuple[int, str, int]]:
    """Returns label, name and number of training images, objects or pixels of each class; of captions, the words."""
    if not hasattr(images.train_examples, "captions"):
        counts = class_counts(images.train_examples, images.num_classes).tolist()
        return [*zip(range(images.num_classes), images.class_names, counts, strict=True)]
    from collections import Counter

    from keras_course.data.vocabulary import SPECIALS

    seen = Counter(word for words in sentences_of(images.train_examples) for word in words)
    return [(label, word, seen[word]) for label, word in enumerate(images.class_names[SPECIALS:], SPECIALS)]


def splits_table(images: "InMemoryData", counted: str = "images") -> "Table":
    """Tabulates the splits: how many images each holds, and how many of the rarest and the commonest class.

    Of captions it says how many words the shortest and the longest has.
    """
    per = {"images": "per class", "words": "words per caption"}.get(counted, f"{counted} per class")
    table = new_table("split", ">images", f">fewest {per}", f">most {per}")
    splits = {"train": images.train_examples, "validation": images.validation_examples, "test": images.test_examples}
    for split, examples in splits.items():
        if examples is not None:
            if counted == "words":
                counts = [len(words) for words in sentences_of(examples)]
            else:
                counts = class_counts(examples, images.num_classes).tolist()
            table.add_row(split, f"{len(examples.images):,}", f"{min(counts):,}", f"{max(counts):,}")
    return table


def classes_table(images: "InMemoryData", counted: str = "images") -> "Table":
    """Tabulates the classes with their labels and numbers of training images, objects or pixels; or the words."""
    table = new_table(">label", "word" if counted == "words" else "class", f">training {counted}")
    rows = class_rows(images)
    for label, name, count in rows[:CLASSES_SHOWN]:
        table.add_row(str(label), printable(name), f"{count:,}")
    if len(rows) > CLASSES_SHOWN:
        table.add_row("", f"... and {len(rows) - CLASSES_SHOWN} more", "")
    return table


def draw_examples(images: "ImageData") -> "Figure":
    """Draws a row of training images per class, of at most ten classes spread over all.

    Args:
        images: The data set; its seed chooses the examples.

    Returns:
        A figure that belongs to no window.
    """
    import numpy as np
    from matplotlib.figure import Figure

    from keras_course.visualization.tiles import tile_images

    random = np.random.default_rng(images.seed)
    rows = min(GRID_ROWS, images.num_classes)
    labels = np.linspace(0, images.num_classes - 1, rows).round().astype(int)
    height, width, _ = images.input_shape
    figure = Figure(
        figsize=(1.6 + 0.7 * GRID_COLUMNS, 0.6 + 0.7 * rows * height / width), dpi=DPI, layout="constrained"
    )
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)  # type: ignore[union-attr, call-arg]
    shown = "" if rows == images.num_classes else f", {rows} of {images.num_classes} classes"
    figure.suptitle(f"{printable(images.name)}: training images{shown}", fontsize=11)
    for axes, label in zip(figure.subplots(rows, squeeze=False)[:, 0], labels, strict=True):
        members = np.flatnonzero(images.train_examples.labels == label)
        chosen = images.train_examples.images[random.permutation(members)[:GRID_COLUMNS]]
        if not len(chosen):  # a rare class may be in the test alone
            chosen = np.full_like(images.train_examples.images[:1], 255)
        row = tile_images(chosen, columns=GRID_COLUMNS, gap=max(1, width // 20), fill=255)
        smooth = "nearest" if max(height, width) <= 64 else "antialiased"  # pixels of small images stay visible
        axes.imshow(row.squeeze(-1) if row.shape[-1] == 1 else row, cmap="gray", vmin=0, vmax=255, interpolation=smooth)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.set_ylabel(printable(images.class_names[label]), rotation=0, ha="right", va="center", fontsize=9)
    return figure


def draw_labels(images: "InMemoryData") -> "Figure":
    """Draws training images with their boxes, below the colours of their masks, or above their captions.

    Boxes around crowds are named so.

    Args:
        images: The data set; its seed chooses the examples.

    Returns:
        A figure that belongs to no window.
    """
    import matplotlib.pyplot as plt
    import numpy as np

    from keras_course.visualization import plot_box_grid, plot_captions, plot_masks

    examples: Any = images.train_examples
    chosen = np.random.default_rng(images.seed).permutation(len(examples.images))[: SHEET_ROWS * SHEET_COLUMNS]
    title = f"{printable(images.name)}: training images"
    pixels, names = examples.images[chosen], [printable(name) for name in images.class_names]
    if hasattr(examples, "masks"):
        figure = plot_masks(pixels, examples.masks[chosen], names, columns=SHEET_COLUMNS)
    elif hasattr(examples, "captions"):
        references = examples.references()
        texts = ["\n".join(printable(text) for text in references[index]) for index in chosen]
        figure = plot_captions(pixels, texts, columns=SHEET_COLUMNS, title=title)
    else:
        boxes, labels = zip(*(_boxes_of(examples, index, names) for index in chosen), strict=True)
        figure = plot_box_grid(pixels, boxes, labels, columns=SHEET_COLUMNS)
    figure.set_dpi(DPI)
    if figure.get_suptitle() != title:
        figure.suptitle(title, fontsize=11)
    plt.close(figure)
    return figure


def _boxes_of(examples: Any, index: int, names: Sequence[str]) -> tuple["np.ndarray", list[str]]:
    """Returns the boxes of an image, without padding, and their names."""
    real = examples.class_id[index] >= 0
    kinds = zip(examples.class_id[index][real], examples.is_crowd[index][real], strict=True)
    return examples.boxes[index][real], [names[kind] + " (crowd)" * bool(crowd) for kind, crowd in kinds]
