#!/usr/bin/env bash
# Keras 3.15.1 with TensorFlow 2.21.0: a layer of the policy mixed_bfloat16 that opts out of casts by `autocast=False`
# reads its weights in float32 inside a model of that policy, but in bfloat16 inside a model whose own policy is float32,
# and when it is called alone. So what it computes depends on who calls it: a layer that is exact in one model rounds its
# weights to 8 bits when it, unchanged, is put into another.
# Seen: bfloat16 alone, float32 in a mixed_bfloat16 model, bfloat16 in a float32 model.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np
import tensorflow as tf


class Exact(keras.layers.Layer):
    def __init__(self):
        super().__init__(autocast=False, dtype="mixed_bfloat16")
        self.weight = self.add_weight(shape=(), initializer=keras.initializers.Constant(1 / 3))

    def call(self, x):
        self.seen = tf.convert_to_tensor(self.weight).dtype.name
        return x


class Around(keras.Model):
    def __init__(self, policy):
        super().__init__(dtype=policy)
        self.inner = Exact()

    def call(self, x):
        return self.inner(x)


x = np.ones((1, 1), np.float32)
alone, mixed, whole = Exact(), Around("mixed_bfloat16"), Around("float32")
for caller in (alone, mixed, whole):
    caller(x)
seen = {"alone": alone.seen, "in a mixed_bfloat16 model": mixed.inner.seen, "in a float32 model": whole.inner.seen}
print(f"Keras {keras.__version__}: the weight is read as {seen}")
assert seen == {"alone": "bfloat16", "in a mixed_bfloat16 model": "float32", "in a float32 model": "bfloat16"}
PY
