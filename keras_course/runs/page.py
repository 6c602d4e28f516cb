"""The page of a run: one HTML file with its figures inside, for a student to read without a server."""

import base64
import io
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from keras_course.files import write_file
from keras_course.runs.description import leaves, package_versions
from keras_course.runs.folder import REPORT
from keras_course.runs.kinds import folder_of_run

DPI = 130
PARTS = ("page.html.jinja", "figure.html.jinja", "gradients.html.jinja")
NOT_SHOWN = ("data_digest", "kind", "layers_digest", "recipe", "versions")


def write_page(
    run_dir: str | os.PathLike,
    template: str,
    drawings: Iterable[tuple[str, Callable[[], Figure]]],
    *,
    config: Mapping[str, Any],
    pictures: Mapping[str, bytes] | None = None,
    **content: Any,
) -> Path:
    """Writes `run_dir/report.html` and `run_dir/figures/*.png`, each whole or not at all.

    Everything is drawn before the first file is written.

    Args:
        run_dir: Folder of the run; made if missing.
        template: "package/file" of a template that extends `page.html.jinja`.
        drawings: Name of each figure, and the function that draws it.
        config: What made the run, shown as a table; nested mappings are flattened to dotted names. A mapping
            `versions` replaces the versions found here.
        pictures: PNG files that the page shows beside the figures, by name.
        content: What the template wants: `title`, heading of the page; `headline`, what, value and remark of each
            number at the top; and what is its own.

    Returns:
        The path of the page.

    Raises:
        ValueError: If `run_dir` is a file, or a figure refuses its data.
    """
    folder = folder_of_run(run_dir)
    figures = {name: draw_png(draw) for name, draw in drawings}
    images = figures | dict(pictures or {})
    package, _, file = template.rpartition("/")
    sources = {name: _text_of("keras_course.runs", name) for name in PARTS} | {file: _text_of(package, file)}
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(sources),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(file).render(
        images={name: base64.b64encode(png).decode() for name, png in images.items()},
        versions=dict(flat_texts(config.get("versions") or package_versions())),
        config=dict(flat_texts(_shown(config))),
        written=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        **content,
    )
    for name, png in figures.items():
        write_file(folder / "figures" / f"{name}.png", png)
    return write_file(folder / REPORT, page.encode())


def _shown(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings that a reader wants to see: not what has no effect, such as the decay of unused averages."""
    shown = {name: part for name, part in config.items() if name not in NOT_SHOWN}
    for name, part in shown.items():
        if isinstance(part, dict) and "use_ema" not in part:
            shown[name] = {key: value for key, value in part.items() if key != "ema_momentum"}
    return shown


def draw_png(draw: Callable[[], Figure]) -> bytes:
    """Draws a figure, returns it as PNG and closes it."""
    figure = draw()
    try:
        with io.BytesIO() as buffer:
            with warnings.catch_warnings():  # a class name in a script that the font lacks is no reason to fail
                warnings.filterwarnings("ignore", "Glyph .* missing from")
                figure.savefig(buffer, format="png", dpi=DPI)
            return buffer.getvalue()
    finally:
        plt.close(figure)


def settings_headline(config: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Returns what of the settings belongs at the top of a page: parameters, training time and seed."""
    known = (
        ("parameters", "Parameters", "{:,}".format, "weights and biases"),
        ("training_seconds", "Training time", duration_text, "on the machine it ran on"),
        ("seed", "Seed", str, "the same seed on the same machine repeats the run"),
    )
    return [(what, show(config[key]), remark) for key, what, show, remark in known if config.get(key) is not None]


def flat_texts(values: object) -> Iterator[tuple[str, str]]:
    """Yields dotted names and texts of the leaves of nested mappings."""
    for name, value in leaves(values):
        yield name, text_of(value)


def text_of(value: object) -> str:
    """Writes a setting for a reader."""
    match value:
        case None | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(text_of, value))
    return str(value)


def rounded_text(value: object) -> str:
    """Writes a number with three digits, anything else as `text_of`."""
    if not isinstance(value, float | np.floating):
        return text_of(value)
    return f"{value:.3g}" if np.isfinite(value) else "NaN" if np.isnan(value) else "infinite"


def duration_text(seconds: float) -> str:
    """Writes a duration in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


def _text_of(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")
