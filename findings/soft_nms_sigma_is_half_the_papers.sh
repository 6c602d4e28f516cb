#!/usr/bin/env bash
# tf.image.non_max_suppression_with_scores, TensorFlow 2.21.0: with soft_nms_sigma=s a box that overlaps a better one by
# IoU u keeps exp(-u**2 / (2 s)) of its score. Bodla et al. (2017, arXiv:1704.04503), whom its documentation names for
# the parameter, write exp(-u**2 / s): their sigma of 0.5 is TensorFlow's 0.25.
# Seen: a score of 0.8 at u = 0.5 becomes 0.6230 with soft_nms_sigma=0.5; the paper's formula gives 0.4852.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import math

import tensorflow as tf

boxes = [[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 5.0]]  # IoU 0.5
_, scores = tf.image.non_max_suppression_with_scores(boxes, [0.9, 0.8], 2, iou_threshold=1.0, soft_nms_sigma=0.5)
found, paper, half = float(scores[1]), 0.8 * math.exp(-(0.5**2) / 0.5), 0.8 * math.exp(-(0.5**2) / (2 * 0.5))
print(f"TensorFlow {tf.__version__}: {found:.4f}; paper {paper:.4f}; exponent halved {half:.4f}")
assert math.isclose(found, half, rel_tol=1e-5) and not math.isclose(found, paper, rel_tol=0.1)
PY
