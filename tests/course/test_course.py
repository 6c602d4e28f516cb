"""Every equation of the deck resolves to code, a tutorial and tests, and each of them names it back."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest
from matplotlib.mathtext import MathTextParser

from keras_course.course import CHAPTERS, find_entries, load_course

ROOT = Path(__file__).parents[2]
COURSE = load_course()
NUMBERED = [entry for entry in COURSE if entry.equation is not None]
TOPICS = [entry for entry in COURSE if entry.equation is None]
NUMERICS = ("convolution", "features", "forest", "initialization", "linear_regression", "losses", "network")
NUMERICS += ("optimizers", "perceptron", "range_test", "recurrent", "regularization", "schedules")
NAMED = r"(?i)eqs?\. ((?:\d+(?:, | and | to |/| )?(?:eq\. )?)+)"  # "eq. 7", "eq. 7, eq. 8", "eq. 36 to eq. 40"


def named_equations(text):
    """Returns the numbers of the deck's equations that a text names; "eq. 36 to eq. 40" names five."""
    found = set()
    for numbers in re.findall(NAMED, re.sub(r"\s+", " ", text)):
        for first, last in re.findall(r"(\d+)(?: to (?:eq\. )?(\d+))?", numbers):
            found |= set(range(int(first), int(last or first) + 1))
    return found


def function(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"keras_course.{module}"), name)


def ids(entries):
    return [entry.name for entry in entries]


def test_numbers_in_a_text_are_read_as_meant():
    assert named_equations("deck, eq. 7; eq. 12, eq. 13 and 15; eq. 36 to eq. 40; Bishop, (3.59)") == {
        *(7, 12, 13, 15),
        *range(36, 41),
    }
    assert named_equations("the eq. 8 to\n    eq. 10, 2 of them") >= {8, 9, 10}
    assert named_equations("chapter 45") == set()


def test_all_equations_of_the_deck_are_there_once():
    assert [entry.equation for entry in NUMBERED] == list(range(1, 50))
    assert len({entry.title for entry in COURSE}) == len(COURSE)


def test_chapters_follow_each_other():
    chapters = [entry.chapter for entry in COURSE]
    assert chapters == sorted(chapters)
    assert set(chapters) <= CHAPTERS.keys()


@pytest.mark.parametrize("entry", COURSE, ids=ids(COURSE))
def test_functions_exist_and_name_the_entry_back(entry):
    assert entry.functions
    for path in entry.functions:
        docstring = inspect.getdoc(function(path)) or ""
        if entry.equation is not None:
            assert entry.equation in named_equations(docstring), f"{path} doesn't name {entry.name}"
        else:
            of_chapter = {other.equation for other in NUMBERED if other.chapter == entry.chapter}
            named = f"chapter {entry.chapter}" in docstring or of_chapter & named_equations(docstring)
            assert named, f"{path} doesn't name chapter {entry.chapter}"


def test_every_equation_has_a_tutorial():
    assert all(entry.tutorial for entry in NUMBERED)


@pytest.mark.parametrize("entry", [entry for entry in COURSE if entry.tutorial], ids=lambda entry: entry.name)
def test_tutorial_exists_and_names_the_equation(entry):
    text = (ROOT / "tutorials" / entry.tutorial).read_text(encoding="utf-8")
    if entry.equation is not None:
        assert entry.equation in named_equations(text.replace("\n# ", " "))


def test_tests_that_are_named_exist_and_every_erratum_is_proven():
    named = {test for entry in COURSE for test in (*entry.tests, *(slip.test for slip in entry.errata))}
    existing = {
        f"{file.relative_to(ROOT).as_posix()}::{node.name}"
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert named <= existing
    proven = {test for test in existing if "::test_erratum_" in test}
    assert proven == {slip.test for entry in COURSE for slip in entry.errata}
    assert all(entry.tests for entry in COURSE)


@pytest.mark.parametrize("entry", NUMBERED, ids=ids(NUMBERED))
def test_equations_have_a_formula_and_an_example(entry):
    assert entry.latex
    assert entry.text
    assert entry.example


@pytest.mark.parametrize("entry", TOPICS, ids=ids(TOPICS))
def test_topics_have_a_formula_or_a_sentence(entry):
    assert bool(entry.latex) != bool(entry.summary)
    assert not entry.summary or entry.summary[0].isupper() and entry.summary.endswith(".")


@pytest.mark.parametrize("entry", [entry for entry in COURSE if entry.latex], ids=lambda entry: entry.name)
def test_latex_is_understood_by_matplotlib(entry):
    MathTextParser("path").parse(f"${entry.latex}$")
    assert entry.text


@pytest.mark.parametrize("entry", [entry for entry in COURSE if entry.example], ids=lambda entry: entry.name)
def test_example_gives_what_was_worked_out_by_hand(entry):
    names = {}
    exec("\n".join(entry.imports()), names)
    assert len(names) > 1, "nothing of the package is used"
    assert str(eval(entry.example, names)) == entry.gives


@pytest.mark.parametrize("module", NUMERICS)
def test_nothing_of_the_numerics_is_left_out(module):
    path = f"keras_course.numerics.{module}"
    functions = {
        f"numerics.{module}.{name}"
        for name, value in vars(importlib.import_module(path)).items()
        if inspect.isfunction(value) and value.__module__.startswith(path) and not name.startswith("_")
    }
    named = {test for entry in COURSE for test in entry.functions}
    assert functions <= named


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("45", ["eq. 45"]),
        ("eq. 45", ["eq. 45"]),
        ("Equation 45", ["eq. 45"]),
        ("(45)", ["eq. 45"]),
        (" Eq. (45) ", ["eq. 45"]),
        ("forward/backward", ["chain rule"]),
        ("vanishing gradients", ["vanishing gradients"]),
        ("Vanishing Gradients", ["vanishing gradients"]),
        ("least squares", ["eq. 2"]),
        ("adam_step", ["eq. 36", "eq. 37", "eq. 38", "eq. 39", "eq. 40"]),
        ("adam step", ["eq. 36", "eq. 37", "eq. 38", "eq. 39", "eq. 40"]),
        ("Novikoff", ["perceptron"]),
        ("vanishing_gradients", ["vanishing gradients"]),
        ("Cross Entropy", ["cross-entropy"]),
    ],
)
def test_queries_find_what_they_mean(query, names):
    assert [entry.name for entry in find_entries(query)] == names


@pytest.mark.parametrize("query", ["0", "50", "-1", "eq. 100"])
def test_unknown_number_says_what_exists(query):
    with pytest.raises(ValueError, match=rf"from 1 to 49\. Received: {query}"):
        find_entries(query)


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("vanishing gradeints", "'vanishing gradients'"),
        ("percepton", "'perceptron'"),
        ("gogglenet", "'GoogLeNet'"),
        ("vanishng", r"'vanishing gradients'\? "),  # a word of the title is enough, and brings nothing else along
        ("eqivariance", "'residual variance and noise precision'"),  # "eq" begins words too
    ],
)
def test_near_misses_are_suggested(query, suggestion):
    with pytest.raises(ValueError, match=rf"did you mean .*{suggestion}.*Received: {query}"):
        find_entries(query)


@pytest.mark.parametrize("query", ["quantum chromodynamics", "", "  "])
def test_what_is_like_nothing_is_told_where_to_look(query):
    with pytest.raises(ValueError, match="`keras-course explain` lists them all"):
        find_entries(query)
