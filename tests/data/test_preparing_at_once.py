"""Several processes that want the same data set at once: one prepares it, the others wait; it is on the disk first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keras_course.data import load_images

CODE = """
import sys
from pathlib import Path
from keras_course.data import load_images
from keras_course.data.digits import Digits
generate = Digits._split_generators
def told(self, manager):
    with open(sys.argv[2], "a") as file:
        file.write("prepared\\n")
    return generate(self, manager)
Digits._split_generators = told
print("ready", flush=True)
sys.stdin.readline()
data = load_images("digits", data_dir=sys.argv[1])
print(data.train_size, data.test_size, flush=True)
"""


def test_one_process_prepares_for_all(tmp_path):
    command = [sys.executable, "-c", CODE, str(tmp_path / "data"), str(tmp_path / "told")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(3)]
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.communicate(timeout=240)[0] for process in processes] == ["1293 360\n"] * 3
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert (tmp_path / "told").read_text() == "prepared\n"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["digits"]


def test_a_killed_preparation_leaves_nothing_that_stays(tmp_path):
    for name in (".digits-preparing-1", ".digits-preparing-2"):
        (tmp_path / name).mkdir()
    load_images("digits", data_dir=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["digits"]


def test_prepared_files_are_on_the_disk_before_they_get_their_name(tmp_path, monkeypatch):
    events, rename, sync = [], os.rename, os.fsync

    def synced(number):
        events.append(os.readlink(f"/proc/self/fd/{number}"))
        sync(number)

    def renamed(source, target):
        if Path(target) == tmp_path / "digits/1.0.0":
            events.extend(["renamed", *(str(path) for path in Path(source).rglob("*"))])
        rename(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    load_images("digits", data_dir=tmp_path)
    renamed_at = events.index("renamed")
    files = [path for path in events[renamed_at + 1 :] if "preparing" in path]
    assert any("tfrecord" in path for path in files)
    assert set(files) <= set(events[:renamed_at])


@pytest.mark.parametrize("name", ["digits/1.0.0", "digits"])
def test_a_file_in_the_place_is_named(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises((ValueError, OSError), match="digits"):
        load_images("digits", data_dir=tmp_path)
    assert (tmp_path / name).read_text() == "mine"
