"""`keras-course exercise` as a student and a teacher type it."""

import csv

import pytest

from keras_course.course.exercises import find_exercise, load_exercises


@pytest.fixture
def student(run_line, monkeypatch, tmp_path):
    """Runs a command of `exercise` in an empty folder; `student.file` is what `start` made of an exercise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(line):
        return run_line(f"exercise {line}")

    run.file = lambda name: tmp_path / "exercises" / find_exercise(name).file
    run.folder = tmp_path
    return run


def test_from_the_list_to_a_right_answer(student):
    code, output, errors = student("")
    assert (code, errors) == (0, "")
    assert all(exercise.name in output for exercise in load_exercises())
    assert f"0 of {len(load_exercises())} are right" in output
    assert student("list") == (code, output, errors)

    code, output, _ = student("start step-decay")
    assert code == 0
    assert str(student.file("step_decay").relative_to(student.folder)) in output
    assert "started" in student("list")[1]

    code, output, _ = student("check step_decay")
    assert code == 1
    assert "not written yet" in output
    assert student("solution step_decay")[0] == 2

    solution = find_exercise("step_decay").solution
    student.file("step_decay").write_text(solution.replace("//", "/"))
    code, output, _ = student("check")
    assert code == 1
    assert "Hint: Right at the drops: between them the rate should stay." in output

    student.file("step_decay").write_text(solution)
    code, output, _ = student(f"check {student.file('step_decay')}")
    assert code == 0
    assert output.startswith("step_decay: right.")
    assert "1 of" in student("list")[1]
    assert student("solution step_decay") == (0, f"{solution}\n", "")


def test_the_solution_is_shown_after_three_checks(student):
    student("start ridge")
    student.file("ridge").write_text("ridge = abs")
    for count in range(3):
        code, _, errors = student("solution ridge")
        assert code == 2
        assert f"after {count} so far" in errors
        assert student("check ridge")[0] == 1
    assert "def ridge" in student("solution ridge")[1]


def test_work_that_is_there_is_not_overwritten(student):
    student("start ridge")
    student.file("ridge").write_text("# mine")
    code, output, errors = student("start ridge")
    assert (code, output) == (2, "")
    assert "never overwritten" in errors
    assert student.file("ridge").read_text() == "# mine"


def test_another_folder(student):
    student("start ridge --folder mine")
    assert (student.folder / "mine" / find_exercise("ridge").file).exists()
    assert student("check --folder mine")[0] == 1
    assert student(f"check mine/{find_exercise('ridge').file}")[0] == 1
    assert not (student.folder / "exercises").exists()


def test_a_class_report(student):
    for name, text in (("ann", find_exercise("ridge").solution), ("bob", "def ridge(*_): return 0")):
        student(f"start ridge --folder class/{name}")
        (student.folder / "class" / name / find_exercise("ridge").file).write_text(text)
    code, output, errors = student("check --class-report class --output table.csv")
    assert (code, errors) == (0, "")
    assert "ann" in output
    rows = list(csv.DictReader((student.folder / "table.csv").read_text().splitlines()))
    assert [(row["student"], row["result"]) for row in rows] == [("ann", "right"), ("bob", "wrong")]
    assert not (student.folder / "class" / "ann" / "progress.json").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("start", "Missing argument"),
        ("start nought", "must be an exercise"),
        ("start he_weigths", "did you mean he_weights"),
        ("check", "nothing is started in exercises"),
        ("check ridge", "is missing: keras-course exercise start ridge"),
        ("check missing.py", "must be an exercise or a file"),
        ("check ridge --class-report x", "not both"),
        ("check --class-report missing", "`--class-report` must be a folder"),
        ("check --class-report .", "`--class-report` must hold one sub-folder per student"),
        ("solution ridge", "after a right answer or three checks"),
        ("frobnicate", "No such command"),
    ],
)
def test_what_is_wrong_is_one_line_in_red(student, line, words):
    code, output, errors = student(line)
    assert (code, output) == (2, "")
    assert errors.startswith("error:")
    assert words in errors
    assert len(errors.splitlines()) == 1


def test_control_characters_of_a_submission_do_not_reach_the_terminal(student):
    student("start ridge")
    student.file("ridge").write_text("print('\\x1b[31mred')\ndef ridge(*_):\n    return '\\x1b]0;title\\x07'\n")
    _, output, _ = student("check ridge")
    assert "\x1b" not in output
    assert "\\x1b[31mred" in output
