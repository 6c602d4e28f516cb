"""train_classifier with a model of several heads: what is minimised, what the history means, resume, export."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_course.data import Examples, load_images
from keras_course.evaluation import evaluate
from keras_course.export import export_saved_model, load_saved_model
from keras_course.models.googlenet import build_googlenet
from keras_course.training import NonFiniteLossError, train_classifier

HEADS = ["logits", "auxiliary1_logits", "auxiliary2_logits"]


@pytest.fixture(scope="module")
def data(digits_dir):
    # 1,293 and 144 images: the last batch of training and the last of validation are smaller ones
    return load_images("digits", batch_size=100, data_dir=digits_dir)


def three_heads(data, outputs=list, units=(10, 10, 10), dropout=0.0):
    """A small net with heads at two depths."""
    keras.utils.set_random_seed(2)
    image = keras.Input(data.input_shape, name="image")
    first = keras.layers.Dense(16, activation="relu", name="hidden1")(keras.layers.Flatten(name="flatten")(image))
    second = keras.layers.Dense(16, activation="relu", name="hidden2")(first)
    second = keras.layers.Dropout(dropout, name="dropout")(second)
    ends = zip(HEADS, (second, first, second), units, strict=True)
    return keras.Model(image, outputs(keras.layers.Dense(n, name=name)(x) for name, x, n in ends), name="three_heads")


def train(model, data, **options):
    """Trains by gradient descent, whose graph is made sooner than Adam's."""
    return train_classifier(model, data, **{"epochs": 2, "optimizer": "sgd", "verbose": 0, **options})


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    """Three epochs with dropout, which also write a log of another callback."""
    folder = tmp_path_factory.mktemp("runs")
    log = keras.callbacks.CSVLogger(folder / "log.csv")
    return train(three_heads(data, dropout=0.3), data, epochs=3, patience=3, run_dir=folder / "run", callbacks=[log])


def test_step_is_traced_once_and_descends_the_main_loss_plus_three_tenths_of_the_others(data):
    model, traces = three_heads(data), []
    step = model.train_step
    model.train_step = lambda batch: (traces.append(batch), step(batch))[1]
    images, labels = next(iter(data.train))
    with tf.GradientTape() as tape:
        main, *others = (
            tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)) for logits in model(images)
        )
        loss = main + 0.3 * (others[0] + others[1])
    gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
    expected = [v.numpy() - 0.1 * g for v, g in zip(model.trainable_variables, gradients, strict=True)]
    after_one_step = []
    keep = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: after_one_step or after_one_step.extend(model.get_weights())
    )
    train(model, data, epochs=1, optimizer=keras.optimizers.SGD(0.1), callbacks=[keep])
    for got, want in zip(after_one_step, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    assert len(traces) == 1


def test_history_is_the_one_of_the_main_head(finished, data):
    on_validation = evaluate(finished.model, data.validation)
    best = finished.history.loc[finished.best_epoch]
    assert best["val_loss"] == pytest.approx(on_validation.loss, rel=1e-4)
    assert best["val_accuracy"] == pytest.approx(on_validation.accuracy)
    assert finished.best_epoch == finished.history["val_loss"].idxmin()


def test_history_has_the_heads_and_their_weighted_sum_beside_it(finished):
    history = finished.history
    for prefix in ("", "val_"):
        heads = history[f"{prefix}auxiliary1_logits_loss"] + history[f"{prefix}auxiliary2_logits_loss"]
        total = history[f"{prefix}loss"] + 0.3 * heads
        np.testing.assert_allclose(history[f"{prefix}weighted_loss"], total, rtol=1e-4)
    assert {"accuracy", "val_accuracy", "learning_rate", "seconds"} <= set(history)
    assert not any(name.startswith(("logits_", "val_logits_")) for name in history)


def test_early_stopping_follows_the_main_head_which_the_progress_bar_names(data, capsys):
    class HarmAuxiliaryHead(keras.callbacks.Callback):
        """Makes what is minimised worse from epoch to epoch while the main head learns."""

        def on_epoch_begin(self, epoch, logs=None):
            self.model.get_layer("auxiliary1_logits").bias.assign(30.0 * epoch * np.eye(10)[0])

    run = train(three_heads(data), data, epochs=3, patience=1, callbacks=[HarmAuxiliaryHead()], verbose=1)
    last = capsys.readouterr().out.splitlines()[-1]
    assert "val_accuracy" in last
    assert "weighted_loss" in last
    assert run.history["val_weighted_loss"].is_monotonic_increasing
    assert run.history["val_loss"].is_monotonic_decreasing
    assert (run.best_epoch, len(run.history)) == (2, 3)


def test_other_callbacks_see_the_main_head_too(finished):
    log = pd.read_csv(finished.run_dir.parent / "log.csv")
    np.testing.assert_allclose(log["val_loss"], finished.history["val_loss"])


def test_run_in_two_parts_equals_run_in_one(finished, data, tmp_path, no_report):
    whole, options = finished, {"patience": 3, "run_dir": tmp_path}
    train(three_heads(data, dropout=0.3), data, epochs=2, **options)
    keras.backend.clear_session()
    continued = train(three_heads(data, dropout=0.3), data, epochs=3, **options, resume=True)
    for got, want in zip(continued.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)
    pd.testing.assert_frame_equal(continued.history.drop(columns="seconds"), whole.history.drop(columns="seconds"))
    pd.testing.assert_frame_equal(continued.gradient_norms, whole.gradient_norms)
    assert continued.best_epoch == whole.best_epoch


def test_every_head_and_block_of_googlenet_has_gradient_norms_and_ratios_are_to_the_main_head(data, eager):
    keras.utils.set_random_seed(2)
    model = build_googlenet(data.input_shape, data.num_classes, auxiliary_heads=True, width=0.05)
    one_batch = Examples(*(part[:16] for part in data.train_examples))
    run = train(model, replace(data.without_test(), train_examples=one_batch, validation_examples=None), epochs=1)
    norms, report = run.gradient_norms, run.gradient_report
    assert {*HEADS, "auxiliary2_conv1", "stage3_block1_path3_conv2", "stage1_conv1"} <= set(norms.columns)
    assert np.isfinite(norms.to_numpy()).all()
    assert report.index[-1] == "logits"
    assert report.loc["logits", "relative_to_last"] == 1.0
    assert set(report.index) == set(norms.columns)


def test_ratios_are_to_the_main_head_of_a_training_in_a_graph_too(finished):
    assert set(finished.gradient_norms.columns) == {*HEADS, "hidden1", "hidden2"}
    assert np.isfinite(finished.gradient_norms.to_numpy()).all()
    assert finished.gradient_report.index[-1] == "logits"
    assert finished.gradient_report.loc["logits", "relative_to_last"] == 1.0


def test_report_draws_the_curves_of_the_main_head(finished):
    assert {"loss.png", "accuracy.png"} <= {path.name for path in (finished.run_dir / "figures").iterdir()}
    assert f"{100 * finished.evaluation.accuracy:.2f} %" in (finished.run_dir / "report.html").read_text()


def test_saved_model_has_all_heads_and_loads_without_custom_objects(finished, data):
    loaded = keras.models.load_model(finished.run_dir / "model.keras")
    assert loaded.output_names == HEADS
    images, _ = next(iter(data.test))
    for got, want in zip(loaded(images), finished.model(images), strict=True):
        np.testing.assert_array_equal(got, want)
    assert evaluate(loaded, data.test).accuracy == finished.evaluation.accuracy


def test_export_keeps_the_main_head_alone(finished, data, tmp_path):
    path = export_saved_model(finished.model, tmp_path / "three_heads", class_names=data.class_names)
    pixels = np.random.default_rng(0).integers(0, 256, (5, *data.input_shape)).astype(np.uint8)
    expected = keras.ops.softmax(finished.model(pixels / np.float32(255))[0])
    np.testing.assert_allclose(load_saved_model(path).predict(pixels).probabilities, expected, atol=1e-6)
    names = [name for name, _ in tf.train.list_variables(str(path / "variables" / "variables"))]
    weights = [name for name in names if name.endswith("VARIABLE_VALUE")]
    heads = [layer for layer in finished.model.layers if layer.name.startswith("auxiliary")]
    assert 0 < len(weights) <= len(finished.model.weights) - sum(len(layer.weights) for layer in heads)


def test_loss_of_an_auxiliary_head_that_is_not_finite_stops_the_run(data, eager):
    model = three_heads(data)
    model.get_layer("auxiliary1_logits").bias.assign(np.full(10, np.inf))
    with pytest.raises(NonFiniteLossError, match="infinite at step 0"):
        train(model, data)


def test_outputs_that_do_not_fit_are_named(data):
    with pytest.raises(ValueError, match=r"`model` must map images.*\(None, 10\), \(None, 7\), \(None, 10\)"):
        train(three_heads(data, units=(10, 7, 10)), data)
    in_a_dict = lambda tensors: dict(zip("abc", tensors, strict=True))  # noqa: E731
    with pytest.raises(ValueError, match="`model` must have several outputs in a list.*Received: outputs in a dict"):
        train(three_heads(data, outputs=in_a_dict), data)
