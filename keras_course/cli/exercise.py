"""`keras-course exercise`: what there is to do, and what is right, wrong and why."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from keras_course.cli.screen import new_table, printable, screen, styled

if TYPE_CHECKING:
    from keras_course.course.exercises import Exercise, Progress, Verdict

HERE = Path("exercises")
Folder = Annotated[Path, typer.Option(help="Your folder of exercises.")]


def list_exercises(folder: Folder = HERE) -> None:
    """List the exercises, with what you have done."""
    from keras_course.course.exercises import load_exercises, read_progress

    console, progress, exercises = screen(), read_progress(folder), load_exercises()
    table = new_table(">chapter", "exercise", "task", "done", frame=False)
    before = 0
    for exercise in exercises:
        number = str(exercise.chapter) if exercise.chapter != before else ""
        before = exercise.chapter
        table.add_row(number, exercise.name, _task(exercise), _done(exercise, folder, progress))
    console.print(table)
    right = sum(progress[exercise.name].right for exercise in exercises if exercise.name in progress)
    console.print(f"\nYou have solved {right} of {len(exercises)}. To begin one: keras-course exercise start NAME")


def _task(exercise: "Exercise") -> str:
    """Returns what an exercise is about, without where it comes from."""
    return re.split(r": | \((?:deck|chapter)\b", exercise.title.rstrip("."))[0]


def _done(exercise: "Exercise", folder: Path, progress: "Mapping[str, Progress]") -> str:
    """Returns what a student has done of an exercise, in a word or two."""
    from keras_course.course.exercises import Progress

    row = progress.get(exercise.name, Progress())
    file = folder / exercise.file
    if row.right:
        is_stub = file.is_file() and file.read_bytes() == exercise.stub.read_bytes()
        return "right once" if is_stub else "right"
    checks = f"{row.checks} check{'s' if row.checks > 1 else ''}" if row.checks else ""
    return checks or ("started" if file.exists() else "")


def start_exercise(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the exercise.")], folder: Folder = HERE
) -> None:
    """Copy the stub of an exercise into your folder. Work that is there is never overwritten."""
    from keras_course.course.exercises import find_exercise, start

    path = start(find_exercise(name), folder)
    console = screen()
    console.print(f"{path}: fill in the function, then", soft_wrap=True)
    where = "" if folder == HERE else f" --folder {shlex.quote(str(folder))}"
    console.print(styled(f"keras-course exercise check {find_exercise(name).name}{where}"), soft_wrap=True)


def check_exercise(
    what: Annotated[
        str | None, typer.Argument(metavar="NAME or FILE", help="One exercise; default all that you have started.")
    ] = None,
    folder: Folder = HERE,
    class_report: Annotated[
        Path | None, typer.Option(help="Check a class: a folder with a sub-folder per student, files at any depth.")
    ] = None,
    output: Annotated[Path, typer.Option(help="New CSV file of --class-report.")] = Path("class-report.csv"),
) -> None:
    """Check your work and say what is wrong and why.

    The answer is: right, or a hint, or the smallest inputs with which it goes wrong. A file that is not in your folder
    is checked all the same, but does not count in your progress.

    Your code runs in a process of its own, with limits of time and memory and without a network.
    """
    if class_report is not None:
        if what is not None:
            raise ValueError("give an exercise or `--class-report`, not both")
        return report_class(class_report, output)
    right, asked = 0, _asked(what, folder)
    for number, (path, exercise) in enumerate(asked):
        if number:
            screen().print()
        right += check_one(path, exercise, folder).is_right
    if what is None:
        screen().print(f"\n{right} of {len(asked)} right")
    if right < len(asked):
        raise typer.Exit(1)


def check_one(path: Path, exercise: "Exercise", folder: Path) -> "Verdict":
    """Checks a file, prints what came out and records it if the file is in the student's folder."""
    from keras_course.course.exercises import Kind, Progress, check_file, read_progress, record

    console = screen()
    is_own = path.resolve().is_relative_to(folder.resolve())
    at_home = path.parts[-2:] == PurePosixPath(exercise.file).parts  # in a folder that `start` filled
    verdict = check_file(path, exercise, own=folder if is_own else path.parents[1] if at_home else None)
    before = read_progress(folder).get(exercise.name, Progress())
    progress = record(verdict, folder) if is_own else before
    first, _, rest = str(verdict).partition("\n")
    console.print(
        styled(first, f"\n{rest}" if rest else "", "bold green" if verdict.is_right else "bold"), soft_wrap=True
    )
    if not is_own:
        console.print(f"This does not count in your progress: the file is not in {folder} (--folder).", soft_wrap=True)
    elif progress.checks == before.checks and not verdict.is_right and verdict.kind is not Kind.UNFINISHED:
        why = "it is as it was at the last check" if verdict.is_work else "it is not Python yet"
        console.print(f"This does not count as a check: {why}.", soft_wrap=True)
    if progress.sees_solution:
        console.print(f"A solution: keras-course exercise solution {exercise.name}", soft_wrap=True)
    return verdict


def _asked(what: str | None, folder: Path) -> "list[tuple[Path, Exercise]]":
    """Returns the files that are to be checked, with their exercises."""
    from keras_course.course.exercises import exercise_of, find_exercise, load_exercises

    if what is None:
        found = [(folder / exercise.file, exercise) for exercise in load_exercises()]
        started = [(path, exercise) for path, exercise in found if path.exists()]
        if not started:
            raise ValueError(f"nothing is started in {folder}: keras-course exercise start NAME")
        return started
    path = Path(what)
    if path.suffix == ".ipynb":
        raise ValueError("`what` must be an exercise or a Python file; in a notebook call `check(function, NAME)`")
    if path.suffix.lower() == ".py" or path.is_file():
        if not path.is_file():
            raise FileNotFoundError(f"`what` must be an exercise or a file. Received: what={what}")
        return [(path, exercise_of(path))]
    exercise = find_exercise(what, "what")
    path = folder / exercise.file
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.resolve()} is missing: `keras-course exercise start {exercise.name}` puts it there; "
            "if your folder is another one, name it by --folder"
        )
    return [(path, exercise)]


def show_solution(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the exercise.")], folder: Folder = HERE
) -> None:
    """Show a solution, after a right answer or three checks."""
    from keras_course.course.exercises import Progress, find_exercise, read_progress
    from keras_course.course.exercises.checking.progress import PROGRESS

    exercise = find_exercise(name)
    progress = read_progress(folder).get(exercise.name, Progress())
    if not progress.sees_solution:
        count = f"{progress.checks} check{'' if progress.checks == 1 else 's'}"
        raise ValueError(
            f"the solution of {exercise.name} is shown after a right answer or three checks of work that has changed, "
            f"{count} so far (progress: {folder / PROGRESS})"
        )
    screen().print(exercise.solution, soft_wrap=True)


def report_class(folder: Path, output: Path) -> None:
    """Checks the submissions of a class, prints a table of students and exercises and writes a CSV file."""
    from keras_course.course.exercises import Kind, check_file, class_results, results_csv
    from keras_course.course.exercises.checking.verdict import ACCIDENTS
    from keras_course.files import check_free, write_file

    if not folder.is_dir():
        raise FileNotFoundError(f"`class_report` must be a folder. Received: class_report={folder}")
    if output.is_dir():
        raise ValueError(f"`output` must be a file, not a folder. Received: output={output}")
    check_free(output)
    verdicts: list[Verdict] = []

    def check(path: Path, exercise: "Exercise") -> "Verdict":
        verdicts.append(check_file(path, exercise, own=folder))
        return verdicts[-1]

    results = list(class_results(folder, check))
    if not all(verdict.isolated for verdict in verdicts):
        screen().print(ACCIDENTS)
    table = new_table("student", "exercise", "result", ">inputs", "note", frame=False)
    for row in results:
        table.add_row(printable(row.student), row.exercise, row.result, f"{row.right:.0%}", printable(row.note))
    screen().print(table)
    totals = new_table("student", ">right", ">of", frame=False)
    for student in dict.fromkeys(row.student for row in results):
        own = [row.result == Kind.RIGHT for row in results if row.student == student]
        totals.add_row(printable(student), str(sum(own)), str(len(own)))
    screen().print("")
    screen().print(totals)
    write_file(output, results_csv(results).encode(), replace=False)
    screen().print(f"\n{output}: the first table as CSV", soft_wrap=True)
