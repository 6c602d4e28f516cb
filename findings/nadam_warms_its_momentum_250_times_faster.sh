#!/usr/bin/env bash
# keras.optimizers.Nadam, Keras 3.15.1: the momentum of step t is beta_1 (1 - 0.96**t / 2). Dozat (2016), and PyTorch's NAdam
# by default, have 0.96**(t / 250): there it is still 0.48 at step 250, in Keras it is at 0.9 after a hundred steps. The factor
# is no argument of Keras's, so results of the two cannot be made to agree.
# Seen: after five steps at gradients of 1 and -1 in turn the weight is that of 0.96**t to 1e-7, 1.6e-5 from the other, at a rate of 1e-3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np

RATE, BETA_1, BETA_2 = 1e-3, 0.9, 0.999
GRADIENTS = [1.0, -1.0, 1.0, -1.0, 1.0]


def path(psi):
    x, m, v, product = 0.0, 0.0, 0.0, 1.0
    for t, g in enumerate(GRADIENTS, 1):
        now, later = (BETA_1 * (1 - 0.5 * 0.96 ** (psi * step)) for step in (t, t + 1))
        product *= now
        m, v = BETA_1 * m + (1 - BETA_1) * g, BETA_2 * v + (1 - BETA_2) * g * g
        mean = later * m / (1 - product * later) + (1 - now) * g / (1 - product)
        x -= RATE * mean / (np.sqrt(v / (1 - BETA_2**t)) + 1e-7)
    return x


weight, optimizer = keras.Variable(np.zeros(1, "float32")), keras.optimizers.Nadam(RATE)
for gradient in GRADIENTS:
    optimizer.apply([np.float32([gradient])], [weight])
found = float(weight.numpy()[0])
print(f"Keras {keras.__version__}: {found:.7f}; 0.96**t gives {path(1):.7f}, 0.96**(t / 250) {path(1 / 250):.7f}")
assert abs(found - path(1)) < 1e-7 and abs(found - path(1 / 250)) > 1e-5
PY
