"""class_weight: against Keras's own, a loss weighted by hand and scikit-learn; recorded, resumed, refused."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from keras_course import resume_run, train_recipe
from keras_course.data import Examples, ImageData
from keras_course.models import build_perceptron
from keras_course.training import train_classifier

NAMES = ("cat", "dog", "0")  # a name that looks like an index
BY_LABEL = {0: 0.5, 1: 2.0, 2: 4.0}


@pytest.fixture(scope="module")
def data():
    """90 images of three unequal classes."""
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [60, 20, 10])
    images = (random.integers(0, 120, (90, 4, 4, 1)) + 60 * labels[:, None, None, None]).astype(np.uint8)
    order = random.permutation(90)
    parts = [Examples(images[part], labels[part].astype(np.int64)) for part in (order[:60], order[60:75], order[75:])]
    return ImageData("unequal", NAMES, *parts, batch_size=16)


def perceptron(data):
    keras.utils.set_random_seed(3)
    return build_perceptron(data.input_shape, data.num_classes)


def train(model, data, **options):
    return train_classifier(
        model, data, **{"epochs": 2, "optimizer": keras.optimizers.SGD(0.1), "verbose": 0, **options}
    )


@pytest.mark.parametrize("accumulated", [None, 2])
def test_a_training_is_that_of_keras_with_class_weight(data, accumulated):
    optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=accumulated)
    run = train(perceptron(data), data, optimizer=optimizer, class_weight=BY_LABEL)
    expected = perceptron(data)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    expected.compile(keras.optimizers.SGD(0.1, gradient_accumulation_steps=accumulated), loss)
    history = expected.fit(
        data.train_from(0), validation_data=data.validation, epochs=2, shuffle=False, class_weight=BY_LABEL, verbose=0
    )
    for got, want in zip(run.model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-7)
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(run.history[name], history.history[name], rtol=1e-6)


def test_every_head_descends_its_weighted_loss_and_the_history_shows_their_means(data, eager):
    image = keras.Input(data.input_shape)
    flat = keras.layers.Flatten(name="flatten")(image)
    keras.utils.set_random_seed(3)
    model = keras.Model(image, [keras.layers.Dense(3, name=name)(flat) for name in ("logits", "auxiliary_logits")])
    whole = ImageData("one batch", NAMES, *data_parts(data), batch_size=60)
    images, labels = next(iter(whole.train_from(0)))
    weights = tf.constant([0.5, 2.0, 4.0])
    with tf.GradientTape() as tape:
        losses = [
            tf.reduce_mean(tf.gather(weights, labels) * tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
            for logits in model(images)
        ]
        total = losses[0] + 0.3 * losses[1]
    gradients = tape.gradient(total, [v.value for v in model.trainable_variables])
    expected = [v.numpy() - 0.1 * g for v, g in zip(model.trainable_variables, gradients, strict=True)]
    run = train(model, whole, epochs=1, class_weight=BY_LABEL)
    for got, want in zip(run.model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    row = run.history.loc[0]
    for name, value in {"loss": losses[0], "auxiliary_logits_loss": losses[1], "weighted_loss": total}.items():
        assert row[name] == pytest.approx(float(value), rel=1e-5)
    logits = model(data.validation_examples.images / np.float32(255))[0]
    plain = tf.nn.sparse_softmax_cross_entropy_with_logits(data.validation_examples.labels, logits)
    assert row["val_loss"] == pytest.approx(float(tf.reduce_mean(plain)), rel=1e-5)


def data_parts(data):
    return data.train_examples, data.validation_examples, data.test_examples


def test_balanced_is_scikit_learns(data, eager):
    run = train(perceptron(data), data, class_weight="balanced")
    labels = data.train_examples.labels
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(run.config["class_weight"], expected)
    by_name = train(perceptron(data), data, class_weight=dict(zip(NAMES, expected, strict=True)))
    np.testing.assert_array_equal(run.model.get_weights()[0], by_name.model.get_weights()[0])


def test_a_class_without_images_has_no_part_in_balanced(data, eager):
    wider = ImageData("unequal", (*NAMES, "unicorn"), *data_parts(data), batch_size=16)
    run = train(perceptron(wider), wider, epochs=1, class_weight="balanced")
    expected = compute_class_weight("balanced", classes=np.arange(3), y=data.train_examples.labels)
    np.testing.assert_allclose(run.config["class_weight"], [*expected, 1.0])


def test_a_resumed_run_has_the_weights_of_the_first(data, tmp_path, eager, no_report):
    whole = train(perceptron(data), data, class_weight="balanced")
    train(perceptron(data), data, epochs=1, class_weight="balanced", run_dir=tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["class_weight"] == whole.config["class_weight"]
    for other in (None, {"dog": 3}):
        with pytest.raises(ValueError, match="`resume` needs the settings of the run .*class_weight was .*, now"):
            train(perceptron(data), data, class_weight=other, run_dir=tmp_path, resume=True)
    continued = train(perceptron(data), data, class_weight="balanced", run_dir=tmp_path, resume=True)
    np.testing.assert_array_equal(continued.model.get_weights()[0], whole.model.get_weights()[0])


def test_a_run_without_is_not_resumed_with(data, tmp_path, eager, no_report):
    train(perceptron(data), data, epochs=1, run_dir=tmp_path)
    with pytest.raises(ValueError, match="class_weight was None, now"):
        train(perceptron(data), data, class_weight="balanced", run_dir=tmp_path, resume=True)


def test_a_recipes_run_resumes_with_indices_that_look_like_names(data, tmp_path, eager, no_report):
    first = train_recipe(
        "perceptron", data, run_dir=tmp_path, epochs=1, decay="none", class_weight={0: 3, 2: 7.5}, verbose=0
    )
    assert first.config["class_weight"] == [3.0, 1.0, 7.5]
    assert resume_run(tmp_path, data=data, epochs=2, verbose=0).config["class_weight"] == [3.0, 1.0, 7.5]


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ("even", "`class_weight` must be 'balanced', a mapping .* Received: class_weight='even'"),
        (2.0, "`class_weight` must be 'balanced', a mapping .* Received: class_weight=2.0"),
        ([1, 1, 1], r"`class_weight` must be .* Received: class_weight=\[1, 1, 1\]"),
        ({0: 0.0}, r"`class_weight\[0\]` must be a finite number > 0. Received"),
        ({"cat": float("nan")}, r"`class_weight\['cat'\]` must be a .*number > 0"),
        ({"cow": 1}, r"`class_weight` must have class indices in \[0, 3\) or names such as 'cat' as keys. .*'cow'"),
        ({3: 1}, r"`class_weight` must have class indices in \[0, 3\)"),
        ({True: 1}, r"`class_weight` must have class indices in \[0, 3\)"),
        ({0: 1, "cat": 2}, "`class_weight` must have one weight for class 0, 'cat'"),
    ],
)
def test_other_class_weights_are_refused(data, class_weight, message):
    with pytest.raises(ValueError, match=message):
        train(perceptron(data), data, class_weight=class_weight)
