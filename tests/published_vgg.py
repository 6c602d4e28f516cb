"""The VGG of keras.applications, and its weights files as they are downloaded."""

import hashlib

import h5py
import keras
import numpy as np

from keras_course.models import imagenet_weights


def random_biases(model):
    for layer in model.layers:
        if layer.weights:
            layer.bias.assign(np.random.default_rng(0).uniform(-1, 1, layer.bias.shape))


def write_weights(model, name, home, monkeypatch):
    """Writes the file as keras.applications has it: a group a layer, in order, kernel before bias."""
    path = home / "models" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{kind}_1:0" for kind in ("W", "b")][: len(layer.weights)]
            group.attrs["weight_names"] = [text.encode() for text in names]
            for text, weight in zip(names, layer.get_weights(), strict=True):
                group[text] = weight
    monkeypatch.setitem(imagenet_weights.CHECKSUMS, name, hashlib.md5(path.read_bytes()).hexdigest())


def published_net(depth, size, units=None, classes=1000):
    """Builds keras.applications' net for images in [0, 1], with a classifier of `units` in place of 4,096."""
    builder = {16: keras.applications.VGG16, 19: keras.applications.VGG19}[depth]
    model = builder(weights=None, include_top=False, input_shape=(size, size, 3))
    if units:
        x = keras.layers.Flatten(name="flatten")(model.output)
        for name in ("fc1", "fc2"):
            x = keras.layers.Dense(units, activation="relu", name=name)(x)
        model = keras.Model(model.input, keras.layers.Dense(classes, name="predictions")(x))
    random_biases(model)
    return model


def published_preprocessing(images):
    return keras.applications.vgg16.preprocess_input(images * 255)
