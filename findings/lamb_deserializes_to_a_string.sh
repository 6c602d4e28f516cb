#!/usr/bin/env bash
# keras.optimizers, Keras 3.15.1: of the optimizers that it exports, Lamb alone is unknown to get and deserialize.
# get("lamb") raises; deserialize(serialize(Lamb())) raises nothing and returns the string 'Lamb', so that code which
# copies optimizers this way fails much later, by an attribute that a string does not have. A whole .keras model that
# was compiled with Lamb loads well.
# Seen: <class 'str'> 'Lamb'.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "tensorflow-cpu==2.21.0" "keras==3.15.1"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras

copies = {}
for name in ("SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adamax", "Nadam", "Ftrl", "Lion", "Muon", "Lamb"):
    copies[name] = keras.optimizers.deserialize(keras.optimizers.serialize(getattr(keras.optimizers, name)(0.01)))
print(f"Keras {keras.__version__}:", {name: type(copy).__name__ for name, copy in copies.items()}, repr(copies["Lamb"]))
assert [name for name, copy in copies.items() if isinstance(copy, str)] == ["Lamb"]
try:
    keras.optimizers.get("lamb")
except ValueError as error:
    print(error)
else:
    raise SystemExit("get knows it now")
PY
