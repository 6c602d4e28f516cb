#!/usr/bin/env bash
# COCOeval, pycocotools 2.0.11: the field "ignore" of an annotation has no effect. The evaluation prepares its own from
# "iscrowd" and writes over what the file says, so an object marked with ignore=1 counts as missed like any other.
# Seen: two objects, one of them found: AP 0.505 whether the other has ignore=1 or not, AP 1.0 if it has iscrowd=1.
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


def average_precision(**of_the_second):
    common = {"image_id": 1, "category_id": 1, "area": 2500, "iscrowd": 0}
    truth = COCO()
    truth.dataset = {
        "images": [{"id": 1}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": 1, "bbox": [0, 0, 50, 50], **common},
            {"id": 2, "bbox": [100, 100, 50, 50], **common, **of_the_second},
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes([{"image_id": 1, "category_id": 1, "bbox": [0, 0, 50, 50], "score": 0.9}])
        judge = COCOeval(truth, found, "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return float(judge.stats[0])


plain, ignored, crowd = average_precision(), average_precision(ignore=1), average_precision(iscrowd=1)
version = importlib.metadata.version("pycocotools")
print(f"pycocotools {version}: AP {plain:.3f} plain, {ignored:.3f} with ignore=1, {crowd:.3f} with iscrowd=1")
assert plain == ignored < 0.6 and abs(crowd - 1) < 1e-9
PY
