"""The recurrent classifier: published counts, rows as steps, every cell."""

import keras
import numpy as np
import pytest
from outlines import outline, shapes

from keras_course.models import build_recurrent, recurrent_layer
from keras_course.numerics.recurrent import RecurrentLayer, recurrent_forward


@pytest.mark.parametrize(
    ("cell", "layer1", "layer2"),  # 28 inputs to 64 units, and 64 to 64
    [
        ("lstm", 4 * 64 * (64 + 28 + 1), 4 * 64 * (64 + 64 + 1)),
        ("gru", 3 * 64 * (64 + 28 + 2), 3 * 64 * (64 + 64 + 2)),
        ("vanilla", 64 * (64 + 28 + 1), 64 * (64 + 64 + 1)),
    ],
)
def test_counts_of_a_recurrent_net_are_the_published_ones(cell, layer1, layer2):
    model = outline(build_recurrent, (28, 28, 1), 10, cell=cell, units=64, layers=2)
    counts = {layer.name: layer.count_params() for layer in model.layers if layer.weights}
    assert counts == {f"{cell}1": layer1, f"{cell}2": layer2, "logits": 65 * 10}


def test_steps_are_the_rows_and_the_last_layer_returns_its_last_output():
    model = outline(build_recurrent, (8, 6, 3), 4, units=10, width=0.5, layers=2, bidirectional=True, dropout=0.1)
    assert shapes(model) == {
        "image": (8, 6, 3),
        "rows": (8, 18),
        "lstm1": (8, 10),
        "lstm1_dropout": (8, 10),
        "lstm2": (10,),
        "lstm2_dropout": (10,),
        "logits": (4,),
    }


@pytest.mark.parametrize("cell", ["lstm", "gru", "vanilla"])
def test_logits_are_those_of_the_equations(cell):
    keras.utils.set_random_seed(0)
    model = build_recurrent((5, 4, 2), 3, cell=cell, units=6)
    images = np.random.default_rng(0).random((2, 5, 4, 2), np.float32)
    *layer, kernel, bias = model.get_weights()
    last = recurrent_forward(images.reshape(2, 5, 8), RecurrentLayer(*layer), cell).state[0]
    np.testing.assert_allclose(model(images), last @ kernel + bias, atol=1e-5)


@pytest.mark.parametrize(
    "bad",
    [
        *({"cell": "elman"}, {"units": 0}, {"layers": 0}, {"layers": 1.5}, {"bidirectional": 1}, {"dropout": 1.0}),
        *({"width": 0}, {"input_shape": (28, 28)}, {"num_classes": 1}),
    ],
)
def test_bad_arguments_of_a_recurrent_net_are_named(bad):
    (name,) = bad
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build_recurrent(**{"input_shape": (8, 8, 1), "num_classes": 3, **bad})


def test_bad_arguments_of_a_recurrent_layer_are_named():
    with pytest.raises(ValueError, match="`cell` must be one of 'lstm', 'gru', 'vanilla'. Received: cell='rnn'"):
        recurrent_layer("rnn", 4, name="decoder")
