#!/usr/bin/env bash
# keras.optimizers.Lamb(weight_decay=d), Keras 3.15.1: the decay is subtracted beside the step, as in AdamW. In You et al. (2020,
# arXiv:1904.00962) it is part of the update whose norm the trust ratio divides out, so that a step has the length rate x |w|
# whatever the decay.
# Seen: from the weights (3, 4) with rate 0.1 a step is 0.5 long without decay, as in the paper, and 0.72 with a decay of 0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np


def length(decay):
    weights = keras.Variable(np.float32([3, 4]))
    keras.optimizers.Lamb(0.1, weight_decay=decay).apply([np.float32([1, 1])], [weights])
    return float(np.linalg.norm(weights.numpy() - np.float32([3, 4])))


without, decayed = length(None), length(0.5)
print(f"Keras {keras.__version__}: step of {without:.3f} without decay, {decayed:.3f} with; You et al.: 0.500 both times")
assert abs(without - 0.5) < 1e-4 and abs(decayed - 0.7234) < 1e-3
PY
