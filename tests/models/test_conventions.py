"""Logits out, pixels in [0, 1] in: models that keep to it pass, others are refused wherever they would be used."""

import keras
import numpy as np
import pytest

from keras_course.data import Examples, ImageData
from keras_course.evaluation import evaluate
from keras_course.export import export_model
from keras_course.models.conventions import (
    check_logits,
    check_not_probabilities,
    check_pixel_scale,
    first_output,
    main_output,
)
from keras_course.training import train_classifier

layers, ops = keras.layers, keras.ops
RNG = np.random.default_rng(0)
EXAMPLES = Examples(RNG.integers(0, 256, (30, 8, 8, 3), np.uint8), np.arange(30) % 3)
DATA = ImageData("noise", ("a", "b", "c"), EXAMPLES, None, EXAMPLES)


@keras.saving.register_keras_serializable("test_conventions")
class Hidden(layers.Layer):
    """A softmax that no graph shows."""

    def call(self, x):
        x = ops.exp(x - ops.max(x, axis=-1, keepdims=True))
        return x / ops.sum(x, axis=-1, keepdims=True)


@keras.saving.register_keras_serializable("test_conventions")
class Scaling(layers.Layer):
    """x / 255 in a layer of one's own."""

    def call(self, x):
        return x / 255.0


def ends(*last, dtype="float32"):
    image = keras.Input((8, 8, 3))
    x = layers.Dense(3, name="before")(layers.Flatten()(image))
    for layer in last:
        x = layer(x)
    return keras.Model(image, x, name="net")


def starts(*first, shape=(8, 8, 3)):
    image = x = keras.Input(shape)
    for layer in first:
        x = layer(x)
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(x))), name="net")


def nested(build):
    return keras.Sequential([keras.Input((8, 8, 3)), build], name="outer")


PROBABILITIES = {
    "Dense(activation='softmax')": lambda: ends(layers.Dense(3, "softmax")),
    "a layer": lambda: ends(layers.Softmax()),
    "keras.ops.softmax": lambda: ends(ops.softmax),
    "an activation that is a layer": lambda: ends(layers.Dense(3, layers.Softmax())),
    "an Activation of a layer": lambda: ends(layers.Activation(layers.Softmax())),
    "a cast behind": lambda: ends(layers.Softmax(dtype="float16"), lambda x: ops.cast(x, "float32")),
    "a linear activation behind": lambda: ends(layers.Softmax(), layers.Activation("linear")),
    "dropout and reshape behind": lambda: ends(layers.Softmax(), layers.Dropout(0.1), layers.Reshape((3,))),
    "an inner model": lambda: nested(ends(ops.softmax)),
    "sigmoid": lambda: ends(ops.sigmoid),
    "hard sigmoid": lambda: ends(layers.Activation("hard_sigmoid")),
    "sparsemax": lambda: ends(layers.Activation("sparsemax")),
}
LOGITS = {
    "Dense": lambda: ends(),
    "ReLU": lambda: ends(layers.ReLU()),
    "a cast": lambda: ends(lambda x: ops.cast(x, "float32")),
    "softmax before the last layer": lambda: ends(layers.Softmax(), layers.Dense(3)),
    "a scale": lambda: ends(layers.Softmax(), layers.Rescaling(10.0)),
}
RAW_PIXELS = {
    "Rescaling": lambda: starts(layers.Rescaling(1 / 255)),
    "Rescaling to [-1, 1]": lambda: starts(layers.Rescaling(1 / 127.5, offset=-1)),
    "x / 255": lambda: starts(lambda x: x / 255.0),
    "x * (1 / 255)": lambda: starts(lambda x: x * (1 / 255)),
    "mean colour": lambda: starts(lambda x: x - ops.convert_to_tensor([103.9, 116.8, 123.7])),
    "Normalization": lambda: starts(layers.Normalization(mean=[127.0] * 3, variance=[64.0**2] * 3)),
    "behind augmentation": lambda: starts(layers.RandomFlip(), layers.Resizing(16, 16), layers.Rescaling(1 / 255)),
    "a layer of one's own": lambda: starts(Scaling()),
    "Lambda": lambda: starts(layers.Lambda(lambda x: x / 255.0)),
    "Caffe's order and mean": lambda: starts(keras.applications.vgg16.preprocess_input),
    "behind pooling": lambda: starts(layers.AveragePooling2D(2), layers.Rescaling(1 / 255)),
    "in both branches": lambda: starts(lambda x: layers.Concatenate()([x / 255.0, x / 127.5])),
    "before a batch normalization": lambda: starts(layers.Rescaling(1 / 255), layers.BatchNormalization()),
    "into sixteen levels": lambda: starts(lambda x: x // 16 / 16),
    "a net of Keras": lambda: keras.applications.MobileNetV3Small((32, 32, 3), weights=None, classes=3),
    "another net of Keras": lambda: keras.applications.ConvNeXtTiny(weights=None, input_shape=(32, 32, 3), classes=3),
    "an inner model": lambda: nested(starts(layers.Rescaling(1 / 255))),
    "an inner backbone": lambda: starts(layers.Rescaling(1 / 255), starts_with_conv()),
}
UNIT_PIXELS = {
    "nothing": lambda: starts(),
    "[-1, 1]": lambda: starts(layers.Rescaling(2.0, offset=-1)),
    "ImageNet's mean": lambda: starts(
        layers.Normalization(mean=[0.485, 0.456, 0.406], variance=[0.229**2, 0.224**2, 0.225**2])
    ),
    "to 0..255 for a backbone": lambda: starts(layers.Rescaling(255.0), layers.Rescaling(1 / 127.5, offset=-1)),
    "negative": lambda: starts(lambda x: 1 - x),
    "each image by itself": lambda: starts(
        lambda x: (x - ops.mean(x, (1, 2, 3), keepdims=True)) / (1e-6 + ops.std(x, (1, 2, 3), keepdims=True))
    ),
    "each pixel by itself": lambda: starts(layers.UnitNormalization()),
    "squared": lambda: starts(lambda x: ops.power(x, 2), layers.GaussianNoise(0.1), layers.UpSampling2D()),
    "augmentation": lambda: starts(layers.RandomFlip(), layers.RandomContrast(0.1)),
}


def starts_with_conv():
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(3, 1)], name="backbone")


WRONG = {
    "softmax": PROBABILITIES["keras.ops.softmax"],
    "hidden softmax": lambda: ends(Hidden()),
    "rescaling": RAW_PIXELS["Rescaling"],
}
USES = {
    "train": lambda model, folder: train_classifier(model, DATA, epochs=1, run_dir=folder / "run", verbose=0),
    "evaluate": lambda model, folder: evaluate(model, EXAMPLES),
    "export": lambda model, folder: export_model(model, folder, "net"),
}


@pytest.mark.parametrize("build", PROBABILITIES.values(), ids=PROBABILITIES)
def test_probabilities_are_seen_in_the_graph(build):
    with pytest.raises(ValueError, match=r"`model` must output logits\. Received: the last layer '.*' applies"):
        check_logits(build())


@pytest.mark.parametrize("build", LOGITS.values(), ids=LOGITS)
def test_logits_pass(build):
    check_logits(build())


@pytest.mark.parametrize("build", RAW_PIXELS.values(), ids=RAW_PIXELS)
def test_a_second_scaling_is_seen_in_the_graph(build):
    with pytest.raises(
        ValueError, match=r"must take pixels in \[0, 1\].* Received: the layers up to '.*' of '.*' turn"
    ):
        check_pixel_scale(build())


@pytest.mark.parametrize("build", UNIT_PIXELS.values(), ids=UNIT_PIXELS)
def test_pixels_in_the_unit_interval_pass(build):
    check_pixel_scale(build())


def test_masks_are_no_pixels():
    def read_rows(*before):
        image = x = keras.Input((8, 8, 3))
        for layer in (*before, layers.Reshape((8, 24)), layers.Masking(), layers.GRU(4), layers.Dense(3)):
            x = layer(x)
        return keras.Model(image, x)

    check_pixel_scale(read_rows())
    with pytest.raises(ValueError, match=r"must take pixels in \[0, 1\]"):
        check_pixel_scale(read_rows(layers.Rescaling(1 / 255)))


def test_images_of_any_size_are_seen_too():
    with pytest.raises(ValueError, match=r"values in \[0, 0.003922\]"):
        check_pixel_scale(starts(layers.Rescaling(1 / 255), shape=(None, None, 1)))


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("build", WRONG.values(), ids=WRONG)
def test_a_wrong_model_is_refused_wherever_it_is_used(build, use, tmp_path):
    with pytest.raises(ValueError, match="`model` must"):
        use(build(), tmp_path)
    assert not list(tmp_path.rglob("*.*"))


def test_every_head_is_looked_at():
    image = keras.Input((8, 8, 3))
    x = layers.Flatten()(image)
    model = keras.Model(image, [layers.Dense(3)(x), layers.Dense(3, "softmax", name="auxiliary")(x)])
    with pytest.raises(ValueError, match="the last layer 'auxiliary' applies softmax"):
        train_classifier(model, DATA, epochs=1, verbose=0)
    evaluate(model, EXAMPLES)  # looks at the first output alone


def test_zeros_and_a_single_large_sum_are_no_probabilities():
    check_not_probabilities(ends(), np.zeros((4, 3)))
    check_not_probabilities(ends(), np.full((4, 3), 0.5))
    check_not_probabilities(ends(), np.array([[0.5, 0.5], [0.2, 0.7]]))
    with pytest.raises(ValueError, match=r"for 4 images all outputs of 'net' lie in \[0, 1\] and sum to 1"):
        check_not_probabilities(ends(), np.full((4, 3), np.float16(1 / 3)))


def test_the_first_written_output_counts_also_after_saving(tmp_path):
    image = keras.Input((8, 8, 3), name="image")
    x = layers.Flatten()(image)
    model = keras.Model(image, {"z": layers.Dense(3, name="first")(x), "a": layers.Dense(4, name="second")(x)})
    assert main_output(model).shape == (None, 3)
    model.save(tmp_path / "model.keras")
    assert main_output(keras.models.load_model(tmp_path / "model.keras")).shape == (None, 3)
    assert first_output(model(np.zeros((2, 8, 8, 3)))).shape == (2, 3)
