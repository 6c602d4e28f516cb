"""The exercises: a stub for the student each, and beside it what the checker needs."""

import ast
import copy
import difflib
import functools
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from keras_course.course.exercises.checking.messages import Outcome

FOLDER = Path(__file__).parents[1]
CHECK = "_check"  # ends the name of the file beside a stub
WRONG = "wrong_"  # begins the name of a typical mistake
FORM = "__"  # stands before the name of another form of it
EXAMPLES = 60  # drawn inputs that are tried
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Exercise:
    """An exercise of the course.

    `<n>_<name>.py` is the stub, whose function or class has the name of the exercise. `<n>_<name>_check.py` has

    - `inputs(draw)`, which draws the arguments in their order, and `CASES`, further ones that are always tried;
    - `expected(*inputs)`, by the package's own function;
    - `<name>`, a solution to show;
    - `wrong_<mistake>`, a typical mistake each, with its hint as docstring, and `wrong_<mistake>__<form>`, what else
      students write who make it;
    - and, where the default is not meant: `use(answer, *inputs)`, which tries an answer that is no function of the
      inputs and imports what it needs itself; `EXAMPLES`, `TOLERANCE`, `LIBRARIES`; `IMPORTS`, the functions of this
      package that a submission may import; `RESULTS`, what the values are called if there are several.

    Args:
        name: What the student writes.
        stub: Path of the stub in the package.

    Example:
        >>> from keras_course.course.exercises import find_exercise
        >>> exercise = find_exercise("least_squares")
        >>> exercise.chapter, exercise.title
        (1, 'Least squares: the most likely weights of a linear model (deck, eq. 2).')
    """

    name: str
    stub: Path

    @property
    def chapter(self) -> int:
        """The chapter of the deck."""
        return int(self.stub.parent.name.partition("_")[0])

    @property
    def file(self) -> str:
        """The stub's path below a student's folder."""
        return f"{self.stub.parent.name}/{self.stub.name}"

    @property
    def title(self) -> str:
        """The first line of the stub."""
        return (ast.get_docstring(ast.parse(self.text)) or "").partition("\n")[0]

    @property
    def text(self) -> str:
        """The stub."""
        return self.stub.read_text(encoding="utf-8")

    @property
    def parameters(self) -> list[str]:
        """The names of the inputs."""
        return list(inspect.signature(self._check.expected).parameters)

    @property
    def _check(self) -> ModuleType:
        return _load_check(self.stub)

    def expected(self, inputs: Sequence[Any]) -> Any:
        """Returns what is right."""
        return self._check.expected(*copy.deepcopy(inputs))

    @property
    def draw(self) -> Callable[[Any], Sequence[Any]]:
        """The function that draws inputs."""
        return self._check.inputs

    @property
    def cases(self) -> list[tuple[Any, ...]]:
        """The inputs that are always tried, copies."""
        return copy.deepcopy(list(self._check.CASES))

    @property
    def examples(self) -> int:
        """How many inputs are drawn."""
        return getattr(self._check, "EXAMPLES", EXAMPLES)

    @property
    def tolerance(self) -> float:
        """The difference that is taken for rounding, relative to the largest number of an array."""
        return getattr(self._check, "TOLERANCE", TOLERANCE)

    @property
    def libraries(self) -> tuple[str, ...]:
        """What is imported before a submission runs."""
        return getattr(self._check, "LIBRARIES", ("numpy",))

    @property
    def imports(self) -> tuple[str, ...]:
        """The functions of this package that a submission may import."""
        return getattr(self._check, "IMPORTS", ())

    @property
    def results(self) -> tuple[str, ...]:
        """What the values of a result are called, if there are several."""
        return getattr(self._check, "RESULTS", ())

    @property
    def use(self) -> str:
        """The source of the function that tries an answer; empty if inputs go to it directly."""
        return inspect.getsource(self._check.use) if hasattr(self._check, "use") else ""

    @property
    def solution(self) -> str:
        """A solution, as a file that a student could hand in."""
        imports = [ast.unparse(node) for node in ast.parse(self.text).body if isinstance(node, ast.Import)]
        source = inspect.getsource(getattr(self._check, self.name))
        return "\n".join([*imports, "", "", source] if imports else [source])

    @property
    def mistakes(self) -> dict[str, Callable[..., Any]]:
        """The typical mistakes by their names; the docstring of each is its hint."""
        found: dict[str, Callable[..., Any]] = {}
        for name, function in self.forms:
            found.setdefault(name, function)
        return found

    @property
    def forms(self) -> list[tuple[str, Callable[..., Any]]]:
        """All forms of the typical mistakes, each with the mistake's name."""
        found = [(name, value) for name, value in vars(self._check).items() if name.startswith(WRONG)]
        return [(name.removeprefix(WRONG).partition(FORM)[0], value) for name, value in found]

    def attempt(self, answer: Callable[..., Any], inputs: Sequence[Any]) -> "Outcome":
        """Tries a function of this process, which must be trusted, as the sandbox tries a student's."""
        from keras_course.course.exercises.checking.child import outcome_of

        if "keras" in self.libraries and "keras" not in sys.modules:
            quiet_tensorflow()
        inputs = copy.deepcopy(inputs)
        if hasattr(self._check, "use"):
            return outcome_of(lambda *args: self._check.use(answer, *args), *inputs)
        return outcome_of(answer, *inputs)


@functools.cache
def _load_check(stub: Path) -> ModuleType:
    path = stub.with_name(f"{stub.stem}{CHECK}.py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path} is missing: the installation is damaged")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ValueError(
            "checking an exercise needs the package 'hypothesis': pip install \"keras_course[exercises]\""
        ) from error
    return module


@functools.cache
def load_exercises() -> tuple[Exercise, ...]:
    """Returns all exercises in the order of the chapters.

    Example:
        >>> from keras_course.course.exercises import load_exercises
        >>> load_exercises()[0].file
        '01_linear_regression/1_least_squares.py'
    """
    found = []
    for path in FOLDER.glob("[0-9]*/[0-9]*.py"):
        number, _, name = path.stem.partition("_")
        if not name.endswith(CHECK):
            found.append((path.parent.name, int(number), Exercise(name, path)))
    return tuple(exercise for *_, exercise in sorted(found, key=lambda row: row[:2]))


def find_exercise(name: str, argument: str = "name") -> Exercise:
    """Returns the exercise of a name, with or without its number; `-` and blanks are as good as `_`.

    Args:
        name: Of the exercise.
        argument: Its name in messages.

    Raises:
        ValueError: If there is none; the message names similar ones.

    Example:
        >>> from keras_course.course.exercises import find_exercise
        >>> find_exercise("Least-Squares").name
        'least_squares'
    """
    if not isinstance(name, str):
        raise ValueError(f"`{argument}` must be the name of an exercise: 'ridge'. Received: {argument}={name!r}")
    known = {exercise.name: exercise for exercise in load_exercises()}
    plain = re.sub(r"[-\s]+", "_", name.strip().lower())
    plain = re.sub(r"^\d+_", "", plain)
    if plain in known:
        return known[plain]
    close = difflib.get_close_matches(plain, known, n=3)
    advice = f"did you mean {' or '.join(close)}?" if close else "`keras-course exercise` lists them all."
    if plain.endswith(".py"):
        advice = "its name is accepted, such as ridge, and no path of a file."
    raise ValueError(f"`{argument}` must be an exercise; {advice} Received: {argument}={name!r}")
