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
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from rich.table import Table

    from keras_course.data import ImageData
    from keras_course.data.in_memory import InMemoryData

CLASSES_SHOWN = 20  # rows of the table
GRID_ROWS, GRID_COLUMNS = 10, 10  # classes by examples
SHEET_ROWS, SHEET_COLUMNS = 4, 6  # images with boxes or masks
DPI = 150
COUNTED = {"classification": "images", "detection": "objects", "segmentation": "pixels"}  # by task, per class


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
    from keras_course.data import load_images, load_masks, load_objects
    from keras_course.files import write_picture

    load: Any = {"classification": load_images, "detection": load_objects, "segmentation": load_masks}[task]
    with screen(stderr=True).status(styled("", f"Preparing {name} ...")):
        images: InMemoryData = load(
            name, image_size=size, channels=channels, seed=seed, data_dir=data_dir, mirror=mirror
        )
    height, width, depth = images.input_shape
    facts = f": {images.num_classes} classes, images {height}x{width} pixels, {depth} channel{'s' * (depth > 1)}"
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
    if any(entry.suffix.lower() in (".json", ".xml") or entry.name == "Annotations" for entry in entries):
        return "detection"
    return "segmentation" if {"images", "masks"} <= {entry.name for entry in entries} else "classification"


def class_counts(examples: Any, num_classes: int) -> "np.ndarray":
    """Counts images, objects or pixels of each class, shape `(num_classes,)`."""
    import numpy as np

    labels = next(getattr(examples, field) for field in ("labels", "class_id", "masks") if hasattr(examples, field))
    return np.bincount(labels[(labels >= 0) & (labels < num_classes)], minlength=num_classes)


def splits_table(images: "InMemoryData", counted: str = "images") -> "Table":
    """Tabulates the splits: how many images each holds, and how many of the rarest and the commonest class."""
    per_class = "per class" if counted == "images" else f"{counted} per class"
    table = new_table("split", ">images", f">fewest {per_class}", f">most {per_class}")
    splits = {"train": images.train_examples, "validation": images.validation_examples, "test": images.test_examples}
    for split, examples in splits.items():
        if examples is not None:
            counts = class_counts(examples, images.num_classes)
            table.add_row(split, f"{len(examples.images):,}", f"{counts.min():,}", f"{counts.max():,}")
    return table


def classes_table(images: "InMemoryData", counted: str = "images") -> "Table":
    """Tabulates the classes with their labels and numbers of training images, objects or pixels."""
    table = new_table(">label", "class", f">training {counted}")
    counts = class_counts(images.train_examples, images.num_classes)
    for label, class_name in enumerate(images.class_names[:CLASSES_SHOWN]):
        table.add_row(str(label), printable(class_name), f"{counts[label]:,}")
    if images.num_classes > CLASSES_SHOWN:
        table.add_row("", f"... and {images.num_classes - CLASSES_SHOWN} more", "")
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
        figsize=(1.6 + 0.7 * GRID_COLUMNS, 0.6 + 0.7 * rows * height / width), dpi=150, layout="constrained"
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
    """Draws training images with boxes, dashed for crowds, or below the colours of their masks.

    Args:
        images: The data set; its seed chooses the examples.

    Returns:
        A figure that belongs to no window.
    """
    import numpy as np
    from matplotlib.figure import Figure

    examples, title = images.train_examples, f"{printable(images.name)}: training images"
    chosen = np.random.default_rng(images.seed).permutation(len(examples.images))[: SHEET_ROWS * SHEET_COLUMNS]
    if hasattr(examples, "masks"):
        return _draw_masks(examples.images[chosen], examples.masks[chosen], images.class_names, title)
    figure = Figure(figsize=(1.9 * SHEET_COLUMNS, 1.9 * SHEET_ROWS + 0.4), dpi=DPI, layout="constrained")
    figure.suptitle(title, fontsize=11)
    all_axes = figure.subplots(SHEET_ROWS, SHEET_COLUMNS, squeeze=False).ravel()
    for axes in all_axes:
        axes.set_axis_off()
    for axes, index in zip(all_axes, chosen, strict=False):
        image = examples.images[index]
        axes.imshow(image.squeeze(-1) if image.shape[-1] == 1 else image, cmap="gray", vmin=0, vmax=255)
        for box, class_id, is_crowd in zip(*(field[index] for field in examples[1:4]), strict=True):
            if class_id >= 0:
                _draw_box(axes, box, images.class_names[class_id], f"C{int(class_id) % 10}", "--" if is_crowd else "-")
    return figure


def _draw_masks(images: "np.ndarray", masks: "np.ndarray", class_names: Sequence[str], title: str) -> "Figure":
    import matplotlib.pyplot as plt

    from keras_course.visualization import plot_masks

    figure = plot_masks(images, masks, [printable(name) for name in class_names], columns=SHEET_COLUMNS)
    figure.set_dpi(DPI)
    figure.suptitle(title, fontsize=11)
    plt.close(figure)
    return figure


def _draw_box(axes: "Axes", box: "np.ndarray", name: str, colour: str, style: str) -> None:
    from matplotlib.patches import Rectangle

    x_min, y_min, x_max, y_max = box - 0.5  # imshow has the centre of the first pixel at 0
    axes.add_patch(Rectangle((x_min, y_min), x_max - x_min, y_max - y_min, fill=False, ec=colour, ls=style))
    ground = {"boxstyle": "square,pad=0.1", "facecolor": colour, "edgecolor": "none", "alpha": 0.85}
    axes.text(x_min, y_min, printable(name), color="white", va="bottom", fontsize=8, bbox=ground, parse_math=False)
