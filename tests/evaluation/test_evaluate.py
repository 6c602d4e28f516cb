"""evaluate on networks and estimators, from arrays and batches; select_images; bad input."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Perceptron
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from keras_course.data import Examples
from keras_course.evaluation import evaluate, select_images

RNG = np.random.default_rng(0)
IMAGES = RNG.random((50, 4, 5, 1)).astype("float32")
LABELS = RNG.integers(0, 3, 50)
DATASET = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(16)  # the last batch holds 2


def linear_model(scale=1.0, outputs="one"):
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4, 5, 1))
    logits = keras.layers.Dense(3, name="logits")(keras.layers.Flatten()(inputs))
    logits = keras.layers.Rescaling(scale)(logits)
    other = keras.layers.Rescaling(-1.0)(logits)
    return keras.Model(inputs, {"one": logits, "list": [logits, other], "dict": {"z": logits, "a": other}}[outputs])


def test_accuracy_and_loss_equal_keras_evaluate():
    model = linear_model(scale=3.0)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    loss, accuracy = model.evaluate(DATASET, verbose=0)
    evaluation = evaluate(model, DATASET)
    assert evaluation.loss == pytest.approx(loss, rel=1e-5)
    assert evaluation.accuracy == pytest.approx(accuracy, abs=1e-6)


def test_labels_and_probabilities_keep_the_order_of_the_data():
    model = linear_model()
    evaluation = evaluate(model, DATASET, ["a", "b", "c"])
    np.testing.assert_array_equal(evaluation.labels, LABELS)
    logits = keras.ops.convert_to_numpy(model(IMAGES)).astype("float64")
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(evaluation.probabilities, expected, atol=1e-6)
    assert evaluation.probabilities.dtype == np.float32
    assert evaluation.class_names == ("a", "b", "c")


def test_loss_is_stable_for_huge_logits():
    evaluation = evaluate(linear_model(scale=1e4), DATASET)
    logits = keras.ops.convert_to_numpy(linear_model(scale=1e4)(IMAGES)).astype("float64")
    expected = np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(50), LABELS])
    assert expected > 100  # where log(softmax) is -inf
    assert evaluation.loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("outputs", ["list", "dict"])
def test_the_first_of_several_outputs_counts(outputs):
    expected = evaluate(linear_model(), DATASET).probabilities
    np.testing.assert_array_equal(evaluate(linear_model(outputs=outputs), DATASET).probabilities, expected)


def test_the_model_runs_in_inference_mode_once_an_image():
    seen = []
    images = DATASET.map(lambda x, y: (tf.py_function(lambda x: seen.append(len(x)) or x, [x], tf.float32), y))
    images = images.map(lambda x, y: (tf.ensure_shape(x, (None, 4, 5, 1)), y))
    inputs = keras.Input((4, 5, 1))
    outputs = keras.layers.Dense(3)(keras.layers.Dropout(0.9)(keras.layers.Flatten()(inputs)))
    model = keras.Model(inputs, outputs)
    first = evaluate(model, images)
    assert sum(seen) == 50
    np.testing.assert_array_equal(first.probabilities, evaluate(model, images).probabilities)


def test_half_precision_logits_give_float32_probabilities():
    inputs = keras.Input((4, 5, 1))
    model = keras.Model(inputs, keras.layers.Dense(3, dtype="mixed_float16")(keras.layers.Flatten()(inputs)))
    evaluation = evaluate(model, DATASET)
    np.testing.assert_allclose(evaluation.probabilities.sum(axis=1), 1, atol=1e-6)


EXAMPLES = Examples(RNG.integers(0, 256, (50, 4, 5, 1), dtype=np.uint8), LABELS)
SAME_IN_BATCHES = tf.data.Dataset.from_tensor_slices((EXAMPLES.images / np.float32(255), LABELS)).batch(16)


def fitted(classifier, first=0):
    """Fits on the images from `first` on, without those of class 1."""
    images, labels = EXAMPLES.images[first:], LABELS[first:]
    flatten = FunctionTransformer(lambda images: images.reshape(len(images), -1) / 255)
    return make_pipeline(flatten, classifier).fit(images[labels != 1], labels[labels != 1])


class Contrarian(RandomForestClassifier):
    """Predicts the class that it finds least probable."""

    def predict(self, features):
        return self.classes_[self.predict_proba(features).argmin(axis=1)]


def test_a_network_gets_the_same_images_from_examples_and_batches():
    model = linear_model()
    once, twice = evaluate(model, EXAMPLES), evaluate(model, SAME_IN_BATCHES)
    np.testing.assert_allclose(once.probabilities, twice.probabilities, rtol=1e-6)
    np.testing.assert_array_equal(once.labels, twice.labels)


@pytest.mark.parametrize("examples", [EXAMPLES, SAME_IN_BATCHES])
@pytest.mark.parametrize("decision", ["probability", "predict"])
def test_estimators_score_what_scikit_learn_finds(examples, decision):
    forest = fitted(RandomForestClassifier(5, random_state=0), first=25)
    evaluation = evaluate(forest, examples, ["a", "b", "c"], decision=decision)
    probabilities = np.insert(forest.predict_proba(EXAMPLES.images), 1, 0, axis=1)  # the class it has not seen
    np.testing.assert_array_equal(evaluation.probabilities, probabilities.astype(np.float32))
    assert evaluation.accuracy == np.mean(forest.predict(EXAMPLES.images) == LABELS)
    assert evaluation.loss == pytest.approx(log_loss(LABELS, probabilities), rel=1e-12)
    assert evaluation.class_names == ("a", "b", "c")


def test_predictions_are_the_most_probable_classes_or_those_of_predict():
    contrarian = fitted(Contrarian(5, random_state=0))
    most_probable = contrarian.classes_[contrarian.predict_proba(EXAMPLES.images).argmax(axis=1)]
    np.testing.assert_array_equal(evaluate(contrarian, EXAMPLES).predictions, most_probable)
    by_predict = evaluate(contrarian, EXAMPLES, decision="predict")
    np.testing.assert_array_equal(by_predict.predictions, contrarian.predict(EXAMPLES.images))
    assert by_predict.calibration(bins=1).loc[1, "confidence"] < 0.5


def test_an_estimator_without_probabilities_is_certain_and_has_no_loss():
    perceptron = fitted(Perceptron(random_state=0))
    evaluation = evaluate(perceptron, EXAMPLES)
    np.testing.assert_array_equal(evaluation.probabilities, np.eye(3)[perceptron.predict(EXAMPLES.images)])
    assert np.isnan(evaluation.loss)


def nan_model():
    model = linear_model()
    model.get_layer("logits").bias.assign([0.0, np.nan, 0.0])
    return model


def model_with_output(shape):
    inputs = keras.Input((4, 5, 1))
    units = keras.layers.Dense(int(np.prod(shape)))(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Reshape(shape)(units))


@pytest.mark.parametrize(
    ("model", "dataset", "class_names", "message"),
    [
        (linear_model(), IMAGES, None, r"`examples` must be Examples, or a tf\.data\.Dataset .* Received: a ndarray"),
        (linear_model(), DATASET.map(lambda x, y: x), None, r"`examples` must yield \(images, labels\)"),
        (linear_model(), DATASET.map(lambda x, y: (x, tf.one_hot(y, 3))), None, "`examples` must have integer labels"),
        (
            linear_model(),
            DATASET.map(lambda x, y: (x, y + 1)),
            None,
            r"labels in \[0, 3\), .*: labels in \[1, 3\]",
        ),
        (
            linear_model(),
            DATASET.map(lambda x, y: (x, y - 1)),
            None,
            r"labels in \[0, 3\), .*: labels in \[-1, 1\]",
        ),
        (linear_model(), DATASET.repeat(), None, "`examples` must be finite"),
        (linear_model(), DATASET.take(0), None, "`examples` must hold at least one image"),
        (linear_model(), DATASET, ["a", "b"], r"`class_names` must hold 3 names\. Received: len\(class_names\)=2"),
        (linear_model(), Examples(IMAGES, LABELS), None, "`examples` must have uint8 images .* Received: float32"),
        (fitted(Perceptron()), Examples(EXAMPLES.images[:0], LABELS[:0]), None, "at least one image"),
        (fitted(Perceptron()), DATASET.take(0), None, "at least one image"),
        (fitted(Perceptron()), EXAMPLES, ["a", "b"], "`class_names` must name every class.*2 names, and 2 among"),
        (FunctionTransformer(), EXAMPLES, None, "`model` must be .* Received: a FunctionTransformer"),
        (nan_model(), DATASET, None, "NaN for 50 of 50 images"),
        (model_with_output((1,)), DATASET, None, r"`model` must output logits .* Received: .* \('batch', 1\)"),
        (model_with_output((2, 3)), DATASET, None, r"`model` must output logits .* Received: .* \('batch', 2, 3\)"),
    ],
)
def test_bad_input_is_refused(model, dataset, class_names, message):
    with pytest.raises(ValueError, match=message):
        evaluate(model, dataset, class_names)


def test_an_unknown_decision_is_refused():
    with pytest.raises(ValueError, match="`decision` must be one of 'probability', 'predict'"):
        evaluate(linear_model(), DATASET, decision="argmax")


@pytest.mark.parametrize("indices", [[0], [49, 0, 16, 15], [3, 3, 48], np.arange(50)[::-1]])
def test_select_images_keeps_the_order_asked_for(indices):
    np.testing.assert_array_equal(select_images(DATASET, indices), IMAGES[np.asarray(indices)])
    np.testing.assert_array_equal(select_images(EXAMPLES, indices), EXAMPLES.images[np.asarray(indices)])


def test_select_images_stops_at_the_last_image_wanted():
    read = []
    dataset = DATASET.map(lambda x, y: (tf.py_function(lambda x: read.append(len(x)) or x, [x], tf.float32), y))
    select_images(dataset.repeat(), [5, 20])  # endless unless it stops
    assert len(read) < 10


def test_select_images_of_nothing_is_empty():
    assert select_images(DATASET, []).shape == select_images(EXAMPLES, []).shape == (0, 4, 5, 1)


@pytest.mark.parametrize(
    ("indices", "message"),
    [
        ([50], "`indices` must be < 50, the number of images. Received: 50"),
        ([-1], "`indices` must be >= 0. Received: -1"),
        ([0.5], "`indices` must be integers"),
        (3, "`indices` must be integers of shape"),
    ],
)
def test_bad_indices_are_refused(indices, message):
    with pytest.raises(ValueError, match=message):
        select_images(DATASET, indices)
