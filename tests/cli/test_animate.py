"""`keras-course train ganimation` and `keras-course animate` as a user types them."""

import numpy as np
import pytest
from PIL import Image

from keras_course.applications.ganimation import GANIMATION_RECIPES, GANimationRecipe, export_animator
from keras_course.export import load_saved_model
from keras_course.models import build_ganimation_generator

TINY = GANimationRecipe(
    epochs=1,
    image_size=16,
    head_start=1,
    generator={"base_filters": 2, "blocks": 0, "kernel_size": 3},
    discriminator={"base_filters": 2, "depth": 2},
)


@pytest.fixture
def line(monkeypatch, tmp_path, run_line):
    """Runs a command line in an empty folder with a face and an export; returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    generator = build_ganimation_generator((16, 16, 3), 2, base_filters=2, blocks=0, modulate=True)
    export_animator(generator, tmp_path, "faces", unit_names=["smile", "raised_brows"])
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)).save("face.png")
    return run_line


def test_training_shows_figures_and_how_to_animate(line, faces_dir, monkeypatch, no_figures):
    monkeypatch.setitem(GANIMATION_RECIPES, "ganimation", TINY)
    code, output, errors = line(f"train ganimation --data-dir {faces_dir} --export out")
    assert (code, errors) == (0, "")
    assert " of 4 action units\nrun folder: " in output
    for text in ("error to the true picture", "IoU of mask", "animate out/ganimation_schematic_faces/1 PICTURE"):
        assert text in output


def test_a_film_is_what_the_export_makes(line):
    code, output, errors = line("animate faces face.png --units smile=1,brows=0.5 --frames 6 --output film.gif")
    assert (code, errors) == (0, "")
    assert output == "6 frames of 256x256 pixels: film.gif\n"
    pixels = np.asarray(Image.open("face.png"))
    expected = load_saved_model("faces").animate(pixels, {"smile": 1, "brows": 0.5}, frames=6)
    with Image.open("film.gif") as film:
        assert film.n_frames >= len(np.unique(expected[:4], axis=0))
        first = np.asarray(film.convert("RGB"))
    difference = np.abs(first.astype(int) - expected[0].repeat(16, axis=0).repeat(16, axis=1))
    assert np.median(difference) < 12  # of a palette of 256 colours


def test_any_picture_is_taken_if_asked(line):
    Image.new("RGB", (40, 30), "pink").save("large.png")
    code, _, errors = line("animate faces large.png --units smile=1 --output film.gif")
    assert code == 2
    assert "--resize" in errors or "resize" in errors
    assert line("animate faces large.png --units smile=1 --output film.gif --resize --frames 2")[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--units smile --output film.gif", "`--units` must be NAME=NUMBER"),
        ("--units smile=x --output film.gif", "`--units` must be NAME=NUMBER"),
        ("--units grin=1 --output film.gif", "`--units` must name units out of smile, raised_brows"),
        ("--units smile=2 --output film.gif", "`--units` must be in [0, 1]"),
        ("--units smile=1 --start smile=-1 --output film.gif", "`--start` must be in [0, 1]"),
        ("--units smile=1 --output face.png", "`--output` must be a file in a folder, and end in .gif"),
        ("--units smile=1 --frames 1 --output film.gif", "--frames"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(line, options, message, tmp_path):
    code, _, errors = line(f"animate faces face.png {options}")
    assert code == 2
    assert message in errors
    assert not (tmp_path / "film.gif").exists()


def test_another_export_is_refused(line, tmp_path):
    code, _, errors = line("animate face.png face.png --units smile=1 --output film.gif")
    assert code == 2
    assert "face.png" in errors


def test_an_option_of_other_models_is_refused_with_the_options_that_there_are(line):
    code, _, errors = line("train ganimation --width 0.5")
    assert code == 2
    listed = errors.split("is not among ")[1].split(". Received: ")[0].split(", ")
    assert "--epochs" in listed and "--image-size" in listed
    assert all(name.startswith("--") for name in listed)
