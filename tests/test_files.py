import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from keras_course.files import LOCK, cached, private_folder, write_file, write_next_version


def write_two_files(folder):
    (folder / "a").write_text("a")
    (folder / "b").write_text("b")


def test_numbers_go_on_after_the_highest(tmp_path):
    for name in ["7", "0003", "v9", "12.tmp", ".tmp-dead"]:
        (tmp_path / name).mkdir()
    (tmp_path / "8").write_text("a file")
    (tmp_path / ".tmp-dead/notes").write_text("not ours")
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
from keras_course.files import write_next_version
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
from keras_course.files import write_next_version
def die(folder):
    (folder / "a").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
write_next_version(Path(sys.argv[1]), die)
"""
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    assert [path.name[:5] for path in tmp_path.iterdir()] == [".tmp-"]
    assert write_next_version(tmp_path, write_two_files).name == "1"


def test_new_file_never_replaces(tmp_path):
    path = write_file(tmp_path / "deep" / "model.onnx", b"one", replace=False)
    with pytest.raises(ValueError, match="`path` must be free"):
        write_file(path, b"two", replace=False)
    assert path.read_bytes() == b"one"
    assert list(path.parent.iterdir()) == [path]


def test_new_file_loses_a_race_politely(tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"other")
    monkeypatch.setattr("keras_course.files.check_free", lambda path: None)
    with pytest.raises(ValueError, match="`path` must be free"):
        write_file(path, b"mine", replace=False)
    assert path.read_bytes() == b"other"
    assert list(tmp_path.iterdir()) == [path]


def test_new_file_without_hard_links(tmp_path, monkeypatch):
    def unsupported(*_):
        raise PermissionError("no hard links here")

    monkeypatch.setattr("os.link", unsupported)
    path = write_file(tmp_path / "model.onnx", b"one", replace=False)
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_folder_has_the_usual_permissions(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    assert write_next_version(tmp_path / "out", write_two_files).stat().st_mode == made.stat().st_mode


def test_is_removed_after_success_and_after_failure(tmp_path):
    with private_folder(tmp_path, ".x-preparing-") as folder:
        (folder / "deep").mkdir()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError), private_folder(tmp_path / "new", ".x-preparing-") as folder:
        (folder / "file").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_removes_what_a_killed_process_left_and_nothing_else(tmp_path):
    for name in ("abandoned", "alive", "empty", "other"):
        (tmp_path / f".x-preparing-{name}").mkdir()
    (tmp_path / ".x-preparing-other" / "notes").write_text("not ours")
    (tmp_path / ".x-preparing-abandoned" / LOCK).touch()
    (tmp_path / ".y-preparing-other").mkdir()
    with (tmp_path / ".x-preparing-alive" / LOCK).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with private_folder(tmp_path, ".x-preparing-"):
            pass
        names = {path.name for path in tmp_path.iterdir()}
    assert names == {".x-preparing-alive", ".x-preparing-other", ".y-preparing-other"}


# --- the cache, without Keras


def write_text(text, folder):
    (folder / "text").write_text(text)
    return {"length": len(text)}


def read_text(folder, facts):
    text = (folder / "text").read_text()
    assert facts["length"] == len(text)
    return text


def keep(directory, make):
    return cached(directory, read=read_text, make=make, write=write_text)


def test_makes_once(tmp_path):
    made = iter(["one", "two"])
    assert [keep(tmp_path / "x", lambda: next(made)) for _ in range(3)] == ["one"] * 3


def test_makers_at_the_same_time_agree_in_the_end(tmp_path):
    barrier = threading.Barrier(6, timeout=20)
    results = []

    def work(number):
        def make():
            barrier.wait()  # all have found nothing
            return f"made by {number}"

        keep(tmp_path, make)
        results.append(keep(tmp_path, None))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6 and len(set(results)) == 1
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_killed_writer_does_no_harm_and_its_remains_go(tmp_path):
    for name in ("old", "new"):
        (tmp_path / f".tmp-{name}").mkdir()
    (tmp_path / ".tmp-old" / LOCK).touch()  # which nobody holds
    assert keep(tmp_path, lambda: "one") == "one"
    assert {path.name for path in tmp_path.iterdir()} == {"1"}


def test_what_this_version_cannot_read_is_made_anew_and_stays(tmp_path):
    keep(tmp_path, lambda: "theirs")

    def read(folder, facts):
        if folder.name == "1":
            raise TypeError("a layer of another version")
        return read_text(folder, facts)

    assert cached(tmp_path, read=read, make=lambda: "ours", write=write_text) == "ours"
    assert keep(tmp_path, None) == "theirs"


def test_a_folder_that_cannot_be_written_costs_the_keeping_only(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    assert keep(tmp_path / "file" / "x", lambda: "one") == "one"
    assert "Not kept for the next time" in caplog.text
