"""Each loss and its gradient against the printed formula in 60 digits, at ordinary places and at the edges."""

import mpmath
import numpy as np
import pytest
import scipy.special
from numpy.testing import assert_allclose

from keras_course.numerics.losses import (
    absolute_loss,
    binary_cross_entropy,
    binary_focal_loss,
    categorical_cross_entropy,
    categorical_focal_loss,
    categorical_hinge_loss,
    contrastive_loss,
    dice_loss,
    hinge_loss,
    huber_loss,
    info_nce_loss,
    iou_loss,
    kl_divergence,
    log_cosh_loss,
    squared_hinge_loss,
    squared_loss,
    triplet_loss,
    tversky_loss,
)

mp = mpmath.mp.clone()
mp.dps = 120  # 1 - σ(100) has 44 zeros
STEP = mp.mpf(10) ** -40
RANDOM = np.random.default_rng(0)
ERRORS = np.array([-100.0, -3.0, -1.5, -0.5, -1e-4, 1e-9, 0.3, 0.99, 1.01, 2.5, 100.0])
LOGITS = np.array([-100.0, -17.0, -3.0, -0.5, 0.0, 1e-9, 0.7, 5.0, 17.0, 100.0])
SCORES = np.array([[0.0, 0.0, 0.0], [1.0, -2.0, 0.5], [100.0, -100.0, 0.0], [-100.0, 100.0, 3.0], [17.0, 0.0, -17.0]])
CLASSES = np.array([0, 2, 0, 0, 1])
SHARES = RANDOM.dirichlet(np.ones(3), 5)
MASKS = np.array([[0.0, 1.0, 0.25, 0.5], [0.9, 0.1, 0.0, 1.0], [0.3, 0.0, 0.0, 0.2]])
TRUTH = np.array([[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]])
POINTS = RANDOM.normal(size=(3, 4, 2))


def log_sigmoid(d):
    return -mp.log(1 + mp.exp(-d))


def log_softmax(row, k):
    return row[k] - mp.log(mp.fsum(mp.exp(d) for d in row))


def cross_entropy_of(targets):
    return lambda rows: mp.fsum(
        -mp.mpf(share) * log_softmax(row, k)
        for row, t in zip(rows, targets, strict=True)
        for k, share in enumerate(t)
        if share
    )


def focal_of(gamma, weights):
    return lambda rows: mp.fsum(
        -weights[t] * (1 - mp.exp(log_softmax(row, t))) ** gamma * log_softmax(row, t)
        for row, t in zip(rows, CLASSES, strict=True)
    )


def tversky_of(alpha, beta):
    def formula(rows):
        total = mp.mpf(0)
        for p, y in zip(rows, TRUTH.tolist(), strict=True):
            hit = mp.fsum(a * b for a, b in zip(p, y, strict=True))
            taken = mp.fsum(a * (1 - b) for a, b in zip(p, y, strict=True))
            missed = mp.fsum((1 - a) * b for a, b in zip(p, y, strict=True))
            total += 1 - hit / (hit + alpha * taken + beta * missed)
        return total

    return formula


def elementwise(formula, targets):
    return lambda xs: mp.fsum(formula(x, t) for x, t in zip(xs, targets, strict=True))


def binary(formula, targets):
    return elementwise(lambda d, t: formula(log_sigmoid(d), log_sigmoid(-d), t), targets)


def binary_focal(gamma, alpha):
    return lambda of_1, of_0, t: (
        -alpha * mp.exp(of_0) ** gamma * of_1 if t else -(1 - alpha) * mp.exp(of_1) ** gamma * of_0
    )


ZEROS, TURNS = np.zeros(len(ERRORS)), np.arange(len(LOGITS)) % 2
SIGNS, SOFT, BACK = 2.0 * TURNS - 1, np.linspace(0, 1, len(LOGITS)), 1 - TURNS
SMOOTH = 0.9 * np.eye(3)[CLASSES] + 0.1 / 3

# name: our loss of x, where, the sum of its values by the printed formula
FORMULAS = {
    "squared": (lambda x: squared_loss(x, ZEROS), ERRORS, elementwise(lambda e, _: e**2, ERRORS)),
    "absolute": (lambda x: absolute_loss(x, ZEROS), ERRORS, elementwise(lambda e, _: abs(e), ERRORS)),
    "huber": (
        lambda x: huber_loss(x, ZEROS, 1.25),
        ERRORS,
        elementwise(lambda e, _: e**2 / 2 if abs(e) <= 1.25 else 1.25 * (abs(e) - mp.mpf(1.25) / 2), ERRORS),
    ),
    "log-cosh": (lambda x: log_cosh_loss(x, ZEROS), ERRORS, elementwise(lambda e, _: mp.log(mp.cosh(e)), ERRORS)),
    "hinge": (
        lambda x: hinge_loss(x, SIGNS),
        LOGITS,
        elementwise(lambda d, t: max(mp.mpf(0), 1 - mp.mpf(t) * d), SIGNS),
    ),
    "squared hinge": (
        lambda x: squared_hinge_loss(x, SIGNS),
        LOGITS,
        elementwise(lambda d, t: max(mp.mpf(0), 1 - mp.mpf(t) * d) ** 2, SIGNS),
    ),
    "categorical hinge": (
        lambda x: categorical_hinge_loss(x, CLASSES[1:]),
        SCORES[1:],
        lambda rows: mp.fsum(
            max(mp.mpf(0), 1 + max(d for k, d in enumerate(row) if k != t) - row[t])
            for row, t in zip(rows, CLASSES[1:], strict=True)
        ),
    ),
    "binary cross-entropy": (
        lambda x: binary_cross_entropy(x, SOFT),
        LOGITS,
        binary(lambda of_1, of_0, t: -mp.mpf(t) * of_1 - (1 - mp.mpf(t)) * of_0, SOFT),
    ),
    "smoothed binary cross-entropy": (
        lambda x: binary_cross_entropy(x, TURNS, label_smoothing=0.25),
        LOGITS,
        binary(lambda of_1, of_0, t: -(0.75 * t + 0.125) * of_1 - (0.875 - 0.75 * t) * of_0, TURNS.tolist()),
    ),
    "cross-entropy": (
        lambda x: categorical_cross_entropy(x, CLASSES),
        SCORES,
        cross_entropy_of(np.eye(3)[CLASSES].tolist()),
    ),
    "cross-entropy of distributions": (
        lambda x: categorical_cross_entropy(x, SHARES),
        SCORES,
        cross_entropy_of(SHARES.tolist()),
    ),
    "smoothed cross-entropy": (
        lambda x: categorical_cross_entropy(x, CLASSES, label_smoothing=0.1),
        SCORES,
        cross_entropy_of(SMOOTH.tolist()),
    ),
    "binary focal": (
        lambda x: binary_focal_loss(x, BACK, gamma=2, alpha=0.25),
        LOGITS,
        binary(binary_focal(2, 0.25), BACK.tolist()),
    ),
    "binary focal, gamma below 1": (
        lambda x: binary_focal_loss(x, TURNS, gamma=0.5, alpha=0.75),
        LOGITS,
        binary(binary_focal(mp.mpf(0.5), 0.75), TURNS.tolist()),
    ),
    "focal": (lambda x: categorical_focal_loss(x, CLASSES), SCORES, focal_of(2, [1, 1, 1])),
    "focal, weighted, gamma below 1": (
        lambda x: categorical_focal_loss(x, CLASSES, gamma=0.5, alpha=[0.5, 2.0, 1.0]),
        SCORES,
        focal_of(mp.mpf(0.5), [0.5, 2.0, 1.0]),
    ),
    "Kullback-Leibler": (
        lambda x: kl_divergence(SHARES, x),
        RANDOM.dirichlet(np.ones(3), 5),
        lambda rows: mp.fsum(
            mp.mpf(p) * mp.log(mp.mpf(p) / q)
            for row, ps in zip(rows, SHARES.tolist(), strict=True)
            for q, p in zip(row, ps, strict=True)
        ),
    ),
    "Dice": (lambda x: dice_loss(x, TRUTH), MASKS, tversky_of(0.5, 0.5)),
    "IoU": (lambda x: iou_loss(x, TRUTH), MASKS, tversky_of(1, 1)),
    "Tversky": (lambda x: tversky_loss(x, TRUTH, alpha=0.25, beta=0.75), MASKS, tversky_of(0.25, 0.75)),
}


def differences(formula, x):
    """Returns the gradient by central differences with a step of 1e-40."""
    exact = np.array([mp.mpf(float(value)) for value in x.ravel()], dtype=object)
    slopes = []
    for position in range(x.size):
        sides = []
        for sign in (1, -1):
            moved = exact.copy()
            moved[position] += sign * STEP
            sides.append(formula(moved.reshape(x.shape).tolist()))
        slopes.append(float((sides[0] - sides[1]) / (2 * STEP)))
    return np.array(slopes).reshape(x.shape)


def exactly(x):
    return np.vectorize(lambda value: mp.mpf(float(value)), otypes=[object])(x).tolist()


@pytest.mark.parametrize("name", FORMULAS)
def test_value_and_gradient_equal_the_printed_formula(name):
    loss, x, formula = FORMULAS[name]
    found = loss(x)
    assert found.gradient.shape == x.shape
    assert_allclose(found.value.sum(), float(formula(exactly(x))), rtol=1e-12)
    assert_allclose(found.gradient, differences(formula, x), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", FORMULAS)
def test_float32_stays_float32_and_is_as_good_as_it_can_be(name):
    loss, x, _ = FORMULAS[name]
    if name == "Kullback-Leibler":
        x = np.full_like(x, 1 / 3)
    single, double = loss(x.astype(np.float32)), loss(x)
    assert single.value.dtype == single.gradient.dtype == np.float32
    assert_allclose(single.value, double.value, rtol=1e-5, atol=1e-6)
    assert_allclose(single.gradient, double.gradient, rtol=1e-5, atol=1e-6)


EMBEDDED = {
    "contrastive": (
        lambda x: contrastive_loss(x[0], x[1], [1, 0, 0, 1], margin=2.0),
        POINTS[:2],
        lambda x: mp.fsum(
            (distance(a, b) if same else max(mp.mpf(0), 2 - distance(a, b))) ** 2 / 2
            for a, b, same in zip(*x, [1, 0, 0, 1], strict=True)
        ),
    ),
    "triplet": (
        lambda x: triplet_loss(*x, margin=0.5),
        POINTS,
        lambda x: mp.fsum(
            max(mp.mpf(0), distance(a, p) ** 2 - distance(a, n) ** 2 + 0.5) for a, p, n in zip(*x, strict=True)
        ),
    ),
    "InfoNCE": (
        lambda x: info_nce_loss(*x, temperature=0.25),
        POINTS[1:],
        lambda x: mp.fsum(-log_softmax([4 * dot(q, k) for k in x[1]], i) for i, q in enumerate(x[0])),
    ),
}


def dot(a, b):
    return mp.fsum(one * other for one, other in zip(a, b, strict=True))


def distance(a, b):
    return mp.sqrt(mp.fsum((one - other) ** 2 for one, other in zip(a, b, strict=True)))


@pytest.mark.parametrize("name", EMBEDDED)
def test_losses_of_embeddings_equal_the_printed_formula(name):
    loss, x, formula = EMBEDDED[name]
    found = loss(x)
    assert found.value.shape == (4,)
    assert_allclose(found.value.sum(), float(formula(exactly(x))), rtol=1e-12)
    assert_allclose(found.gradients, differences(formula, x), rtol=1e-9, atol=1e-12)


def test_values_equal_scipy():
    assert_allclose(huber_loss(ERRORS, ZEROS, 1.25).value, scipy.special.huber(1.25, ERRORS))
    assert_allclose(binary_cross_entropy(LOGITS, TURNS).value, -scipy.special.log_expit(SIGNS * LOGITS))
    logs = scipy.special.log_softmax(SCORES, axis=1)
    assert_allclose(categorical_cross_entropy(SCORES, CLASSES).value, -logs[np.arange(5), CLASSES], atol=1e-16)
    p, q = RANDOM.dirichlet(np.ones(4), (2, 6))
    p[0], q[1] = [0, 1, 0, 0], [0, 0.5, 0.5, 0]
    assert_allclose(kl_divergence(p, q).value, scipy.special.rel_entr(p, q).sum(axis=1))


def test_divergence_is_infinite_only_where_it_should_be():
    loss = kl_divergence([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], [[1.0, 0.0], [1.0, 0.0], [0.5, 0.5]])
    np.testing.assert_array_equal(loss.value, [0, np.inf, 0])
    np.testing.assert_array_equal(loss.gradient, [[-1, 0], [0, -np.inf], [-1, -1]])


def test_losses_of_a_point_are_the_mean_and_the_median():
    targets = np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    places = np.linspace(0, 100, 10_001)
    best = {
        loss: places[np.argmin([loss(np.full(5, place), targets).value.sum() for place in places])]
        for loss in (squared_loss, absolute_loss)
    }
    assert best[squared_loss] == pytest.approx(targets.mean())
    assert best[absolute_loss] == np.median(targets)


def test_gamma_0_is_cross_entropy_and_tversky_holds_dice_and_iou():
    for found, expected in (
        (binary_focal_loss(LOGITS, TURNS, gamma=0), binary_cross_entropy(LOGITS, TURNS)),
        (categorical_focal_loss(SCORES, CLASSES, gamma=0), categorical_cross_entropy(SCORES, CLASSES)),
    ):
        assert_allclose(found.value, expected.value, rtol=1e-12, atol=1e-40)
        assert_allclose(found.gradient, expected.gradient, rtol=1e-12, atol=1e-40)
    dice, iou = (1 - loss(MASKS, TRUTH).value for loss in (dice_loss, iou_loss))
    assert_allclose(dice, 2 * iou / (1 + iou))


def test_empty_masks_are_equal_and_full_ones_too():
    for loss in (dice_loss, iou_loss):
        for mask in (np.zeros((2, 3, 3)), np.ones((2, 3, 3))):
            np.testing.assert_array_equal(loss(mask, mask).value, 0)
        empty = loss(np.zeros((1, 4)), np.zeros((1, 4)))
        np.testing.assert_array_equal(empty.gradient, 0)
        np.testing.assert_array_equal(loss(np.full((1, 4), 0.1), np.zeros((1, 4))).value, 1)


def test_everything_is_finite_far_out():
    far = np.array([-1e4, -745.0, 745.0, 1e4])
    rows = np.stack([far, far[::-1]])
    losses = [log_cosh_loss(far, far[::-1]), categorical_cross_entropy(rows, [0, 0]), hinge_loss(far, [1, 1, -1, -1])]
    for gamma in (0, 0.5, 2, 5):
        losses += [binary_focal_loss(far, [t] * 4, gamma=gamma) for t in (0, 1)]
        losses += [categorical_focal_loss(rows, labels, gamma=gamma) for labels in ([0, 0], [3, 3])]
    losses += [binary_cross_entropy(far, [t] * 4) for t in (0, 0.5, 1)]
    for loss in losses:
        assert np.isfinite(loss.value).all() and np.isfinite(loss.gradient).all()
    one_place = contrastive_loss([[1.0, 2.0]], [[1.0, 2.0]], [False])
    np.testing.assert_array_equal(one_place.gradients, np.zeros((2, 1, 2)))


def test_a_class_that_is_excluded_costs_nothing():
    loss = categorical_cross_entropy([[0.0, 0.0, -np.inf]], [1])
    assert_allclose(loss.value, np.log(2))
    assert_allclose(loss.gradient, [[0.5, -0.5, 0]])


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: squared_loss([1.0], [1.0, 2.0]), "target"),
        (lambda: huber_loss([1.0], [1.0], 0), "delta"),
        (lambda: hinge_loss([1.0], [0.0]), "targets"),
        (lambda: categorical_hinge_loss([[1.0]], [0]), "scores"),
        (lambda: categorical_hinge_loss([[1.0, 2.0]], [2]), "labels"),
        (lambda: binary_cross_entropy([1.0], [1.5]), "targets"),
        (lambda: binary_cross_entropy([1.0], [1], label_smoothing=-0.1), "label_smoothing"),
        (lambda: categorical_cross_entropy([[1.0, 2.0]], [[0.5, 0.6]]), "targets"),
        (lambda: categorical_cross_entropy([[1.0, 2.0]], [2]), "targets"),
        (lambda: categorical_cross_entropy([[1.0, 2.0]], [[1.0], [0.5, 0.5]]), "targets"),
        (lambda: categorical_cross_entropy([[1.0, 2.0]], [[1.5, -0.5]]), "targets"),
        (lambda: categorical_cross_entropy([[1.0, 2.0]], [0], label_smoothing=2), "label_smoothing"),
        (lambda: binary_focal_loss([1.0], [0.5]), "targets"),
        (lambda: binary_focal_loss([1.0], [1], gamma=-1), "gamma"),
        (lambda: binary_focal_loss([1.0], [1], alpha=1.5), "alpha"),
        (lambda: categorical_focal_loss([[1.0, 2.0]], [0], alpha=[1.0]), "alpha"),
        (lambda: categorical_focal_loss([[1.0, 2.0]], [0], alpha=[1.0, -1.0]), "alpha"),
        (lambda: kl_divergence([0.5, 0.5], [0.5, 0.4]), "prediction"),
        (lambda: dice_loss([0.5, 0.5], [0.5, 0.5]), "prediction"),
        (lambda: dice_loss([[0.5]], [[2.0]]), "target"),
        (lambda: tversky_loss([[0.5]], [[1.0]], alpha=-1, beta=1), "alpha"),
        (lambda: contrastive_loss([[1.0]], [[1.0]], [0.5]), "same"),
        (lambda: contrastive_loss([[1.0]], [[1.0]], [1], margin=0), "margin"),
        (lambda: triplet_loss([[1.0]], [[1.0]], [[1.0, 2.0]]), "negative"),
        (lambda: info_nce_loss([[1.0]], [[1.0]], temperature=0), "temperature"),
    ],
)
def test_bad_loss_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"`{name}` must .*Received: {name}"):
        call()
