import numpy as np
import pandas as pd
import pytest

from keras_course.visualization import plot_differences, plot_fold_scores

SCORES = pd.DataFrame({"svm": [0.9, 0.8, 0.85], "a $very$ long name of a net": [0.92, 0.86, 0.89]}, index=[1, 2, 3])
DIFFERENCES = pd.DataFrame(
    {"difference": [0.04, -0.01, 0.02], "low": [0.01, -0.03, np.nan], "high": [0.07, 0.01, np.nan]},
    index=["net", "tree", "twin"],
)


def test_each_fold_is_a_line_and_the_mean_stands_out():
    ax = plot_fold_scores(SCORES).axes[0]
    *folds, means = ax.lines
    np.testing.assert_array_equal([line.get_ydata() for line in folds], SCORES)
    np.testing.assert_allclose(means.get_ydata(), [0.85, 0.89])
    assert [label.get_text() for label in ax.get_xticklabels()] == list(SCORES.columns)
    assert [text.get_text() for text in ax.texts] == ["0.8500", "0.8900"]
    assert ax.get_ylabel() == "accuracy"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one fold", "mean of the folds"]


def test_names_of_many_models_are_turned():
    many = pd.DataFrame(np.ones((2, 6)), columns=list("abcdef"))
    assert {label.get_rotation() for label in plot_fold_scores(many).axes[0].get_xticklabels()} == {30}


def test_differences_have_their_intervals_beside_the_line_of_none():
    ax = plot_differences(DIFFERENCES, reference="svm").axes[0]
    intervals = [line for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linewidth() == 3]
    np.testing.assert_array_equal([line.get_xdata() for line in intervals], [[0.01, 0.07], [-0.03, 0.01]])
    points = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [line.get_xdata()[0] for line in points] == [0.04, -0.01, 0.02]
    assert [line.get_marker() for line in points] == ["D", "o", "o"], "the one that leaves 0 out stands out"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["net", "tree", "twin"]
    assert ax.get_xlabel() == "difference of accuracy from svm"
    assert ax.yaxis_inverted()


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([[0.1]], "be a pandas.DataFrame. Received: a list"),
        (pd.DataFrame(), "have at least one row"),
        (pd.DataFrame({"a": ["high"]}), "hold numbers. Received: .*'high'"),
        (pd.DataFrame({"a": [np.nan]}), "be finite"),
    ],
    ids=str,
)
def test_scores_must_be_a_table_of_numbers(scores, message):
    with pytest.raises(ValueError, match=f"`scores` must {message}"):
        plot_fold_scores(scores)


@pytest.mark.parametrize(
    ("differences", "message"),
    [
        ([[0.1]], "be a pandas.DataFrame with the columns difference, low, high. Received: a list"),
        (DIFFERENCES[["low"]], "be a pandas.DataFrame .* Received: the columns low"),
        (DIFFERENCES.assign(difference=np.nan), "be finite"),
    ],
    ids=str,
)
def test_differences_must_be_a_table_with_an_interval(differences, message):
    with pytest.raises(ValueError, match=f"`differences` must {message}"):
        plot_differences(differences, reference="svm")
