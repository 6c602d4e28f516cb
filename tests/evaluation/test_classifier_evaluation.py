import numpy as np
import pytest
from sklearn import metrics

from keras_course.evaluation import ClassifierEvaluation, wilson_interval


def evaluation_of(labels, predicted, num_classes, confidence=0.7):
    probabilities = np.full((len(labels), num_classes), (1 - confidence) / (num_classes - 1))
    probabilities[np.arange(len(labels)), predicted] = confidence
    return ClassifierEvaluation(np.array(labels), probabilities, tuple("abcdefgh"[:num_classes]), 0.5)


def random_classifier(seed):
    rng = np.random.default_rng(seed)
    return ClassifierEvaluation(
        rng.integers(0, 4, 500), rng.dirichlet(np.ones(5), 500).astype("float32"), tuple("abcde"), 1.0
    )  # class e never occurs


@pytest.fixture
def random_evaluation():
    return random_classifier(3)


@pytest.mark.parametrize("seed", range(5))
def test_metrics_equal_scikit_learn(seed):
    evaluation = random_classifier(seed)
    labels, predicted = evaluation.labels, evaluation.probabilities.argmax(axis=1)
    assert evaluation.accuracy == metrics.accuracy_score(labels, predicted)
    np.testing.assert_array_equal(
        evaluation.confusion_matrix, metrics.confusion_matrix(labels, predicted, labels=range(5))
    )
    report = metrics.classification_report(
        labels, predicted, labels=range(5), target_names=list("abcde"), output_dict=True, zero_division=0
    )
    for name, row in evaluation.per_class.iterrows():
        assert row.to_dict() == pytest.approx(
            {"precision": report[name]["precision"], "recall": report[name]["recall"]}
            | {"f1": report[name]["f1-score"], "support": report[name]["support"]}
        )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("average", ["macro", "weighted", "micro"])
def test_averages_equal_scikit_learn(seed, average):
    evaluation = random_classifier(seed)
    scores = (metrics.precision_score, metrics.recall_score, metrics.f1_score)
    labels, predicted = evaluation.labels, evaluation.probabilities.argmax(axis=1)
    expected = [s(labels, predicted, labels=range(5), average=average, zero_division=0) for s in scores]
    assert evaluation.averages.loc[average, ["precision", "recall", "f1"]].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_normalized_confusion_matrix_equals_scikit_learn(seed):
    evaluation = random_classifier(seed)
    predicted = evaluation.probabilities.argmax(axis=1)
    matrix = metrics.confusion_matrix(evaluation.labels, predicted, labels=range(5), normalize="true")
    np.testing.assert_allclose(evaluation.normalized_confusion_matrix[:4], matrix[:4])
    assert np.isnan(evaluation.normalized_confusion_matrix[4]).all()  # where scikit-learn has 0


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_and_its_curve_equal_scikit_learn(seed):
    evaluation = random_classifier(seed)
    one_hot = np.eye(5)[evaluation.labels]
    expected = metrics.average_precision_score(one_hot[:, :4], evaluation.probabilities[:, :4], average=None)
    np.testing.assert_allclose(evaluation.average_precision.iloc[:4], expected)
    assert evaluation.average_precision.index.tolist() == list("abcde")
    assert np.isnan(evaluation.average_precision["e"])
    assert evaluation.average_precision.mean() == pytest.approx(expected.mean())
    for k in range(4):
        curve = evaluation.precision_recall_curve(k)
        precision, recall, thresholds = metrics.precision_recall_curve(one_hot[:, k], evaluation.probabilities[:, k])
        np.testing.assert_array_equal(curve["precision"], precision)
        np.testing.assert_array_equal(curve["recall"], recall)
        np.testing.assert_array_equal(curve["threshold"].iloc[:-1], thresholds)
        steps = -np.diff(curve["recall"]) @ curve["precision"].iloc[:-1]
        assert evaluation.average_precision.iloc[k] == pytest.approx(steps)


@pytest.mark.parametrize(
    ("class_id", "message"),
    [(4, "`class_id` must be a class with images. Received: class_id=4"), (5, "<= 4"), (-1, ">= 0"), ("a", "integer")],
)
def test_curve_of_no_class_is_refused(class_id, message):
    with pytest.raises(ValueError, match=message):
        random_classifier(0).precision_recall_curve(class_id)


def test_absent_class_keeps_its_row_and_column(random_evaluation):
    assert random_evaluation.confusion_matrix.shape == (5, 5)
    assert random_evaluation.confusion_matrix[4].sum() == 0
    assert random_evaluation.per_class.loc["e", ["recall", "f1", "support"]].tolist() == [0, 0, 0]


def test_rows_of_the_confusion_matrix_are_true_classes():
    evaluation = evaluation_of([0, 0, 1], [1, 1, 1], 3)
    np.testing.assert_array_equal(evaluation.confusion_matrix, [[0, 2, 0], [0, 1, 0], [0, 0, 0]])


@pytest.mark.parametrize(("hits", "n"), [(355, 360), (360, 360), (0, 7), (1, 2)])
def test_accuracy_interval_is_wilsons(hits, n):
    evaluation = evaluation_of([0] * n, [0] * hits + [1] * (n - hits), 2)
    p, z = hits / n, 1.959963984540054
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert evaluation.accuracy_interval() == pytest.approx((middle - half, middle + half), abs=1e-12)
    assert wilson_interval(hits, n) == evaluation.accuracy_interval()


def test_commonest_mistake_names_true_and_predicted_class():
    evaluation = evaluation_of([0, 0, 1, 2, 2, 2], [0, 1, 2, 1, 1, 0], 3)
    assert evaluation.commonest_mistake == ("c", "b", 2)
    assert evaluation_of([0, 1], [0, 1], 2).commonest_mistake is None


def test_worst_mistakes_come_most_confident_first():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.99, 0.01], [0.2, 0.8], [0.6, 0.4]])
    evaluation = ClassifierEvaluation(np.array([1, 1, 1, 1, 1]), probabilities, ("a", "b"), 1.0)
    assert evaluation.worst_mistakes(10).tolist() == [2, 0, 1, 4]  # 3 is right; 1 and 4 tie in order
    assert evaluation.worst_mistakes(2).tolist() == [2, 0]


def test_worst_mistakes_of_a_perfect_classifier_are_none():
    assert evaluation_of([0, 1], [0, 1], 2).worst_mistakes(5).shape == (0,)


def test_evaluation_is_frozen():
    with pytest.raises(AttributeError):
        evaluation_of([0], [0], 2).loss = 0.0


GOOD = {
    "labels": np.array([0, 1]),
    "probabilities": np.array([[0.5, 0.5], [0.1, 0.9]]),
    "class_names": ("a", "b"),
    "loss": 0.1,
}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"labels": np.array([0, 2])}, r"`labels` must be in \[0, 2\)\. Received: labels in \[0, 2\]"),
        ({"labels": np.array([-1, 0])}, r"`labels` must be in \[0, 2\)\. Received: labels in \[-1, 0\]"),
        ({"labels": np.array([0.0, 1.0])}, "`labels` must be integers"),
        (
            {"labels": np.array([0, 1, 1])},
            r"`labels` must be integers of shape \(2,\)\. .*shape=\(3,\)",
        ),
        ({"predicted": np.array([0, 2])}, r"`predicted` must be in \[0, 2\)\. Received: predicted in \[0, 2\]"),
        ({"probabilities": np.zeros((0, 2))}, "`probabilities` must have shape"),
        (
            {"probabilities": np.array([0.5, 0.5])},
            r"`probabilities` must have shape .*shape=\(2,\)",
        ),
        ({"probabilities": np.array([[0.5, np.nan], [0, 1]])}, "NaN for 1 of 2 images"),
        ({"probabilities": np.array([[5.0, -3.0], [2.0, 9.0]])}, r"as the softmax of logits.*-3 at least.*\[2, 11\]"),
        ({"probabilities": np.array([[np.inf, 0], [0, 1]])}, "as the softmax of logits"),
        ({"class_names": ("a",)}, r"`class_names` must hold 2 names\. Received: len\(class_names\)=1"),
    ],
)
def test_bad_evaluation_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        ClassifierEvaluation(**GOOD | bad)


@pytest.mark.parametrize("count", [0, -1, 2.5, "3", True])
def test_bad_count_is_refused(count):
    with pytest.raises(ValueError, match="count"):
        ClassifierEvaluation(**GOOD).worst_mistakes(count)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_bad_confidence_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence"):
        ClassifierEvaluation(**GOOD).accuracy_interval(confidence)


@pytest.mark.parametrize(("hits", "n"), [(3, 2), (-1, 2), (0.5, 2), (0, -1)])
def test_bad_counts_have_no_interval(hits, n):
    with pytest.raises(ValueError, match="must be an integer"):
        wilson_interval(hits, n)
