"""`keras-course exercise`: what there is to do, and what is right, wrong and why."""

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
    from keras_course.course import CHAPTERS
    from keras_course.course.exercises import load_exercises, read_progress

    console, progress, exercises = screen(), read_progress(folder), load_exercises()
    table = new_table(">chapter", "exercise", "task", "done", frame=False)
    before = 0
    for exercise in exercises:
        number = str(exercise.chapter) if exercise.chapter != before else ""
        before = exercise.chapter
        table.add_row(number, exercise.name, exercise.title, _done(exercise, folder, progress))
    console.print(table)
    right = sum(progress[exercise.name].right for exercise in exercises if exercise.name in progress)
    console.print(
        f"\n{right} of {len(exercises)} are right, of chapters {exercises[0].chapter} to {exercises[-1].chapter} of "
        f"{len(CHAPTERS)}. To begin one: keras-course exercise start NAME"
    )


def _done(exercise: "Exercise", folder: Path, progress: "Mapping[str, Progress]") -> str:
    """Returns what a student has done of an exercise, in a word or two."""
    from keras_course.course.exercises import Progress

    row = progress.get(exercise.name, Progress())
    if row.right:
        return "right"
    checks = f"{row.checks} check{'s' if row.checks > 1 else ''}" if row.checks else ""
    return checks or ("started" if (folder / exercise.file).exists() else "")


def start_exercise(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the exercise.")], folder: Folder = HERE
) -> None:
    """Copy the stub of an exercise into your folder. Work that is there is never overwritten."""
    from keras_course.course.exercises import find_exercise, start

    path = start(find_exercise(name), folder)
    console = screen()
    console.print(f"{path}: fill in the function, then", soft_wrap=True)
    console.print(styled(f"keras-course exercise check {shlex.quote(str(path))}"), soft_wrap=True)


def check_exercise(
    what: Annotated[
        str | None, typer.Argument(metavar="NAME or FILE", help="One exercise; default all that you have started.")
    ] = None,
    folder: Folder = HERE,
    class_report: Annotated[
        Path | None, typer.Option(help="Check a class instead: a folder with one sub-folder per student.")
    ] = None,
    output: Annotated[Path, typer.Option(help="CSV file of --class-report.")] = Path("class-report.csv"),
) -> None:
    """Check your work: right, or a hint, or the smallest inputs with which it goes wrong.

    Your code runs in a process of its own, with limits of time and memory and without a network.
    """
    if class_report is not None:
        if what is not None:
            raise ValueError("give an exercise or `--class-report`, not both")
        return report_class(class_report, output)
    right = True
    for number, (path, exercise) in enumerate(_asked(what, folder)):
        if number:
            screen().print()
        right &= check_one(path, exercise, folder).is_right
    if not right:
        raise typer.Exit(1)


def check_one(path: Path, exercise: "Exercise", folder: Path) -> "Verdict":
    """Checks a file, prints and records what came out."""
    from keras_course.course.exercises import check_file, record

    console = screen()
    at_home = path.parts[-2:] == PurePosixPath(exercise.file).parts  # in a folder that `start` filled
    home = path.parents[1] if at_home else folder
    verdict = check_file(path, exercise, own=home if at_home else None)
    progress = record(verdict, home)
    first, _, rest = str(verdict).partition("\n")
    console.print(
        styled(first, f"\n{rest}" if rest else "", "bold green" if verdict.is_right else "bold"), soft_wrap=True
    )
    if verdict.is_right or progress.sees_solution:
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
        raise FileNotFoundError(f"{path} is missing: keras-course exercise start {exercise.name}")
    return [(path, exercise)]


def show_solution(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the exercise.")], folder: Folder = HERE
) -> None:
    """Show a solution, once your answer is right or was checked three times."""
    from keras_course.course.exercises import Progress, find_exercise, read_progress

    exercise = find_exercise(name)
    progress = read_progress(folder).get(exercise.name, Progress())
    if not progress.sees_solution:
        raise ValueError(
            f"the solution of {exercise.name} is shown after a right answer or three checks, "
            f"by {folder} after {progress.checks} so far"
        )
    screen().print(exercise.solution, soft_wrap=True)


def report_class(folder: Path, output: Path) -> None:
    """Checks the submissions of a class, prints a table of students and exercises and writes a CSV file."""
    from keras_course.course.exercises import check_file, class_results, results_csv
    from keras_course.course.exercises.checking.verdict import ACCIDENTS
    from keras_course.files import write_file

    if not folder.is_dir():
        raise FileNotFoundError(f"`class_report` must be a folder. Received: class_report={folder}")
    if output.is_dir():
        raise ValueError(f"`output` must be a file, not a folder. Received: output={output}")
    verdicts: list[Verdict] = []

    def check(path: Path, exercise: "Exercise") -> "Verdict":
        verdicts.append(check_file(path, exercise, own=folder))
        return verdicts[-1]

    results = list(class_results(folder, check))
    if not all(verdict.isolated for verdict in verdicts):
        screen().print(ACCIDENTS)
    table = new_table("student", "exercise", "result", "mistake", ">right inputs", frame=False)
    for row in results:
        table.add_row(printable(row.student), row.exercise, row.result, row.mistake, f"{row.right:.0%}")
    screen().print(table)
    write_file(output, results_csv(results).encode())
    screen().print(f"\n{output}: the same as CSV", soft_wrap=True)
