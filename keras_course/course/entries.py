"""Reads `course.toml` and finds entries by number or by words."""

import difflib
import functools
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

DECK = '"Deep learning introduction" by Gianni Franchi, Master 2 Image Mining Course, 01/10/2020'
CHAPTERS = {
    1: "Linear regression",
    2: "Unlearned feature space, kernel",
    3: "Typical recognition algorithm",
    4: "Neural network",
    5: "Convolutional neural network",
    6: "Training a neural network",
    7: "Regularization",
    8: "Examples of applications of classical CNN",
    9: "Generative adversarial network (GAN)",
    10: "Conclusions",
}
NUMBER = r"(?:equation|eq\.?)?\s*\(?(-?\d{1,9})\)?"  # "45", "eq. 45", "(45)"
LIKE = 0.6  # similarity, between 0 and 1, from which a title is offered for one that doesn't exist
WORD_LIKE = 0.8  # the same for a single word of a title


@dataclass(frozen=True)
class Erratum:
    """A slip of the deck.

    Args:
        printed: What the deck has.
        right: What is right, and why.
        test: Path below the project and name, as pytest takes it, of the test that proves it.

    Example:
        >>> from keras_course.course import find_entries
        >>> (entry,) = find_entries("eq. 3")
        >>> print(entry.errata[0].right)
        that is 1/β_ML, the residual variance: β is the inverse variance
    """

    printed: str
    right: str
    test: str


@dataclass(frozen=True)
class Entry:
    """An equation or a topic of the deck.

    Args:
        title: The field's term.
        chapter: Integer in [1, 10].
        slide: The slide's title.
        functions: Dotted paths below `keras_course`, the one that computes it first.
        tests: As pytest takes them; each compares a function with something independent.
        tutorial: Path below `tutorials`, empty where there is none.
        equation: Integer in [1, 49], None for a topic.
        keywords: Further terms that find it.
        latex: The formula in its right form, empty where there is none.
        text: The same in plain characters.
        summary: What it is in one sentence, where there is no formula.
        example: A Python expression of the functions and `np`; empty where only training would show something.
        gives: Its value as Python prints it.
        errata: The deck's slips in it.

    Example:
        >>> from keras_course.course import find_entries
        >>> (entry,) = find_entries("47")
        >>> entry.name, entry.title, entry.chapter
        ('eq. 47', 'He initialisation', 6)
        >>> entry.imports()
        ['from keras_course.numerics.initialization import he_std']
    """

    title: str
    chapter: int
    slide: str
    functions: tuple[str, ...]
    tests: tuple[str, ...]
    tutorial: str = ""
    equation: int | None = None
    keywords: tuple[str, ...] = ()
    latex: str = ""
    text: str = ""
    summary: str = ""
    example: str = ""
    gives: str = ""
    errata: tuple[Erratum, ...] = ()

    @property
    def name(self) -> str:
        """The number as in "eq. 45", or the title of a topic."""
        return self.title if self.equation is None else f"eq. {self.equation}"

    def imports(self) -> list[str]:
        """Returns the import statements that `example` needs."""
        words = set(re.findall(r"\w+", self.example))
        used = [path.rpartition(".") for path in self.functions if path.rpartition(".")[2] in words]
        numpy = ["import numpy as np"] if "np" in words else []
        return numpy + [f"from keras_course.{module} import {name}" for module, _, name in used]


@functools.cache
def load_course() -> tuple[Entry, ...]:
    """Returns all entries in the order of the deck.

    Example:
        >>> from keras_course.course import load_course
        >>> sum(entry.equation is not None for entry in load_course())
        49

    Source: deck, chapters 1 to 10.
    """
    table = tomllib.loads(files(__package__).joinpath("course.toml").read_text(encoding="utf-8"))
    return tuple(_entry(**row) for row in table["entry"])


def _entry(*, functions: list[str], tests: list[str], erratum: list[dict[str, str]] | None = None, **row) -> Entry:
    errata = tuple(Erratum(**slip) for slip in erratum or ())
    row["keywords"] = tuple(row.get("keywords", ()))
    return Entry(functions=tuple(functions), tests=tuple(tests), errata=errata, **row)


def find_entries(query: str) -> list[Entry]:
    """Finds an equation by its number, or entries by words of their title, keywords, slide or functions.

    Args:
        query: "45", "eq. 45", "vanishing gradients", "adam_step". Upper and lower case are the same, and so are
            blanks, `-` and `_`.

    Returns:
        The entries, in the order of the deck; if the query is the title of one, that one alone.

    Raises:
        ValueError: If there is none; the message says what exists and suggests similar terms.

    Example:
        >>> from keras_course.course import find_entries
        >>> [entry.title for entry in find_entries("eq. 45")]
        ['variance from layer to layer']
        >>> [entry.name for entry in find_entries("adam_step")]
        ['eq. 36', 'eq. 37', 'eq. 38', 'eq. 39', 'eq. 40']
    """
    course = load_course()
    words = _plain(query)
    number = re.fullmatch(NUMBER, query.lower().strip())
    if number:
        return [_by_number(int(number[1]), query)]
    exact = [entry for entry in course if words == _plain(entry.title)]
    if exact:
        return exact
    from_a_word_on = rf"(?<!\w){re.escape(words)}"  # "adam" is not in "nadam"
    found = [entry for entry in course if words and re.search(from_a_word_on, _searched(entry))]
    if found:
        return found
    raise ValueError(_unknown(words, query))


def _by_number(number: int, query: str) -> Entry:
    numbered = {entry.equation: entry for entry in load_course() if entry.equation is not None}
    if number in numbered:
        return numbered[number]
    raise ValueError(f"the deck numbers its equations from {min(numbered)} to {max(numbered)}. Received: {query}")


def _searched(entry: Entry) -> str:
    return _plain(" | ".join([entry.title, *entry.keywords, entry.slide, *entry.functions]))


def _plain(text: str) -> str:
    """Returns a text as it is compared: in lower case, with one blank for `-`, `_` and blanks."""
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split())


def _unknown(words: str, query: str) -> str:
    terms = {_plain(term): term for entry in load_course() for term in (entry.title, *entry.keywords)}
    single = {word: term for term in reversed(terms.values()) for word in _plain(term).split() if len(word) > 3}
    close = [terms[name] for name in difflib.get_close_matches(words, terms, n=3, cutoff=LIKE)]
    close += [single[word] for word in difflib.get_close_matches(words, single, n=3, cutoff=WORD_LIKE)]
    like = list(dict.fromkeys(close))
    advice = f"did you mean {' or '.join(map(repr, like))}?" if like else "`keras-course explain` lists them all."
    return f"the course has no equation or topic of that name; {advice} Received: {query}"
