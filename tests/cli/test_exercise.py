"""`keras-course exercise` as a student and a teacher type it."""

import csv
import os
import subprocess
import sys

import pytest

from keras_course.course.exercises import find_exercise, load_exercises, read_progress


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
        ("check exercises", "`NAME or FILE` must be an exercise"),
        ("check mine.ipynb", "in a notebook call `check(function, NAME)`"),
        ("check mine.txt", "must be an exercise"),
        ("check ridge --class-report x", "not both"),
        ("check --class-report . --output .", "`--output` must be a file"),
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


def test_a_name_may_be_typed_as_the_file_is_called(student):
    assert student("start 2_ridge")[0] == 0
    assert student("check 2-Ridge")[0] == 1
    for name in ("Ridge.py", "ridge.PY", "ridge copy/2_ridge.py", "[bold]/ridge.py"):
        file = student.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(find_exercise("ridge").solution)
        code, output, _ = student(f"check '{name}'")
        assert (code, output.partition(".")[0]) == (0, "ridge: right")


def test_a_folder_of_an_exercises_name_is_not_in_the_way(student):
    student("start ridge")
    (student.folder / "ridge").mkdir()
    assert student("check ridge")[0] == 1


def test_the_command_that_is_shown_can_be_pasted(student):
    _, output, _ = student("start ridge --folder 'my exercises'")
    assert student(output.splitlines()[1].removeprefix("keras-course exercise "))[0] == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: file.write_bytes(b"x = '\xe9'"), "he_weights.py is no text in UTF-8"),
        (lambda file: file.write_bytes(b"#" * (16 * 1024**2 + 1)), "he_weights.py has more than"),
        (lambda file: file.mkdir(), "must be an exercise or a file"),
        (os.mkfifo, "must be an exercise or a file"),
        (lambda file: file.symlink_to("nowhere"), "must be an exercise or a file"),
    ],
    ids=["encoding", "size", "folder", "pipe", "dangling link"],
)
def test_a_file_that_cannot_be_read_is_named(student, make, words):
    make(student.folder / "he_weights.py")
    code, output, errors = student("check he_weights.py")
    assert (code, output) == (2, "")
    assert words in errors
    assert not (student.folder / "exercises").exists()


def test_a_link_to_your_own_file_is_checked(student):
    student("start ridge")
    (student.folder / "ridge.py").symlink_to(student.file("ridge"))
    assert "not written yet" in student("check ridge.py")[1]


def test_a_class_of_thirty(student):
    solution = find_exercise("step_decay").solution
    names = [f"student {number:02d}" for number in range(27)] + ["=HYPERLINK(1)", "-1+1", "new\nline"]
    for number, name in enumerate(names):
        file = student.folder / "class" / name / find_exercise("step_decay").file
        file.parent.mkdir(parents=True)
        file.write_text(solution if number % 3 else solution.replace("//", "/"))
    code, output, errors = student("check --class-report class")
    assert (code, errors) == (0, "")
    with open("class-report.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["student"] for row in rows] == sorted(names[:27] + ["'=HYPERLINK(1)", "'-1+1", "new\nline"], key=plain)
    assert sum(row["result"] == "right" for row in rows) == 20
    assert sum(row["result"] == "mistake" for row in rows) == 10
    assert "new\\nline" in output
    assert len([line for line in output.splitlines() if " step_decay " in line]) == 30


def plain(name):
    return name.removeprefix("'")


def test_a_link_to_the_work_of_another_student_is_not_checked(student):
    student("start ridge --folder class/ann")
    ann = student.folder / "class" / "ann" / find_exercise("ridge").file
    ann.write_text(find_exercise("ridge").solution)
    bob = student.folder / "class" / "bob" / "2_ridge.py"
    bob.parent.mkdir()
    bob.symlink_to(ann)
    student("check --class-report class --output table.csv")
    rows = list(csv.DictReader((student.folder / "table.csv").read_text().splitlines()))
    assert [(row["student"], row["result"]) for row in rows] == [("ann", "right"), ("bob", "error")]


def test_two_students_check_at_the_same_time(student):
    """Each in a folder of their own, and both in one: nothing is lost."""
    for folder in ("ann", "bob"):
        student(f"start step_decay --folder {folder}")
        (student.folder / folder / find_exercise("step_decay").file).write_text("step_decay = abs")
    code = "import sys; from keras_course.cli.app import main; main(sys.argv[1:])"
    lines = [["--folder", "ann"], ["--folder", "ann"], ["--folder", "bob"]]
    commands = [[sys.executable, "-c", code, "exercise", "check", "step_decay", *line] for line in lines]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    assert all("TypeError" in process.communicate()[0] for process in processes)
    checks = {folder: read_progress(student.folder / folder)["step_decay"].checks for folder in ("ann", "bob")}
    assert checks == {"ann": 2, "bob": 1}
    for folder in ("ann", "bob"):
        text = (student.folder / folder / find_exercise("step_decay").file).read_text()
        assert text == "step_decay = abs"
