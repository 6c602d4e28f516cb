"""`keras-course exercise` as a student and a teacher type it."""

import os
import subprocess
import sys

import pytest

from keras_course.course.exercises import find_exercise, load_exercises, read_progress


def test_from_the_list_to_a_right_answer(student):
    code, output, errors = student("")
    assert (code, errors) == (0, "")
    assert all(exercise.name in output for exercise in load_exercises())
    assert f"You have solved 0 of {len(load_exercises())}." in output
    assert "deck" not in output
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
    assert "solved 1 of" in student("list")[1]
    assert student("solution step_decay") == (0, f"{solution}\n", "")


def test_the_solution_is_shown_after_three_checks(student):
    student("start ridge")
    for count in ("0 checks", "1 check", "2 checks"):
        code, _, errors = student("solution ridge")
        assert code == 2
        assert f"of work that has changed, {count} so far (progress: exercises/progress.json)" in errors
        student.file("ridge").write_text(f"ridge = abs  # {count}")
        assert student("check ridge")[0] == 1
    assert "def ridge" in student("solution ridge")[1]


def checks(student):
    progress = read_progress(student.folder / "exercises").get("ridge")
    return progress.checks if progress else 0


def test_what_does_not_run_or_is_as_it_was_does_not_count_as_a_check(student):
    student("start ridge")
    for source, count, words in (
        ("def ridge(:", 0, "it is not Python yet"),
        ("ridge = abs", 1, "TypeError"),
        ("ridge  = abs\n\n", 1, "it is as it was at the last check"),
        ("ridge = len", 2, "TypeError"),
    ):
        student.file("ridge").write_text(source)
        assert words in student("check ridge")[1]
        assert checks(student) == count


def test_the_file_of_another_student_does_not_count_in_your_progress_nor_in_theirs(student):
    student("start ridge --folder other")
    other = student.folder / "other" / find_exercise("ridge").file
    other.write_text(find_exercise("ridge").solution)
    code, output, _ = student(f"check {other}")
    assert code == 0
    assert "does not count in your progress" in output
    assert "A solution" not in output
    assert checks(student) == 0
    assert not (student.folder / "other" / "progress.json").exists()
    assert student(f"check {other} --folder other")[1].startswith("ridge: right")
    assert read_progress(student.folder / "other")["ridge"].right


def test_a_solved_exercise_that_is_a_stub_again_was_right_once(student):
    student("start step-decay")
    stub = student.file("step_decay").read_text()
    student.file("step_decay").write_text(find_exercise("step_decay").solution)
    _, output, _ = student("check")
    assert output.endswith("\n1 of 1 right\n")
    assert "right once" not in student("list")[1]
    student.file("step_decay").write_text(stub)
    assert "right once" in student("list")[1]


def test_the_list_fits_on_two_screens_of_80_columns(student, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert len(student("list")[1].splitlines()) <= 1.5 * len(load_exercises())
    assert "..." not in student("--help")[1].partition("Commands:")[2]


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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("start", "Missing argument"),
        ("start nought", "must be an exercise"),
        ("start he_weigths", "did you mean he_weights"),
        ("check", "nothing is started in exercises"),
        ("check ridge", "is missing: `keras-course exercise start ridge` puts it there; if your folder is another one"),
        ("check missing.py", "must be an exercise or a file"),
        ("check exercises", "`NAME or FILE` must be an exercise"),
        ("check mine.ipynb", "in a notebook call `check(function, NAME)`"),
        ("check mine.txt", "must be an exercise"),
        ("check ridge --class-report x", "not both"),
        ("check --class-report . --output .", "`--output` must be a file"),
        ("check --class-report missing", "`--class-report` must be a folder"),
        ("check --class-report .", "`--class-report` must hold one sub-folder per student"),
        ("solution exercises/2_ridge.py", "its name is accepted, such as ridge, and no path"),
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
    assert "    red\n" in output


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


def test_two_students_check_at_the_same_time(student):
    """Each in a folder of their own, and both in one: nothing is lost."""
    for folder in ("ann", "bob"):
        student(f"start step_decay --folder {folder}")
        student(f"start he_weights --folder {folder}")
        (student.folder / folder / find_exercise("he_weights").file).write_text("he_weights = isinstance")
        (student.folder / folder / find_exercise("step_decay").file).write_text("step_decay = abs")
    code = "import sys; from keras_course.cli.app import main; main(sys.argv[1:])"
    lines = [["step_decay", "--folder", "ann"], ["he_weights", "--folder", "ann"], ["step_decay", "--folder", "bob"]]
    commands = [[sys.executable, "-c", code, "exercise", "check", *line] for line in lines]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    assert all("TypeError" in process.communicate()[0] for process in processes)
    found = {folder: read_progress(student.folder / folder) for folder in ("ann", "bob")}
    assert {folder: {name: row.checks for name, row in rows.items()} for folder, rows in found.items()} == {
        "ann": {"step_decay": 1, "he_weights": 1},
        "bob": {"step_decay": 1},
    }
    for folder in ("ann", "bob"):
        text = (student.folder / folder / find_exercise("step_decay").file).read_text()
        assert text == "step_decay = abs"
