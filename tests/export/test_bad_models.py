import keras
import numpy as np
import pytest
from convnets import build_convnet

from keras_course.export import export_litert, export_onnx, export_saved_model

dense = keras.layers.Dense


class Subclassed(keras.Model):
    def call(self, x):
        return x


def two_inputs():
    a, b = keras.Input((4, 4, 1), name="a"), keras.Input((4, 4, 1), name="b")
    return keras.Model([a, b], dense(3)(keras.layers.Flatten()(a + b)))


def on_flat(*layers, shape=(4, 4, 1), dtype="float32"):
    image = keras.Input(shape, dtype=dtype, name="image")
    x = keras.layers.Flatten()(image)
    for layer in layers:
        x = layer(x)
    return keras.Model(image, x)


BAD_MODELS = {
    "not a model": (lambda: "model.keras", "`model` must be a keras.Model. Received: model='model.keras'"),
    "a layer": (lambda: dense(3), "`model` must be a keras.Model. Received: model=<Dense"),
    "never built": (lambda: keras.Sequential([dense(3)], name="raw"), "built functional or Sequential.*'raw'"),
    "subclassed": (lambda: Subclassed(name="mine"), "Subclassed 'mine'"),
    "two inputs": (two_inputs, r"one input .* Received: .*\[\(None, 4, 4, 1\), \(None, 4, 4, 1\)\]"),
    "no image": (
        lambda: keras.Sequential([keras.Input((16,)), dense(3)]),
        r"one input .* Received: .*\(None, 16\)",
    ),
    "integer input": (lambda: on_flat(dense(3), dtype="uint8"), "dtype uint8"),
    "one class": (lambda: on_flat(dense(1)), r"num_classes >= 2\)\. Received: .*\(None, 1\)"),
    "a map as output": (lambda: keras.Sequential([keras.Input((4, 4, 1)), dense(3)]), r"Received: .*\(None, 4, 4, 3\)"),
    "softmax": (
        lambda: on_flat(dense(3, "softmax", name="last")),
        "Received: the last layer 'last' applies softmax",
    ),
    "softmax layer": (lambda: on_flat(dense(3), keras.layers.Softmax(name="s")), "last layer 's' applies softmax"),
    "nested sigmoid": (
        lambda: keras.Sequential([keras.Input((4, 4, 1)), on_flat(dense(3, "sigmoid", name="inner"))]),
        "last layer 'inner' applies sigmoid",
    ),
}


@pytest.mark.parametrize(("build", "message"), BAD_MODELS.values(), ids=BAD_MODELS)
@pytest.mark.parametrize("export", [export_saved_model, export_onnx, export_litert])
def test_models_that_are_no_image_classifiers(build, message, export, tmp_path):
    with pytest.raises(ValueError, match=message):
        export(build(), tmp_path / "out")
    assert not list(tmp_path.iterdir())


BAD_NAMES = {
    "too few": (["a", "b"], "5 classes. Received: class_names=\\['a', 'b'\\], 2 names"),
    "too many": (list("abcdef"), "5 classes. Received: .*, 6 names"),
    "a string": ("abcde", "sequence of 5 strings or None. Received: class_names='abcde'"),
    "not a sequence": (5, "Received: class_names=5"),
    "an array": (np.arange(5), "sequence of 5 strings"),
    "numbers": ([0, 1, 2, 3, 4], "without line breaks. Received: 0"),
    "a line break": (["a", "b", "c", "d", "e\nf"], r"without line breaks\. Received: 'e\\nf'"),
    "a carriage return": (["a", "b", "c", "d", "e\r"], r"Received: 'e\\r'"),
    "an empty name": (["a", "b", "c", "d", ""], "non-empty strings .* Received: ''"),
}


@pytest.mark.parametrize(("names", "message"), BAD_NAMES.values(), ids=BAD_NAMES)
@pytest.mark.parametrize("export", [export_saved_model, export_onnx, export_litert])
def test_class_names_that_do_not_fit(convnet, names, message, export, tmp_path):
    with pytest.raises(ValueError, match=f"`class_names` must .*{message}"):
        export(convnet, tmp_path / "out", class_names=names)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("below", ["", "deeper"])
def test_directory_that_is_a_file_is_kept(convnet, tmp_path, below):
    file = tmp_path / "file"
    file.write_text("precious")
    with pytest.raises(ValueError, match="`directory` must lead through folders. Received: directory=.*file is a file"):
        export_saved_model(convnet, file / below)
    assert file.read_text() == "precious"


@pytest.mark.parametrize("export", [export_onnx, export_litert])
def test_file_that_exists_is_kept(convnet, export, tmp_path):
    file = tmp_path / "model"
    file.write_text("precious")
    with pytest.raises(ValueError, match="`path` must be free: .* Received: path=.*model', which exists"):
        export(convnet, file)
    with pytest.raises(ValueError, match="`path` must be free"):
        export(convnet, tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["precious"]


@pytest.mark.parametrize("export", [export_onnx, export_litert])
def test_half_precision_is_refused_by_layer(export, tmp_path):
    nested = keras.Sequential([keras.Input((12, 10, 1)), build_convnet(policy="mixed_float16")])
    with pytest.raises(ValueError, match="layer 'conv1' has the dtype policy 'mixed_float16'"):
        export(nested, tmp_path / "model")


def test_failure_while_writing_leaves_nothing(convnet, tmp_path, monkeypatch):
    first = export_saved_model(convnet, tmp_path)

    def disk_full(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr("tensorflow.saved_model.save", disk_full)
    with pytest.raises(OSError, match="No space left"):
        export_saved_model(convnet, tmp_path)
    assert list(tmp_path.iterdir()) == [first]
