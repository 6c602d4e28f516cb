"""Keras's layers in all three formats: each gives what Keras gives, or is refused before a file appears."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.export import export_litert, export_onnx, export_saved_model
from keras_course.models import LocalResponseNormalization

pytestmark = pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated.*")
layers, ops = keras.layers, keras.ops
SHAPE = (8, 6, 3)
ACTIVATIONS = (
    *("relu", "gelu", "elu", "selu", "silu", "softplus", "softsign", "tanh", "sigmoid", "hard_sigmoid", "mish"),
    *("relu6", "leaky_relu", "hard_silu", "exponential", "log_softmax", "hard_tanh", "soft_shrink", "sparse_plus"),
    *("squareplus", "tanh_shrink", "hard_shrink", "sparsemax"),
)
MAPS = {  # layers from feature maps to anything; those of a group stand side by side in one model
    "activations": lambda: [layers.Activation(name) for name in ACTIVATIONS],
    "activation layers": lambda: [
        layers.ReLU(max_value=1.0, negative_slope=0.1),
        layers.LeakyReLU(),
        layers.PReLU(alpha_initializer="uniform"),
        layers.ELU(),
        layers.Softmax(),
        layers.Activation(lambda x: keras.activations.gelu(x, approximate=False)),
    ],
    "convolutions": lambda: [
        layers.Conv2D(4, 3, strides=2, padding="same"),
        layers.Conv2D(4, 3, dilation_rate=2),
        layers.DepthwiseConv2D(3),
        layers.SeparableConv2D(4, 3),
        layers.Conv2DTranspose(4, 3, strides=2),
        layers.SpectralNormalization(layers.Conv2D(4, 3)),
    ],
    "pooling": lambda: [
        layers.MaxPooling2D(),
        layers.AveragePooling2D(3, padding="same"),
        layers.GlobalAveragePooling2D(),
        layers.GlobalMaxPooling2D(),
        layers.AdaptiveAveragePooling2D((3, 3)),
        layers.AdaptiveMaxPooling2D((3, 3)),
    ],
    "normalisation": lambda: [
        layers.BatchNormalization(moving_mean_initializer="uniform"),
        layers.LayerNormalization(),
        layers.GroupNormalization(3),
        layers.RMSNormalization(),
        layers.UnitNormalization(),
        layers.Normalization(mean=[0.5, 0.4, 0.3], variance=[0.1, 0.2, 0.3]),
        layers.Rescaling(2.0, offset=-1),
        LocalResponseNormalization(),
    ],
    "sizes": lambda: [
        layers.Resizing(5, 7),
        layers.Resizing(5, 7, interpolation="nearest"),
        layers.Resizing(5, 7, crop_to_aspect_ratio=True),
        layers.Resizing(5, 7, pad_to_aspect_ratio=True),
        layers.UpSampling2D(),
        layers.UpSampling2D(interpolation="bilinear"),
        layers.ZeroPadding2D(1),
        layers.Cropping2D(1),
        layers.CenterCrop(5, 5),
        layers.Permute((2, 1, 3)),
    ],
    "of training alone": lambda: [
        layers.Dropout(0.5),
        layers.SpatialDropout2D(0.5),
        layers.GaussianNoise(0.5),
        layers.GaussianDropout(0.5),
        layers.AlphaDropout(0.5),
        layers.RandomFlip(),
        layers.RandomRotation(0.2),
        layers.RandomContrast(0.2),
    ],
    "volumes": lambda: [keras.Sequential([layers.Reshape((4, 2, 6, 3)), layers.Conv3D(2, 2)])],
    "dense": lambda: [
        layers.Dense(5),
        layers.EinsumDense("abcd,de->abce", output_shape=(8, 6, 5)),
        layers.TimeDistributed(layers.Dense(3)),
        keras.Sequential([layers.Flatten(), layers.RepeatVector(2)]),
    ],
    "sequences": lambda: [
        in_rows(layers.Conv1D(4, 3)),
        in_rows(layers.MaxPooling1D()),
        in_rows(layers.LSTM(4)),
    ],
    "attention": lambda: [
        Twice(layers.Attention(), listed=True),
        Twice(layers.AdditiveAttention(), listed=True),
        Twice(layers.MultiHeadAttention(2, 8)),
        Twice(layers.GroupQueryAttention(8, 2, 1)),
    ],
    "merging": lambda: [
        Twice(merge(), listed=True)
        for merge in (
            *(layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum),
            layers.Concatenate,
        )
    ],
}
REFUSED = {
    ("area resizing", "onnx"): lambda: layers.Resizing(5, 7, interpolation="area"),
    ("area resizing", "litert"): lambda: layers.Resizing(5, 7, interpolation="area"),
    ("bicubic resizing", "litert"): lambda: layers.Resizing(5, 7, interpolation="bicubic"),
    ("antialiased resizing", "litert"): lambda: layers.Resizing(5, 7, antialias=True),
    ("grouped convolution", "onnx"): lambda: layers.Conv2D(6, 3, groups=3),
}


class Twice:
    """Applies a layer of two inputs to rows and to a projection of them."""

    def __init__(self, layer, listed=False):
        self.layer, self.listed = layer, listed

    def __call__(self, x):
        rows = layers.Reshape((8, 18))(x)
        other = layers.Dense(18, activation="tanh")(rows)
        return self.layer([rows, other]) if self.listed else self.layer(rows, other)


def in_rows(layer):
    return keras.Sequential([layers.Reshape((8, 18)), layer])


def build(branches):
    keras.utils.set_random_seed(0)
    image = keras.Input(SHAPE, name="image")
    features = layers.Add()([image, layers.Conv2D(3, 3, padding="same")(image)])
    flat = [layers.Dense(4, name=f"head{i}")(layers.Flatten()(branch(features))) for i, branch in enumerate(branches)]
    return keras.Model(image, layers.Add()(flat) if len(flat) > 1 else flat[0], name="net")


def expected_of(model, images):
    logits = model.predict(images / np.float32(255), verbose=0).astype(np.float64)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def read_saved_model(path, images):
    return tf.saved_model.load(str(path)).signatures["serving_default"](images=tf.constant(images))["probabilities"]


def read_onnx(path, images):
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == ["images"]
    return session.run(["probabilities"], {"images": images})[0]


def read_litert(path, images):
    run = tf.lite.Interpreter(model_path=str(path)).get_signature_runner("serving_default")
    return run(images=images)["probabilities"]


FORMATS = {
    "saved-model": (export_saved_model, read_saved_model),
    "onnx": (export_onnx, read_onnx),
    "litert": (export_litert, read_litert),
}


@pytest.mark.parametrize("group", MAPS)
def test_all_formats_give_the_probabilities_of_keras(group, tmp_path):
    model = build(MAPS[group]())
    images = np.random.default_rng(1).integers(0, 256, (5, *SHAPE), np.uint8)
    expected = expected_of(model, images)
    for format, (export, read) in FORMATS.items():
        got = np.asarray(read(export(model, tmp_path / format), images))
        np.testing.assert_allclose(got, expected, atol=1e-4 * expected.max(), err_msg=format)


@pytest.mark.parametrize(("what", "format"), REFUSED, ids=[" in ".join(case) for case in REFUSED])
def test_what_a_format_cannot_do_or_does_otherwise_is_refused(what, format, tmp_path):
    export, _ = FORMATS[format]
    with pytest.raises(ValueError, match="`model` must be expressible in .* Received: model='net'"):
        export(build([REFUSED[what, format]()]), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_copy_that_differs_gets_no_name(monkeypatch, tmp_path):
    from keras_course.export import saved_model

    def open_another(folder, name):
        run = tf.saved_model.load(str(folder)).signatures[name]
        return lambda **inputs: {
            name: value * (1.01 if name == "probabilities" else 1)
            for name, value in run(**{key: tf.constant(given) for key, given in inputs.items()}).items()
        }

    monkeypatch.setattr(saved_model, "open_signature", open_another)
    with pytest.raises(ValueError, match="give the same as a SavedModel.*'probabilities' differ by 0.00"):
        export_saved_model(build([layers.Flatten()]), tmp_path / "net")
    assert not list(tmp_path.rglob("saved_model.pb"))
