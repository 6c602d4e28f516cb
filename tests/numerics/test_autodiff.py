"""Reverse-mode differentiation against tf.GradientTape."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from keras_course.numerics import autodiff as ad
from keras_course.numerics.network import sigmoid_cross_entropy, softmax_cross_entropy

RNG = np.random.default_rng(0)

UNARY = {
    "negative": (lambda x: -x, lambda x: -x),
    "exp": (ad.exp, tf.exp),
    "log": (ad.log, tf.math.log),
    "relu": (ad.relu, tf.nn.relu),
    "sigmoid": (ad.sigmoid, tf.sigmoid),
    "tanh": (ad.tanh, tf.tanh),
    "square": (lambda x: x**2, lambda x: x**2),
    "square root": (lambda x: x**0.5, lambda x: x**0.5),
    "constant power": (lambda x: x**0, lambda x: x**0),
    "reciprocal": (lambda x: 1 / x, lambda x: 1 / x),
    "array minus": (lambda x: np.full((2, 1), 3.0) - x, lambda x: 3.0 - x),
    "exponent": (lambda x: 2**x, lambda x: 2**x),
    "exponents of an array": (lambda x: np.full((2, 1), 0.5) ** x, lambda x: 0.5**x),
    "twice": (lambda x: x * x + 2 * x - x / 3, lambda x: x * x + 2 * x - x / 3),
    "sum": (ad.sum, tf.reduce_sum),
    "sum of columns": (lambda x: ad.sum(x, 0), lambda x: tf.reduce_sum(x, 0)),
    "mean": (ad.mean, tf.reduce_mean),
    "mean of rows": (lambda x: ad.mean(x, -1), lambda x: tf.reduce_mean(x, -1)),
    "mean of both": (lambda x: ad.mean(x, (0, 1)), lambda x: tf.reduce_mean(x, (0, 1))),
    "reshape": (lambda x: ad.reshape(x, (6,)), lambda x: tf.reshape(x, (6,))),
}
BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}


def check(ours, theirs, *values):
    """Compares value and gradients; a random weight for each entry of the result makes one number of it."""
    variables, leaves = [ad.Variable(value) for value in values], [tf.Variable(value) for value in values]
    with tf.GradientTape() as tape:
        expected = theirs(*leaves)
        weight = RNG.normal(size=expected.shape)
        loss = tf.reduce_sum(expected * weight)
    result = ours(*variables)
    np.testing.assert_allclose(result.value, expected, rtol=1e-10, atol=1e-12)
    ad.backward(ad.sum(result * weight))
    for variable, gradient in zip(variables, tape.gradient(loss, leaves, unconnected_gradients="zero"), strict=True):
        assert variable.gradient.shape == variable.value.shape
        np.testing.assert_allclose(variable.gradient, gradient, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", UNARY)
def test_functions_equal_tensorflow(name):
    check(*UNARY[name], RNG.uniform(0.2, 2, (2, 3)))


@pytest.mark.parametrize("name", ["negative", "exp", "relu", "sigmoid", "tanh", "square", "twice"])
def test_functions_equal_tensorflow_at_zero_and_below(name):
    check(*UNARY[name], np.array([[-3.0, -0.5, 0.0]]))


@pytest.mark.parametrize("operator", BINARY)
@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(mutually_broadcastable_shapes(num_shapes=2, min_dims=0, max_dims=3, max_side=3))
def test_operators_equal_tensorflow_with_broadcasting(operator, shapes):
    check(BINARY[operator], BINARY[operator], *(RNG.uniform(0.2, 2, shape) for shape in shapes.input_shapes))


def test_power_of_negative_numbers_has_no_slope_to_the_exponent():
    check(BINARY["**"], BINARY["**"], np.array([-2.0, 0.0, 2.0]), np.array([3.0, 2.0, 2.0]))


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (2, 3, 4))],
)
def test_matmul_equals_tensorflow(left, right):
    check(lambda a, b: a @ b, tf.matmul, RNG.normal(size=left), RNG.normal(size=right))


@pytest.mark.parametrize(
    ("left", "right", "indices"),
    [((3,), (3,), "i,i->"), ((2, 3), (3,), "ni,i->n"), ((3,), (3, 4), "i,im->m"), ((5, 2, 3), (3,), "bni,i->bn")]
    + [((3,), (5, 3, 4), "i,bim->bm")],
)
def test_matmul_with_vectors_equals_tensorflow(left, right, indices):
    check(lambda a, b: a @ b, lambda a, b: tf.einsum(indices, a, b), RNG.normal(size=left), RNG.normal(size=right))


def test_arrays_on_either_side_of_an_operator_are_welcome():
    array, x = RNG.normal(size=(2, 3)), RNG.normal(size=(3, 2))
    check(lambda v: array @ v, lambda v: array @ v, x)
    check(lambda v: array.T * v + array.T, lambda v: array.T * v + array.T, x)
    check(lambda v: v - array.T, lambda v: v - array.T, x)
    check(lambda v: array.T / v, lambda v: array.T / v, x)


def test_two_layer_network_equals_tensorflow():
    """A softmax cross-entropy written out of the operations, with the biases broadcast over the batch."""
    onehot = np.eye(3)[[0, 2, 1, 1]]

    def loss(lib, x, w1, b1, w2):
        logits = lib.tanh(x @ w1 + b1) @ w2
        return lib.mean(lib.log(lib.sum(lib.exp(logits), 1)) - lib.sum(logits * onehot, 1))

    class TF:
        tanh, log, exp, sum, mean = tf.tanh, tf.math.log, tf.exp, tf.reduce_sum, tf.reduce_mean

    shapes = [(4, 5), (5, 6), (6,), (6, 3)]
    check(lambda *v: loss(ad, *v), lambda *v: loss(TF, *v), *(RNG.normal(size=shape) for shape in shapes))


def test_gradient_by_hand_equals_the_graph():
    logits, labels = RNG.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    d = ad.Variable(logits)
    loss = ad.mean(ad.log(ad.sum(ad.exp(d), 1)) - ad.sum(d * np.eye(3)[labels], 1))
    ad.backward(loss)
    by_hand, gradient = softmax_cross_entropy(logits, labels)
    assert loss.value == pytest.approx(by_hand)
    np.testing.assert_allclose(d.gradient, gradient, atol=1e-14)


def test_chain_of_ten_thousand_nodes_needs_no_stack():
    x = y = ad.Variable(1.0)
    for _ in range(10_000):
        y = y * 1.0001
    ad.backward(y)
    assert x.gradient == pytest.approx(1.0001**10_000)
    assert len(ad.graph_nodes(y)) == 20_001


def test_ladder_of_shared_values_is_walked_once():
    """Each step uses the one before twice: 2^60 paths, 61 nodes."""
    x = y = ad.Variable(1.0)
    for _ in range(60):
        y = y + y
    ad.backward(y)
    assert x.gradient == 2.0**60


def test_backward_sets_gradients_anew():
    x = ad.Variable(3.0)
    assert x.gradient is None
    y = x * x
    for _ in range(2):
        ad.backward(y)
        assert x.gradient == 6
    ad.backward(x + 1)
    assert x.gradient == 1


def test_erratum_chain_rule_gradient_has_p_entries():
    """Printed for h = f(g(x)) with g from R^p to R^n is (∂h/∂x₁ ... ∂h/∂x_n); right are the p columns of g'."""
    p, n = 4, 3
    jacobian = RNG.normal(size=(n, p))  # of g(x) = Jx
    x = ad.Variable(RNG.normal(size=p))
    g = ad.Variable(jacobian) @ x
    ad.backward(ad.sum(g**3))
    assert x.gradient.shape == (p,) != (n,)
    np.testing.assert_allclose(x.gradient, (3 * g.value**2) @ jacobian)  # f'(g) g'


def test_only_a_number_has_a_gradient():
    with pytest.raises(ValueError, match=r"`output` must hold one number. Received: output.value.shape=\(2,\)"):
        ad.backward(ad.Variable([1.0, 2.0]))
    one = ad.Variable([[2.0]])
    ad.backward(one)
    np.testing.assert_array_equal(one.gradient, [[1.0]])


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda a, b: a + b, r"`\+` must get .* Received: \(2, 3\) and \(2, 4\): .* broadcast"),
        (lambda a, b: a**b, r"`\^` must get .* Received: \(2, 3\) and \(2, 4\)"),
        (lambda a, b: a @ b, r"`@` must get .* Received: \(2, 3\) and \(2, 4\): .* mismatch"),
        (lambda a, b: ad.reshape(a, (4,)), r"`reshape` must get .* Received: \(2, 3\): cannot reshape"),
        (lambda a, b: ad.mean(a, 2), r"`mean` must get .* Received: \(2, 3\): axis 2 is out of bounds"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(operation, message):
    with pytest.raises(ValueError, match=message):
        operation(ad.Variable(np.ones((2, 3))), ad.Variable(np.ones((2, 4))))


@pytest.mark.parametrize("value", ["a", None, [[1.0], [1.0, 2.0]], 1j])
def test_what_is_no_array_of_numbers_is_refused(value):
    for call in (ad.Variable, ad.exp, ad.sum, lambda v: ad.Variable(1.0) * v, lambda v: v - ad.Variable(1.0)):
        with pytest.raises(ValueError, match="`value` must be a non-empty array of real numbers. Received: value"):
            call(value)


def test_functions_take_numbers_and_arrays_too():
    assert ad.exp(2.0).value == pytest.approx(np.exp(2.0))
    assert ad.mean([1, 2, 6]).value == 3
    assert ad.reshape(np.zeros((2, 3)), (6,)).value.shape == (6,)


def test_network_of_the_deck_with_its_loss_equals_tensorflow():
    """Chapter 6, "Chain rule": f(x; W₁, W₂) = σ(W₂ᵗ σ(W₁ᵗ x)) and the cross-entropy of y and ŷ = f."""
    y = np.array([[1.0, 0.0, 1.0, 1.0, 0.0]])

    def ours(x, w1, w2):
        f = ad.sigmoid(w2 @ ad.sigmoid(w1 @ x))
        return -ad.mean(y * ad.log(f) + (1 - y) * ad.log(1 - f))

    def theirs(x, w1, w2):
        f = tf.sigmoid(w2 @ tf.sigmoid(w1 @ x))
        return tf.reduce_mean(tf.keras.losses.binary_crossentropy(y, f))

    x, w1, w2 = (RNG.normal(size=shape) for shape in [(3, 5), (4, 3), (1, 4)])  # samples are columns; wᵗ as it stands
    with tf.GradientTape() as tape:
        leaves = [tf.Variable(value) for value in (x, w1, w2)]
        expected = theirs(*leaves)
    variables = [ad.Variable(value) for value in (x, w1, w2)]
    loss = ours(*variables)
    ad.backward(loss)
    assert loss.value == pytest.approx(float(expected), rel=1e-6)
    for variable, gradient in zip(variables, tape.gradient(expected, leaves), strict=True):
        np.testing.assert_allclose(variable.gradient, gradient, rtol=1e-5)  # Keras clips f to [1e-7, 1 - 1e-7]
    by_hand, _ = sigmoid_cross_entropy((w2 @ (1 / (1 + np.exp(-w1 @ x)))).T, y.T)
    assert loss.value == pytest.approx(by_hand)


def test_mixed_use_of_one_variable_adds_up():
    value = st.floats(0.5, 2)

    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(value, value)
    def compare(a, b):
        function = lambda x, y: x**y / (x + y) + x * 3 - y  # noqa: E731
        check(function, function, np.array(a), np.array(b))

    compare()
