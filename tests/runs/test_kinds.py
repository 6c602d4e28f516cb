"""The table of kinds: one of one's own is trained by name, its files are known, and it is exported."""

from pathlib import Path

import pandas as pd
import pytest

from keras_course.runs import KINDS, Kind, Run, export_run, files_of_run, train_recipe
from keras_course.runs.kinds import kind_of, recipe_names

RECIPES = {"times-two": 2}


def double(name, data, *, seed=0, run_dir=None, **given):
    """Trains nothing: doubles."""
    config = {"kind": "doubler", "model": name, "given": given}
    return Run(model=RECIPES[name] * data, history=pd.DataFrame(), evaluation=seed, config=config, run_dir=run_dir)


@pytest.fixture
def doubler(monkeypatch):
    kind = Kind(files=("doubled.txt",), recipes="test_kinds:RECIPES", train="test_kinds:double")
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setitem(KINDS, "doubler", kind)


def test_a_kind_from_outside_the_package_is_trained_by_name(doubler, tmp_path):
    run = train_recipe("Times_Two", 21, seed=4, run_dir=tmp_path, speed="high")
    assert (run.model, run.evaluation, run.run_dir) == (42, 4, tmp_path)
    assert run.config == {"kind": "doubler", "model": "times-two", "given": {"speed": "high"}}
    assert recipe_names()["times-two"] == "doubler"


def test_a_folder_with_a_file_of_any_kind_is_in_use(doubler, tmp_path):
    (tmp_path / "doubled.txt").touch()
    assert files_of_run(tmp_path, resume=True) == ["doubled.txt"]
    with pytest.raises(ValueError, match="`run_dir` must be a new or empty folder.*which has doubled.txt"):
        train_recipe("times-two", 21, run_dir=tmp_path)


def test_a_kind_without_export_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"kind": "comparison"}')
    with pytest.raises(ValueError, match="must be a run whose model can be exported.*of the kind 'comparison'"):
        export_run(tmp_path, tmp_path / "exports")


def test_every_kind_names_what_there_is():
    for kind in KINDS.values():
        for field in ("recipes", "train", "export"):
            assert (kind.resolve(field) is None) == (getattr(kind, field) is None)


@pytest.mark.parametrize(
    ("mark", "kind"),
    [("layers_digest", "classifier"), ("pipeline", "pipeline"), ("discriminator", "gan"), ("models", "comparison")],
)
def test_runs_of_the_first_version_are_known_by_what_they_hold(mark, kind):
    assert kind_of({mark: "...", "model": "x"}) == kind
    assert kind_of({"kind": "else", mark: "..."}) == "else"
