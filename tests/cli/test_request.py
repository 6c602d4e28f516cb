"""What all commands that train have in common: checks before TensorFlow, resuming by the record, one's own images."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from noise import stripes, write_folder, write_noise
from PIL import Image

from keras_course import train_recipe
from keras_course.data import ImageData, open_images

TRAIN = "train perceptron --epochs 4 --decay none --image-size 16 --seed 3"
NAMES = ["across", "down", "plain"]


def errors_of(ended):
    """Returns the message of a command that refuses."""
    code, _, errors = ended
    assert code == 2
    return errors


def resized(pictures):
    """Resizes each picture by itself with TensorFlow, apart from the library."""
    values = [np.round(tf.image.resize(picture, (16, 16), antialias=True).numpy()) for picture in pictures]
    return np.clip(values, 0, 255).astype(np.uint8)


def divided(root):
    """Writes the pictures with `train/` and `test/` above the classes; returns them as `from_arrays` takes them."""
    pictures, labels = stripes()
    halves = [[pictures[index] for index in part] for part in (range(45), range(45, 60))]
    write_folder(root / "train", halves[0], labels[:45])
    write_folder(root / "test", halves[1], labels[45:])
    order = np.argsort(labels[:45], kind="stable")
    return [halves[0][index] for index in order], labels[:45][order], (halves[1], labels[45:])


def whole(root):
    """Writes the pictures by class alone; returns them as `from_arrays` takes them."""
    pictures, labels = stripes()
    write_folder(root, pictures, labels)
    order = np.argsort(labels, kind="stable")
    return [pictures[index] for index in order], labels[order], None


@pytest.mark.parametrize("write", [divided, whole])
def test_a_folder_of_pictures_is_trained_resumed_exported_and_predicted(course, tmp_path, write, no_figures):
    images, labels, test = write(tmp_path / "pics")
    code, output, errors = course(f"{TRAIN} --data pics/ --run-dir run")
    assert (code, errors) == (0, "")
    config = json.loads((tmp_path / "run/config.json").read_text())
    assert (config["class_names"], config["input_shape"]) == (NAMES, [16, 16, 3])
    assert config["source"]["path"] == str(tmp_path / "pics")
    test = test and (resized(test[0]), test[1])
    data = ImageData.from_arrays(resized(images), labels, class_names=NAMES, test=test, seed=3)
    same = train_recipe("perceptron", data, epochs=4, decay="none", seed=3, verbose=0)
    assert f"test accuracy │ {same.evaluation.accuracy:.4f}" in " ".join(output.split())
    history = pd.read_csv(tmp_path / "run/history.csv")
    np.testing.assert_array_equal(history["val_loss"], same.history["val_loss"])

    code, _, errors = course("train --run-dir run --resume --epochs 5")
    assert (code, errors) == (0, "")
    assert len(pd.read_csv(tmp_path / "run/history.csv")) == 5
    code, output, errors = course("export run out")
    assert (code, output, errors) == (0, "exported to out/perceptron_pics/1\n", "")
    picture = next((tmp_path / "pics").rglob("down/*.png"))
    code, output, errors = course(["predict", "out/perceptron_pics", picture, "--resize"])
    assert code == 0
    assert any(name in output for name in NAMES)

    shutil.copy(picture, picture.with_name("more.png"))
    message = errors_of(course("train --run-dir run --resume"))
    assert "data_digest was" in message and "_size was" in message
    picture.with_name("more.png").unlink()
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(picture)
    assert "data_digest was" in errors_of(course("train --run-dir run --resume"))


def test_a_file_of_arrays_serves_every_command(course, tmp_path):
    write_noise("noise.npz", test=False)
    code, output, _ = course("classical --features pixels --classifier tree --data noise.npz")
    assert code == 0 and "pixels+tree on noise: 29 images 8x8x1 of 2 classes" in output
    code, output, _ = course("compare pixels+tree --folds 2 --data noise.npz")
    assert code == 0 and "on noise: 32 images" in output
    code, output, _ = course("data noise.npz")
    assert code == 0 and output.startswith("noise: 2 classes")


def test_data_sets_are_found_in_any_case(course):
    sources = [open_images(name, data_dir=os.environ["TFDS_DATA_DIR"]) for name in ("Digits", "DIG-ITS")]
    assert [source.name for source in sources] == ["digits"] * 2
    code, _, errors = course("data Fashion-MNIST --data-dir empty --mirror .")
    assert code == 2
    assert "fashion_mnist" in errors


def test_a_name_that_is_no_data_set_gets_suggestions_in_one_line(course):
    code, _, errors = course("train --data fashion-mnits")
    assert code == 2
    assert len(errors.splitlines()) == 1
    assert "fashion_mnist" in errors
    assert "Received: --data='fashion-mnits'" in errors


@pytest.mark.parametrize(
    "line",
    ["train --optimizer ''", "train --optimizer=", "train --mirror ''", "train ''", "compare ''", "explain ''"],
)
def test_an_empty_value_is_not_taken_for_none(course, line):
    code, output, errors = course(line)
    assert (code, output) == (2, "")
    assert "must not be empty" in errors


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train --epochs 0", "Received: --epochs=0"),
        ("train --epochs many", "Received: --epochs=many"),
        ("train --image-size huge", "`--image-size` must be SIDE or HEIGHTxWIDTH"),
        ("train --image-size 99999999999x1", "at most 100,000,000"),
        ("train --batch-size 99999999999999999999", "Received: --batch-size=99999999999999999999"),
        ("train --width 1e9", "Received: --width=1e9"),
        ("train --run-dir used", "--run-dir='used', which has history.csv"),
        ("train --export used/history.csv", "`--export` must be a folder"),
        ("gan --averaging 2", "Received: --averaging=2"),
        ("compare --folds 1", "Received: --folds=1"),
        ("classical --seed -1", "Received: --seed=-1"),
        ("sample somewhere --count 0", "Received: --count=0"),
    ],
)
def test_options_are_checked_before_tensorflow_is_imported(course, tmp_path, monkeypatch, line, message):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/history.csv").write_text("precious")
    for name in ("sample", "request", "models", "data"):
        monkeypatch.setattr(f"keras_course.cli.{name}.quiet_tensorflow", lambda: pytest.fail("imports TensorFlow"))
    code, output, errors = course(line)
    assert (code, output) == (2, "")
    assert message in errors
    assert len(errors.splitlines()) == 1


def test_a_process_that_refuses_never_imports_tensorflow(tmp_path):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/history.csv").write_text("precious")
    code = (
        "import sys\nfrom keras_course.cli.app import main\n"
        "for line in ('--epochs 0', '--image-size huge', '--run-dir used', '--export used/history.csv'):\n"
        "    try:\n        main(['train', *line.split()])\n    except SystemExit as end:\n        print(end.code)\n"
        "print(sorted({'keras', 'tensorflow', 'matplotlib', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["2"] * 4 + ["[]", ""]
    assert done.stderr.count("error: ") == 4
