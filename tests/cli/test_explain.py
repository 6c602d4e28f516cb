"""`keras-course explain` as a user types it."""

import subprocess
import sys

import pytest

from keras_course.cli.app import main
from keras_course.course import CHAPTERS, find_entries, load_course


@pytest.fixture
def course(capsys, monkeypatch):
    """Runs a command line on a screen of some width; returns exit code, output and errors."""

    def run(*arguments, width=120):
        monkeypatch.setenv("COLUMNS", str(width))
        with pytest.raises(SystemExit) as end:
            main(["explain", *arguments])
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return run


def test_an_equation_in_full(course):
    code, output, errors = course("3")
    assert (code, errors) == (0, "")
    for part in (
        "eq. 3: residual variance and noise precision",
        "chapter 1, Linear regression",
        "1/β_ML = 1/N₁ Σᵢ (tᵢ - ωᵗxᵢ)²",
        r"\frac{1}{\beta_{ML}}",
        "keras_course.numerics.linear_regression.most_likely_precision",
        ">>> from keras_course.numerics.linear_regression import residual_variance",
        "tutorials/01_linear_regression/1_linear_regression.py",
        "that is 1/β_ML, the residual variance",
        "::test_erratum_eq3_",
    ):
        assert part in output


def test_a_topic_of_several_words_needs_no_quotes(course):
    assert course("vanishing", "gradients") == course("vanishing gradients")
    code, output, _ = course("vanishing", "gradients")
    assert code == 0
    assert "GradientNormMonitor" in output


def test_several_are_listed(course):
    code, output, _ = course("Adam")
    assert code == 0
    assert [number for number in ("36", "37", "38", "39", "40") if f" {number} " in output] == [
        *map(str, range(36, 41))
    ]
    assert "formula" not in output


@pytest.mark.parametrize("width", [40, 80])
def test_what_is_copied_stays_whole_and_prose_is_folded_between_words(course, width):
    _, output, _ = course("vanishing gradients", width=width)
    (entry,) = find_entries("vanishing gradients")
    lines = output.splitlines()
    for whole in (*entry.tests, entry.latex, entry.errata[0].test, f"keras_course.{entry.functions[0]}"):
        assert any(line.endswith(f" {whole}") for line in lines)
    begin = next(number for number, line in enumerate(lines) if line.startswith("right "))
    end = next(number for number, line in enumerate(lines) if line.startswith("test "))
    assert max(map(len, lines[begin:end])) <= width
    assert " ".join(" ".join(lines[begin:end]).split()) == f"right {entry.errata[0].right}"


def test_an_array_is_shown_as_python_prints_it(course):
    _, output, _ = course("18")
    assert ">>> cross_correlate_2d(" in output
    assert f"{' ' * 10}[[122 148]\n{' ' * 10} [126 134]]\n" in output


def test_names_are_folded_on_a_narrow_screen_alone(course):
    assert "transposed_convolution_2d " in course("--all", width=80)[1]
    narrow = course("--all", width=50)[1]
    assert max(map(len, narrow.splitlines())) <= 50
    assert "transposed_convolution_2d " not in narrow


@pytest.mark.parametrize("width", [80, 120])
def test_all_shows_every_entry(course, width):
    code, output, errors = course("--all", width=width)
    assert (code, errors) == (0, "")
    assert max(map(len, output.splitlines())) <= width
    for entry in load_course():
        assert entry.title.split()[-1] in output  # a long title is folded between words


@pytest.mark.parametrize("width", [60, 120])
def test_without_a_topic_the_contents_are_shown(course, width):
    code, output, errors = course(width=width)
    assert (code, errors) == (0, "")
    assert max(map(len, output.splitlines())) <= width
    assert "by Gianni Franchi, Master 2 Image Mining" in " ".join(output.split())
    words = " ".join(output.split())
    for number, heading in CHAPTERS.items():
        assert f"{number} {heading}" in words
    assert "20 to 47" in words and "vanishing" in words
    assert "49 numbered equations" in words


def test_a_topic_without_a_formula_is_told_in_a_sentence(course):
    _, output, _ = course("early stopping")
    assert "in short  Training ends when the validation loss has stopped improving" in output
    assert "formula" not in output


def test_errata_shows_every_slip_with_its_test(course):
    code, output, _ = course("--errata", width=160)
    assert code == 0
    slips = [slip for entry in load_course() for slip in entry.errata]
    for slip in slips:
        for part in (slip.printed, slip.right, slip.test):
            assert f" {part}\n" in output
    assert f"{len(slips)} slips" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["50"], "from 1 to 49"),
        (["vanishing gradeints"], "did you mean 'vanishing gradients'"),
        (["45", "--all"], "only one of the three"),
        (["--all", "--errata"], "only one of the three"),
    ],
)
def test_bad_input_is_one_red_message(course, arguments, message):
    code, output, errors = course(*arguments)
    assert (code, output) == (2, "")
    assert message in errors
    assert "Traceback" not in errors


def test_explaining_imports_neither_keras_nor_numpy():
    code = """import sys
from keras_course.cli.app import app
try:
    app(["explain", "ResNet"])
except SystemExit:
    print(sorted({"keras", "tensorflow", "numpy"} & set(sys.modules)))"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.rstrip().endswith("[]")
    assert "keras_course.models.build_resnet" in result.stdout
