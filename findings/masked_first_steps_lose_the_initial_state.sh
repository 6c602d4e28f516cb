#!/usr/bin/env bash
# keras.layers.GRU (LSTM and SimpleRNN too), Keras 3.15.1 on TensorFlow 2.21.0: at masked steps the output repeats the last
# output, which starts as zeros and not as the initial state; the returned state is the initial one. On the NumPy and JAX
# backends it is the initial state both times. A decoder that reads the outputs of sequences padded on the left loses what
# the encoder handed it.
# Seen: all three steps masked, initial state 1: outputs 0 and returned state 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np

layer = keras.layers.GRU(4, return_sequences=True, return_state=True)
outputs, state = layer(np.ones((1, 3, 2), "float32"), initial_state=np.ones((1, 4), "float32"), mask=np.zeros((1, 3), bool))
outputs, state = np.asarray(outputs)[0, -1], np.asarray(state)[0]
print(f"Keras {keras.__version__}: last output {outputs}, returned state {state}")
assert (outputs == 0).all() and (state == 1).all()
PY
