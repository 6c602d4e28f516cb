"""train_classifier: what it leaves behind, repeats, resumes and refuses."""

import json
import re
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from keras_course.callbacks import ExponentialDecay
from keras_course.data import Examples, ImageData, load_images
from keras_course.models import build_mlp
from keras_course.training import NonFiniteLossError, train_classifier

FILES = {"config.json", "history.csv", "gradient_norms.csv", "model.keras", "checkpoint.npz", "report.html", "figures"}


@pytest.fixture(scope="module")
def data(digits_dir):
    return load_images("digits", batch_size=256, data_dir=digits_dir)


@pytest.fixture
def few(data, eager):
    """The images in one batch, and no graph: a step an epoch for what does not depend on the number of steps."""
    return replace(data, batch_size=2000)


def mlp(data, **options):
    keras.utils.set_random_seed(options.pop("seed", 5))
    return build_mlp(data.input_shape, data.num_classes, **{"hidden": (24,), "dropout": 0.3, **options})


def train(model, data, **options):
    return train_classifier(model, data, **{"epochs": 2, "verbose": 0, **options})


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    decay = ExponentialDecay(decay_rate=0.5)
    return train(mlp(data), data, epochs=4, learning_rate=0.01, decay=decay, patience=3, run_dir=folder)


def assert_same_weights(a, b):
    for x, y in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(x, y)


def test_run_folder_holds_what_it_should(finished):
    assert {path.name for path in finished.run_dir.iterdir()} == FILES
    figures = {path.name for path in (finished.run_dir / "figures").iterdir()}
    assert {"loss.png", "accuracy.png", "learning_rate.png", "gradient_norms.png", "confusion_matrix.png"} <= figures


def test_tables_on_disk_are_those_of_the_run(finished):
    history = pd.read_csv(finished.run_dir / "history.csv", index_col="epoch")
    pd.testing.assert_frame_equal(history, finished.history, check_index_type=False)
    norms = pd.read_csv(finished.run_dir / "gradient_norms.csv", index_col="step")
    pd.testing.assert_frame_equal(norms, finished.gradient_norms)
    assert list(norms.columns) == ["hidden1", "logits"]
    assert list(norms.index) == list(range(4 * 6))


def test_learning_rate_follows_the_decay(finished):
    np.testing.assert_allclose(finished.history["learning_rate"], 0.01 * np.exp(-0.5 * np.arange(4)), rtol=1e-6)


def test_config_says_what_made_the_run(finished, data):
    config = json.loads((finished.run_dir / "config.json").read_text())
    assert config["model"] == "mlp"
    assert config["parameters"] == 64 * 24 + 24 + 24 * 10 + 10
    assert config["data"] == "digits"
    assert config["class_names"] == list(data.class_names)
    assert config["optimizer"]["learning_rate"] == 0.01
    assert config["decay"] == {"law": "ExponentialDecay", "initial_rate": 0.01, "decay_rate": 0.5}
    assert config["seed"] == 0


def test_saved_model_is_the_trained_one(finished, data):
    loaded = keras.models.load_model(finished.run_dir / "model.keras")
    assert_same_weights(loaded, finished.model)
    loss, accuracy = loaded.evaluate(data.test, verbose=0)
    assert accuracy == pytest.approx(finished.evaluation.accuracy)
    assert loss == pytest.approx(finished.evaluation.loss, rel=1e-5)


def test_best_weights_are_restored(finished, data):
    best = finished.history["val_loss"].idxmin()
    assert finished.best_epoch == best
    loss, _ = finished.model.evaluate(data.validation, verbose=0)
    assert loss == pytest.approx(finished.history["val_loss"][best], rel=1e-5)


def test_patience_ends_a_training_that_gets_worse_and_goes_back_to_the_best_epoch(few):
    class Spoil(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.optimizer.learning_rate = 1.0

    run = train(mlp(few), few, epochs=9, learning_rate=0.01, patience=2, callbacks=[Spoil()])
    losses = run.history["val_loss"]
    assert run.best_epoch == losses.idxmin() == 1
    assert len(losses) == 4, "the best epoch, and two more without a lower loss"
    loss, _ = run.model.evaluate(few.validation, verbose=0)
    assert loss == pytest.approx(losses[1], rel=1e-5)
    assert loss < losses[3]


def test_same_seed_gives_the_same_weights_whatever_ran_before_and_another_does_not(data):
    first = train(mlp(data), data, seed=1)
    keras.random.uniform((3,))
    np.random.default_rng().random(5)
    assert_same_weights(first.model, train(mlp(data), data, seed=1).model)
    with pytest.raises(AssertionError):
        assert_same_weights(first.model, train(mlp(data), data, seed=2).model)


def test_run_in_two_parts_equals_run_in_one(data, tmp_path, no_report):
    options = {"decay": ExponentialDecay(decay_rate=0.3), "optimizer": "adam", "patience": 10}
    whole = train(mlp(data, batch_norm=True), data, epochs=4, **options)
    train(mlp(data, batch_norm=True), data, epochs=2, run_dir=tmp_path / "parts", **options)
    other_weights = mlp(data, batch_norm=True, seed=77)
    parts = train(other_weights, data, epochs=4, run_dir=tmp_path / "parts", resume=True, **options)
    assert_same_weights(whole.model, parts.model)
    pd.testing.assert_frame_equal(
        whole.history.drop(columns="seconds"), parts.history.drop(columns="seconds"), check_exact=True
    )
    pd.testing.assert_frame_equal(whole.gradient_norms, parts.gradient_norms, check_exact=True)
    pd.testing.assert_frame_equal(whole.gradient_report, parts.gradient_report, check_exact=True)


def test_resuming_a_finished_run_trains_no_more(finished, data, no_report):
    again = train(
        mlp(data),
        data,
        epochs=4,
        learning_rate=0.01,
        decay=ExponentialDecay(decay_rate=0.5),
        patience=3,
        run_dir=finished.run_dir,
        resume=True,
    )
    assert_same_weights(again.model, finished.model)
    assert len(again.gradient_norms) == len(finished.gradient_norms)


def test_early_stopping_is_counted_across_a_resume(few, tmp_path, no_report):
    options = {"learning_rate": 1e-9, "optimizer": "sgd", "patience": 2}
    whole = train(mlp(few), few, epochs=9, **options)
    train(mlp(few), few, epochs=2, run_dir=tmp_path / "parts", **options)
    parts = train(mlp(few), few, epochs=9, run_dir=tmp_path / "parts", resume=True, **options)
    assert len(parts.history) == len(whole.history)
    assert parts.best_epoch == whole.best_epoch


def test_step_is_traced_once(data):
    model, traces = mlp(data), []
    step = model.train_step
    model.train_step = lambda batch: (traces.append(batch), step(batch))[1]
    train(model, data, epochs=1)
    assert len(traces) == 1


def test_resume_in_an_empty_folder_starts(few, tmp_path, no_report):
    run = train(mlp(few), few, epochs=1, run_dir=tmp_path / "new", resume=True)
    assert len(run.history) == 1


def test_without_a_folder_nothing_is_written(few, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = train(mlp(few), few, epochs=1)
    assert run.run_dir is None
    assert not list(tmp_path.iterdir())


def test_weight_decay_is_decoupled_and_spares_biases(data):
    def decayed(weight_decay):
        model = mlp(data)
        model.get_layer("hidden1").bias.assign(np.ones(24))
        before = model.get_weights()
        train(model, data, epochs=1, optimizer="sgd", learning_rate=1e-12, weight_decay=weight_decay)
        return before, model.get_weights()

    before, after = decayed(1e9)  # each of 6 steps takes learning_rate * weight_decay = 1e-3 of the weight
    np.testing.assert_allclose(after[0], before[0] * (1 - 1e-3) ** 6, rtol=1e-4)
    np.testing.assert_allclose(after[1], before[1])


def test_optimizer_object_is_copied(few):
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    first = train(mlp(few), few, epochs=1, optimizer=optimizer)
    second = train(mlp(few), few, epochs=1, optimizer=optimizer)
    assert not optimizer.built
    assert_same_weights(first.model, second.model)


def test_no_validation_images(digits_dir, eager):
    data = load_images("digits", batch_size=2000, validation_fraction=0, data_dir=digits_dir)
    run = train(mlp(data), data)
    assert "val_loss" not in run.history
    with pytest.raises(ValueError, match="`patience` needs validation data"):
        train(mlp(data), data, patience=2)


def test_nonfinite_loss_names_step_and_layer_and_leaves_a_report(data, tmp_path):
    class Poison(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if self.model.optimizer.iterations == 8:
                self.model.get_layer("logits").kernel.assign(np.full((24, 10), np.nan))

    with pytest.raises(
        NonFiniteLossError, match="loss is NaN or infinite at step 8; the first layer .* is 'hidden1', at step 8"
    ):
        train(mlp(data), data, epochs=3, run_dir=tmp_path / "run", callbacks=[Poison()])
    written = {path.name for path in (tmp_path / "run").iterdir()}
    assert written == FILES - {"model.keras"}
    norms = pd.read_csv(tmp_path / "run" / "gradient_norms.csv", index_col="step")
    assert np.isfinite(norms.loc[7]).all()
    assert norms.loc[8].isna().all()
    assert len(pd.read_csv(tmp_path / "run" / "history.csv")) == 1, "the epoch that failed is not kept"


class InfiniteStep(keras.callbacks.Callback):
    """Makes one step infinitely long: loss and gradient are still finite, the weights after it are not."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_begin(self, batch, logs=None):
        if self.model.optimizer.iterations == self.step:
            self.model.optimizer.learning_rate = np.inf


def test_loss_is_named_with_its_own_step(data, eager):
    with pytest.raises(NonFiniteLossError, match=r"at step 4; the first layer .* is 'hidden1', at step 4"):
        train(mlp(data), data, epochs=2, optimizer="sgd", callbacks=[InfiniteStep(3)])


def test_gradient_that_fails_before_the_loss_is_named_with_its_own_step(data, eager):
    keras.utils.set_random_seed(0)
    inputs = keras.Input(data.input_shape)
    x = keras.layers.Flatten()(inputs)
    root = keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False, activation=keras.ops.sqrt, name="root")(x)
    logits = keras.layers.Dense(10, name="logits")(keras.layers.Concatenate()([x, root]))
    expected = "at step 1; the first layer with a non-finite gradient is 'root', at step 0"
    with pytest.raises(NonFiniteLossError, match=expected):
        train(keras.Model(inputs, logits), data, epochs=1)


def test_weights_that_fail_at_the_last_step_of_an_epoch_do_not_replace_the_checkpoint(data, tmp_path, no_figures):
    with pytest.raises(NonFiniteLossError, match="every gradient before it is finite"):
        train(mlp(data), data, epochs=3, optimizer="sgd", run_dir=tmp_path / "run", callbacks=[InfiniteStep(11)])
    with np.load(tmp_path / "run" / "checkpoint.npz") as arrays:
        assert len(arrays["history"]) == 1
        assert all(np.isfinite(values).all() for name, values in arrays.items() if name.startswith("model_"))
    assert (tmp_path / "run" / "report.html").exists()


def test_steps_that_loss_scaling_skips_are_no_failure_and_the_run_resumes(data, tmp_path, no_report):
    def scaled():
        keras.config.set_dtype_policy("mixed_float16")
        try:
            return mlp(data)
        finally:
            keras.config.set_dtype_policy("float32")

    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.01), initial_scale=2.0**24)
    options = {"optimizer": optimizer, "run_dir": tmp_path / "run"}
    first = train(scaled(), data, epochs=1, **options)
    assert not np.isfinite(first.gradient_norms.iloc[0]).all()
    run = train(scaled(), data, epochs=4, resume=True, **options)
    assert list(run.gradient_norms.index) == list(range(4 * 6))
    assert np.isfinite(run.gradient_norms.iloc[-1]).all()
    assert set(run.gradient_report["verdict"]) == {"healthy"}


def test_weight_decay_reaches_an_optimizer_inside_a_loss_scale_optimizer(data):
    model = mlp(data)
    before = model.get_weights()[0]
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1e-12), initial_scale=1.0)
    train(model, data, epochs=1, optimizer=optimizer, weight_decay=1e9)
    np.testing.assert_allclose(model.get_weights()[0], before * (1 - 1e-3) ** 6, rtol=1e-4)


@pytest.mark.parametrize(
    ("optimizer", "weight_decay"),
    [("schedulefreeadamw", 0.1), (keras.optimizers.ScheduleFreeAdamW(weight_decay=0.1), None)],
)
def test_weight_decay_that_would_be_lost_is_refused(few, optimizer, weight_decay):
    with pytest.raises(ValueError, match="`weight_decay` must be None or 0 with ScheduleFreeAdamW.*=0.1"):
        train(mlp(few), few, epochs=1, optimizer=optimizer, weight_decay=weight_decay)
    assert len(train(mlp(few), few, epochs=1, optimizer=optimizer, weight_decay=0).history) == 1


def test_weight_decay_of_zero_switches_it_off(few):
    assert train(mlp(few), few, epochs=1, optimizer="adamw").config["optimizer"]["weight_decay"] == 0.004
    assert "weight_decay" not in train(mlp(few), few, epochs=1, optimizer="adamw", weight_decay=0).config["optimizer"]


def test_learning_rate_in_the_history_is_the_one_the_epoch_was_trained_with(few):
    class Tenth(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 10

    run = train(mlp(few), few, epochs=3, optimizer="sgd", learning_rate=0.1, callbacks=[Tenth()])
    np.testing.assert_allclose(run.history["learning_rate"], [0.1, 0.01, 0.001], rtol=1e-5)


@pytest.mark.parametrize("name", ["config.json", "history.csv", "model.keras", "checkpoint.npz", "report.html"])
def test_folder_with_files_of_somebody_else_is_refused(data, tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(ValueError, match=f"`run_dir` must be a new or empty folder.*which has {name}"):
        train(mlp(data), data, run_dir=tmp_path)
    with pytest.raises(ValueError, match="`run_dir` must hold a run with config.json"):
        train(mlp(data), data, run_dir=tmp_path, resume=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "mine"}


def test_damaged_checkpoint_is_named(few, tmp_path, no_report):
    train(mlp(few), few, epochs=1, run_dir=tmp_path / "run")
    path = tmp_path / "run" / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:5000])
    config = (tmp_path / "run" / "config.json").read_bytes()
    with pytest.raises(ValueError, match="needs a whole checkpoint. Received: .*checkpoint.npz, damaged: .*delete it"):
        train(mlp(few), few, epochs=2, run_dir=tmp_path / "run", resume=True)
    assert (tmp_path / "run" / "config.json").read_bytes() == config


def test_mean_gradient_norms_reach_other_callbacks_and_not_the_progress_line(few, capsys):
    seen = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logged.update(logs))
    logged = {}
    train(mlp(few), few, epochs=1, verbose=2, callbacks=[seen])
    assert {"grad_norm/hidden1", "grad_norm/logits", "val_accuracy"} <= logged.keys()
    printed = capsys.readouterr().out
    assert "val_accuracy" in printed
    assert "grad_norm" not in printed


def test_occupied_folder_is_refused_and_kept(finished, data):
    before = (finished.run_dir / "history.csv").read_bytes()
    with pytest.raises(ValueError, match="`run_dir` must be a new or empty folder, or hold a run to go on with"):
        train(mlp(data), data, run_dir=finished.run_dir)
    assert (finished.run_dir / "history.csv").read_bytes() == before


def test_resume_with_other_settings_is_refused_and_named(finished, data):
    with pytest.raises(ValueError, match="`resume` needs the settings.*seed was 0, now 7"):
        train(
            mlp(data),
            data,
            epochs=4,
            learning_rate=0.01,
            decay=ExponentialDecay(decay_rate=0.5),
            patience=3,
            run_dir=finished.run_dir,
            resume=True,
            seed=7,
        )
    with pytest.raises(ValueError, match="layers_digest was"):
        train(
            mlp(data, dropout=0.6),
            data,
            epochs=4,
            learning_rate=0.01,
            decay=ExponentialDecay(decay_rate=0.5),
            patience=3,
            run_dir=finished.run_dir,
            resume=True,
        )
    with pytest.raises(ValueError, match="parameters was"):
        train(
            mlp(data, hidden=(25,)),
            data,
            epochs=4,
            learning_rate=0.01,
            decay=ExponentialDecay(decay_rate=0.5),
            patience=3,
            run_dir=finished.run_dir,
            resume=True,
        )
    assert {path.name for path in finished.run_dir.iterdir()} == FILES


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"optimizer": "adamm"}, "optimizer"),
        ({"optimizer": 3}, "optimizer"),
        ({"learning_rate": -0.1}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"learning_rate": 0.1, "optimizer": "schedule"}, "learning_rate"),
        ({"decay": "step"}, "decay"),
        ({"decay": ExponentialDecay(0.1, decay_rate=1), "learning_rate": 0.2}, "learning_rate"),
        ({"decay": ExponentialDecay(decay_rate=1), "optimizer": "schedule"}, "decay"),
        ({"patience": 0}, "patience"),
        ({"weight_decay": -1e-4}, "weight_decay"),
        ({"resume": True}, "resume"),
        ({"seed": -1}, "seed"),
        ({"seed": None}, "seed"),
    ],
    ids=lambda value: re.sub(r" object at 0x\w+", "", str(value)),  # the same in every process
)
def test_bad_arguments_are_named_before_anything_is_written(data, options, name, tmp_path):
    if options.get("optimizer") == "schedule":
        schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
        options = {**options, "optimizer": keras.optimizers.SGD(schedule)}
    folder = {} if name == "resume" else {"run_dir": tmp_path / "run"}
    with pytest.raises(ValueError, match=f"`{name}` .*Received: "):
        train(mlp(data), data, **folder, **options)
    assert not (tmp_path / "run").exists()


def test_model_that_does_not_fit_the_data_is_named(data):
    with pytest.raises(ValueError, match=r"`model` must map images \(None, 8, 8, 1\).*Received: a model from"):
        train(build_mlp((9, 9, 1), 10), data)
    with pytest.raises(ValueError, match=r"logits \(None, 10\)"):
        train(build_mlp((8, 8, 1), 11), data)

    class Subclassed(keras.Model):
        def call(self, x):
            return x

    for unbuilt in (keras.Sequential([keras.layers.Dense(10)]), Subclassed()):
        with pytest.raises(ValueError, match="`model` must be a built functional or sequential keras.Model"):
            train(unbuilt, data)
    frozen = mlp(data)
    frozen.trainable = False
    with pytest.raises(ValueError, match="`model` must have trainable weights"):
        train(frozen, data)
    with pytest.raises(ValueError, match="`data` must be the ImageData"):
        train(mlp(data), data.train)


def test_run_dir_that_is_a_file_is_named(data, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="`run_dir` must be a folder. Received: run_dir=.*a file"):
        train(mlp(data), data, run_dir=tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_polarity_is_looked_for_in_images_of_every_class(eager, no_report):
    strokes = np.zeros((600, 5, 5, 1), np.uint8)
    strokes[:, :, 2] = 255
    images = np.concatenate([strokes, 255 - strokes])  # in the order of their classes, as those of folders are
    ordered = Examples(images, np.repeat(np.array([0, 1]), 600))
    data = ImageData(
        "strokes", ("light", "dark"), ordered, None, Examples(images[-2:], np.array([1, 1])), batch_size=600
    )
    assert train(mlp(data), data, epochs=1).config["polarity"] == "mixed"
