"""Tables of what a model says of pictures: classes, objects, pixels, sentences."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_course.cli.screen import new_table, printable

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image
    from rich.table import Table

    from keras_course.export import SavedCaptioner, SavedClassifier, SavedDetector, SavedSegmenter


def prediction_table(
    classifier: "SavedClassifier", files: list[Path], pictures: "Sequence[Image.Image | np.ndarray]", top: int
) -> "Table":
    """Classifies pictures one by one and tabulates file, class and probability, the `top` best of each."""
    table = new_table("file", "class", ">probability")
    for file, picture in zip(files, pictures, strict=True):
        probabilities = classifier.predict(picture).probabilities[0]
        for rank, index in enumerate((-probabilities).argsort(kind="stable")[:top]):
            name = "" if rank else printable(str(file))
            class_name = printable(classifier.class_names[index])
            table.add_row(name, class_name, f"{probabilities[index]:.4f}")
    return table


def objects_table(
    detector: "SavedDetector", files: list[Path], pictures: "Sequence[np.ndarray]", limit: float
) -> "Table":
    """Tabulates the objects found in pictures, one per row, with boxes in pixels, best first."""
    table = new_table("file", "class", ">score", ">x_min", ">y_min", ">x_max", ">y_max")
    for file, picture in zip(files, pictures, strict=True):
        found, name = detector.predict(picture, resize=True), printable(str(file))
        shown = [i for i in range(int(found.count[0])) if found.scores[0, i] >= limit]
        if not shown:
            table.add_row(name, "nothing", *[""] * 5)
        for rank, i in enumerate(shown):
            corners = [f"{side:.1f}" for side in found.boxes[0, i]]
            table.add_row(
                "" if rank else name, printable(found.class_name[0][i]), f"{found.scores[0, i]:.4f}", *corners
            )
    return table


def captions_table(captioner: "SavedCaptioner", files: list[Path], pictures: "Sequence[np.ndarray]") -> "Table":
    """Tabulates the sentences about pictures, with the probability of each whole sentence."""
    import numpy as np

    table = new_table("file", "caption", ">probability")
    for file, picture in zip(files, pictures, strict=True):
        found = captioner.predict(picture, resize=True)
        probability = float(np.exp(found.log_probability[0]))
        table.add_row(printable(str(file)), printable(found.caption[0]), f"{probability:.4f}")
    return table


def shares_table(segmenter: "SavedSegmenter", files: list[Path], pictures: "Sequence[np.ndarray]") -> "Table":
    """Tabulates the classes that pixels of pictures have, and how many, most first; pixels of no class don't count."""
    import numpy as np

    from keras_course.arguments import IGNORE

    table = new_table("file", "class", ">pixels", ">share")
    for file, picture in zip(files, pictures, strict=True):
        mask = segmenter.predict(picture, resize=True).class_id[0]
        known = mask[mask != IGNORE]
        counts = np.bincount(known, minlength=len(segmenter.class_names))
        for rank, index in enumerate(np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]):
            name = "" if rank else printable(str(file))
            share = f"{counts[index] / known.size:.4f}"
            table.add_row(name, printable(segmenter.class_names[index]), f"{counts[index]:,}", share)
    return table
