"""`keras-course models`: what can be built, how large it is, and what each layer of it costs and sees."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_course.cli.options import MOST, parse_sizes
from keras_course.cli.screen import new_table, screen, styled
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import keras
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

NARROW = 100  # columns of a screen on which the layer table leaves out the kind of the layers
MACS = "MACs: multiply-accumulates of convolutions and dense layers, for one image."
LIST_NOTES = f"""\
depth: convolutions and dense layers on the longest path. {MACS}
field: receptive field of the output in pixels; what exceeds the image is padding.
MB: outputs of all layers for one image, in float32, as training keeps them.
Builders' defaults; `keras-course train` takes the options of the model's recipe, so its counts may differ.
Not listed: DCGAN's two nets, which map latent vectors to images and images to one logit (build_dcgan_*), those of
ganimation, which map images to images (build_ganimation_*), and language-model, which reads text."""
LAYER_NOTES = f"""\
{MACS}
field: receptive field, the window of the image that a unit depends on, in pixels; what exceeds the image is padding.
stride: from one unit's window to the next one's, in pixels. memory: of the layer's output, for one image."""


def models(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Show the layers of this one.")] = None,
    input_shape: Annotated[
        str | None, typer.Option(help="HEIGHTxWIDTHxCHANNELS of the images; default as published.")
    ] = None,
    classes: Annotated[
        int | None, typer.Option(min=2, max=MOST, help="Number of classes; default as published.")
    ] = None,
) -> None:
    """List the architectures, or the layers of one.

    With parameters, multiply-accumulates, receptive field and memory, at the published image size and number of
    classes unless told otherwise.
    """
    form = "HEIGHTxWIDTHxCHANNELS, such as 28x28x1"
    shape = None if input_shape is None else parse_sizes(input_shape, "--input-shape", form, (3,))
    quiet_tensorflow()
    import keras

    from keras_course.name_arguments import find_name

    console = screen()
    try:
        with keras.StatelessScope(initialize_variables=False):  # shapes are enough: all weights would take 3 GB
            if model is None:
                show_list(console, shape, classes)
            else:
                show_layers(console, find_name(model, all_builders(), "MODEL"), shape, classes)
    finally:
        keras.utils.clear_session(free_memory=False)  # Keras keeps such variables to initialise them one day


def all_builders() -> "dict[str, Callable[..., keras.Model]]":
    """Returns the builders of classifiers, detectors, segmenters and captioners by name."""
    from keras_course.models import CAPTIONER_BUILDERS, DETECTOR_BUILDERS, MODEL_BUILDERS, SEGMENTER_BUILDERS

    return {**MODEL_BUILDERS, **DETECTOR_BUILDERS, **SEGMENTER_BUILDERS, **CAPTIONER_BUILDERS}


def show_list(console: "Console", input_shape: tuple[int, ...] | None, classes: int | None) -> None:
    """Prints one line per architecture, at its published size unless told otherwise, then why some can't be built.

    Raises:
        ValueError: If none can be built.
    """
    from keras_course.inspection.layer_costs import ledger, ledger_totals
    from keras_course.models.catalogue import CATALOGUE

    builders = all_builders()
    headings = ("year", "image", "classes", "depth", "trainable\nparameters", "MACs", "field", "MB")
    table = new_table("model", *(f">{heading}" for heading in headings), frame=False)
    refused: dict[str, ValueError] = {}
    for name, build in builders.items():
        published = CATALOGUE[name]
        shape, labels = input_shape or published.input_shape, classes or published.num_classes
        try:
            totals = ledger_totals(ledger(build(shape, labels)))
        except ValueError as error:
            refused[name] = error
            continue
        image = (str(published.year), by_size(shape), str(labels))
        *costs, _ = cost_cells(totals)
        table.add_row(name, *image, str(totals["depth"]), *costs, megabytes(totals["activation_bytes"]))
    if len(refused) == len(builders):
        raise next(iter(refused.values()))
    console.print(table)
    for name, reason in refused.items():
        console.print(styled(name, f": {reason}"), soft_wrap=True)
    console.print(f"\n{LIST_NOTES}")


def show_layers(console: "Console", name: str, input_shape: tuple[int, ...] | None, classes: int | None) -> None:
    """Prints the paper of an architecture and one line per layer, with totals."""
    from keras_course.inspection.layer_costs import ledger, ledger_totals
    from keras_course.models.catalogue import CATALOGUE

    published = CATALOGUE[name]
    shape, labels = input_shape or published.input_shape, classes or published.num_classes
    layers = ledger(all_builders()[name](shape, labels))
    totals = ledger_totals(layers)
    console.print(styled(name, f": {published.authors} ({published.year}). {published.title}."))
    console.print(f"Images of {by_size(shape)} pixels, {labels} classes; depth {totals['depth']}.\n")
    console.print(layer_table(layers, totals, with_kind=console.width >= NARROW))
    trainable, rest = totals["trainable_parameters"], totals["non_trainable_parameters"]
    split = f"{trainable:,} trainable, {rest:,} moving statistics" if rest else "all trainable"
    console.print(f"\n{totals['parameters']:,} parameters: {split}.\n{LAYER_NOTES}")


def layer_table(layers: "pd.DataFrame", totals: "pd.Series", *, with_kind: bool) -> "Table":
    """Tabulates a ledger, the totals below."""
    names = ("layer", "kind") if with_kind else ("layer",)
    headings = (">output", ">trainable\nparams", ">MACs", ">field", ">stride", ">memory")
    table = new_table(*names, *headings, frame=False, padding=(0, 1 if with_kind else 0, 0, 0))
    for name, row in layers.iterrows():
        words = (str(name), row["kind"])[: len(names)]
        *costs, memory = cost_cells(row)
        table.add_row(*words, by_size(row["output_shape"]), *costs, stride(row), memory)
    table.add_section()
    *costs, memory = cost_cells(totals)
    table.add_row(*("total", "")[: len(names)], "", *costs, "", memory, style="bold")
    return table


def cost_cells(row: "pd.Series") -> tuple[str, str, str, str]:
    """Writes trainable parameters, multiply-accumulates, receptive field and memory of a layer or a network."""
    return (
        f"{row['trainable_parameters']:,}",
        with_prefix(row["multiply_accumulates"], digits=4),
        by_size(dict.fromkeys((row["receptive_field_height"], row["receptive_field_width"]))),  # 7, or 7x9
        with_prefix(row["activation_bytes"], "B", digits=3),
    )


def stride(row: "pd.Series") -> str:
    """Writes a stride: "2" or "2x1"; "-" where every unit sees the same."""
    import pandas as pd

    text = by_size(dict.fromkeys((row["stride_height"], row["stride_width"])))
    return "-" if text == "?" and not pd.isna(row["receptive_field_height"]) else text


def by_size(sizes: Iterable[Any]) -> str:
    """Writes "28x28x1"; "?" if a size isn't known."""
    import pandas as pd

    sizes = list(sizes)
    return "?" if any(pd.isna(size) for size in sizes) else "x".join(f"{size:g}" for size in sizes)


def megabytes(number: int) -> str:
    """Writes a number of bytes as megabytes: "0.064", "61.1", "1,420"."""
    if number >= 1e8:
        return f"{number / 1e6:,.0f}"
    return f"{number / 1e6:.3f}" if number < 1e6 else f"{number / 1e6:.3g}"


def with_prefix(number: Any, unit: str = "", *, digits: int) -> str:
    """Writes some digits of a number with its prefix: 15470264320 as "15.47 G"; 0 as "-", an unknown one as "?"."""
    import pandas as pd

    if pd.isna(number):
        return "?"
    rounded = float(f"{number:.{digits - 1}e}")
    for factor, prefix in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if rounded >= factor:
            return f"{rounded / factor:,.12g} {prefix}{unit}"
    return f"{number} {unit}".rstrip() if number else "-"
