"""`keras-course train` as a user types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from noise import write_noise
from PIL import Image

import keras_course.data
import keras_course.training.by_name
from keras_course.cli.request import Request
from keras_course.runs import KINDS


def test_train_reports_exports_and_uses_the_export(course, tmp_path):
    code, output, errors = course("train mlp --epochs 2 --seed 4 --decay step --export out")
    assert (code, errors) == (0, "")
    config = json.loads((tmp_path / "runs/mlp-digits-1/config.json").read_text())
    assert (config["epochs"], config["seed"], config["decay"]["law"]) == (2, 4, "StepDecay")
    assert (config["batch_size"], config["data_seed"]) == (32, 4)
    assert (tmp_path / "runs/mlp-digits-1/report.html").stat().st_size > 50_000
    assert (tmp_path / "out/mlp_digits/1/saved_model.pb").exists()
    with Image.open(tmp_path / "runs/mlp-digits-1/example.png") as picture:
        assert picture.size == (8, 8)
    for text in ("test accuracy", "healthy in all 5 layers", "out/mlp_digits/1", "example.png", "keras-course predict"):
        assert text in output
    code, output, errors = course("predict out/mlp_digits runs/mlp-digits-1/example.png")
    assert (code, errors) == (0, "")


@pytest.mark.parametrize("channels", [3, 4])
def test_what_can_be_trained_can_be_used(course, tmp_path, channels):
    """Images of random pixels, so that the report has mistakes to show."""
    images = write_noise("noise.npz", (8, 8, channels), ("[red]ant", ":bee:", "\x1b[31mcat"), 60)
    code, output, errors = course("train perceptron --data noise.npz --epochs 1 --decay none --export out")
    assert (code, errors) == (0, "")
    assert {"[red]ant", ":bee:", r"\x1b[31mcat"} <= set(output.split())
    assert "\x1b" not in output
    assert (tmp_path / "runs/perceptron-noise-1/figures/mistakes.png").exists()
    with Image.open(tmp_path / "runs/perceptron-noise-1/example.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), images[0])
    table = output.split("says:")[1].split("try it:")[0]
    code, again, errors = course("predict out/perceptron_noise runs/perceptron-noise-1/example.png --top 3")
    assert (code, errors) == (0, "")
    assert again.split() == table.split()


def test_names_are_shown_as_they_are(course, tmp_path, no_figures):
    code, output, _ = course("train perceptron --epochs 1 --decay none --run-dir r[red]x:bee: --export [bold]o")
    assert code == 0
    assert "│ healthy " in output  # of one layer there is no count
    for line in (
        "run folder: r[red]x:bee:",
        "report:  r[red]x:bee:/report.html",
        "export:  [bold]o/perceptron_digits/1",
        "picture: r[red]x:bee:/example.png",
        "try it:  keras-course predict --top 3 '[bold]o/perceptron_digits/1' 'r[red]x:bee:/example.png'",
    ):
        assert line in output
    code, output, _ = course("export r[red]x:bee: [blue]p")
    assert (code, output) == (0, "exported to [blue]p/perceptron_digits/1\n")
    _, _, errors = course("train [/red]x")
    assert "MODEL=[/red]x" in errors


def test_a_resumed_run_keeps_the_command_that_asked_for_it(course, tmp_path, no_figures, monkeypatch):
    for line in ("train perceptron --epochs 1 --decay NONE --run-dir r", "train --run-dir r --resume --epochs 2"):
        monkeypatch.setattr("sys.argv", ["keras-course", *line.split()])
        assert course(line)[0] == 0
    config = json.loads((tmp_path / "r/config.json").read_text())
    assert config["command"] == "keras-course train perceptron --epochs 1 --decay NONE --run-dir r"
    assert config["epochs"] == 2


def test_a_run_to_resume_that_is_not_there_is_said_to_be_missing(course):
    code, _, errors = course("train --run-dir nope --resume")
    assert code == 2
    assert "`--run-dir` must hold the run to go on with. Received: --run-dir=nope, which does not exist" in errors


@pytest.mark.parametrize("export", ["afile", "afile/deeper", "locked/out"])
def test_an_export_that_cannot_be_is_refused_before_the_training(course, tmp_path, monkeypatch, export):
    (tmp_path / "afile").write_text("precious")
    (tmp_path / "locked").mkdir()
    access = os.access  # root may write everywhere
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked" and access(path, mode))
    monkeypatch.setattr(keras_course.data, "open_images", lambda *_, **__: pytest.fail("it opens images"))
    code, _, errors = course(f"train perceptron --export {export}")
    assert code == 2
    assert f"`--export` must be a folder that can be written. Received: --export={export}" in errors
    assert not (tmp_path / "runs").exists()


def test_a_folder_in_use_is_refused_before_data_are_prepared(course, tmp_path, monkeypatch):
    (tmp_path / "used").mkdir()
    (tmp_path / "used/history.csv").write_text("precious")
    monkeypatch.setattr(keras_course.data, "open_images", lambda *_, **__: pytest.fail("it opens images"))
    code, output, errors = course("train perceptron --run-dir used")
    assert (code, output) == (2, "")
    assert "Received: --run-dir='used', which has history.csv" in errors
    assert (tmp_path / "used/history.csv").read_text() == "precious"


@pytest.mark.parametrize(
    ("model", "option"),
    [
        *((model, "cache=disk") for model in ("centernet", "unet", "captioner", "language-model", "ganimation")),
        ("lenet", "units=8"),
    ],
)
def test_an_option_that_a_task_lacks_is_refused_before_data_are_prepared(course, tmp_path, monkeypatch, model, option):
    for kind in KINDS.values():
        monkeypatch.setattr(kind.open.replace(":", "."), lambda *_, **__: pytest.fail("it opens data"))
    code, output, errors = course(f"train {model} --{option}")
    assert (code, output) == (2, "")
    name, _ = option.split("=")
    assert f"`--{name}` must be left out: it is not among " in errors
    assert f"Received: --{option}" in errors.replace("'", "")
    assert not (tmp_path / "runs").exists()


def test_options_override_the_recipe(course, tmp_path, no_figures):
    line = "train lenet --epochs 1 --batch-size 300 --optimizer sgd --learning-rate 0.05 --width 0.5 --decay none"
    code, _, errors = course(f"{line} --augment --patience 3 --weight-decay 0.001 --image-size 12 --run-dir here")
    assert (code, errors) == (0, "")
    config = json.loads((tmp_path / "here/config.json").read_text())
    assert config["input_shape"] == [12, 12, 1]
    assert (config["batch_size"], config["augment"], config["patience"]) == (300, ["flip", "crop"], 3)
    optimizer = config["optimizer"]
    assert (optimizer["name"], optimizer["learning_rate"], optimizer["weight_decay"]) == ("SGD", 0.05, 0.001)
    assert config["decay"] is None
    # width 0.5: 5x5 filters 1-3-8 without bias, 8x3x3 inputs to 60, 42, 10; batch norm adds 2 a channel
    assert config["parameters"] == 75 + 6 + 600 + 16 + 72 * 60 + 120 + 60 * 42 + 84 + 42 * 10 + 10


def test_images_on_disk_and_bfloat16_are_options(course, tmp_path, no_figures):
    line = "train perceptron --epochs 1 --decay none --batch-size 500 --cache none --precision bfloat16"
    code, _, errors = course(f"{line} --run-dir run")
    assert (code, errors) == (0, "")
    config = json.loads((tmp_path / "run/config.json").read_text())
    assert config["precision"] == "bfloat16"
    assert config["recipe"].items() >= {"cache": "none", "precision": "bfloat16"}.items()


def test_another_optimizer_has_its_own_rates(course, monkeypatch):
    asked = []

    def stop(network, images, settings):
        asked.append((network, images, settings))
        raise KeyboardInterrupt

    monkeypatch.setattr(keras_course.training.by_name, "run_classifier", stop)
    for options in ("", "--optimizer adam", "--optimizer SGD"):
        assert course(f"train alexnet --width 0.0625 {options}")[0] == 130
    (network, images, recipe), (_, _, adam), (_, _, sgd) = asked
    assert network.input_shape == (None, 16, 16, 1)  # enlarged from 8x8
    assert images.augment == ()  # a mirrored 2 is not a 2
    assert recipe.optimizer.momentum == sgd.optimizer.momentum == 0.9
    for name in ("learning_rate", "weight_decay"):
        assert getattr(recipe, name) == getattr(sgd, name) > 0
    assert (adam.optimizer, adam.learning_rate, adam.weight_decay) == ("adam", None, None)


def test_a_run_folder_in_use_is_kept_and_resume_goes_on_with_it(course, tmp_path, no_figures):
    assert course("train perceptron --epochs 1 --decay none")[0] == 0
    folder = tmp_path / "runs/perceptron-digits-1"
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    code, _, errors = course("train perceptron --epochs 2 --decay none --run-dir runs/perceptron-digits-1")
    assert code == 2
    assert "--resume" in errors
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert course("train perceptron --epochs 2 --decay none --resume")[0] == 0
    assert len(pd.read_csv(folder / "history.csv")) == 2
    assert not (tmp_path / "runs/perceptron-digits-2").exists()


def test_run_folders_are_numbered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    new, old = Request("classifier", {}), Request("classifier", {"resume": True})
    assert new.folder("mlp-digits") == Path("runs/mlp-digits-1")
    for name in ("mlp-digits-2", "mlp-digits-10", "mlp-digits-x", "mlp-other-30"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    assert new.folder("mlp-digits") == Path("runs/mlp-digits-11")
    new.claim.close()  # and they are removed, being empty
    assert old.folder("mlp-digits") == Path("runs/mlp-digits-10")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train lenett", "Did you mean lenet? Received: MODEL=lenett"),
        ("train --data digitz", "digitz"),
        ("train mlp --epochs 0", "Received: --epochs=0"),
        ("train mlp --batch-size 0", "Received: --batch-size=0"),
        ("train mlp --optimizer adamm", "`--optimizer` must be"),
        ("train mlp --learning-rate -1", "Received: --learning-rate=-1"),
        ("train mlp --patience 0", "Received: --patience=0"),
        ("train mlp --seed -1", "Received: --seed=-1"),
        ("train mlp --width 0", "`--width` must be"),
        ("train perceptron --width 2", "`--width` must be left out"),
        ("train lenet --image-size 3", "at least 4x4 pixels"),
        ("train mlp --image-size huge", "`--image-size` must be"),
        ("train language-model --cache disk", "`--cache` must be left out"),
        ("train language-model --precision bfloat16", "`--precision` must be left out"),
        ("train mlp --resume", "there is no runs/mlp-digits-N"),
        ("train mlp --mirror nowhere --data mnist", "nowhere"),
        ("models --input-shape 28", "`--input-shape` must be"),
    ],
)
def test_bad_input_is_one_red_line_and_exit_code_2(course, line, message, tmp_path):
    code, output, errors = course(line)
    assert code == 2
    assert message in " ".join(errors.split())
    assert errors.startswith("error: ")
    assert "Traceback" not in errors
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "line",
    [
        "train --decay linear",
        "train --cache tape",
        "train --precision half",
        "train --epochs many",
        "train --bogus",
        "no-such-command",
    ],
)
def test_typos_of_options_are_exit_code_2(course, line):
    code, _, errors = course(line)
    assert code == 2
    assert "Traceback" not in errors


def test_interruption_says_how_to_go_on(course, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras_course.training.by_name, "run_classifier", interrupted)
    code, output, _ = course("train mlp --run-dir 'my run'")
    assert code == 130
    assert "interrupted; keras-course train --run-dir 'my run' --resume goes on" in output


def test_what_goes_on_has_as_many_workers(tmp_path):
    request = Request("classifier", {"model": "mlp", "workers": 2, "run_dir": tmp_path})
    assert request.advice(tmp_path) == f"keras-course train --run-dir {tmp_path} --workers 2 --resume goes on"


def test_normalisation_over_one_device_is_refused(course):
    code, _, errors = course("train mlp --synchronized")
    assert code == 2
    assert "`--synchronized` needs several `--workers` or GPUs. Received: --synchronized, --workers=1" in errors


@pytest.mark.parametrize("line", ["compare hog+tree", "train centernet"])
def test_what_several_workers_cannot_train_is_refused(course, monkeypatch, line):
    task = {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 1}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(task))
    code, _, errors = course(line)
    assert code == 2
    assert "must be 1: only a classifier is trained by several workers so far" in errors


@pytest.mark.parametrize("command", ["", "train", "predict", "export", "models", "data"])
def test_help_imports_nothing_heavy(command):
    code = (
        "import sys\nfrom keras_course.cli.app import main\n"
        f"try:\n    main({[*command.split(), '--help']})\n"
        "finally:\n    heavy = {'keras', 'tensorflow', 'matplotlib', 'numpy', 'PIL', 'rich', 'json'}\n"
        "    print('imported', sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith("imported []")
    assert "Usage" in result.stdout


def test_help_lists_commands_and_no_sentence_is_cut(course):
    code, output, _ = course("--help")
    assert code == 0
    commands = {line.split()[0] for line in output.splitlines() if line}
    assert {"train", "classical", "compare", "predict", "export", "gan", "sample", "models", "data"} <= commands
    assert "..." not in output.replace("[ARGS]...", "")
    assert course("") == (2, output, "")  # no command: the same, and not a success
    assert course("--version") == (0, f"keras_course {keras_course.__version__}\n", "")


def test_classes_are_balanced_on_request(course, tmp_path):
    write_noise("noise.npz", (4, 4, 1), ("a", "b", "c"), 60)
    command = "train perceptron --data noise.npz --epochs 1 --decay none --run-dir run"
    code, _, errors = course(f"{command} --class-weight balanced")
    assert (code, errors) == (0, "")
    config = json.loads((tmp_path / "run/config.json").read_text())
    assert config["recipe"]["class_weight"] == "balanced"
    assert len(config["class_weight"]) == 3
    code, _, errors = course(f"{command} --class-weight even")
    assert code == 2
    assert all(word in errors for word in ("--class-weight", "even", "balanced"))


def test_a_detector_is_trained_on_a_folder_resumed_and_exported(course, tmp_path, no_figures):
    random = np.random.default_rng(0)
    (tmp_path / "kitchen").mkdir()
    images, objects = [], []
    for number in range(24):
        pixels = random.integers(0, 60, (40, 48, 3), np.uint8)
        left, top = random.integers(0, 20, 2).tolist()
        pixels[top : top + 16, left : left + 12] = 200
        Image.fromarray(pixels).save(tmp_path / f"kitchen/{number:02d}.png")
        images.append({"id": number, "file_name": f"{number:02d}.png", "width": 48, "height": 40})
        objects.append({"id": 1 + number, "image_id": number, "category_id": 7, "bbox": [left, top, 12, 16]})
    coco = {"images": images, "annotations": objects, "categories": [{"id": 7, "name": "cup"}]}
    (tmp_path / "kitchen/annotations.json").write_text(json.dumps(coco))
    line = "train centernet --data kitchen/ --image-size 32 --width 0.06 --decay none --run-dir run"
    code, output, errors = course(f"{line} --epochs 1 --export out")
    assert (code, errors) == (0, "")
    assert "test mAP@[.5:.95]" in output
    assert (tmp_path / "run/example_drawn.png").exists() and (tmp_path / "out/centernet_kitchen/1").is_dir()
    assert course("train --run-dir run --resume --epochs 2")[0] == 0
    assert len(pd.read_csv(tmp_path / "run/history.csv")) == 2
    code, _, errors = course(f"{line}2 --class-weight balanced")
    assert code == 2
    assert "`--class-weight` must be left out" in errors
    assert course("train centernet --data kitchen/ --run-dir run")[0] == 2
