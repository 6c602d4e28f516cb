"""train_recipe, resume_run and export_run: training by name equals training by hand, and each image is decoded once."""

import json
import random
import shutil
from dataclasses import replace
from functools import partialmethod

import keras
import numpy as np
import pytest

import keras_course
from keras_course.data import ImageData, load_images, open_images, tfds_source
from keras_course.export import load_saved_model
from keras_course.models import MODEL_BUILDERS
from keras_course.runs import export_run, read_config, resume_run, train_recipe
from keras_course.runs.by_name import load_model
from keras_course.training import RECIPES, train_classifier
from keras_course.training.by_name import builder_options

QUICK = {"epochs": 1, "batch_size": 500, "verbose": 0}


@pytest.fixture(autouse=True, scope="module")
def quick(digits_dir, decoded_once):
    """Digits that are prepared; no graph is made, which takes longer than these few steps; no figures are drawn."""
    with pytest.MonkeyPatch.context() as patch, decoded_once():
        patch.setenv("TFDS_DATA_DIR", str(digits_dir))
        patch.setattr(keras.Model, "compile", partialmethod(keras.Model.compile, run_eagerly=True))
        patch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)
        yield


@pytest.fixture
def decoded(monkeypatch):
    """The splits that were decoded, in order."""
    calls = []

    def counting(builder, split, *args):
        calls.append(split)
        return loading_decode(builder, split, *args)

    loading_decode = tfds_source.decode_split
    monkeypatch.setattr(tfds_source, "decode_split", counting)
    return calls


def assert_same_weights(a, b):
    for x, y in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.fixture(scope="module")
def template(quick, tmp_path_factory):
    folder = tmp_path_factory.mktemp("template") / "run"
    return train_recipe("perceptron", run_dir=folder, decay="none", seed=3, **QUICK)


@pytest.fixture
def first(template, tmp_path):
    """A perceptron of one epoch with a constant rate, in a run folder of the test's own."""
    return replace(template, run_dir=shutil.copytree(template.run_dir, tmp_path / "run"))


def test_by_name_equals_by_hand_to_the_bit():
    recipe = RECIPES["mlp"].for_data("digits", 1293)
    data = load_images("digits", batch_size=500, augment=recipe.augment, seed=2)
    keras.utils.set_random_seed(2)
    model = MODEL_BUILDERS["mlp"](data.input_shape, data.num_classes, **recipe.options)
    by_hand = train_classifier(model, data, **recipe.settings(epochs=1), seed=2, verbose=0)
    by_name = train_recipe("MLP", "digits", seed=2, **QUICK)
    assert_same_weights(by_name.model, by_hand.model)
    np.testing.assert_array_equal(by_name.evaluation.probabilities, by_hand.evaluation.probabilities)


def test_the_callers_random_numbers_are_left_alone():
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    train_recipe("perceptron", **QUICK)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_name_source_and_loaded_images_give_the_same_and_decode_each_image_once(decoded):
    by_name = train_recipe("perceptron", "digits", **QUICK)
    assert sorted(decoded) == ["test", "train"]
    source = open_images("digits")
    assert len(decoded) == 2, "a source is opened and not decoded"
    assert_same_weights(train_recipe("perceptron", source, **QUICK).model, by_name.model)
    loaded = load_images("digits")
    decoded.clear()
    assert_same_weights(train_recipe("perceptron", loaded, **QUICK).model, by_name.model)
    assert decoded == []


def test_images_are_decoded_once_at_the_size_of_the_recipe_or_enlarged_in_memory(decoded, monkeypatch):
    # what is trained, on what, with which settings, decides the run: see `test_by_name_equals_by_hand_to_the_bit`
    monkeypatch.setattr("keras_course.training.by_name.run_classifier", lambda *arguments: arguments)
    model, images, settings = train_recipe("resnet18", "digits", width=0.02)
    assert sorted(decoded) == ["test", "train"]
    assert images.input_shape == (16, 16, 1)
    loaded = load_images("digits")
    decoded.clear()
    same, enlarged, same_settings = train_recipe("resnet18", loaded, width=0.02)
    assert decoded == []
    for part in ("train", "validation", "test"):
        got, want = (getattr(data, f"{part}_examples") for data in (enlarged, images))
        np.testing.assert_array_equal(got.images, want.images)
        np.testing.assert_array_equal(got.labels, want.labels)
    assert (enlarged.batch_size, enlarged.augment, enlarged.seed) == (images.batch_size, images.augment, images.seed)
    assert (same_settings.epochs, same_settings.seed) == (settings.epochs, settings.seed)
    assert_same_weights(same, model)


def test_loaded_images_are_not_loaded_otherwise():
    data = load_images("digits")
    with pytest.raises(ValueError, match="`validation_fraction` must be left out: the images are loaded already"):
        train_recipe("perceptron", data, validation_fraction=0.2, **QUICK)


def test_resume_goes_on_with_the_recorded_settings_for_more_epochs(first, tmp_path):
    whole = train_recipe("perceptron", decay="none", seed=3, **{**QUICK, "epochs": 3})
    resumed = resume_run(first.run_dir, epochs=3, verbose=0)
    assert_same_weights(resumed.model, whole.model)
    assert resumed.config["recipe"] == {**first.config["recipe"], "epochs": 3}
    assert len(resume_run(first.run_dir, verbose=0).history) == 3
    with pytest.raises(ValueError, match="`epochs` must be an integer >= 3. Received: epochs=2"):
        resume_run(first.run_dir, epochs=2)


def test_numbers_of_numpy_are_recorded_as_numbers(tmp_path):
    options = {"epochs": np.int64(1), "batch_size": np.int32(500), "patience": np.int64(2), "seed": np.int64(3)}
    run = train_recipe("perceptron", run_dir=tmp_path, learning_rate=np.float32(0.25), verbose=0, **options)
    recipe = read_config(tmp_path)["recipe"]
    assert {name: recipe[name] for name in options} == {"epochs": 1, "batch_size": 500, "patience": 2, "seed": 3}
    assert recipe["learning_rate"] == 0.25
    assert_same_weights(resume_run(tmp_path, verbose=0).model, run.model)


def test_with_a_falling_rate_no_other_epochs_are_possible_and_the_refusal_says_why(tmp_path):
    train_recipe("perceptron", run_dir=tmp_path, **QUICK)
    with pytest.raises(ValueError, match=r"`epochs` must stay 1: the learning rate .* falls .*\(ExponentialDecay\)"):
        resume_run(tmp_path, epochs=2)
    with pytest.raises(ValueError, match="epochs was 1, now 2; decay.decay_rate was"):
        train_recipe("perceptron", run_dir=tmp_path, resume=True, **{**QUICK, "epochs": 2})
    assert len(resume_run(tmp_path, epochs=1, verbose=0).history) == 1


def test_other_settings_and_other_runs_are_not_resumed(first, tmp_path):
    with pytest.raises(ValueError, match="batch_size was 500, now 20"):
        resume_run(first.run_dir, batch_size=20)
    with pytest.raises(ValueError, match="`run_dir` must hold a run with config.json"):
        resume_run(tmp_path)
    (tmp_path / "config.json").write_text('{"layers_digest": "..."}')
    with pytest.raises(ValueError, match="a run of the kind 'classifier' that recorded no recipe"):
        resume_run(tmp_path)


@pytest.mark.parametrize("options", [{}, {"epochs": 3}])
def test_a_comparison_is_not_resumed_as_a_training(tmp_path, options):
    recipe = {"models": ["pixels+tree"], "data": "digits", "seed": 0}
    (tmp_path / "config.json").write_text(json.dumps({"kind": "comparison", "models": ["a"], "recipe": recipe}))
    with pytest.raises(ValueError, match=r"`run_dir` must hold a run of train_recipe .* of the kind 'comparison'$"):
        resume_run(tmp_path, **options)


def test_images_in_memory_are_given_again(tmp_path):
    data = load_images("digits")
    train_recipe("perceptron", data, run_dir=tmp_path, decay="none", **QUICK)
    assert read_config(tmp_path)["recipe"]["data"] is None
    with pytest.raises(ValueError, match="`data` must be given again"):
        resume_run(tmp_path, epochs=2)
    assert len(resume_run(tmp_path, data=data, epochs=2, verbose=0).history) == 2


def test_a_run_is_exported_by_its_kind(first, tmp_path):
    written = export_run(first.run_dir, tmp_path / "exports", name="mine")
    assert written == tmp_path / "exports/mine/1"
    images = first.data.test_examples.images[:20]
    expected = first.evaluation.probabilities[:20]
    np.testing.assert_allclose(load_saved_model(written).predict(images).probabilities, expected, atol=1e-6)
    with pytest.raises(FileNotFoundError, match="`run_dir` must hold a run.*, which does not exist$"):
        export_run(tmp_path / "nowhere", tmp_path)
    (first.run_dir / "model.keras").write_bytes(b"half")
    with pytest.raises(ValueError, match="a model.keras that can be loaded"):
        load_model(first.run_dir)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(
            ({"name": name}, "`name` must be a folder name")
            for name in ("../x", "..", "a/b", "/x", "", ".x", "a\nb", 3)
        ),
        ({"format": "h5"}, "`format` must be one of 'saved-model', 'onnx', 'litert'. Received: format='h5'"),
        ({"format": "onnx", "kind": "gan"}, "`format` must be one of 'saved-model'. Received: format='onnx'"),
    ],
)
def test_name_and_format_of_an_export_are_checked_before_the_model_is_loaded(tmp_path, monkeypatch, options, message):
    monkeypatch.setattr("keras_course.runs.by_name.load_model", lambda _: pytest.fail("it loads the model"))
    config = {"kind": options.pop("kind", "classifier"), "model": "lenet", "data": "digits", "class_names": ["a", "b"]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=message):
        export_run(tmp_path, tmp_path / "exports", **options)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (3, {}, "`model` must be one of .* Received: model=3"),
        (None, {}, "`model` must be one of .* Received: model=None"),
        ("perceptron", {"image_size": 0}, "`image_size` must be .*Received: image_size=0"),
        ("pixels+tree", {"resume": True}, "`resume` must be left out: .*Received: resume=True"),
        ("lenett", {}, "`model` must be one of .*Did you mean lenet"),
        ("lenet", {"epoch": 1}, "`epoch` must be left out: it is not among epochs, .*Received: epoch=1"),
        ("resnet18", {"depth": 34}, "`depth` must be left out: .*Received: depth=34"),
        ("gan", {"weight_decay": 0}, "`weight_decay` must be left out: .*Received: weight_decay=0"),
        ("hog+forest", {"epochs": 1}, "`epochs` must be left out: .*Received: epochs=1"),
        ("perceptron", {"optimizer": keras.optimizers.SGD()}, "`optimizer` must be the name of a Keras optimizer"),
        ("perceptron", {"decay": "slow"}, "`decay` must be"),
    ],
)
def test_what_is_unknown_is_named(model, options, message):
    with pytest.raises(ValueError, match=message):
        train_recipe(model, **options)


def test_a_folder_in_use_is_refused_before_the_data_are_opened(first):
    with pytest.raises(ValueError, match="`run_dir` must be a new or empty folder"):
        train_recipe("perceptron", "no_such_data", run_dir=first.run_dir)


def test_only_a_kind_that_can_be_resumed_is_advised_to(first):
    with pytest.raises(ValueError, match=r"or hold a run to go on with by resume=True\. Received"):
        train_recipe("perceptron", run_dir=first.run_dir)
    with pytest.raises(ValueError, match=r"`run_dir` must be a new or empty folder\. Received"):
        train_recipe("pixels+tree", run_dir=first.run_dir)


def test_a_run_folder_below_a_file_is_refused_before_data_are_opened(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"`run_dir` must be a folder\. Received: .*below/it.*file is a file$"):
        train_recipe("perceptron", "no_such_data", run_dir=tmp_path / "file/below/it")


def test_a_source_with_other_channels_is_refused():
    with pytest.raises(ValueError, match="`channels` must be left out or 1: .*Received: channels=3"):
        train_recipe("perceptron", open_images("digits"), channels=3)


def test_pipelines_are_fitted_by_name_in_any_case(tmp_path, no_figures):
    run = keras_course.train_recipe("Pixels_+Tree", verbose=0, command="keras-course classical", run_dir=tmp_path)
    assert (run.config["model"], run.config["command"]) == ("pixels+tree", "keras-course classical")
    assert run.evaluation.accuracy > 0.7


def test_weight_decay_is_the_optimizers_and_not_the_builders():
    run = train_recipe("lenet", weight_decay=1e-3, **QUICK)
    assert run.config["optimizer"]["weight_decay"] == 1e-3
    assert not run.model.losses, "no penalty on the weights besides"
    assert "weight_decay" not in builder_options(MODEL_BUILDERS["lenet"])


def test_a_run_goes_on_with_the_same_labels_alone(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 1), np.uint8)
    labels = np.arange(60) % 3
    one, other = (ImageData.from_arrays(images, numbers, name="own") for numbers in (labels, labels[::-1]))
    settings = {"epochs": 1, "decay": "none", "verbose": 0, "run_dir": tmp_path}
    train_recipe("perceptron", one, **settings)
    with pytest.raises(ValueError, match=r"`resume` needs the settings of the run .*labels was '\w{16}', now '\w{16}'"):
        train_recipe("perceptron", other, resume=True, **settings)
