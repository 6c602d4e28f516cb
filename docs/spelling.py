"""Checks the words of the site against a dictionary and the list `words.txt`."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import hunspell
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

WORDS = Path(__file__).with_name("words.txt")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
CODE = re.compile(r'\S*\w[._@=:]\w\S*|"[^"\s]+"')  # addresses, names of files and modules; "adam" as a value
LATIN = re.compile(r"[A-Za-zÀ-ÿ']+")
NOT_PROSE = (
    nodes.literal,
    nodes.literal_block,
    nodes.doctest_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    addnodes.desc_signature,
    addnodes.literal_strong,
    addnodes.toctree,
)
logger = logging.getLogger(__name__)


def unknown_words(text: str) -> list[str]:
    """Returns the words of a text that neither the dictionary nor the list has.

    Words with capitals inside, with digits or underlines beside them, with other letters, or of one or two letters are
    names or symbols, and so is what is quoted on its own.

    Example:
        >>> unknown_words("The grdient of conv2d and of SGD, in Keras.")
        ['grdient']
    """
    found = []
    text = CODE.sub(" ", text)
    for match in WORD.finditer(text):
        word = match[0].replace("’", "'")
        beside = text[max(match.start() - 1, 0) : match.start()] + text[match.end() : match.end() + 1]
        ordinary = len(word) > 2 and word[1:].islower() and LATIN.fullmatch(word)
        if ordinary and not re.search(r"[\d_]", beside) and not _known(word):
            found.append(word)
    return found


@functools.cache
def _known(word: str) -> bool:
    stem = word.removesuffix("'s")
    return any(one in _own() or _dictionary().spell(one) for one in (word, stem, stem.lower()))


@functools.cache
def _dictionary() -> hunspell.Hunspell:
    return hunspell.Hunspell("en_US")


@functools.cache
def _own() -> set[str]:
    return set(WORDS.read_text(encoding="utf-8").split())


def prose(tree: nodes.Node) -> Iterator[str]:
    """Yields the texts of a page that are neither code nor formulas."""
    for text in tree.findall(nodes.Text):
        node = text.parent
        while node is not None and not isinstance(node, NOT_PROSE):
            node = node.parent
        if node is None:
            yield text.astext()


def check(app: Sphinx, environment: BuildEnvironment) -> None:
    """Warns of each unknown word once a page."""
    for document in sorted(environment.found_docs):
        text = " ".join(prose(environment.get_doctree(document)))
        for word in dict.fromkeys(unknown_words(text)):
            logger.warning("unknown word: %s", word, location=document, type="spelling")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connects with Sphinx."""
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
