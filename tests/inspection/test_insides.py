"""Which layers are shown of a network, and that looking inside gives what the single functions give."""

import keras
import numpy as np
import tensorflow as tf

from keras_course.inspection import feature_maps, grad_cam, saliency_map
from keras_course.inspection.insides import Insides


def chain(layers, size=8):
    return keras.Sequential([keras.Input((size, size, 1)), *layers, keras.layers.Flatten(), keras.layers.Dense(3)])


def test_layers_that_activate_or_pool_are_shown():
    plain = keras.layers.Conv2D(2, 3, padding="same", name="plain")
    active = keras.layers.Conv2D(2, 3, padding="same", activation="tanh", name="active")
    rest = [keras.layers.BatchNormalization(), keras.layers.ReLU(name="relu"), keras.layers.MaxPooling2D(name="pool")]
    assert Insides(chain([plain, active, *rest])).layers == ["active", "relu", "pool"]


def test_convolutions_are_shown_where_nothing_activates():
    assert Insides(chain([keras.layers.Conv2D(2, 3, name=name) for name in ("first", "second")])).layers == [
        "first",
        "second",
    ]


def test_of_many_layers_twelve_are_shown_from_the_first_to_the_last():
    names = [f"relu{number}" for number in range(1, 31)]
    shown = Insides(chain([keras.layers.ReLU(name=name) for name in names])).layers
    places = [names.index(layer) for layer in shown]
    assert len(shown) == 12 and places[0] == 0 and places[-1] == 29
    assert set(np.diff(places)) == {2, 3}


def test_a_layer_that_is_called_twice_is_shown_once():
    inputs = keras.Input((8, 8, 2))
    twice = keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="twice")
    x = keras.layers.Flatten()(twice(twice(inputs)))
    assert Insides(keras.Model(inputs, keras.layers.Dense(3)(x))).layers == ["twice"]


def test_one_look_sees_what_the_functions_see():
    keras.utils.set_random_seed(0)
    pool = keras.layers.AveragePooling2D(2, name="pool")
    model = chain([keras.layers.Conv2D(4, 3, activation="relu", name="conv"), pool])
    images = np.random.default_rng(0).random((3, 8, 8, 1), np.float32)
    seen = Insides(model).look(tf.constant(images))
    for layer in ("conv", "pool"):
        np.testing.assert_allclose(seen.maps[layer], feature_maps(model, images, layer), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.abs(seen.gradient).max(-1), saliency_map(model, images), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen.grad_cam, grad_cam(model, images), rtol=1e-5, atol=1e-6)
