import numpy as np
import pytest
import sklearn.calibration

from keras_course.evaluation import ClassifierEvaluation, calibration_curve, expected_calibration_error


def random_forecast(seed):
    """Makes probabilities, some of them exactly at an end of a bin, and outcomes that follow them only roughly."""
    rng = np.random.default_rng(seed)
    p = np.where(rng.random(200) < 0.3, rng.integers(0, 11, 200) / 10, rng.beta(0.5, 0.4, 200))
    return rng.random(200) < p**1.5, p


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("bins", [1, 2, 10, 15])
@pytest.mark.parametrize("seed", range(10))
def test_curve_equals_scikit_learn(seed, bins, strategy):
    outcomes, p = random_forecast(seed)
    accuracy, confidence = sklearn.calibration.calibration_curve(outcomes, p, n_bins=bins, strategy=strategy)
    curve = calibration_curve(outcomes, p, bins=bins, strategy=strategy)
    filled = curve[curve["count"] > 0]
    np.testing.assert_allclose(filled["accuracy"], accuracy, atol=1e-12)
    np.testing.assert_allclose(filled["confidence"], confidence, atol=1e-12)
    assert len(curve) == bins and curve["count"].sum() == 200
    np.testing.assert_array_equal(curve["lower"][1:], curve["upper"][:-1])


@pytest.mark.parametrize("seed", range(10))
def test_expected_calibration_error_is_the_sum_over_the_bins(seed):
    outcomes, p = random_forecast(seed)
    total = 0
    for b in range(10):
        inside = (p > b / 10) & (p <= (b + 1) / 10) | ((p == 0) & (b == 0))
        total += abs(np.sum(outcomes[inside]) - np.sum(p[inside]))
    assert expected_calibration_error(calibration_curve(outcomes, p)) == pytest.approx(total / 200, abs=1e-12)


def test_bins_and_intervals_by_hand():
    # two of four at 0.75 come true, and the one at 0.1, which is the end of the first of ten bins
    curve = calibration_curve([1, 1, 0, 0, 1], [0.75, 0.75, 0.75, 0.75, 0.1])
    assert curve["count"].tolist() == [1, 0, 0, 0, 0, 0, 0, 4, 0, 0]
    assert curve.loc[8, ["confidence", "accuracy"]].tolist() == [0.75, 0.5]
    z = 1.959963984540054
    half = z / (1 + z**2 / 4) * np.sqrt(1 / 16 + z**2 / 64)
    assert curve.loc[8, ["accuracy_low", "accuracy_high"]].tolist() == pytest.approx([0.5 - half, 0.5 + half])
    assert curve.loc[2, "confidence":].isna().all()
    assert expected_calibration_error(curve) == pytest.approx((4 * 0.25 + 0.9) / 5)
    with pytest.raises(ValueError, match="`curve` must be the table of calibration_curve. Received: a list"):
        expected_calibration_error([0.5])


def test_bins_of_equal_mass_hold_equally_many():
    p = np.random.default_rng(0).random(100)
    assert calibration_curve(p > 0.5, p, strategy="quantile")["count"].tolist() == [10] * 10


def test_a_classifier_is_judged_by_its_predicted_class():
    rng = np.random.default_rng(4)
    probabilities = rng.dirichlet([0.3] * 4, 300).astype("float32")
    labels = rng.integers(0, 4, 300)
    evaluation = ClassifierEvaluation(labels, probabilities, tuple("abcd"), 1.0)
    confidence = probabilities.max(axis=1).astype("float64")
    correct = probabilities.argmax(axis=1) == labels
    for strategy in ("uniform", "quantile"):
        accuracy, mean = sklearn.calibration.calibration_curve(correct, confidence, n_bins=5, strategy=strategy)
        curve = evaluation.calibration(bins=5, strategy=strategy).dropna()
        np.testing.assert_allclose(curve["accuracy"], accuracy)
        np.testing.assert_allclose(curve["confidence"], mean)
    _, edges = np.histogram(confidence, 10, (0, 1))
    gaps = [correct[place].sum() - confidence[place].sum() for place in bins_of(confidence, edges)]
    assert evaluation.expected_calibration_error == pytest.approx(np.abs(gaps).sum() / 300)


def bins_of(values, edges):
    return [(values > low) & (values <= high) for low, high in zip(edges[:-1], edges[1:], strict=True)]


def test_a_softmax_that_rounds_above_one_is_judged():
    probabilities = np.array([[np.nextafter(np.float32(1), np.float32(2)), 0], [1, 0]], np.float32)
    evaluation = ClassifierEvaluation(np.array([0, 0]), probabilities, ("a", "b"), 0.0)
    assert evaluation.expected_calibration_error == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bins": 0}, "`bins` must be an integer >= 1. Received: bins=0"),
        ({"bins": 2.0}, "`bins` must be an integer"),
        ({"strategy": "mass"}, "`strategy` must be one of 'uniform', 'quantile'. Received: strategy='mass'"),
        ({"probabilities": [0.5, 1.5]}, r"`probabilities` must be in \[0, 1\]. Received: .* in \[0.5, 1.5\]"),
        ({"probabilities": [0.5, np.nan]}, "`probabilities` must be finite"),
        ({"probabilities": []}, "`probabilities` must be a non-empty array"),
        ({"probabilities": [[0.5, 0.5]]}, r"`probabilities` must be .* of shape \(n,\)"),
        ({"outcomes": [0, 1, 1]}, r"`outcomes` must be .* of shape \(2,\). Received: outcomes.shape=\(3,\)"),
        ({"outcomes": [0, 2]}, "`outcomes` must be booleans, or 0 and 1. Received: 2 among them"),
    ],
)
def test_bad_forecasts_are_refused(changes, message):
    arguments = {"outcomes": [0, 1], "probabilities": [0.2, 0.9]} | changes
    with pytest.raises(ValueError, match=message):
        calibration_curve(arguments.pop("outcomes"), arguments.pop("probabilities"), **arguments)
