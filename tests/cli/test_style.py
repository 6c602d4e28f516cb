"""`keras-course style` as a user types it, on a small net in place of VGG-16."""

import numpy as np
import pytest
from PIL import Image

from keras_course.cli.app import main
from tests.applications.test_style_transfer import build


@pytest.fixture(autouse=True)
def small_net(monkeypatch):
    monkeypatch.setattr("keras_course.applications.style_transfer.objective.load_features", lambda source: build())


@pytest.fixture
def files(tmp_path):
    """A content of 80x60 pixels and a style of 20x30 in a folder."""
    random = np.random.default_rng(0)
    for name, size in (("content", (60, 80, 3)), ("style", (30, 20, 3))):
        Image.fromarray(random.integers(0, 256, size, dtype=np.uint8)).save(tmp_path / f"{name}.png")
    return tmp_path


def run(arguments, capsys, monkeypatch):
    """Returns exit code, output and errors; the words of errors without the line breaks of the screen."""
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        main(["style", *map(str, arguments)])
    captured = capsys.readouterr()
    return end.value.code or 0, captured.out, " ".join(captured.err.split())


def test_picture_and_film(files, capsys, monkeypatch):
    output, film = files / "new" / "out.png", files / "out.gif"
    given = [files / "content.png", files / "style.png", "--output", output, "--size", 40, "--steps", 3, "--film", film]
    code, printed, errors = run(given, capsys, monkeypatch)
    assert code == 0, errors
    assert "30x40 pixels by two_stages" in printed and str(film) in printed
    with Image.open(output) as image:
        assert image.size == (40, 30)
    with Image.open(film) as frames:
        assert (frames.size, frames.n_frames) == ((40, 30), 3)  # the last one stays longer


def test_precision_changes_the_numbers(files, capsys, monkeypatch):
    given = [files / "content.png", files / "style.png", "--size", 40, "--steps", 3, "--precision"]
    for precision in ("float32", "bfloat16"):
        code, _, errors = run(
            [*given, precision, "--output", files / f"{precision}.png", "--run-dir", files / precision],
            capsys,
            monkeypatch,
        )
        assert code == 0, errors
    one, other = ((files / precision / "history.csv").read_text() for precision in ("float32", "bfloat16"))
    assert one != other
    code, _, errors = run([*given, "half", "--output", files / "third.png"], capsys, monkeypatch)
    assert code == 2 and "--precision" in errors and "half" in errors and "bfloat16" in errors


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "I;16", "CMYK"])
def test_pictures_of_every_mode(files, capsys, monkeypatch, mode):
    pixels = np.random.default_rng(0).integers(0, 65536, (32, 32), dtype=np.uint16)
    image = Image.fromarray(pixels) if mode == "I;16" else Image.fromarray(np.uint8(pixels // 256)).convert(mode)
    path = files / ("odd.jpg" if mode == "CMYK" else "odd.png")
    image.save(path)
    given = [path, files / "style.png", "--output", files / "out.png", "--steps", 1]
    code, _, errors = run(given, capsys, monkeypatch)
    assert code == 0, errors
    with Image.open(files / "out.png") as made:
        assert made.mode == "RGB"


def test_killed_transfer_goes_on(files, capsys, monkeypatch):
    given = [files / "content.png", files / "style.png", "--steps", 2, "--run-dir", files / "run", "--size", 40]
    code, _, errors = run([*given, "--output", files / "a.png"], capsys, monkeypatch)
    assert code == 0, errors
    code, _, errors = run([*given, "--output", files / "b.png"], capsys, monkeypatch)
    assert code == 2 and "`--run-dir` must be a new or empty folder" in errors
    code, _, errors = run([*given, "--resume", "--output", files / "b.png"], capsys, monkeypatch)
    assert code == 0, errors
    assert (files / "a.png").read_bytes() == (files / "b.png").read_bytes()


BAD = {
    "output exists": (["--output", "content.png"], "`--output` must be a new file: nothing is overwritten"),
    "output no PNG": (["--output", "out.jpg"], "`--output` must be a file in a folder, and end in .png"),
    "film exists": (["--output", "out.png", "--film", "old.gif"], "`--film` must be a new file"),
    "film no GIF": (
        ["--output", "out.png", "--film", "out.mp4"],
        "`--film` must be a file in a folder, and end in .gif",
    ),
    "no steps": (["--output", "out.png", "--steps", "0"], "--steps=0"),
    "size 0": (["--output", "out.png", "--size", "0"], "--size=0"),
    "huge": (["--output", "out.png", "--size", "100000"], "--size"),
    "weight": (["--output", "out.png", "--style-weight", "-1"], "`--style-weight` must be a finite number >= 0"),
    "nothing to resume": (["--output", "out.png", "--resume"], "--resume"),
    "no output": ([], "--output"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_options_are_named_and_nothing_is_written(files, capsys, monkeypatch, case):
    (files / "old.gif").write_bytes(b"old")
    monkeypatch.chdir(files)
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    options, message = BAD[case]
    code, _, errors = run(["content.png", "style.png", *options], capsys, monkeypatch)
    assert code == 2 and message in errors, errors
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "content"), [("missing.png", None), ("damaged.png", b"no picture"), ("tiny.png", "1x1")], ids=str
)
def test_bad_pictures_are_named(files, capsys, monkeypatch, name, content):
    if content == "1x1":
        Image.new("RGB", (1, 1)).save(files / name)
    elif content is not None:
        (files / name).write_bytes(content)
    given = [files / name, files / "style.png", "--output", files / "out.png", "--size", 1]
    code, _, errors = run(given, capsys, monkeypatch)
    assert code == 2 and ("CONTENT" in errors or "content" in errors), errors
    assert not (files / "out.png").exists()
