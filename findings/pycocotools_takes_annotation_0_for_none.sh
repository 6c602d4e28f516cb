#!/usr/bin/env bash
# COCOeval, pycocotools 2.0.11: a match is stored as the id of the annotation, and 0 stands for "no match". So a
# detection that hits the object whose annotation has the id 0 counts as a false alarm. The format does not say that
# ids begin at 1, and who numbers annotations with `enumerate` has an id 0.
# Seen: one object, one detection of exactly its box: AP 1.0 with the id 1, AP 0.0 with the id 0.
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


def average_precision(annotation_id):
    truth = COCO()
    truth.dataset = {
        "images": [{"id": 1}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": annotation_id, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 2500, "iscrowd": 0}
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes([{"image_id": 1, "category_id": 1, "bbox": BOX, "score": 0.9}])
        judge = COCOeval(truth, found, "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return float(judge.stats[0])


one, zero = average_precision(1), average_precision(0)
print(f"pycocotools {importlib.metadata.version('pycocotools')}: AP {one:.3f} with id 1, {zero:.3f} with id 0")
assert abs(one - 1) < 1e-9 and zero == 0
PY
