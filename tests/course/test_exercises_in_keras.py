"""The exercises that are written in Keras: solutions are right, each typical mistake gets its own hint."""

import doctest
import inspect
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.course.exercises import Kind, check_source, find_exercise, load_exercises
from keras_course.course.exercises.checking.judging import judge

EXERCISES = {exercise.name: exercise for exercise in load_exercises() if "keras" in exercise.libraries}


def solution(name):
    names = {}
    exec(EXERCISES[name].solution, names)
    return names[name]


def verdict(name, answer):
    return judge(EXERCISES[name], partial(EXERCISES[name].attempt, answer))


def residual_block(x, filters, strides):
    shortcut = x
    if (x.shape[-1], 1) != (filters, strides):
        shortcut = keras.layers.Conv2D(filters, 1, strides)(x)
    x = keras.layers.Conv2D(filters, 3, strides, "same")(x)
    x = keras.layers.Conv2D(filters, 3, 1, "same")(keras.activations.relu(x))
    return keras.ops.maximum(shortcut + x, 0.0)


def inception_block(x, filters):
    one, reduce_3, three, reduce_5, five, pooled = filters
    layers = [[(one, 1)], [(reduce_3, 1), (three, 3)], [(reduce_5, 1), (five, 5)], [(pooled, 1)]]
    outputs = []
    for path in layers:
        y = keras.ops.max_pool(x, 3, 1, "same") if path is layers[-1] else x
        for count, size in path:
            y = keras.layers.ReLU()(keras.layers.Conv2D(count, size, padding="same")(y))
        outputs.append(y)
    return keras.ops.concatenate(outputs, axis=-1)


def decay_callback(initial_rate, decay_rate):
    return keras.callbacks.LearningRateScheduler(lambda epoch, _: initial_rate / (1 + decay_rate * epoch))


def gradient_norm(model, x, labels, layer):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([variable.value for variable in model.get_layer(layer).variables])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, model(x, training=True))
    values = tape.gradient(loss, [variable.value for variable in model.get_layer(layer).variables])
    return tf.linalg.global_norm(values)


def serving_function(model):
    layer = keras.Sequential([keras.layers.Rescaling(1 / 255), model, keras.layers.Softmax()])

    def serve(images):
        probabilities = layer.predict(images, verbose=0)
        return probabilities, [int(np.argmax(row)) for row in probabilities]

    return serve


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_and_another_are_right(name):
    for answer in (solution(name), globals()[name]):
        found = verdict(name, answer)
        assert found.is_right, str(found)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_typical_mistake_gets_its_own_hint(name):
    for mistake, answer in EXERCISES[name].forms:
        found = verdict(name, answer)
        assert (found.kind, found.mistake) == (Kind.MISTAKE, mistake)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_example_of_a_stub_is_what_the_solution_gives(name):
    names = {}
    exec(EXERCISES[name].text.replace("raise NotImplementedError", "..."), names)
    text = inspect.getdoc(names[name])
    names[name] = solution(name)
    said = []
    test = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert test.examples
    assert "".join(said) == ""


def test_a_process_of_its_own_has_tensorflow_too():
    exercise = find_exercise("serving_function")
    assert check_source(exercise, exercise.solution).is_right
