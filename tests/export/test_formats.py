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

from keras_course.export import export_litert, export_onnx

pytest.importorskip("onnxruntime", reason="needs the extra `formats`")
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
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("missing", ["tf2onnx", "onnxruntime"])
def test_missing_extra_says_what_to_install(convnet, missing, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=rf"'{missing}'.*pip install \"keras_course\[formats\]\""):
        export_onnx(convnet, tmp_path / "model.onnx")
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
