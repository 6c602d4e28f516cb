"""Whole sentences that are right: the recipe, a small captioner that a tutorial shows, and what boxes would allow.

Writes `image_captioning.npz` for the tutorial of chapter 8: the small captioner's weights and how its training went.
"""

import time
from pathlib import Path

import keras
import numpy as np

from benchmarks.table import Row
from keras_course import train_recipe
from keras_course.applications.captioning import evaluate_on
from keras_course.applications.detection import detect
from keras_course.data import CaptionExamples, ObjectExamples, load_captions, load_objects
from keras_course.data.scene_captions import describe_scene
from keras_course.models import build_captioner

BAR, MINUTES, FEW = 0.8, 6, 3  # digits of the scenes that the bar counts
SMALL = {"decoder": "transformer", "stem": "convolutions", "width": 0.25, "units": 64, "length": 30}
EPOCHS, BATCH = 16, 16  # of the small one
THRESHOLDS = np.arange(0.2, 0.6, 0.05)  # of a box's score, one of which is chosen on the validation scenes
RECORD = Path(__file__).parents[1] / "tutorials" / "08_applications" / "image_captioning.npz"  # the tutorial reads it


def run() -> list[Row]:
    """Trains the small captioner, the recipe, and a detector by its recipe."""
    return [small(), recipe(), with_boxes()]


def small() -> Row:
    """Trains a captioner of a quarter of the width, and writes it down in half precision."""
    data = load_captions("digit_scenes", batch_size=BATCH)
    began = time.perf_counter()
    trained = train_recipe("captioner", data, **SMALL, epochs=EPOCHS, seed=0, verbose=0)
    seconds = time.perf_counter() - began
    weights = {f"weight_{number:03}": weight for number, weight in enumerate(trained.model.get_weights())}
    history = {name: trained.history[name].to_numpy() for name in ("val_logits_loss", "val_not_shown_loss")}
    kept = {name: value.astype(np.float16) for name, value in (weights | history).items()}
    np.savez_compressed(RECORD, **kept)
    model = recorded(data.input_shape, len(data.vocabulary))
    return Row(
        f"captioner of {model.count_params():,} parameters, {EPOCHS} epochs, exact match on test scenes of one to "
        f"three digits",
        f"{exact(model, data):.3f} in {seconds:.0f} s; {RECORD.stat().st_size / 1000:.0f} kB in half precision",
        "for the tutorial",
        True,
    )


def recorded(input_shape: tuple[int, int, int], words: int) -> keras.Model:
    """Returns the small captioner as it is written down."""
    model = build_captioner(input_shape, words, **SMALL)
    with np.load(RECORD) as record:
        model.set_weights([record[name] for name in record.files if name.startswith("weight_")])
    return model


def recipe() -> Row:
    """Trains `captioner` by its recipe."""
    trained = train_recipe("captioner", "digit_scenes", seed=0, verbose=0)
    share, seconds = exact(trained.model, trained.data), trained.config["training_seconds"]
    return Row(
        "recipe of the captioner, exact match on test scenes of one to three digits",
        f"{share:.3f} in {seconds:.0f} s (commonest caption {trained.evaluation.commonest[1]:.3f})",
        f">= {BAR} in {MINUTES} minutes",
        share >= BAR and seconds <= 60 * MINUTES,
    )


def exact(model: keras.Model, data) -> float:
    """Returns the share of test scenes of few digits whose greedy caption is right, word by word."""
    found = evaluate_on(model, data.test_examples, data.class_names)
    return float(found.exact[few(load_objects("digit_scenes").test_examples)].mean())


def few(objects: ObjectExamples) -> np.ndarray:
    """Tells which scenes have one to three digits."""
    return (objects.class_id >= 0).sum(axis=1) <= FEW


def with_boxes() -> Row:
    """Trains `centernet` by its recipe, on boxes, and lets the grammar of the captions speak of what it finds."""
    trained = train_recipe("centernet", "digit_scenes", seed=0, verbose=0)
    captions, data = load_captions("digit_scenes"), trained.data
    chosen = max(THRESHOLDS, key=lambda t: told(trained, data.validation_examples, captions.validation_examples, t))
    share = told(trained, data.test_examples, captions.test_examples, chosen)
    return Row(
        "for comparison: boxes of the detector's recipe, and the captions' own grammar",
        f"{share:.3f} in {trained.config['training_seconds']:.0f} s",
        "what boxes allow",
        True,
    )


def told(trained, objects: ObjectExamples, captions: CaptionExamples, threshold: float) -> float:
    """Returns the share of scenes of few digits of which the boxes above a threshold make the right caption."""
    found = detect(trained.model, objects.images)
    right = []
    for boxes, scores, class_id, own in zip(
        *(found[name] for name in ("boxes", "scores", "class_id")), captions.references(), strict=True
    ):
        sure = scores >= threshold
        is_told = 1 <= sure.sum() <= 12
        right.append(is_told and describe_scene(np.rint(boxes[sure]), class_id[sure]) == own[0])
    return float(np.mean(np.asarray(right)[few(objects)]))
