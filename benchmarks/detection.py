"""Mean average precision against pycocotools on as many images as COCO's validation has."""

import contextlib
import io
import time

import numpy as np

from benchmarks.table import Row
from keras_course.evaluation import Detections, GroundTruth, mean_average_precision
from keras_course.numerics.boxes.overlap import box_area

IMAGES, CLASSES, SIDE = 5000, 80, 640  # pixels
ROUNDS = 5
CLOSE = 1e-6


def run() -> list[Row]:
    """Evaluates the same boxes both ways in turn; pycocotools holds them as it wants them before the clock starts."""
    truth, found = scenes(np.random.default_rng(0))
    objects, detections = as_coco(truth), as_coco(found)
    seconds = np.empty((ROUNDS, 2))
    for turn in range(ROUNDS):
        for column in (0, 1) if turn % 2 == 0 else (1, 0):
            began = time.perf_counter()
            if column == 0:
                ours = mean_average_precision(truth, found)
                summary = ours.summary
            else:
                precision, recall, stats = pycocotools(objects, detections)
            seconds[turn, column] = time.perf_counter() - began
    ratio = float(np.median(seconds[:, 0] / seconds[:, 1]))
    ours_seconds, peers_seconds = np.median(seconds, axis=0)
    pairs = ((summary, stats), (ours.precision, precision[..., -1]), (ours.recall, recall))
    difference = max(float(np.abs(np.nan_to_num(a, nan=-1) - b).max()) for a, b in pairs)
    what = f"{IMAGES:,} images, {CLASSES} classes, {len(truth.boxes):,} objects, {len(found.boxes):,} detections"
    return [
        Row(
            f"mean_average_precision / pycocotools evaluate, accumulate, summarize: {what}",
            f"{ratio:.3f} ({ours_seconds:.2f} s against {peers_seconds:.1f} s, median of {ROUNDS} pairs)",
            "<= 1",
            ratio <= 1,
        ),
        Row(
            "largest difference of the 12 figures, all precisions and recalls",
            f"{difference:.0e}; mAP {summary['AP']:.4f}",
            f"<= {CLOSE}",
            difference <= CLOSE,
        ),
    ]


def scenes(rng: np.random.Generator) -> tuple[GroundTruth, Detections]:
    """Makes scenes like COCO's: a few classes an image, about 7 objects and 30 detections, 1 % of the objects crowds.

    A class is the rarer the higher its number. Each object is found up to three times, a little off and now and then
    under another name; the other detections are of nothing.
    """
    popularity = 1 / np.arange(1, CLASSES + 1)
    of_image = rng.choice(CLASSES, (IMAGES, 3), p=popularity / popularity.sum())  # some of the three are the same
    images = np.repeat(np.arange(IMAGES), rng.poisson(7.3, IMAGES))
    classes = of_image[images, rng.integers(0, 3, len(images))]
    boxes = random_boxes(rng, len(images))
    truth = GroundTruth(images, classes, boxes, rng.random(len(images)) < 0.01, 0.7 * box_area(boxes))
    again = np.repeat(np.arange(len(images)), rng.integers(0, 4, len(images)))
    corners, sides = boxes[again, :2], boxes[again, 2:] - boxes[again, :2]
    corners = corners + rng.normal(0, 0.07, sides.shape) * sides
    near = np.hstack([corners, corners + sides * np.exp(rng.normal(0, 0.12, sides.shape))])
    named = np.where(rng.random(len(again)) < 0.9, classes[again], rng.integers(0, CLASSES, len(again)))
    stray = np.repeat(np.arange(IMAGES), rng.poisson(19, IMAGES))
    strange = np.where(
        rng.random(len(stray)) < 0.5, of_image[stray, rng.integers(0, 3, len(stray))], rng.choice(CLASSES, len(stray))
    )
    scores = np.append(rng.beta(3, 2, len(near)), rng.beta(1, 5, len(stray))).round(3)
    image_ids, class_ids = np.append(images[again], stray), np.append(named, strange)
    found = on_grid(np.vstack([near, random_boxes(rng, len(stray))]))
    return truth, Detections(image_ids, class_ids, found, scores)


def random_boxes(rng: np.random.Generator, n: int) -> np.ndarray:
    """Makes boxes; as objects 2 in 5 are small, 2 in 5 medium, 1 in 5 large, by the area of their outline."""
    sides = np.exp(rng.normal(3.9, 0.95, (n, 1)) + rng.normal(0, 0.3, (n, 2))).clip(4, SIDE)
    corners = rng.random((n, 2)) * (SIDE - sides)
    return on_grid(np.hstack([corners, corners + sides]))


def on_grid(boxes: np.ndarray) -> np.ndarray:
    """Rounds to 1/64 pixel, so that corners and the sizes that pycocotools wants are the same boxes exactly."""
    return np.round(64 * boxes) / 64


def as_coco(boxes: GroundTruth | Detections):
    """Returns the boxes as pycocotools holds them after loading a file."""
    from pycocotools.coco import COCO

    found = isinstance(boxes, Detections)
    areas = box_area(boxes.boxes) if found else boxes.areas
    sizes = np.hstack([boxes.boxes[:, :2], boxes.boxes[:, 2:] - boxes.boxes[:, :2]])
    rows = zip(boxes.image_ids.tolist(), boxes.class_ids.tolist(), sizes.tolist(), areas.tolist(), strict=True)
    annotations = [
        {"id": i, "image_id": image, "category_id": k, "bbox": box, "area": area, "iscrowd": 0}
        for i, (image, k, box, area) in enumerate(rows, start=1)
    ]
    if found:
        for annotation, score in zip(annotations, boxes.scores.tolist(), strict=True):
            annotation["score"] = score
    else:
        for annotation, crowd in zip(annotations, boxes.crowds.tolist(), strict=True):
            annotation["iscrowd"] = int(crowd)
    dataset = COCO()
    dataset.dataset = {
        "images": [{"id": image} for image in range(IMAGES)],
        "categories": [{"id": k} for k in range(CLASSES)],
        "annotations": annotations,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        dataset.createIndex()
    return dataset


def pycocotools(objects, detections):
    """Returns precision, recall and the twelve figures of pycocotools."""
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(objects, detections, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.eval["precision"], evaluation.eval["recall"], evaluation.stats
