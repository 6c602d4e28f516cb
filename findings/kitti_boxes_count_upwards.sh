#!/usr/bin/env bash
# tfds 4.9.10, data set `kitti`: y of its boxes counts from the lower edge of the image, in every other data set of tfds
# with the same feature (BBoxFeature) from the upper edge. Boxes drawn or trained as those of VOC or COCO are upside down:
# cars hang in the sky. KITTI's own files count from the upper edge.
# Seen: a car whose label file says top 60, bottom 90 in an image of 100 rows becomes ymin 0.1, ymax 0.4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "tensorflow-datasets==4.9.10" \
    "tensorflow-cpu==2.21.0" "opencv-python-headless==4.12.0.88" "pillow==13.0.0"
TF_CPP_MIN_LOG_LEVEL=3 DATA="$folder/data" "$folder/venv/bin/python" - <<'PY'
import io
import os

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

label = b"Car 0.00 0 1.5 20.00 60.00 80.00 90.00 1.5 1.6 3.9 1.0 1.5 20.0 1.5"  # left 20, top 60, right 80, bottom 90
picture = io.BytesIO()
Image.fromarray(np.zeros((100, 200, 3), np.uint8)).save(picture, "png")
picture.seek(0)
builder = tfds.builder("kitti", data_dir=os.environ["DATA"])
images = [("training/image_2/000000.png", picture)]
labels = [("training/label_2/000000.txt", [label])]
((_, example),) = builder._generate_examples(images, labels, "training", [0])
box = example["objects"][0]["bbox"]
print(f"tfds {tfds.__version__}: rows 60 to 90 of 100 became ymin {box.ymin}, ymax {box.ymax}")
assert abs(box.ymin - 0.1) < 1e-9 and abs(box.ymax - 0.4) < 1e-9
PY
