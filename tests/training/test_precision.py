"""Training in bfloat16: layers compute in it, the model that comes out does not."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from outlines import outline
from test_strategy import images, normalised

from keras_course import resume_run, train_recipe
from keras_course.applications.detection.training import compiled_with_losses
from keras_course.export import export_saved_model, load_saved_model
from keras_course.models import MODEL_BUILDERS, build_centernet
from keras_course.runs.mirrored import rebuilt
from keras_course.training import by_name, train_classifier
from keras_course.training.precision import chosen_precision, multiplies_bfloat16


def computing(model):
    """Returns in what each layer computes that computes."""
    kinds = {layer.name: layer.compute_dtype for layer in model.layers}
    return {
        name: kind for name, kind in kinds.items() if not isinstance(model.get_layer(name), keras.layers.InputLayer)
    }


def seeing(seen):
    """Returns a callback that notes in what the layers of the trained model compute."""

    def look(logs=None):
        seen.update(computing(callback.model))

    callback = keras.callbacks.LambdaCallback(on_train_begin=look)
    return callback


def trained(precision, dropout=0.2, **options):
    keras.utils.set_random_seed(1)
    model, seen = normalised(dropout), {}
    options = {"epochs": 2, "optimizer": "muon", "verbose": 0} | options
    run = train_classifier(model, images(40, 8), precision=precision, callbacks=[seeing(seen)], **options)
    return run, seen


def test_layers_compute_in_bfloat16_and_all_that_comes_out_in_float32(tmp_path):
    run, seen = trained("bfloat16", run_dir=tmp_path / "run")
    assert {name: kind for name, kind in seen.items() if kind != "bfloat16"} == {"logits": "float32"}
    assert {layer.compute_dtype for layer in run.model.layers} == {"float32"}
    assert {weight.dtype for weight in run.model.weights} == {"float32"}
    assert run.config["precision"] == "bfloat16"
    saved = keras.models.load_model(tmp_path / "run/model.keras")
    assert {layer.compute_dtype for layer in saved.layers} == {"float32"}
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1), np.uint8)
    expected = keras.ops.softmax(run.model(pixels / np.float32(255), training=False))
    exported = load_saved_model(export_saved_model(run.model, tmp_path / "export"))
    np.testing.assert_allclose(exported.predict(pixels).probabilities, expected, atol=1e-6)


def test_the_losses_are_near_those_of_float32_and_others():
    (half, _), (whole, seen) = (trained(kind, dropout=0.0) for kind in ("bfloat16", "float32"))  # which draws otherwise
    assert set(seen.values()) == {"float32"}
    assert "precision" not in whole.config
    np.testing.assert_allclose(half.history["loss"], whole.history["loss"], rtol=0.02)
    assert not np.array_equal(half.history["loss"], whole.history["loss"])
    norms, others = half.gradient_norms.iloc[0], whole.gradient_norms.iloc[0]
    np.testing.assert_allclose(norms, others, rtol=0.05)


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(tmp_path):
    whole, _ = trained("bfloat16", epochs=3)
    trained("bfloat16", epochs=1, run_dir=tmp_path / "run")
    resumed, _ = trained("bfloat16", epochs=3, run_dir=tmp_path / "run", resume=True)
    for ours, theirs in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match="precision was 'bfloat16', now 'float32'"):
        trained("float32", epochs=3, run_dir=tmp_path / "run", resume=True)


def test_a_run_in_float32_is_not_resumed_in_bfloat16(tmp_path):
    trained("float32", epochs=1, run_dir=tmp_path / "run")
    with pytest.raises(ValueError, match="precision was 'float32', now 'bfloat16'"):
        trained("bfloat16", epochs=2, run_dir=tmp_path / "run", resume=True)


def test_a_recipe_is_resumed_in_the_precision_of_its_run(digits_dir, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_course.training.precision.multiplies_bfloat16", lambda: True)
    in_half = replace(by_name.RECIPES["perceptron"], precision="bfloat16")
    monkeypatch.setitem(by_name.RECIPES, "perceptron", in_half)
    options = {"epochs": 1, "decay": "none", "data_dir": digits_dir, "verbose": 0}
    train_recipe("perceptron", precision="float32", run_dir=tmp_path / "run", **options)
    run = resume_run(tmp_path / "run", epochs=2, verbose=0)
    assert len(run.history) == 2
    assert "precision" not in run.config


def test_what_a_layer_without_weights_joins_for_an_output_is_made_in_float32():
    detector = outline(build_centernet, (32, 32, 1), 3, width=0.05)
    half = rebuilt(compiled_with_losses(detector, keras.optimizers.Adam()), precision="bfloat16")
    kinds = computing(half)
    assert {name for name, kind in kinds.items() if kind == "float32"} == {"heatmap", "size", "offset", "box"}
    assert kinds["box_conv1"] == "bfloat16"


def test_operations_between_layers_are_copied():
    image = keras.Input((8, 8, 1))
    convolutions = [keras.layers.Conv2D(2, 3, name=name) for name in ("first", "second", "third")]
    x = convolutions[0](image)
    half = rebuilt(keras.Model(image, convolutions[1](x) + 2 * convolutions[2](x)), precision="bfloat16")
    kinds = [half.get_layer(one.name).compute_dtype for one in convolutions]
    assert (kinds, half.output.dtype) == (["bfloat16", "float32", "float32"], "float32")


def test_a_model_inside_makes_its_outputs_in_float32():
    inputs, image = keras.Input((8, 8, 2)), keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(2, 3, name="inner")(inputs)
    head = keras.Model(inputs, keras.layers.Conv2D(2, 3, name="last")(x), name="head")
    half = rebuilt(keras.Model(image, head(keras.layers.Conv2D(2, 1, name="outer")(image))), precision="bfloat16")
    assert half.get_layer("outer").compute_dtype == "bfloat16"
    kinds = {name: half.get_layer("head").get_layer(name).compute_dtype for name in ("inner", "last")}
    assert kinds == {"inner": "bfloat16", "last": "float32"}
    assert half.output.dtype == "float32"


def test_layers_without_weights_that_meet_again_and_again():
    image = keras.Input((4,))
    x = keras.layers.Dense(3, name="logits")(image)
    for _ in range(40):  # 2 ** 40 ways through
        x = keras.layers.Average()([x, keras.layers.ReLU()(x)])
    assert rebuilt(keras.Model(image, x), precision="bfloat16").get_layer("logits").compute_dtype == "float32"


@pytest.mark.parametrize("name", ["fast", "vgg11", "resnet18", "recurrent"])
def test_nets_are_made_anew_with_the_same_weights(name):
    model = outline(MODEL_BUILDERS[name], (16, 16, 1), 3, width=0.125)
    half = rebuilt(model, precision="bfloat16")
    assert [v.shape for v in half.variables] == [v.shape for v in model.variables]
    assert [name for name, kind in computing(half).items() if kind == "float32"] == ["logits"]


def test_layers_of_another_precision_keep_it():
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Dense(4, dtype="float64", name="wide")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3, name="logits")(x))
    assert rebuilt(model, precision="bfloat16").get_layer("wide").compute_dtype == "float64"


@pytest.mark.parametrize("precision", ["float16", "auto", None, 16])
def test_other_precisions_of_a_training_are_refused(precision):
    with pytest.raises(ValueError, match="`precision` must be one of"):
        trained(precision)


def test_several_devices_compute_in_float32():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with pytest.raises(ValueError, match="`precision` must be 'float32' with a strategy"):
        trained("bfloat16", strategy=strategy)


def test_auto_is_what_the_recipe_says_where_the_machine_multiplies_in_it(monkeypatch):
    monkeypatch.setattr("keras_course.training.precision.multiplies_bfloat16", lambda: True)
    assert [chosen_precision(asked, "bfloat16") for asked in (None, "auto", "float32")] == [
        *("bfloat16", "bfloat16", "float32")
    ]
    assert chosen_precision("auto", "float32") == "float32"
    monkeypatch.setattr("keras_course.training.precision.multiplies_bfloat16", lambda: False)
    assert [chosen_precision(asked, "bfloat16") for asked in (None, "auto", "bfloat16")] == [
        *("float32", "float32", "bfloat16")
    ]
    with pytest.raises(ValueError, match="`precision` must be one of"):
        chosen_precision("half", "float32")


@pytest.mark.parametrize(
    ("flags", "expected"), [("fpu avx512_bf16 avx", True), ("fpu avx512f", False), ("asimd bf16", True)]
)
def test_linux_says_what_the_processor_multiplies_in(tmp_path, flags, expected):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n")
    assert multiplies_bfloat16(tmp_path / "cpuinfo") is expected


def test_a_recipe_takes_it_and_records_it(digits_dir, monkeypatch):
    given = {}
    monkeypatch.setattr(by_name, "run_classifier", lambda model, data, settings: given.update(vars(settings)))
    train_recipe("perceptron", data_dir=digits_dir, precision="bfloat16", verbose=0)
    assert given["precision"] == given["recipe"]["precision"] == "bfloat16"
    train_recipe("perceptron", data_dir=digits_dir, precision="auto", verbose=0)
    assert given["precision"] == "float32"
    assert given["recipe"]["precision"] == "float32"
    with pytest.raises(ValueError, match="`precision` must be left out"):
        train_recipe("captioner", precision="bfloat16")
