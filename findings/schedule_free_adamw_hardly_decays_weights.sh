#!/usr/bin/env bash
# keras.optimizers.ScheduleFreeAdamW(weight_decay=d), Keras 3.15.1: the decay is taken from the interpolated weights y before the
# step and never reaches the sequence z that carries the steps. In Defazio et al. (2024, arXiv:2405.15682), whom its documentation
# names, it is part of the step of z: z <- z - rate (update + d y). Here z draws the weights back, so they stop at a tenth.
# Seen: a weight of 1 whose gradient is 0, rate and decay 0.1: after 1, 100 and 1000 steps 1.000, 0.634 and 0.100; the paper's
# formula gives 0.990, 0.546 and -0.040, AdamW of the same library 0.990, 0.366 and 0.000.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np

RATE, DECAY, BETA = 0.1, 0.1, 0.9
STEPS = 1, 100, 1000


def by_keras(optimizer):
    weight, seen = keras.Variable(np.ones(1, "float32")), []
    for step in range(1, STEPS[-1] + 1):
        optimizer.apply([np.zeros(1, "float32")], [weight])
        if step in STEPS:
            seen.append(round(float(weight.numpy()[0]), 3))
    return seen


def by_paper():
    x = y = z = 1.0
    seen = []
    for step in range(1, STEPS[-1] + 1):
        z -= RATE * DECAY * y
        x += (z - x) / step
        y = (1 - BETA) * z + BETA * x
        if step in STEPS:
            seen.append(round(y, 3))
    return seen


found = by_keras(keras.optimizers.ScheduleFreeAdamW(RATE, beta_1=BETA, weight_decay=DECAY))
adamw = by_keras(keras.optimizers.AdamW(RATE, beta_1=BETA, weight_decay=DECAY))
print(f"Keras {keras.__version__}, after {STEPS} steps: {found}; Defazio et al. {by_paper()}; AdamW {adamw}")
assert found == [1.0, 0.634, 0.1] and by_paper() == [0.99, 0.546, -0.04] and adamw == [0.99, 0.366, 0.0]
PY
