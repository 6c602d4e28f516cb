"""`keras-course exercise check --class-report` as a teacher types it."""

import csv

from keras_course.course.exercises import find_exercise


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


def plain(name):
    return name.removeprefix("'")


def hand_in(student, name, text):
    file = student.folder / "class" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_every_result_is_explained(student):
    solution = find_exercise("step_decay").solution
    hand_in(student, "ann/step_decay.py", solution.replace("//", "/"))
    hand_in(student, "bob/my_work.py", solution)
    hand_in(student, f"cas/{find_exercise('step_decay').file}", "def step_decay(:")
    hand_in(student, "cas/old/step_decay.py", solution)
    hand_in(student, "dan/5_step_decay.py", "import os\nos._exit(3)")
    hand_in(student, "eve/week 3/5_step_decay.py", solution)
    code, output, errors = student("check --class-report class --output table.csv")
    assert (code, errors) == (0, "")
    rows = list(csv.DictReader((student.folder / "table.csv").read_text().splitlines()))
    assert [(row["student"], row["result"]) for row in rows] == [
        *(("ann", "mistake"), ("bob", "missing"), ("cas", "error"), ("dan", "ended"), ("eve", "right")),
    ]
    for row, words in zip(
        rows,
        [
            "between them the rate should stay",
            "files of no exercise's name: my_work.py",
            f"2 files, checked: {find_exercise('step_decay').file}",
            "your code ended its process (exit code 3)",
            "",
        ],
        strict=True,
    ):
        assert words in row["note"]
        assert words in output
    assert "SyntaxError: " in rows[2]["note"]
    totals = [line.split() for line in output.splitlines()]
    assert ["ann", "0", "1"] in totals
    assert ["eve", "1", "1"] in totals


def test_a_report_that_is_there_is_not_overwritten(student):
    hand_in(student, "ann/step_decay.py", find_exercise("step_decay").solution)
    (student.folder / "class-report.csv").write_text("last week")
    code, output, errors = student("check --class-report class")
    assert (code, output) == (2, "")
    assert "class-report.csv" in errors
    assert (student.folder / "class-report.csv").read_text() == "last week"
