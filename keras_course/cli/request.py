"""What the commands that train have in common: `Request`."""

import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from keras_course.cli.export_example import show_export
from keras_course.cli.options import checked_export, parse_image_size
from keras_course.cli.results import announcer, data_text
from keras_course.cli.screen import screen
from keras_course.cli.workers import lost_worker, start_workers
from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from keras_course.data import ImageSource

RUNS = Path("runs")
COMMANDS = {
    **dict.fromkeys(("classifier", "detector", "segmenter", "captioner", "language-model", "ganimation"), "train"),
    "pipeline": "classical",
    "gan": "gan",
    "comparison": "compare",
}
SOURCE = ("channels", "data_dir", "mirror")
ON_SEVERAL = ("classifier",)  # kinds that several devices or workers can train


class Request:
    """What a command that trains was asked for.

    Args:
        kind: In `COMMANDS`, of the runs that the command makes; a command of several kinds has any of them.
        asked: All that the command takes, by name; None is not given.

    Attributes:
        kind: Of the run, once the model is known.
        kinds: Those of the command.
        given: The options of the recipe that are given.

    Raises:
        ValueError: If an option is out of range, or the run folder holds a run that is not to be resumed.
    """

    def __init__(self, kind: str, asked: Mapping[str, Any]):
        from keras_course.runs.cluster import worker_of_environment
        from keras_course.runs.kinds import files_of_run

        self.worker = worker_of_environment()
        asked = {name: value.value if isinstance(value, Enum) else value for name, value in asked.items()}
        self.kind, self.kinds = kind, [one for one, command in COMMANDS.items() if command == COMMANDS[kind]]
        self.given = {name: value for name, value in asked.items() if value is not None}
        self.model, self.data, self.run_dir = (self.given.pop(name, None) for name in ("model", "data", "run_dir"))
        self.resume, workers = self.given.pop("resume", False), self.given.pop("workers", None)
        self.claim = contextlib.ExitStack()
        self.export = checked_export(self.given.pop("export", None))
        self.source = {name: self.given.pop(name) for name in SOURCE if name in self.given}
        if "image_size" in self.given:
            self.given["image_size"] = parse_image_size(self.given["image_size"])
        if self.run_dir is not None:
            if self.worker.is_chief:
                files_of_run(self.run_dir, resume=self.resume, kind=kind)
            if self.resume and not self.run_dir.exists() and self.model is None:
                raise FileNotFoundError(
                    f"`run_dir` must hold the run to go on with. Received: run_dir={self.run_dir}, which does not exist"
                )
        self.workers = self._recorded_workers() if workers is None else workers

    def run(self, table: "Callable[[Any], Table]") -> Any:
        """Trains, with a bar on a terminal, else with one line per epoch; shows results and export; returns the run.

        Args:
            table: Tabulates the results of a run.
        """
        if self.workers > 1 and self.worker.count == 1:
            start_workers(self.workers)
        with self.owner():
            quiet_tensorflow()
            console = screen()
            console.quiet = not self.worker.is_chief
            with lost_worker():
                run = self._train(console)
            if not self.worker.is_chief:
                return run
            console.print(table(run))
            console.print(f"report:  {run.run_dir / 'report.html'}", soft_wrap=True)
            if self.export is not None:
                show_export(console, run, self.export)
            return run

    def _recorded_workers(self) -> int:
        """Returns how many the run had that goes on; 1 where there is none, or the environment says how many."""
        from keras_course.reading import read_json  # Keras is for the workers to import
        from keras_course.runs.kinds import COMMON_FILES

        if not self.resume or self.run_dir is None or self.worker.count > 1:
            return 1
        with contextlib.suppress(ValueError):  # which is said later
            workers = read_json(self.run_dir / COMMON_FILES[0]).get("workers")
            return workers if isinstance(workers, int) and workers > 0 else 1
        return 1

    @contextlib.contextmanager
    def owner(self) -> Iterator[None]:
        """Owns the run folder for the block: from the start if it is given, else from when `folder` chooses it."""
        from keras_course.runs.kinds import claimed_run

        with self.claim, claimed_run(self.run_dir if self.worker.is_chief else None):
            yield

    def _train(self, console: "Console") -> Any:
        from keras_course.name_arguments import find_name
        from keras_course.runs import KINDS, resume_run, train_recipe

        recorded = self.recorded(self.run_dir)
        recipes = {recipe: kind for kind in self.kinds for recipe in KINDS[kind].resolve("recipes")}
        model = self.model or recorded.get("model")
        if model is None:
            raise ValueError(f"`model` must be given: {self.run_dir} has recorded none. Received: model=None")
        name = find_name(model, recipes, "model")
        self.kind = recipes[name]
        strategy = self._strategy()
        self._check_options(name)
        source = self.open(recorded)
        folder = self.folder(f"{name.replace('+', '-')}-{source.name}")
        given: dict[str, Any] = {**self.source, **self.given, "command": self.command(folder)}
        if self.kind == "pipeline":
            images = data_text(source, source.train_size(), self.given.get("image_size"))
            console.print(f"{name} on {images}\nrun folder: {folder}", soft_wrap=True)
            given["progress"] = console.is_terminal or None
            advice = f"{folder} holds no pipeline: the same command starts anew"
        else:
            given |= {"verbose": 1 if sys.stdout.isatty() else 2, "callbacks": [announcer(console, source, folder)]}
            advice = self.advice(folder)
        if self.resume:
            given["resume"] = True
        if strategy is not None:
            given["strategy"] = strategy
        with interruption(console, advice):
            if self.resume and self.recorded(folder):
                return resume_run(folder, data=source, model=name, **given)
            return train_recipe(name, source, run_dir=folder, **given)

    def _strategy(self) -> Any:
        """Makes the strategy that the environment asks for, before anything is computed; None for one device."""
        from keras_course.runs.cluster import strategy_of_environment

        self.check_workers()
        strategy = strategy_of_environment() if self.kind in ON_SEVERAL else None
        if strategy is None and self.given.get("synchronized"):
            raise ValueError("`synchronized` needs several `workers` or GPUs. Received: synchronized=True, workers=1")
        return strategy

    def check_workers(self) -> None:
        """Raises unless the kind can be trained by as many workers as there are."""
        if self.kind not in ON_SEVERAL and self.worker.count > 1:
            raise ValueError(
                f"`workers` must be 1: only a {' or '.join(ON_SEVERAL)} is trained by several workers so far. "
                f"Received: workers={self.worker.count}, to train a {self.kind}"
            )

    def _check_options(self, name: str) -> None:
        """Refuses options that the recipe of this name has not, before any data are prepared."""
        from keras_course.runs import KINDS
        from keras_course.training.by_name import Overrides

        if (options := KINDS[self.kind].resolve("options")) is not None:
            given = {**self.source, **self.given}
            given.pop("seed", None)  # every recipe takes one
            Overrides(given, options(name))

    def recorded(self, folder: Path | None) -> dict[str, Any]:
        """Returns what the run in a folder was given, as far as there is one and it says so.

        Raises:
            ValueError: If it is the run of another command.
        """
        from keras_course.runs import files_of_run, read_config

        if folder is None or not (self.worker.is_chief or self.resume) or not files_of_run(folder, resume=self.resume):
            return {}
        config = read_config(folder)
        if config["kind"] not in self.kinds:
            command = COMMANDS.get(config["kind"], config["kind"])
            raise ValueError(
                f"`run_dir` must be a run of `keras-course {COMMANDS[self.kind]}`. Received: run_dir={str(folder)!r}, "
                f"a run of {command!r}"
            )
        return config.get("recipe") or {}

    def command(self, folder: Path) -> str:
        """Returns the command line that asked for the run: of one that is resumed, the first."""
        from keras_course.runs import files_of_run, read_config

        typed = shlex.join(["keras-course", *sys.argv[1:]])
        resumed = self.resume and files_of_run(folder, resume=True)
        return read_config(folder).get("command", typed) if resumed else typed

    def open(self, recorded: Mapping[str, Any]) -> "ImageSource":
        """Opens the data that are asked for, else the recorded ones, else those of the kind; nothing is decoded yet."""
        from keras_course.runs import KINDS

        kind = KINDS[self.kind]
        known = {name: recorded[name] for name in SOURCE if recorded.get(name) is not None}
        return kind.resolve("open")(self.data or recorded.get("data") or kind.data, **{**known, **self.source})

    def folder(self, prefix: str) -> Path:
        """Returns the run folder: as given, else the first free `runs/PREFIX-N`, or the last one in use to resume it.

        Which free one the chief takes is nothing to other workers, who don't look at it.

        Raises:
            ValueError: If the one to resume belongs to another process.
            FileNotFoundError: If there is none to resume.
        """
        from keras_course.runs.kinds import claimed_run, last_run, next_run_dir

        if self.run_dir is not None:
            return self.run_dir
        if not self.resume and not self.worker.is_chief:
            return RUNS / prefix
        if not self.resume:
            return self.claim.enter_context(next_run_dir(RUNS, prefix))
        last = last_run(RUNS, prefix)
        if not last:
            raise FileNotFoundError(
                f"`resume` needs a run to go on with; there is no {RUNS / prefix}-N. Name a --run-dir"
            )
        folder = RUNS / f"{prefix}-{last}"
        self.claim.enter_context(claimed_run(folder if self.worker.is_chief else None))
        return folder

    def advice(self, folder: Path) -> str:
        """Says how to go on after an interruption."""
        workers = f" --workers {self.workers}" if self.workers > 1 else ""
        return f"keras-course {COMMANDS[self.kind]} --run-dir {shlex.quote(str(folder))}{workers} --resume goes on"


@contextlib.contextmanager
def interruption(console: "Console", advice: str) -> Iterator[None]:
    """Turns an interruption in the block into advice and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"\ninterrupted; {advice}", soft_wrap=True)
        raise typer.Exit(130) from None
