"""Models that are served from a thread of the test process, so that tests meet real HTTP."""

import contextlib
import threading

import keras
import numpy as np
import requests
import tensorflow as tf

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), np.uint8)


@contextlib.contextmanager
def serving(exports, limits=None, run=None):
    """Serves exports; yields the address."""
    from keras_course.serve import build_app
    from keras_course.serve.running import HttpServer

    begun = threading.Event()
    app = build_app(exports, limits=limits, run=run)
    server = HttpServer(app, port=0, started=lambda address: begun.set())
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert begun.wait(30)
        yield server.address
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def small_convnet():
    keras.utils.set_random_seed(1)
    layers = [
        keras.layers.Conv2D(4, 3, activation="relu", padding="same", name="conv1"),
        keras.layers.MaxPooling2D(name="pool1"),
        keras.layers.Conv2D(6, 3, activation="relu", name="conv2"),
        keras.layers.Flatten(),
        keras.layers.Dense(3, name="logits"),
    ]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers], name="small_convnet")
    model.set_weights([4 * weight for weight in model.get_weights()])  # probabilities that are far apart
    return model


class HalfPlusThree(tf.Module):
    """The toy model of TensorFlow Serving's documentation: y = x / 2 + 3."""

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])
    def predict(self, x):
        return {"y": x / 2 + 3}


class Sensors(tf.Module):
    """The model of the documentation's examples with several inputs."""

    @tf.function(
        input_signature=[
            tf.TensorSpec((None,), tf.string, name="tag"),
            tf.TensorSpec((None, 5), tf.int32, name="signal"),
            tf.TensorSpec((None, 2, 2), tf.float32, name="sensor"),
        ]
    )
    def predict(self, tag, signal, sensor):
        return {
            "total": tf.reduce_sum(signal, axis=1),
            "trace": tf.linalg.trace(sensor),
            "tag": tf.strings.upper(tag),
            "raw_bytes": tag,
        }


def write_version(module, folder, number):
    tf.saved_model.save(module, str(folder / str(number)), signatures=module.predict)
    return folder


def error_of(response):
    """Returns the sentence that a refusal has."""
    plain = response.headers["Content-Type"].startswith("text/plain")  # of what is no HTTP
    message = response.text if plain else response.json()["error"]
    assert "Traceback" not in message and len(message) > 10
    return message


def post(address, **keywords):
    return requests.post(address, timeout=30, **keywords)
