"""`keras-course dream` as a user types it, on a small net in the place of VGG-16."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from keras_course.applications.deep_dream import deep_dream, dreaming


@pytest.fixture
def line(monkeypatch, tmp_path, run_line):
    """Runs a command line in an empty folder with a picture; returns exit code, output and errors."""
    keras.utils.set_random_seed(0)
    conv = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")
    wide = keras.layers.Conv2D(1, 33, padding="same", name="wide")
    net = keras.Sequential([keras.Input((None, None, 3)), conv, wide], name="tiny")
    monkeypatch.setattr(dreaming, "load_features", {"auto": net}.__getitem__)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    pixels = np.random.default_rng(0).integers(0, 256, (24, 36, 3), np.uint8)
    Image.fromarray(pixels).save("photo.png")
    run = lambda text: run_line(f"dream {text}")  # noqa: E731
    run.net, run.pixels, run.folder = net, pixels, tmp_path
    return run


def pixels_of(file):
    with Image.open(file) as picture:
        return np.asarray(picture)


def test_it_writes_what_the_function_returns(line):
    code, output, errors = line(
        "photo.png --output out/dream.png --steps 3 --layer conv=2 --seed 5 --tile-size 32 --jitter 0"
    )
    assert (code, errors) == (0, "")
    assert output.startswith("24x36 pixels by tiny, strength from 2 to ") and output.endswith(": out/dream.png\n")
    expected = deep_dream(
        line.pixels, features=line.net, layers={"conv": 2}, steps=3, seed=5, tile_size=32, jitter=0
    ).image
    np.testing.assert_array_equal(pixels_of("out/dream.png"), expected)


def test_size_is_that_of_the_longer_side(line):
    assert line("photo.png --output dream.png --steps 1 --size 18")[0] == 0
    assert pixels_of("dream.png").shape == (12, 18, 3)


def test_a_guide_leads(line):
    Image.new("RGB", (20, 20), "red").save("red.png")
    assert line("photo.png --output free.png --steps 2")[0] == 0
    assert line("photo.png --output led.png --steps 2 --guide red.png")[0] == 0
    assert np.any(pixels_of("free.png") != pixels_of("led.png"))


def test_every_kind_of_picture_is_taken(line):
    grey = line.pixels[..., 0]
    Image.fromarray(grey).save("grey.png")
    Image.fromarray(np.dstack([line.pixels, grey])).save("clear.png")
    Image.fromarray(grey.astype(np.uint16) * 257).save("deep.png")
    Image.fromarray(line.pixels).convert("P").save("palette.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(line.pixels).save("turned.jpg", exif=turned)
    for number, name in enumerate(("grey.png", "clear.png", "deep.png", "palette.png", "turned.jpg")):
        assert line(f"{name} --output {number}.png --steps 1")[0] == 0
        assert pixels_of(f"{number}.png").shape == ((36, 24, 3) if name == "turned.jpg" else (24, 36, 3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "photo.png --output photo.png",
            "`--output` must be a new file: nothing is overwritten. Received: --output=photo.png",
        ),
        ("photo.png --output dream.jpg", "`--output` must be a file in a folder, and end in .png"),
        ("photo.png", "Missing option '--output'"),
        ("missing.png --output x.png", "`IMAGE` must exist. Received: IMAGE=missing.png"),
        ("text.png --output x.png", "`IMAGE` must be a picture that Pillow can read"),
        ("dot.png --output x.png", "`--octaves` must leave a pixel of a picture of 1x1"),
        ("huge.png --output x.png", "`--tile-size` must be given for pictures of more than 4,194,304 pixels"),
        ("photo.png --output x.png --guide missing.png", "`--guide` must exist. Received: --guide=missing.png"),
        ("photo.png --output x.png --layer con", "`--layer` must name a layer of tiny: .*did you mean 'conv'"),
        ("photo.png --output x.png --layer conv=0", "`--layer` must map names to numbers > 0"),
        ("photo.png --output x.png --octave-scale 1", "`--octave-scale` must be a finite number > 1"),
        ("photo.png --output x.png --step-size 0", "`--step-size` must be a finite number > 0"),
        ("photo.png --output x.png --steps -1", "--steps"),
        ("photo.png --output x.png --tile-size 1", "`--tile-size` must be an integer >= 32. Received: --tile-size=1$"),
        (
            "photo.png --output x.png --layer wide --tile-size 33",
            "`--tile-size` must be an integer >= 35 for these .*=33$",
        ),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(line, text, message):
    (line.folder / "text.png").write_text("no picture")
    Image.new("RGB", (1, 1)).save("dot.png")
    Image.new("L", (3000, 1500)).save("huge.png")
    before = {path.name: path.read_bytes() for path in line.folder.iterdir()}
    code, _, errors = line(text)
    assert code == 2 and "Traceback" not in errors
    assert errors.startswith("error: ")
    assert re.search(message, errors), errors
    assert {path.name: path.read_bytes() for path in line.folder.iterdir()} == before


def test_a_process_says_its_line_and_nothing_of_tensorflow(tmp_path):
    Image.fromarray(np.zeros((24, 36, 3), np.uint8)).save(tmp_path / "photo.png")
    line = "from keras_course.cli.app import main; main()"
    options = ["dream", "photo.png", "--output", "dream.png", "--features", "small", "--octaves", "1", "--steps", "1"]
    done = subprocess.run([sys.executable, "-c", line, *options], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("24x36 pixels by small_features")
