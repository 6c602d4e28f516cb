"""The deck's chain of sigmoids and the graph as text."""

import re

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from scipy.special import expit

from keras_course.numerics import autodiff as ad
from keras_course.numerics.computation_graph import array_text, graph_text, sigmoid_chain

X, W1, W2, W3 = 1.5, 0.8, -0.5, 0.9


def slope(u):
    return expit(u) * (1 - expit(u))


def test_chain_of_the_deck_is_worked_as_in_the_deck():
    u1 = W1 * X
    u2 = expit(u1)
    u3 = W2 * u2
    u4 = expit(u3)
    u5 = W3 * u4
    output = sigmoid_chain(X, [W1, W2, W3])
    ad.backward(output)
    nodes = {node.name: node for node in ad.graph_nodes(output)}
    for name, value in {"u1": u1, "u2": u2, "u3": u3, "u4": u4, "u5": u5, "ŷ": expit(u5)}.items():
        assert nodes[name].value == pytest.approx(value)
    assert nodes["w1"].gradient == pytest.approx(slope(u5) * W3 * slope(u3) * W2 * slope(u1) * X)
    assert nodes["w2"].gradient == pytest.approx(slope(u5) * W3 * slope(u3) * u2)
    assert nodes["w3"].gradient == pytest.approx(slope(u5) * u4)


def test_chain_equals_tensorflow():
    weights = [tf.Variable(w, dtype=tf.float64) for w in (W1, W2, W3)]
    with tf.GradientTape() as tape:
        y = tf.constant(X, tf.float64)
        for w in weights:
            y = tf.sigmoid(w * y)
    output = sigmoid_chain(X, [W1, W2, W3])
    ad.backward(output)
    gradients = {node.name: float(node.gradient) for node in ad.graph_nodes(output)}
    for number, expected in enumerate(tape.gradient(y, weights), start=1):
        assert gradients[f"w{number}"] == pytest.approx(float(expected))


@pytest.mark.parametrize("depth", [1, 3, 10])
def test_gradient_vanishes_at_least_as_fast_as_a_quarter_a_layer(depth):
    output = sigmoid_chain(X, [1.0] * depth)  # |w| <= 1
    ad.backward(output)
    first = next(node for node in ad.graph_nodes(output) if node.name == "w1")
    assert 0 < first.gradient <= 0.25**depth * X


def test_erratum_gaussian_weights_are_not_bounded_by_one():
    """Printed is wᵢ in [-1, 1] for a Gaussian of small variance; outside of it the bound 1/4 a layer does not hold."""
    drawn = np.random.default_rng(0).normal(0, 0.5, size=10_000)
    outside = np.mean(np.abs(drawn) > 1)
    assert abs(outside - 2 * scipy.stats.norm.sf(2)) < 3 * np.sqrt(outside / len(drawn))
    x, gradients = 0.01, []
    for weight in (1.0, 3.0):
        ad.backward(output := sigmoid_chain(x, [weight] * 3))
        gradients += [float(node.gradient) for node in ad.graph_nodes(output) if node.name == "w1"]
    assert gradients[0] < x / 4**3 < gradients[1]


def test_text_has_a_line_for_each_step_with_value_and_gradient():
    output = sigmoid_chain(X, [W1, W2, W3])
    ad.backward(output)
    lines = graph_text(output).splitlines()
    assert len(lines) == 10
    assert re.fullmatch(r"u3 = w2 × u2 +\| value -0\.384 +\| gradient 0\.0525", lines[6])
    assert re.fullmatch(r"ŷ = sigmoid\(u5\) +\| value 0\.59 +\| gradient 1", lines[-1])


def test_text_names_what_has_no_name_and_writes_numbers_out():
    x = ad.Variable([1.0, -4.0], "x")
    text = graph_text(ad.sum(-(x**2) + np.ones((2, 2))))
    assert "gradient" not in text
    names = [line.split(" |")[0].strip() for line in text.splitlines()]
    assert sorted(names) == sorted(["x", "v1", "v2 = x ^ 2", "v3 = −(v2)", "v4 = v3 + v1", "v5 = sum(v4)"])
    assert "x            | value (2,) max 4" in text


def test_gradients_of_another_output_do_not_show():
    x = ad.Variable(3.0, "x")
    y = (x * x).named("y")
    ad.backward(y)
    assert graph_text(y).count("gradient") == 2
    w = ad.exp(y).named("w")
    ad.backward(w)
    assert "gradient" not in graph_text(y)
    assert graph_text(w).count("gradient") == 3
    other = x + 1
    ad.backward(y)
    ad.backward(other)
    assert graph_text(y).splitlines() == ["x         | value 3", "y = x × x | value 9 | gradient 1"]


def test_a_single_number_is_a_graph():
    assert graph_text(ad.Variable(2.5)) == "2.5 | value 2.5"


def test_array_text_is_short():
    assert array_text(np.array([[1 / 3]])) == "0.333"
    assert array_text(np.array([3.0, -1234.0])) == "(2,) max 1.2e+03"
    assert array_text(np.zeros((0, 3))) == "(0, 3) max 0"


def test_chain_needs_a_weight():
    with pytest.raises(ValueError, match=r"`weights` must be a sequence of at least 1 entry. Received: weights=\[\]"):
        sigmoid_chain(1.0, [])
