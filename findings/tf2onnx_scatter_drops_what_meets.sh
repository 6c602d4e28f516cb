#!/usr/bin/env bash
# tf2onnx 1.17.0: tf.scatter_nd (and so keras.ops.scatter) adds up what falls on the same place, as its documentation says. The
# converter writes a ScatterND that replaces, so of several updates one is left. A histogram, votes for object centres or
# points drawn into a grid come out too small, and nothing is said. tf.tensor_scatter_nd_add converts to one that adds.
# Seen: 1, 2, 4 and 8 at the places 0, 0, 0 and 2: TensorFlow and NumPy [7, 0, 8], ONNX Runtime [4, 0, 8].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "tf2onnx==1.17.0" "onnx==1.23.2" \
    "onnxruntime==1.32.0" "tensorflow-cpu==2.21.0" "keras==3.15.1"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np
import onnxruntime
import tensorflow as tf
import tf2onnx

PLACES, VALUES = [[0], [0], [0], [2]], np.float32([1, 2, 4, 8])


def by_onnx(function):
    signature = [tf.TensorSpec([4], tf.float32, name="values")]
    model, _ = tf2onnx.convert.from_function(tf.function(function, autograph=False), input_signature=signature, opset=18)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"values": VALUES})[0].tolist()


def scattered(values):
    return tf.scatter_nd(PLACES, values, [3])


def by_keras(values):
    return keras.ops.scatter(PLACES, values, (3,))


def added(values):
    return tf.tensor_scatter_nd_add(tf.zeros(3), PLACES, values)


sums = np.zeros(3)
np.add.at(sums, [0, 0, 0, 2], VALUES)
by_tf = scattered(tf.constant(VALUES)).numpy().tolist()
found, keras_found, adding = by_onnx(scattered), by_onnx(by_keras), by_onnx(added)
print(f"tf2onnx {tf2onnx.__version__}, ONNX Runtime {onnxruntime.__version__}: scatter_nd {found},", end=" ")
print(f"keras.ops.scatter {keras_found}, tensor_scatter_nd_add {adding}; TensorFlow {tf.__version__} {by_tf}; NumPy {sums.tolist()}")
assert by_tf == adding == sums.tolist() == [7, 0, 8]
assert found[0] in (1, 2, 4) and keras_found[0] in (1, 2, 4)
PY
