"""Reads tutorials: their titles and questions, and each as a notebook.

Example:
    >>> from docs.reading import load_tutorials
    >>> load_tutorials()[0].question
    'Which line fits, and how far can it be trusted?'
"""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext

from docs.fingerprint import fingerprint
from keras_course.course import CHAPTERS, Entry, load_course

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `(\S+\.py)` \| (.+?) \| (.+) \|$", re.MULTILINE)  # of the table in tutorials/README.md
COMMAND = re.compile(r"^python tutorials/(\S+\.py)$", re.MULTILINE)  # in the header of each tutorial
ACRONYMS = ("cnn", "dcgan", "gan")
SECONDS = re.compile(r"in (\d+) s on 2 CPU cores")


@dataclass(frozen=True)
class Tutorial:
    """A tutorial as the site lists it.

    Args:
        path: Below the folder of tutorials, as in "05_convolutional_networks/1_convolution.py".
        title: Its first heading.
        question: What it asks, in one line.
        seconds: How long it takes on two cores, as its header says; None where it doesn't.
        source: Its text.
    """

    path: str
    title: str
    question: str
    seconds: int | None
    source: str

    @property
    def document(self) -> str:
        """Its name in the site, which is its address without ".html"."""
        return f"tutorials/{self.path.removesuffix('.py')}"

    @property
    def name(self) -> str:
        """Its file's name in words, as in "Convolution layer"."""
        words = self.path.rpartition("/")[2].removesuffix(".py").split("_")[1:]
        first, *others = (word.upper() if word in ACRONYMS else word for word in words)
        return " ".join([first[0].upper() + first[1:], *others])

    @property
    def chapter(self) -> int:
        """The chapter of the deck."""
        return int(self.path.partition("_")[0])


@functools.cache
def load_tutorials(folder: Path = ROOT / "tutorials") -> tuple[Tutorial, ...]:
    """Returns the tutorials that the table of `README.md` lists, in its order.

    Args:
        folder: Folder that holds `README.md` and one folder for each chapter.
    """
    rows = ROW.findall((folder / "README.md").read_text(encoding="utf-8"))
    return tuple(_tutorial(folder, path, question) for path, question, _ in rows)


def _tutorial(folder: Path, path: str, question: str) -> Tutorial:
    source = (folder / path).read_text(encoding="utf-8")
    seconds = SECONDS.search(source)
    title = re.search(r'^(?:r?"""|# )# (.+)$', source, re.MULTILINE)
    return Tutorial(path, title[1] if title else path, question, int(seconds[1]) if seconds else None, source)


def chapter_title(number: int) -> str:
    """Returns a chapter's number and title, as in "6 Training a neural network"."""
    return f"{number} {CHAPTERS[number]}"


def entries_of(path: str) -> list[Entry]:
    """Returns the equations and topics that a tutorial shows."""
    return [entry for entry in load_course() if entry.tutorial == path]


def read_notebook(text: str) -> Any:
    """Returns a tutorial as a notebook, without its last cell, which saves figures where no notebook shows them.

    The kernel's description holds a fingerprint of the code that the tutorial depends on. jupyter-cache compares it
    together with the cells, so a tutorial is executed again when either changes.

    Args:
        text: A script in percent cells.
    """
    notebook = jupytext.reads(text, fmt="py:percent")
    if '"__file__" in globals()' in notebook.cells[-1].source:
        del notebook.cells[-1]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell{number}"  # jupytext's are random, and a notebook should not change when its script doesn't
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python", "code": fingerprint(text)}
    notebook.metadata = type(notebook.metadata)(kernelspec=kernel)
    return notebook


def read_for_site(text: str) -> Any:
    """Returns a tutorial as the site shows it: with links to its notebook and to its equations."""
    notebook = read_notebook(text)
    command = COMMAND.search(text)
    if command is None:
        return notebook
    path = command[1]
    address = f"../../notebooks/{path.removesuffix('.py')}.ipynb"
    first = notebook.cells[0]
    title, _, rest = first.source.partition("\n")
    first.source = f'{title}\n\n<p class="as-notebook"><a href="{address}" download>Open as a notebook</a></p>\n{rest}'
    links = [f"- {{ref}}`{entry.name} <{label(entry)}>`{_title(entry)}" for entry in entries_of(path)]
    if links:
        source = "\n".join(["## Equations and topics of the deck", "", *links])
        notebook.cells.append(jupytext.reads(f"# %% [markdown]\n# {source}", fmt="py:percent").cells[0])
        notebook.cells[-1].source = source
        notebook.cells[-1].id = "course"
    return notebook


def _title(entry: Entry) -> str:
    return f": {entry.title}" if entry.equation is not None else ""


def label(entry: Entry) -> str:
    """Returns the name of an entry's anchor, as in "eq-45" or "topic-gaussian-density"."""
    if entry.equation is not None:
        return f"eq-{entry.equation}"
    return "topic-" + re.sub(r"[^a-z0-9]+", "-", entry.title.lower()).strip("-")
