import fcntl

import pytest

from keras_course.data import load_images
from keras_course.data.workspace import LOCK, private_folder


def test_is_removed_after_success_and_after_failure(tmp_path):
    with private_folder(tmp_path, "x") as folder:
        (folder / "deep").mkdir()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError), private_folder(tmp_path / "new", "x") as folder:
        (folder / "file").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_removes_what_a_killed_process_left_and_nothing_else(tmp_path):
    for name in ("abandoned", "alive", "being-made"):
        (tmp_path / f".x-preparing-{name}").mkdir()
    (tmp_path / ".x-preparing-abandoned" / LOCK).touch()
    (tmp_path / ".y-preparing-other").mkdir()
    with (tmp_path / ".x-preparing-alive" / LOCK).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with private_folder(tmp_path, "x"):
            pass
        names = {path.name for path in tmp_path.iterdir()}
    assert names == {".x-preparing-alive", ".x-preparing-being-made", ".y-preparing-other"}


def test_something_else_in_the_place_is_named(tmp_path):
    (tmp_path / "digits/1.0.0").mkdir(parents=True)
    (tmp_path / "digits/1.0.0/notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"remove it: .*digits/1\.0\.0"):
        load_images(data_dir=tmp_path)
    assert (tmp_path / "digits/1.0.0/notes.txt").read_text() == "mine"
