#!/usr/bin/env bash
# keras.losses.categorical_hinge, Keras 3.15.1: the best wrong score is taken as max((1 - y) s), and the right class puts a
# 0 into that maximum. If all scores are negative, as log-probabilities are, a sample that is right by any margin is charged.
# Seen: scores -2, -5, -5 with the first class right cost 3; the multiclass hinge of Crammer and Singer (2001) is
# max(0, 1 - (-2) + (-5)) = 0. The same scores plus 10 cost 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np

truth, scores = np.float32([[1, 0, 0]]), np.float32([[-2, -5, -5]])
negative = float(keras.losses.categorical_hinge(truth, scores)[0])
shifted = float(keras.losses.categorical_hinge(truth, scores + 10)[0])
print(f"Keras {keras.__version__}: {negative:.1f}, with 10 added to every score {shifted:.1f}; Crammer and Singer: 0")
assert negative == 3 and shifted == 0
PY
