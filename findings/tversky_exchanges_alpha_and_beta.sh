#!/usr/bin/env bash
# keras.losses.tversky, Keras 3.15.1: alpha weights the false negatives and beta the false positives. Its documentation and
# Salehi et al. (2017, arXiv:1706.05721) have it the other way round, so the paper's advice for rare classes, alpha 0.3 and
# beta 0.7, makes a network miss more of them.
# Seen: of one true pixel and two wrongly taken ones, alpha=1, beta=0 costs 1e-7 and alpha=0, beta=1 costs 2/3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np

truth, taken = np.float32([[1, 0, 0, 0]]), np.float32([[1, 1, 1, 0]])  # no false negative, two false positives
alpha = float(keras.losses.tversky(truth, taken, alpha=1.0, beta=0.0))
beta = float(keras.losses.tversky(truth, taken, alpha=0.0, beta=1.0))
print(f"Keras {keras.__version__}: alpha alone {alpha:.4f}, beta alone {beta:.4f}; Salehi et al.: 0.6667 and 0")
assert abs(alpha) < 1e-6 and abs(beta - 2 / 3) < 1e-5
PY
