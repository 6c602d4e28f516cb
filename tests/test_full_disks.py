"""A disk that is full while anything is written: one line with the reason and the path, and what was there stays."""

import errno
import os
import subprocess
import sys

import pytest

from keras_course.disk import disk_failures_by_name
from keras_course.files import cached, write_file, write_next_version

LIMITED = """
import os, resource, signal, sys
import numpy as np
import keras
from keras_course.data import ImageData
from keras_course.export import export_generator, export_litert, export_model, export_saved_model
from keras_course.runs import RunFolder

folder = sys.argv[1]
layers = [keras.Input((16, 16, 1)), keras.layers.Flatten(), keras.layers.Dense(200), keras.layers.Dense(3)]
net = keras.Sequential(layers, name="net")
layers = [keras.Input((5,)), keras.layers.Dense(4000), keras.layers.Dense(16), keras.layers.Reshape((4, 4, 1))]
generator = keras.Sequential(layers)
run = RunFolder(f"{folder}/run", {"kind": "own"}, resume=False)
run.write_model(net)
export_saved_model(net, f"{folder}/saved")
export_generator(generator, f"{folder}/generators")
arrays = {"a": np.zeros(100_000)}
run.write_checkpoint(arrays)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
writers = {
    "checkpoint": lambda: run.write_checkpoint(arrays),
    "model": lambda: run.write_model(net),
    "saved": lambda: export_saved_model(net, f"{folder}/saved"),
    "generator": lambda: export_generator(generator, f"{folder}/generators"),
    "litert": lambda: export_litert(net, f"{folder}/net.tflite"),
    "litert in a folder": lambda: export_model(net, folder, "lite", "litert"),
}
for name, write in writers.items():
    try:
        write()
        print(name, "written", sep="\\t")
    except OSError as error:
        print(name, error.errno, error.filename, str(error).count("\\n"), sep="\\t")
"""


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_real_limit_on_every_writer(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, timeout=240, check=False
    )
    assert result.returncode == 0, result.stderr
    lines = dict(line.split("\t", 1) for line in result.stdout.splitlines() if "\t" in line)
    assert len(lines) == 6
    for name, line in lines.items():
        number, file, breaks = line.split("\t")
        assert (int(number), int(breaks)) == (errno.EFBIG, 0), (name, line)
        assert file.startswith((str(tmp_path), "/tmp")), line
    left = {path for path in tree(tmp_path) if not path.startswith("run/")}
    assert not [path for path in left if ".tmp" in path]
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == ["1"]
    assert sorted(path.name for path in (tmp_path / "generators").iterdir()) == ["1"]
    assert not (tmp_path / "lite").exists() and not (tmp_path / "net.tflite").exists()
    assert {"checkpoint.npz", "config.json", "model.keras"} == {path.name for path in (tmp_path / "run").iterdir()}
    assert (tmp_path / "run/model.keras").stat().st_size > 100_000


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("replace", [True, False])
def test_the_file_that_does_not_fit_is_named_and_the_old_one_stays(tmp_path, monkeypatch, replace):
    path = tmp_path / ("old.csv" if replace else "new.csv")
    (tmp_path / "old.csv").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device: '.*csv'") as caught:
        write_file(path, b"new", replace=replace)
    assert caught.value.filename == str(path)
    assert tree(tmp_path) == {"old.csv": b"old"}


def test_a_version_that_does_not_fit_is_no_version(tmp_path):
    write_next_version(tmp_path / "net", lambda folder: (folder / "a").write_text("a"))
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/net'"):
        write_next_version(tmp_path / "net", full)
    assert tree(tmp_path) == {"net/1/a": b"a"}
    with pytest.raises(OSError, match="No space left on device"):
        write_next_version(tmp_path / "other/net", full)
    assert not (tmp_path / "other").exists()


def test_what_does_not_fit_into_a_cache_is_used_all_the_same(tmp_path, caplog):
    def write(result, folder):
        (folder / "half").write_text("half")
        full()

    assert cached(tmp_path / "x", read=None, make=lambda: "one", write=write) == "one"
    assert "No space left on device" in caplog.text
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Can't decrement id ref count (unable to close file, errno = 28, error message = 'No space')"),
        OSError("[Errno 28] Can't write data (file write failed: time = now, filename = 'x', errno = 28, total = 4)"),
    ],
)
def test_the_reason_is_found_in_the_words_of_hdf5(tmp_path, error):
    with pytest.raises(OSError) as caught, disk_failures_by_name(tmp_path / "model.keras"):
        raise error
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "model.keras"))


def test_pictures_of_the_command_line_are_written_whole_or_not_at_all(tmp_path, monkeypatch, digits_dir):
    from keras_course.cli.app import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(digits_dir))
    (tmp_path / "digits.png").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SystemExit) as end:
        main(["data", "digits", "--output", "digits.png"])
    assert end.value.code == 2
    assert tree(tmp_path) == {"digits.png": b"old"}
