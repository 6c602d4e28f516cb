import json
import logging
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import scipy.special
from convnets import build_convnet, draw_images, spread_logits

from keras_course.export import export_litert, export_model, export_onnx, load_saved_model

onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra `formats`")
pytest.importorskip("ai_edge_litert", reason="needs the extra `formats`")

RUN_BOTH = """
import json, sys, zipfile
import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
images = np.load(sys.argv[1])
session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
probabilities, class_id = session.run(["probabilities", "class_id"], {"images": images})
found = {"onnx": [probabilities.tolist(), class_id.tolist(), str(probabilities.dtype), str(class_id.dtype),
                  session.get_modelmeta().custom_metadata_map["class_names"].splitlines()]}
outputs = Interpreter(model_path=sys.argv[3]).get_signature_runner("serving_default")(images=images)
probabilities, class_id = outputs["probabilities"], outputs["class_id"]
names = zipfile.ZipFile(sys.argv[3]).read("class_names.txt").decode("utf-8").splitlines()
found["litert"] = [probabilities.tolist(), class_id.tolist(), str(probabilities.dtype), str(class_id.dtype), names]
assert "tensorflow" not in sys.modules and "keras" not in sys.modules
print(json.dumps(found))
"""


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("shape", [(12, 10, 1), (None, None, 3)])
def test_other_runtimes_say_the_same(shape, activation, tmp_path, capfd):
    keras.utils.set_random_seed(0)
    model = spread_logits(build_convnet(shape, activation=activation))
    images = draw_images(shape=(12, 10, shape[-1]))
    np.save(tmp_path / "images.npy", images)
    names = ["ä", "b", "c", "d", "e"]
    onnx_file = export_onnx(model, tmp_path / "new" / "model.onnx", class_names=names)
    litert_file = export_litert(model, str(tmp_path / "new" / "model.tflite"), class_names=names)
    assert capfd.readouterr() == ("", "")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["model.onnx", "model.tflite"]

    arguments = [sys.executable, "-c", RUN_BOTH, str(tmp_path / "images.npy"), str(onnx_file), str(litert_file)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = scipy.special.softmax(np.asarray(model(images / np.float32(255), training=False), np.float64), axis=1)
    assert len(set(expected.argmax(axis=1))) > 1  # else the comparison says little
    for probabilities, class_id, *rest in json.loads(done.stdout).values():
        np.testing.assert_allclose(probabilities, expected, atol=1e-4)
        assert class_id == expected.argmax(axis=1).tolist()
        assert rest == ["float32", "int64", names]


@pytest.mark.parametrize(
    ("form", "file"), [("saved-model", "saved_model.pb"), ("onnx", "model.onnx"), ("litert", "model.tflite")]
)
def test_every_format_goes_to_numbered_folders_of_its_name(convnet, images, form, file, tmp_path):
    names, polarity = list("abcde"), "light on dark"
    folders = [
        export_model(convnet, tmp_path / "new", "my net", form, class_names=names, polarity=polarity) for _ in range(2)
    ]
    assert folders == [tmp_path / "new" / "my net" / number for number in ("1", "2")]
    assert sorted((tmp_path / "new" / "my net").iterdir()) == folders
    written = (folders[1] / file).read_bytes()
    if form == "litert":
        with zipfile.ZipFile(folders[0] / file) as archive:
            travelled = [archive.read(name).decode() for name in ("class_names.txt", "training_images.json")]
        assert written == export_litert(convnet, tmp_path / file, class_names=names, polarity=polarity).read_bytes()
    elif form == "onnx":
        session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
        metadata = session.get_modelmeta().custom_metadata_map
        travelled = [metadata["class_names"], metadata["training_images"]]
        assert session.run(["class_id"], {"images": images})[0].shape == (7,)
    else:
        travelled = [(folders[0] / "assets" / name).read_text() for name in ("class_names.txt", "training_images.json")]
        assert load_saved_model(tmp_path / "new" / "my net").path == folders[1]
    assert travelled == ["a\nb\nc\nd\ne\n", '{"polarity": "light on dark"}\n']


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "a\\b", "/tmp", " a", "a\n", "\x1b[31m", 3, None])
def test_names_that_name_no_folder(convnet, name, tmp_path):
    with pytest.raises(ValueError, match="`name` must be a folder name"):
        export_model(convnet, tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_formats_that_there_are_not(convnet, tmp_path):
    with pytest.raises(
        ValueError, match="`format` must be one of 'saved-model', 'onnx', 'litert'. Received: format='h5"
    ):
        export_model(convnet, tmp_path, "net", "h5")
    assert not list(tmp_path.iterdir())


def test_files_repeat_to_the_byte(convnet, tmp_path):
    first, second = (export_litert(convnet, tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first == second
    assert zipfile.ZipFile(tmp_path / "a").read("class_names.txt") == b"0\n1\n2\n3\n4\n"


@keras.saving.register_keras_serializable("keras_course_tests")
class Unconvertible(keras.layers.Layer):
    def call(self, x):
        import tensorflow as tf

        return tf.math.bessel_i0e(x)


@pytest.mark.parametrize("export", [export_onnx, export_litert])
def test_operations_that_a_format_lacks(convnet, export, tmp_path, capfd):
    model = keras.Model(convnet.input, Unconvertible(name="odd")(convnet.output), name="odd_one")
    with pytest.raises(ValueError, match=r"expressible in (ONNX|LiteRT)\. Received: model='odd_one' \(.*BesselI0e"):
        export(model, tmp_path / "model")
    with pytest.raises(ValueError, match=r"expressible in (ONNX|LiteRT)") as caught:
        export_model(model, tmp_path, "model", "onnx" if export is export_onnx else "litert")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("missing", ["tf2onnx", "onnxruntime"])
def test_missing_extra_says_what_to_install(convnet, missing, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=rf"'{missing}'.*pip install \"keras_course\[formats\]\""):
        export_onnx(convnet, tmp_path / "model.onnx")
    with pytest.raises(ImportError, match=rf"'{missing}'"):
        export_model(convnet, tmp_path, "model", "onnx")
    assert not list(tmp_path.iterdir())


def test_chatter_goes_to_the_log_and_levels_return(caplog, capfd):
    import os

    from keras_course.quiet import quiet_conversion

    before = [logging.getLogger(name).level for name in ("absl", "tensorflow", "tf2onnx")]
    with caplog.at_level(logging.DEBUG, "keras_course.quiet"):
        with pytest.raises(KeyError), quiet_conversion():
            os.write(2, b"from C++")
            raise KeyError
    assert "from C++" in caplog.text
    assert [logging.getLogger(name).level for name in ("absl", "tensorflow", "tf2onnx")] == before
    os.write(2, b"back")
    assert capfd.readouterr().err == "back"
