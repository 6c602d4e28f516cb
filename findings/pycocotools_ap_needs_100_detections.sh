#!/usr/bin/env bash
# COCOeval, pycocotools 2.0.11: `summarize` looks for AP at 100 detections per image, whatever `params.maxDets` says. With
# another largest number, as for images of many objects, AP@[.5:.95] becomes -1, which means "no objects", while AP@.5
# and AP@.75 in the next lines are computed at the number asked for.
# Seen: one object found exactly: AP, AP50, AP75 = 1, 1, 1 with maxDets [1, 10, 100] and -1, 1, 1 with [1, 10, 300].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "pycocotools==2.0.11" "numpy==2.4.6"
"$folder/venv/bin/python" - <<'PY'
import contextlib
import importlib.metadata
import io

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

BOX = [10, 10, 50, 50]
truth = COCO()
truth.dataset = {
    "images": [{"id": 1}],
    "categories": [{"id": 1, "name": "cat"}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 2500, "iscrowd": 0}],
}


def figures(largest):
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes([{"image_id": 1, "category_id": 1, "bbox": BOX, "score": 0.9}])
        judge = COCOeval(truth, found, "bbox")
        judge.params.maxDets = [1, 10, largest]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return [round(float(value), 3) for value in judge.stats[:3]]


hundred, more = figures(100), figures(300)
print(f"pycocotools {importlib.metadata.version('pycocotools')}: AP, AP50, AP75 {hundred} at 100, {more} at 300")
assert hundred == [1, 1, 1] and more == [-1, 1, 1]
PY
