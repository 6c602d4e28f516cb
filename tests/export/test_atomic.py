import subprocess
import sys
from pathlib import Path

import pytest

from keras_course.export.atomic import write_new_file, write_next_version


def write_two_files(folder):
    (folder / "a").write_text("a")
    (folder / "b").write_text("b")


def test_numbers_go_on_after_the_highest(tmp_path):
    for name in ["7", "0003", "v9", "12.tmp", ".tmp-dead"]:
        (tmp_path / name).mkdir()
    (tmp_path / "8").write_text("a file")
    assert write_next_version(tmp_path, write_two_files).name == "9"
    assert (tmp_path / "8").read_text() == "a file"
    assert (tmp_path / ".tmp-dead").is_dir()


def test_number_taken_meanwhile_is_skipped(tmp_path):
    def race(folder):
        write_two_files(folder)
        for version, file in [("1", "x"), ("2", "y")]:
            (tmp_path / version).mkdir()
            (tmp_path / version / file).write_text(file)

    listing = Path.iterdir
    first = iter([iter(())])  # the listing from before the others wrote, then the true one
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "iterdir", lambda path: next(first, None) or listing(path))
        assert write_next_version(tmp_path, race).name == "3"
    assert (tmp_path / "1" / "x").read_text() == "x"


def test_two_processes_lose_nothing(tmp_path):
    code = """
import sys
from pathlib import Path
from keras_course.export.atomic import write_next_version
for number in range(25):
    write_next_version(Path(sys.argv[1]), lambda folder: (folder / "who").write_text(f"{sys.argv[2]} {number}"))
"""
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), who]) for who in "ab"]
    assert [process.wait() for process in processes] == [0, 0]
    assert sorted(int(path.name) for path in tmp_path.iterdir()) == list(range(1, 51))
    written = sorted((path / "who").read_text() for path in tmp_path.iterdir())
    assert written == sorted(f"{who} {number}" for who in "ab" for number in range(25))


def test_kill_while_writing_leaves_no_version(tmp_path):
    code = """
import os, signal, sys
from pathlib import Path
from keras_course.export.atomic import write_next_version
def die(folder):
    (folder / "a").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
write_next_version(Path(sys.argv[1]), die)
"""
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    assert [path.name[:5] for path in tmp_path.iterdir()] == [".tmp-"]
    assert write_next_version(tmp_path, write_two_files).name == "1"


def test_new_file_never_replaces(tmp_path):
    path = write_new_file(tmp_path / "deep" / "model.onnx", b"one")
    with pytest.raises(ValueError, match="`path` must be free"):
        write_new_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(path.parent.iterdir()) == [path]


def test_new_file_loses_a_race_politely(tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"other")
    monkeypatch.setattr("keras_course.export.atomic.check_free", lambda path: None)
    with pytest.raises(ValueError, match="`path` must be free"):
        write_new_file(path, b"mine")
    assert path.read_bytes() == b"other"
    assert list(tmp_path.iterdir()) == [path]


def test_new_file_without_hard_links(tmp_path, monkeypatch):
    def unsupported(*_):
        raise PermissionError("no hard links here")

    monkeypatch.setattr("os.link", unsupported)
    path = write_new_file(tmp_path / "model.onnx", b"one")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_has_the_usual_permissions(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    assert write_next_version(tmp_path / "out", write_two_files).stat().st_mode == made.stat().st_mode
