#!/usr/bin/env bash
# tf2onnx 1.17.0, tf.image.adjust_saturation: the converter sorts the three channels of a pixel, scales them, and puts them back
# by the permutation that sorted them instead of its inverse. The two are the same for four of the six orders of the channels.
# In the other two, blue > red > green and green > blue > red, the channels move on in a circle: purple becomes green.
# Seen: (0.6, 0.2, 0.9) with the factor 1, which changes nothing, comes out of ONNX Runtime as (0.2, 0.9, 0.6).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "tf2onnx==1.17.0" "onnx==1.23.2" \
    "onnxruntime==1.32.0" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import itertools

import numpy as np
import onnxruntime
import tensorflow as tf
import tf2onnx

pixels = np.float32(list(itertools.permutations([0.2, 0.6, 0.9])))[None, None]  # one row of six pixels


def unchanged(images):
    return tf.image.adjust_saturation(images, 1.0)


signature = [tf.TensorSpec(pixels.shape, tf.float32, name="images")]
model, _ = tf2onnx.convert.from_function(tf.function(unchanged, autograph=False), input_signature=signature, opset=18)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
found = session.run(None, {"images": pixels})[0]
assert np.abs(unchanged(pixels).numpy() - pixels).max() < 1e-6
print(f"tf2onnx {tf2onnx.__version__}, ONNX Runtime {onnxruntime.__version__}, TensorFlow {tf.__version__}; pixels that differ:")
changed = {}
for before, after in zip(*((10 * row).round().astype(int).tolist() for row in (pixels[0, 0], found[0, 0]))):
    if before != after:
        changed[tuple(before)] = tuple(after)
print(changed, "in tenths, red, green, blue")
assert changed == {(6, 2, 9): (2, 9, 6), (2, 9, 6): (6, 2, 9)}
PY
