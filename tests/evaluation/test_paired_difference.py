"""The corrected resampled t-test against SciPy, a formula by hand, and models of which none is better."""

import numpy as np
import pytest
from scipy import stats

from keras_course.evaluation import paired_difference

FIRST = [0.91, 0.94, 0.90, 0.93, 0.95]
SECOND = [0.89, 0.93, 0.91, 0.90, 0.92]
SIZES = {"train_size": 80, "test_size": 20}


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_without_correction_it_is_students_paired_test(confidence):
    result = paired_difference(FIRST, SECOND, **SIZES, confidence=confidence, corrected=False)
    expected = stats.ttest_rel(FIRST, SECOND)
    assert (result.t, result.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)
    assert (result.low, result.high) == pytest.approx(expected.confidence_interval(confidence), rel=1e-12)


def test_corrected_interval_equals_the_formula_worked_out_by_hand():
    """d = 0.02, 0.01, -0.01, 0.03, 0.03: mean 0.016, s² = 0.00112 / 4 = 0.00028; 1/5 + 20/80 = 0.45."""
    result = paired_difference(FIRST, SECOND, **SIZES)
    standard_error = (0.45 * 0.00028) ** 0.5
    assert result.mean == pytest.approx(0.016)
    assert result.standard_error == pytest.approx(standard_error)
    assert result.t == pytest.approx(0.016 / standard_error)
    assert result.high - result.mean == pytest.approx(2.776445 * standard_error, rel=1e-6)  # t table, 4 and 0.975
    assert result.mean - result.low == pytest.approx(result.high - result.mean)
    assert result.confidence == 0.95


def test_coverage_over_overlapping_training_sets():
    """Two classifiers that see features of one distribution each: none is better, so 5 of 100 intervals may miss 0.

    1000 data sets of 40 points, each split at random into 32 and 8 for 15 times. Both bounds are far beyond the
    Monte Carlo error of 0.007 at 0.05.
    """
    rng = np.random.default_rng(0)
    y = np.tile([0, 1], 20)
    x = rng.normal(size=(1000, 40, 2, 10)) + 0.2 * (2 * y - 1)[:, np.newaxis, np.newaxis]
    scores = np.empty((1000, 15, 2))
    for split in range(15):
        held_out = np.zeros(40, bool)
        for label in (0, 1):
            held_out[rng.choice(np.flatnonzero(y == label), 4, replace=False)] = True
        centers = [x[:, ~held_out & (y == label)].mean(axis=1) for label in (0, 1)]
        towards = x[:, held_out] - np.add(*centers)[:, np.newaxis] / 2
        right = (np.einsum("sntd,std->snt", towards, centers[1] - centers[0]) > 0) == y[held_out, np.newaxis]
        scores[:, split] = right.mean(axis=1)
    missed = {corrected: np.mean([missed_zero(*pair.T, corrected) for pair in scores]) for corrected in (False, True)}
    assert missed[False] > 0.25
    assert missed[True] < 0.08


def missed_zero(first, second, corrected):
    result = paired_difference(first, second, train_size=32, test_size=8, corrected=corrected)
    return result.low > 0 or result.high < 0


@pytest.mark.parametrize(("gain", "verdict"), [(0.2, "better"), (-0.2, "worse"), (0.001, "no difference shown")])
def test_verdict_says_what_the_interval_leaves_out(gain, verdict):
    first = np.add(SECOND, gain + np.array([0.01, -0.01, 0.02, -0.02, 0.0]))
    assert paired_difference(first, SECOND, **SIZES).verdict == verdict


@pytest.mark.parametrize("gain", [0.0, 0.1])
def test_equal_differences_have_no_spread_to_judge_by(gain):
    result = paired_difference(np.add(SECOND, gain), SECOND, **SIZES)
    assert result.mean == pytest.approx(gain)
    assert np.isnan([result.low, result.high, result.p_value, result.t]).all()
    assert result.verdict == "no difference shown"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"first": [0.9]}, "first"),
        ({"first": [0.9], "second": [0.8]}, "first"),
        ({"second": [0.8, 0.9, np.nan, 0.9, 0.9]}, "second"),
        ({"second": "high"}, "second"),
        ({"train_size": 0}, "train_size"),
        ({"test_size": 2.5}, "test_size"),
        ({"confidence": 1}, "confidence"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(changes, name):
    with pytest.raises(ValueError, match=f"`{name}`.*Received"):
        paired_difference(**{"first": FIRST, "second": SECOND, **SIZES, **changes})
