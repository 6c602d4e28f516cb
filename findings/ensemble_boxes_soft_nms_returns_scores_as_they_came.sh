#!/usr/bin/env bash
# ensemble_boxes.soft_nms, ensemble-boxes 1.0.9: scores are decayed in a copy that decides which boxes stay and in which order,
# and the undecayed scores are returned. The decay is all that Soft-NMS is (Bodla et al. 2017, arXiv:1704.04503): AP, which ranks
# by score, is then that of boxes without suppression, but for the few dropped. OpenCV's softNMSBoxes returns decayed scores.
# Seen: boxes of 0.9, 0.8 and 0.6, the second at IoU 0.5 of the first: the order is that of 0.9, 0.6, 0.485, the scores that
# come back are 0.9, 0.6, 0.8; with the linear decay 0.4 is due and 0.8 comes back, too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "ensemble-boxes==1.0.9" "numpy==2.4.6" "numba==0.68.1" \
    "opencv-python-headless==5.0.0.93"
"$folder/venv/bin/python" - <<'PY'
import importlib.metadata
import math

import cv2
import ensemble_boxes

BOXES = [[0.0, 0.0, 0.4, 0.4], [0.0, 0.0, 0.4, 0.2], [0.5, 0.5, 0.9, 0.9]]  # the first two: IoU 0.5
SCORES, SIGMA, U = [0.9, 0.8, 0.6], 0.5, 0.5


def returned(method):
    boxes, scores, _ = ensemble_boxes.soft_nms([BOXES], [SCORES], [[0, 0, 0]], method=method, sigma=SIGMA, iou_thr=0.3)
    return [round(float(score), 3) for score in scores], [BOXES.index(box) for box in boxes.round(3).tolist()]


tenths = [[round(10 * edge) for edge in box] for box in BOXES]
corner_and_size = [[left, top, right - left, bottom - top] for left, top, right, bottom in tenths]
decayed, _ = cv2.dnn.softNMSBoxes(corner_and_size, SCORES, 0.0, 0.3, sigma=SIGMA)
by_opencv = [round(float(score), 3) for score in decayed]
gaussian, linear = round(0.8 * math.exp(-(U**2) / SIGMA), 3), round(0.8 * (1 - U), 3)
(scores, order), (linear_scores, linear_order) = returned(2), returned(1)
version = importlib.metadata.version("ensemble-boxes")
print(f"ensemble-boxes {version}: gaussian {scores} in the order {order}, linear {linear_scores}")
print(f"Bodla et al.: {gaussian} and {linear} instead of 0.8; OpenCV {cv2.__version__}: {by_opencv}")
assert scores == linear_scores == [0.9, 0.6, 0.8] and order == linear_order == [0, 2, 1]
assert by_opencv == [0.9, 0.6, gaussian] == [0.9, 0.6, 0.485] and linear == 0.4
PY
