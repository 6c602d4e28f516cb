import io
import json

import numpy as np
import pytest
from noise import write_noise
from PIL import Image

from keras_course.cli.app import main
from keras_course.cli.data import draw_labels
from keras_course.data import Examples, ImageData, MaskData, ObjectData, ObjectExamples, load_captions
from keras_course.visualization import plot_boxes


def run(*arguments):
    """Runs the command line in this process and returns its exit code."""
    with pytest.raises(SystemExit) as stopped:
        main(["data", *map(str, arguments)])
    return stopped.value.code or 0


def test_shows_splits_and_classes_and_draws_examples(tmp_path, capsys):
    picture = tmp_path / "new" / "digits.png"
    assert run("digits", "--data-dir", tmp_path, "--output", picture, "--seed", 1) == 0
    output = capsys.readouterr().out
    for expected in ("digits: 10 classes", "8x8 pixels", "1,293", "144", "360", "test", str(picture.name)):
        assert expected in output
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert min(image.size) > 500
        assert len(set(image.convert("L").tobytes())) > 10


def test_resizes_and_names_the_picture_itself(digits_dir, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("digits", "--data-dir", digits_dir, "--image-size", "16x20") == 0
    assert "images 16x20 pixels" in capsys.readouterr().out
    assert (tmp_path / "digits-examples.png").is_file()


def test_many_classes_are_cut_short():
    from rich.console import Console

    from keras_course.cli.data import classes_table, draw_examples

    examples = Examples(np.zeros((100, 4, 4, 3), np.uint8), np.arange(100) % 50)
    data = ImageData("many", tuple(f"class {i}" for i in range(50)), examples, None, examples)
    console = Console(record=True, width=100, file=io.StringIO())
    console.print(classes_table(data))
    assert "... and 30 more" in console.export_text()
    figure = draw_examples(data)
    assert figure.get_suptitle() == "many: training images, 10 of 50 classes"
    assert [axes.get_ylabel() for axes in figure.axes][::9] == ["class 0", "class 49"]


def test_class_names_are_shown_as_they_are(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_noise("[blue]noise.npz", (4, 4, 4), ("[red]ant", ":bee:", "\x1b[31mcat"))
    assert run("[blue]noise.npz", "--output", "[red]x.png") == 0
    output = capsys.readouterr().out
    assert output.startswith("[blue]noise: 3 classes, images 4x4 pixels, 4 channels")
    assert {"[red]ant", ":bee:", r"\x1b[31mcat"} <= set(output.split())
    assert "\x1b" not in output
    assert "Examples: [red]x.png" in output
    assert (tmp_path / "[red]x.png").is_file()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["10 classes", "training objects", "81", "30"]),
        (["--task", "segmentation"], ["11 classes", "training pixels", "background"]),
        (["--task", "captioning"], ["words, images 64x64", "fewest words per caption", "training words", "digit"]),
    ],
)
def test_digit_scenes_are_shown_with_their_labels(scenes_dir, tmp_path, capsys, options, expected):
    picture = tmp_path / "scenes.png"
    assert run("digit_scenes", "--data-dir", scenes_dir, "--output", picture, *options) == 0
    output = " ".join(capsys.readouterr().out.split())
    for text in ["digit_scenes", "64x64 pixels", *expected]:
        assert text in output
    with Image.open(picture) as image:
        colours = np.asarray(image.convert("RGB")).reshape(-1, 3)
    if "captioning" not in options:
        assert (np.ptp(colours, axis=1) > 100).mean() > 0.002  # the scenes are grey, boxes and masks are not


def test_a_folder_says_what_its_labels_are(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for folder in ("boxes/images", "masks/images", "masks/masks"):
        (tmp_path / folder).mkdir(parents=True)
    for index in range(12):
        pixels = np.full((20, 30), index, np.uint8)
        for folder in ("boxes/images", "masks/images", "masks/masks"):
            Image.fromarray(pixels).save(tmp_path / folder / f"{index}.png")
    images = [{"id": k, "file_name": f"{k}.png"} for k in range(12)]
    boxes = [{"id": k, "image_id": k, "category_id": 1, "bbox": [1, 2, 10, 5]} for k in range(12)]
    table = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "ant"}]}
    (tmp_path / "boxes" / "labels.json").write_text(json.dumps(table))
    for folder, counted in (("boxes", "objects"), ("masks", "pixels")):
        assert run(f"{folder}/", "--image-size", "32") == 0
        assert f"training {counted}" in capsys.readouterr().out
        assert (tmp_path / f"{folder}-examples.png").is_file()


def test_captions_of_a_folder_are_counted_and_stand_under_their_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    lines = ["picture,caption"]
    for index in range(12):
        Image.fromarray(np.full((20, 30), index, np.uint8)).save(tmp_path / "pets" / f"{index}.png")
        lines += [f"{index}.png,A cat $ on a mat.", f"{index}.png,a pet"]
    (tmp_path / "pets" / "captions.csv").write_text("\n".join(lines))
    for name in ("pets/", "pets/captions.csv"):
        assert run(name, "--image-size", "32", "--output", "x.png") == 0
        output = " ".join(capsys.readouterr().out.replace("│", " ").split())
        assert "captions: 7 words, images" in output or "pets: 7 words, images" in output
        assert "train 9 2 7" in output  # images, words of the shortest and of the longest caption, with its marks
        assert "4 a 27" in output  # three of each image
    data = load_captions("pets/", image_size=32)
    texts = [axes.texts[0].get_text() for axes in draw_labels(data).axes[:9]]
    assert texts == ["a cat $ on a mat.\na pet"] * 9


def test_boxes_are_those_of_plot_boxes_and_crowds_are_named():
    """A scene of one ant and a crowd; the third row is padding."""
    images, boxes = np.zeros((1, 16, 16, 3), np.uint8), np.array([[[2, 3, 7, 9], [0, 0, 16, 8], [0, 0, 0, 0]]], "f4")
    scene = ObjectExamples(images, boxes, np.array([[0, 1, -1]]), np.array([[False, True, False]]))
    figure = draw_labels(ObjectData("scenes", ("ant", "bee"), scene, None, scene))
    expected = plot_boxes(images[0], boxes[0, :2], ["ant", "bee (crowd)"])
    for drawn in (figure, expected):
        assert [text.get_text() for text in drawn.axes[0].texts] == ["ant", "bee (crowd)"]
    looks = [
        [(p.get_bbox().bounds, p.get_edgecolor(), p.get_path_effects()) for p in drawn.axes[0].patches]
        for drawn in (figure, expected)
    ]
    assert looks[0] == looks[1] and len(looks[0]) == 2


def test_examples_with_masks_have_a_legend():
    masks = np.arange(3, dtype=np.uint8).repeat(12).reshape(1, 6, 6).repeat(8, axis=0)
    data = MaskData.from_arrays(np.zeros((8, 6, 6, 3), np.uint8), masks, class_names=["background", "ant", "bee"])
    (legend,) = draw_labels(data).legends
    assert [text.get_text() for text in legend.get_texts()] == ["ant", "bee"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digit"], "Did you mean 'digits'"),
        (["digits", "--image-size", "3x"], "--image-size"),
        (["digits", "--image-size", "0"], "--image-size=0"),
        (["digits", "--output", "picture.gif"], "--output"),
        (["digits", "--seed", "-1"], "--seed=-1"),
        (["digits", "--task", "sorting"], "--task"),
        (["digits", "--mirror", "/no/such/folder"], "/no/such/folder"),
    ],
)
def test_bad_option_is_one_red_message(digits_dir, capsys, arguments, message):
    assert run(*arguments, "--data-dir", digits_dir) == 2
    error = capsys.readouterr().err
    assert message in " ".join(error.split())
    assert "Traceback" not in error
