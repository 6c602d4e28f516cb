"""The page of a run: one HTML file with its figures inside, for a student to read without a server."""

import base64
import io
import platform
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib import resources
from typing import Any

import jinja2
import keras
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import sklearn
import tensorflow
from matplotlib.figure import Figure

import keras_course
from keras_course.runs.description import leaves

DPI = 130
PACKAGES = (keras_course, keras, tensorflow, np, sklearn, matplotlib)
PARTS = ("page.html.jinja", "figure.html.jinja")


def render_page(
    package: str,
    template: str,
    *,
    title: str,
    config: Mapping[str, Any],
    headline: list[tuple[str, str, str]],
    images: Mapping[str, bytes],
    **more: Any,
) -> str:
    """Fills a template that extends `page.html.jinja`.

    Args:
        package: Name of the package that holds the template.
        template: Its file name.
        title: Heading of the page.
        config: What made the run, shown as a table; nested mappings are flattened to dotted names. A mapping
            `versions` replaces the versions found here.
        headline: What, value and remark of each number at the top.
        images: PNG files by name.
        more: What else the template wants.

    Returns:
        The page.
    """
    sources = {name: _text_of("keras_course.runs", name) for name in PARTS} | {template: _text_of(package, template)}
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(sources),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(
        title=title,
        headline=headline,
        images={name: base64.b64encode(png).decode() for name, png in images.items()},
        versions=dict(flat_texts(config.get("versions") or _versions())),
        config=dict(flat_texts({name: value for name, value in config.items() if name != "versions"})),
        written=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        **more,
    )


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


def _versions() -> dict[str, str]:
    found = {module.__name__: getattr(module, "__version__", "unknown") for module in PACKAGES}
    return {"python": platform.python_version(), **found}
