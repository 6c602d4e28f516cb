"""Recurrent nets in all three formats give the probabilities of Keras, without a word of unrolling from the caller."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.export import export_litert, export_onnx, export_saved_model, load_saved_model
from keras_course.models import build_recurrent

pytest.importorskip("onnxruntime", reason="needs the extra `formats`")
pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated.*")
layers = keras.layers
SHAPE = (8, 6, 1)


def of_rows(*steps):
    """Returns a classifier of these layers on the rows of an image, of which some are all zeros."""
    image = x = keras.Input(SHAPE, name="image")
    for step in (layers.Reshape((8, 6)), *steps, layers.Dense(3, name="logits")):
        x = step(x)
    return keras.Model(image, x, name="net")


NETS = {
    **{
        f"{cell}-two-layers-both-ways": lambda cell=cell: build_recurrent(
            SHAPE, 3, cell=cell, units=4, layers=2, bidirectional=True, dropout=0.2
        )
        for cell in ("lstm", "gru", "vanilla")
    },
    "gru-reset-before": lambda: of_rows(layers.GRU(4, reset_after=False)),
    "lstm-masked": lambda: of_rows(layers.Masking(), layers.LSTM(4)),
    "gru-masked-both-ways": lambda: of_rows(
        layers.Masking(), layers.Bidirectional(layers.GRU(4, return_sequences=True)), layers.LSTM(4)
    ),
    "nested": lambda: of_rows(keras.Sequential([layers.LSTM(4, go_backwards=True, recurrent_dropout=0.1)])),
}


@pytest.mark.parametrize("name", NETS)
def test_recurrent_nets_give_the_same_in_every_format(name, tmp_path):
    keras.utils.set_random_seed(0)
    model = NETS[name]()
    images = np.random.default_rng(0).integers(0, 256, (5, *SHAPE), np.uint8)
    images[:, [0, 3, 4, 7]] = 0  # rows that a mask leaves out
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([10 * kernel, bias])
    logits = np.asarray(model(images / np.float32(255), training=False))
    model.get_layer("logits").set_weights([10 * kernel, bias - logits.mean(axis=0)])
    expected = np.asarray(keras.ops.softmax(model(images / np.float32(255), training=False)))
    assert np.ptp(expected, axis=0).max() > 0.05  # else the comparison says little
    for found in (
        load_saved_model(export_saved_model(model, tmp_path / "export")).predict(images).probabilities,
        run_onnx(export_onnx(model, tmp_path / "model.onnx"), images),
        run_litert(export_litert(model, tmp_path / "model.tflite"), images),
    ):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def run_onnx(path, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"images": images})[0]


def run_litert(path, images):
    run = tf.lite.Interpreter(model_path=str(path)).get_signature_runner("serving_default")
    return run(images=images)["probabilities"]


def test_the_model_is_not_unrolled_afterwards(tmp_path):
    model = build_recurrent(SHAPE, 3, units=4, bidirectional=True)
    export_litert(model, tmp_path / "model.tflite")
    both = model.get_layer("lstm1")
    assert [both.forward_layer.unroll, both.backward_layer.unroll] == [False, False]


def test_an_unknown_number_of_steps_is_refused_in_litert(tmp_path):
    image = keras.Input((None, 6, 1), name="image")
    rows = layers.LSTM(4)(layers.Reshape((-1, 6))(image))
    model = keras.Model(image, layers.Dense(3)(rows), name="net")
    with pytest.raises(ValueError, match="`model` must be expressible in LiteRT. Received: model='net'"):
        export_litert(model, tmp_path / "model.tflite")
