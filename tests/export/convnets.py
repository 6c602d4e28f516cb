"""A small convnet with named layers, and images for it."""

import keras
import numpy as np


def build_convnet(input_shape=(12, 10, 1), num_classes=5, activation="relu", policy="float32"):
    layers = keras.layers
    image = keras.Input(input_shape, name="image")
    x = layers.Conv2D(4, 3, padding="same", activation=activation, dtype=policy, name="conv1")(image)
    x = layers.BatchNormalization(dtype=policy, name="norm1")(x)
    x = layers.MaxPooling2D(dtype=policy, name="pool1")(x)
    x = layers.Conv2D(6, 3, activation=activation, dtype=policy, name="conv2")(x)
    x = layers.Dropout(0.5, dtype=policy, name="dropout")(x)
    x = layers.GlobalAveragePooling2D(dtype=policy, name="pool2")(x)
    logits = layers.Dense(num_classes, dtype=policy, name="logits")(x)
    return keras.Model(image, logits, name="convnet")


def draw_images(count=7, shape=(12, 10, 1)):
    """Noise of several brightnesses and contrasts."""
    generator = np.random.default_rng(0)
    brightest = generator.integers(20, 257, (count, 1, 1, shape[-1]))
    return (generator.random((count, *shape)) * brightest).astype(np.uint8)


def spread_logits(model):
    """Scales and centres the last layer so that the images of `draw_images` fall into several classes."""
    layer = model.get_layer("logits")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel * 40, bias])
    images = draw_images(shape=(12, 10, model.input_shape[-1]))
    logits = np.asarray(model(images / np.float32(255), training=False), np.float32)
    layer.set_weights([kernel * 40, bias - logits.mean(axis=0)])
    return model
