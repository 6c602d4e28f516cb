"""Checks `serving_function`: the scale of the pixels, and what is returned."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st

from keras_course.course.exercises.inputs import Later, draw_array, sizes
from keras_course.numerics import network

keras = Later("keras")
EXAMPLES = 10
LIBRARIES = ("numpy", "keras")
RESULTS = ("probabilities", "classes")
CASES = [
    (np.uint8([[[[255, 0]]], [[[0, 128]]]]), np.array([[3.0, -1.0, 0.0], [0.5, 2.0, 1.0]])),
    (np.uint8([[[[255]], [[255]]]]), np.array([[1.0, -2.0], [3.0, 0.0]])),
]


def inputs(draw):
    """Draws images and the weights of a linear model."""
    shape = draw(sizes(1, 3)), draw(sizes(1, 2)), draw(sizes(1, 2)), draw(sizes(1, 2))
    images = draw(np_st.arrays(np.uint8, shape, elements=st.integers(0, 255), fill=st.nothing()))
    return images, draw_array(draw, (int(np.prod(shape[1:])), draw(sizes(2, 3))))


def use(answer, images, weights):
    """Builds a linear model and calls what the answer makes of it."""
    import keras

    layer = keras.layers.Dense(weights.shape[1], use_bias=False)
    model = keras.Sequential([keras.Input(images.shape[1:]), keras.layers.Flatten(), layer])
    layer.set_weights([weights])
    probabilities, classes = answer(model)(images)
    return np.asarray(probabilities), np.asarray(classes)


def expected(images, weights):
    """Returns what is right."""
    probabilities = network.softmax(images.reshape(len(images), -1) / 255 @ weights)
    return probabilities, probabilities.argmax(axis=1)


def serving_function(model):
    """Scales, predicts, and takes the softmax."""

    def serve(images):
        logits = model(keras.ops.cast(images, "float32") / 255)
        return keras.ops.softmax(logits), keras.ops.argmax(logits, axis=-1)

    return serve


def serving(model, scale, finish):
    """Makes a function with rules of its own."""

    def serve(images):
        logits = model(scale(np.asarray(images, np.float32)))
        return finish(np.asarray(logits))

    return serve


def softmax_and_class(logits):
    """Returns what users want."""
    return network.softmax(logits), logits.argmax(axis=1)


def wrong_not_scaled(model):
    """Right for black images: your model sees pixels that are 255 times as bright as those it was trained with."""
    return serving(model, lambda images: images, softmax_and_class)


def wrong_divided_by_256(model):
    """Right for black images: to what is the brightest pixel mapped?"""
    return serving(model, lambda images: images / 256, softmax_and_class)


def wrong_minus_one_to_one(model):
    """Your pixels are in [-1, 1]: training saw another interval."""
    return serving(model, lambda images: images / 127.5 - 1, softmax_and_class)


def wrong_logits(model):
    """These are logits: their rows don't sum to 1."""
    return serving(model, lambda images: images / 255, lambda logits: (logits, logits.argmax(axis=1)))


def wrong_softmax_twice(model):
    """The softmax is applied twice: your probabilities are too much alike."""
    return serving(
        model, lambda images: images / 255, lambda logits: (network.softmax(network.softmax(logits)), logits.argmax(1))
    )


def wrong_sigmoid(model):
    """Your probabilities don't sum to 1: each class is judged alone."""
    return serving(model, lambda images: images / 255, lambda logits: (1 / (1 + np.exp(-logits)), logits.argmax(1)))


def wrong_largest_probability(model):
    """The second result is how probable the class is: which one is it?"""
    return serving(
        model,
        lambda images: images / 255,
        lambda logits: (network.softmax(logits), network.softmax(logits).max(axis=1)),
    )


def wrong_one_hot(model):
    """The second result is a vector for each image: the number of the class is asked for."""
    return serving(
        model,
        lambda images: images / 255,
        lambda logits: (network.softmax(logits), np.eye(logits.shape[1], dtype=int)[logits.argmax(axis=1)]),
    )


def wrong_scaled_by_batch(model):
    """You divide by the brightest pixel of the batch: an image would change with its neighbours."""
    return serving(model, lambda images: images / max(images.max(), 1), softmax_and_class)


def wrong_least_probable(model):
    """The second result is the class that is least probable."""
    return serving(model, lambda images: images / 255, lambda logits: (network.softmax(logits), logits.argmin(axis=1)))
