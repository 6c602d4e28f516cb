#!/usr/bin/env bash
# keras.layers.RandomRotation with bounding boxes, Keras 3.15.1: boxes in pixels follow the picture. Boxes in [0, 1], as tfds has
# them ("rel_yxyx"), are turned about the centre in pixels as if they were pixels too, end up without area at an edge, and their
# labels become -1, "no object". A detector that is trained so sees turned pictures without any object.
# Seen: a turn by 18 degrees of an image of 64 x 64 with one object of class 1: in pixels the box encloses the turned object and
# the class stays 1; the same box in "rel_yxyx" or "rel_xyxy" has no area and the class -1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import keras
import numpy as np

SIZE, TURN = 64, 0.05  # a twentieth of a full turn
FORMATS = {"xyxy": [20, 12, 34, 24], "yxyx": [12, 20, 24, 34]}  # columns 20 to 34, rows 12 to 24


def rotated(kind, box):
    layer = keras.layers.RandomRotation((TURN, TURN), fill_mode="constant", bounding_box_format=kind)
    boxes = {"boxes": np.float32([[box]]), "labels": np.array([[1]])}
    image = np.zeros((1, SIZE, SIZE, 3), "float32")
    image[0, 12:24, 20:34] = 1
    turned = layer({"images": image, "bounding_boxes": boxes}, training=True)
    (rows, columns) = np.nonzero(np.asarray(turned["images"])[0, ..., 0] > 0.5)
    pixels = [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
    found = np.asarray(turned["bounding_boxes"]["boxes"])[0, 0]
    return found, int(np.asarray(turned["bounding_boxes"]["labels"])[0, 0]), pixels


def area(box):
    return float((box[2] - box[0]) * (box[3] - box[1]))


box, label, pixels = rotated("xyxy", FORMATS["xyxy"])
print(f"Keras {keras.__version__}: turned pixels {pixels}; xyxy {box.astype(float).round(1).tolist()}, class {label}")
assert label == 1 and np.abs(box - pixels).max() < 1.5
for kind, corners in FORMATS.items():
    lost, label, _ = rotated(f"rel_{kind}", [value / SIZE for value in corners])
    print(f"rel_{kind} {lost.astype(float).round(3).tolist()}: area {area(lost):.4f} of {area(box) / SIZE**2:.4f}, class {label}")
    assert label == -1 and area(lost) == 0
PY
