"""Flipped bits and truncations of all that is read back: an error of one line, or what was written; never another."""

import io
import json
import shutil
import zipfile

import keras
import numpy as np
import pytest

import keras_course.runs.by_name
from keras_course.data import ImageData
from keras_course.export import export_saved_model, load_classifier, load_saved_model
from keras_course.runs import RunFolder, export_run, read_config, resume_run
from keras_course.runs.kinds import Kind
from keras_course.training import train_classifier

TRIALS = 200
ENDS = ("data-00000-of-00001", "index")


def damaged(content, kind, seed):
    """Yields `TRIALS` copies of a file's content, each with one flipped bit, or cut off somewhere."""
    random = np.random.default_rng(seed)
    for _ in range(TRIALS):
        place = int(random.integers(len(content)))
        if kind == "cut":
            yield content[:place]
        else:
            copy = bytearray(content)
            copy[place] ^= 1 << int(random.integers(8))
            yield bytes(copy)


def tried(read, file, content):
    """Writes the content and reads; returns the answer, or None for an error of one line that names the path."""
    file.write_bytes(content)
    try:
        return read()
    except (ValueError, OSError) as error:
        message = str(error)
        assert "\n" not in message and len(message) < 2_000
        assert file.name in message or file.parent.name in message, message
        return None


def small_net():
    return keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Flatten(name="flat"), keras.layers.Dense(3, name="logits")], name="net"
    )


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (24, 4, 4, 1), np.uint8)


@pytest.fixture(scope="module")
def run(tmp_path_factory, images):
    """A finished run of a small net."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    data = ImageData.from_arrays(images, np.arange(24) % 3, class_names=["ant", "bee", "cat"], batch_size=8)
    keras.utils.set_random_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)
        train_classifier(small_net(), data, epochs=1, run_dir=folder, verbose=0)
    return folder


@pytest.fixture
def copy(run, tmp_path):
    return shutil.copytree(run, tmp_path / "copy of a run")


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_model_file(copy, images, kind):
    file = copy / "model.keras"
    whole = file.read_bytes()
    right = load_classifier(copy).predict(images).probabilities
    refused = 0
    for content in damaged(whole, kind, 1):
        answer = tried(lambda: load_classifier(copy).predict(images).probabilities, file, content)
        refused += answer is None
        if answer is not None:
            np.testing.assert_array_equal(answer, right)
    assert refused > TRIALS / 2


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_checkpoint(copy, kind):
    file, config = copy / "checkpoint.npz", read_config(copy)
    whole = file.read_bytes()
    right = RunFolder(copy, config, resume=True).checkpoint
    refused = 0
    for content in damaged(whole, kind, 2):
        answer = tried(lambda: RunFolder(copy, config, resume=True).checkpoint, file, content)
        refused += answer is None
        if answer is not None:
            assert answer.keys() == right.keys()
            for name, array in right.items():
                np.testing.assert_array_equal(answer[name], array)
    assert refused > TRIALS / 2


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_config(copy, kind, monkeypatch):
    """JSON has no checksum, so a changed digit is believed; but what can't be is refused in one line."""
    file = copy / "config.json"
    whole = file.read_bytes()
    net = small_net()
    monkeypatch.setattr(keras_course.runs.by_name, "load_model", lambda folder: net)
    monkeypatch.setattr(keras_course.runs.by_name, "write_next_version", lambda directory, write: directory)

    def use():
        answers = [read_config(copy)["kind"]]
        for read in (lambda: export_run(copy, copy / "exports"), lambda: resume_run(copy, epochs=1)):
            try:
                answers.append(read())
            except ValueError as error:
                assert "\n" not in str(error)
        return answers

    monkeypatch.setattr(Kind, "resolve", lambda kind, field: lambda *_, **__: None if field != "recipes" else ())
    answers = [tried(use, file, content) for content in damaged(whole, kind, 3)]
    assert None in answers


@pytest.mark.parametrize("kind", ["flip", "cut"])
@pytest.mark.parametrize("name", ["saved_model.pb", *(f"variables/variables.{end}" for end in ENDS)])
def test_saved_model(tmp_path, images, kind, name):
    keras.utils.set_random_seed(0)
    version = export_saved_model(small_net(), tmp_path / "net", class_names=["ant", "bee", "cat"])
    right = load_saved_model(version).predict(images).probabilities
    whole = (version / name).read_bytes()
    for content in damaged(whole, kind, 4):
        answer = tried(lambda: load_saved_model(version).predict(images).probabilities, version / name, content)
        if answer is not None:
            np.testing.assert_array_equal(answer, right)
        if content != whole:
            assert answer is None


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_saved_model_without_recorded_digests(tmp_path, images, kind):
    """An export of 0.1.0: whatever TensorFlow raises at the load or at work becomes one line."""
    version = export_saved_model(small_net(), tmp_path / "net")
    shutil.rmtree(version / "assets.extra", ignore_errors=True)
    whole = (version / "saved_model.pb").read_bytes()
    for content in list(damaged(whole, kind, 5))[::8]:
        tried(lambda: load_saved_model(version).predict(images).probabilities, version / "saved_model.pb", content)


def one_line(use, *parts):
    """Tells whether a call raises; it may a ValueError or OSError of one line that has all the parts."""
    try:
        use()
    except (ValueError, OSError) as error:
        assert "\n" not in str(error), error
        for part in parts:
            assert part in str(error), error
        return True
    return False


def resume(folder, images, epochs=1):
    data = ImageData.from_arrays(images, np.arange(24) % 3, class_names=["ant", "bee", "cat"], batch_size=8)
    return train_classifier(small_net(), data, epochs=epochs, run_dir=folder, resume=True, verbose=0)


@pytest.fixture
def no_report(monkeypatch):
    monkeypatch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays, name: {key: array for key, array in arrays.items() if key != name},
        lambda arrays, name: arrays | {name: np.zeros((3, 1, 2))},
        lambda arrays, name: arrays | {name: np.array("text")},
        lambda arrays, name: arrays | {name: np.array([{}], dtype=object)},
    ],
    ids=["missing", "shape", "type", "pickled"],
)
def test_checkpoints_with_other_contents(copy, images, no_report, change):
    file = copy / "checkpoint.npz"
    with np.load(file) as loaded:
        arrays = dict(loaded)
    right = resume(copy, images).model.get_weights()
    for name in list(arrays)[::2]:
        np.savez(file, **change(arrays, name), allow_pickle=True)
        if not one_line(lambda: resume(copy, images), str(file), "delete it to start the run anew"):
            for got, want in zip(resume(copy, images).model.get_weights(), right, strict=True):
                np.testing.assert_array_equal(got, want)
    for content in (b"", b"no zip", b"PK\x05\x06" + bytes(18)):
        file.write_bytes(content)
        assert one_line(lambda: resume(copy, images), str(file), "delete it to start the run anew")


VALUES = [None, 3, -1, 0.5, "text", [], [3], {}, {"model": 3}, True, float("nan")]


def test_configs_with_other_contents(copy, tmp_path):
    """Each value in turn becomes one of another type, at the top and in what `train_recipe` was given."""
    file = copy / "config.json"
    right = json.loads(file.read_text()) | {"recipe": {"model": "perceptron", "data": "digits", "seed": 0}}
    settings = read_config(copy)
    uses = (
        lambda: RunFolder(copy, settings, resume=True),
        lambda: resume_run(copy, epochs=2),
        lambda: export_run(copy, tmp_path / "exports"),
        lambda: load_classifier(copy),
    )
    refused = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keras_course.runs.by_name.train_recipe", lambda model, data, **rest: None)
        net = small_net()
        patch.setattr(keras_course.runs.by_name, "load_model", lambda folder: net)
        patch.setattr("keras_course.export.keras_models.load_keras_model", lambda file: net)
        patch.setattr(keras_course.runs.by_name, "write_next_version", lambda directory, write: directory)
        for name in right:
            for value in [*VALUES, "gone"]:
                config = {key: old for key, old in right.items() if key != name or value != "gone"}
                for use in uses:
                    file.write_text(json.dumps(config | ({} if value == "gone" else {name: value})))
                    refused += one_line(use)
        for content in ("", "no JSON", "[]", "3", "null", "[" * 100_000, "\xff", '{"seed": ' + "9" * 5_000 + "}"):
            file.write_bytes(content.encode("latin-1"))
            assert all([one_line(use, "config.json") for use in uses])
    assert refused > 200


def test_damaged_tables_of_a_finished_run_are_written_again(copy, images, no_report):
    tables = {name: (copy / name).read_bytes() for name in ("history.csv", "gradient_norms.csv")}
    for name in tables:
        (copy / name).write_bytes(b"\x00damaged")
    resume(copy, images)
    assert {name: (copy / name).read_bytes() for name in tables} == tables


@pytest.mark.parametrize("value", [*VALUES, [{"model": "lenet"}], [{"look": 1, "accuracy": "x"}]])
def test_records_of_looks_with_other_contents(tmp_path, value):
    from keras_course.selection.looks import RECORD, Look, read_looks, refuse_second_look

    look = Look("lenet", "digits", 0.5, 0.4, 0.6, None, 10, "2026-01-01", 1)
    for record in (value, *([vars(look) | {name: value}] for name in vars(look))):
        (tmp_path / RECORD).write_text(json.dumps(record))
        one_line(lambda: refuse_second_look(tmp_path, read_looks(tmp_path)), str(tmp_path))


@pytest.mark.parametrize("name", ["assets/class_names.txt", "variables/variables.index", "saved_model.pb", "assets"])
@pytest.mark.parametrize("with_sums", [True, False])
def test_saved_models_that_lack_a_file(tmp_path, name, with_sums):
    version = export_saved_model(small_net(), tmp_path / "net")
    if not with_sums:
        shutil.rmtree(version / "assets.extra", ignore_errors=True)
    shutil.rmtree(version / name) if (version / name).is_dir() else (version / name).unlink()
    assert one_line(lambda: load_saved_model(version), str(version))


def test_saved_models_with_an_operation_that_is_not_registered(tmp_path, images):
    version = export_saved_model(small_net(), tmp_path / "net")
    shutil.rmtree(version / "assets.extra", ignore_errors=True)
    file = version / "saved_model.pb"
    file.write_bytes(file.read_bytes().replace(b"Softmax", b"Softmix"))
    assert one_line(lambda: load_saved_model(version).predict(images), str(version), "Softmix")


@pytest.mark.parametrize("name", ["config.json", "metadata.json", "model.weights.h5"])
def test_model_files_that_are_whole_zip_files_without_a_part(copy, name):
    file = copy / "model.keras"
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
    refused = one_line(lambda: keras_course.runs.by_name.load_model(copy), str(copy), "--resume")
    assert refused or name == "metadata.json"
    assert one_line(lambda: load_classifier(copy), str(file)) == refused
