#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0: a callback that sets `optimizer.momentum` (or `beta_1`) changes the attribute and
# nothing else. It is a Python number that the compiled training step has read once, while `learning_rate` is a variable.
# One-cycle policies that let the momentum fall as the rate rises (Smith 2018) run without it, and nothing is said.
# Seen: SGD with momentum 0.9, set to 0 before each epoch but the first: weights as with 0.9 throughout.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np


class NoMomentum(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch:
            self.model.optimizer.momentum = 0.0


def trained(callbacks, momentum=0.9):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.1, momentum=momentum), "mse", jit_compile=False)
    model.fit(np.ones((4, 1)), np.zeros((4, 1)), epochs=5, verbose=0, callbacks=callbacks)
    return float(model.layers[-1].kernel[0, 0]), model.optimizer.momentum


def by_hand(momenta):
    weight, velocity = 1.0, 0.0
    for momentum in momenta:
        velocity = momentum * velocity - 0.1 * 2 * weight
        weight += velocity
    return weight


weight, attribute = trained([NoMomentum()])
print(f"Keras {keras.__version__}: momentum says {attribute}, weight {weight:.4f};", end=" ")
print(f"by hand, 0.9 throughout {by_hand([0.9] * 5):.4f}, 0 from epoch 2 on {by_hand([0.9, 0, 0, 0, 0]):.4f}")
assert attribute == 0.0
assert abs(weight - by_hand([0.9] * 5)) < 1e-5 < abs(weight - by_hand([0.9, 0, 0, 0, 0]))
PY
