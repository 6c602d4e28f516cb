"""What trainings show on the screen: what is trained on what, and how it ended."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_course.cli.screen import new_table, printable, styled

if TYPE_CHECKING:
    import keras
    from rich.console import Console
    from rich.table import Table

    from keras_course.applications.ganimation import GANimationRun
    from keras_course.data import ImageSource
    from keras_course.evaluation import (
        CaptionEvaluation,
        ClassifierEvaluation,
        DetectorEvaluation,
        SegmenterEvaluation,
        TextEvaluation,
    )
    from keras_course.gan import GANRun
    from keras_course.training import PipelineRun

SCORES = {  # unit and direction of each figure of a scorecard
    "frechet_distance": "Fréchet distance of features, squared ↓",
    "precision": "precision: share among real images ↑",
    "recall": "recall: share of real images covered ↑",
    "classifier_score": "classifier score, 1 to number of classes ↑",
    "class_distance": "distance of class shares to equal ones, 0 to 1 ↓",
    "nearest_median": "median distance to the nearest training image (pixels in [0, 1])",
    "agreement": "agreement with the class asked for ↑",
}

PRECISIONS = {"AP": "test mAP@[.5:.95]", "AP50": "test mAP@.5", "AP75": "test mAP@.75"}


def announcer(console: "Console", source: "ImageSource", folder: Path) -> "keras.callbacks.Callback":
    """Returns a callback that says, as training starts, what is trained on what."""
    import keras

    from keras_course.runs.description import parameters

    class Announcer(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            found = [getattr(self.model, role, None) for role in ("generator", "discriminator")]
            nets = [net for net in found if net is not None] or [self.model]
            size = nets[-1].inputs[0].shape[1:3]
            texts = [f"{net.name}, {parameters(net):,} parameters" for net in nets]
            console.print(styled(texts[0], "".join(f" against {text}" for text in texts[1:])), soft_wrap=True)
            images = data_text(source, source.train_size(0), size)
            console.print(f"on {images}\nrun folder: {folder}", soft_wrap=True)

    return Announcer()


def data_text(source: "ImageSource", count: int, image_size: Any = None) -> str:
    """Says which images: name, number, size (as given, else as stored), classes; or which text."""
    from keras_course.data import TextSource

    if isinstance(source, TextSource):
        return f"{printable(source.name)}: {count:,} characters, {len(source.documents):,} documents with the test's"
    from keras_course.data.pixels import image_size_pair
    from keras_course.data.vocabulary import SPECIAL_NAMES, SPECIALS

    sides = [*(image_size_pair(image_size) or source.image_shape[:2]), source.image_shape[2]]
    shape = "x".join(str(side) if side else "?" for side in sides)
    classes = len(source.class_names)
    words = tuple(source.class_names[:SPECIALS]) == SPECIAL_NAMES
    counted = f"with sentences of {classes - SPECIALS} different words" if words else f"of {classes} {source.counted}"
    return f"{printable(source.name)}: {count:,} images {shape} {counted}"


def results_table(run: Any) -> "Table":
    """Tabulates the headline numbers of a network's run, or of a GANimation's."""
    if run.config["kind"] == "ganimation":
        return ganimation_table(run)
    verdicts = run.gradient_report["verdict"]
    unhealthy = [f"{layer}: {verdict}" for layer, verdict in verdicts.items() if verdict != "healthy"]
    healthy = f"healthy in all {len(verdicts)} layers" if len(verdicts) > 1 else "healthy"
    table = EVALUATION_TABLES[run.config["kind"]](run.evaluation)
    table.add_row("epochs", f"{len(run.history)}, weights of epoch {run.best_epoch + 1}")
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s")
    table.add_row("gradients", ", ".join(unhealthy) or healthy)
    return table


def pipeline_table(run: "PipelineRun") -> "Table":
    """Tabulates the headline numbers of a pipeline's run."""
    table = evaluation_table(run.evaluation)
    if run.validation is not None:
        table.add_row("validation accuracy", f"{run.validation.accuracy:.4f}")
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s")
    return table


def evaluation_table(evaluation: "ClassifierEvaluation | None") -> "Table":
    """Begins a table of results with accuracy and loss on the test images."""
    table = new_table("", "", show_header=False, title="results")
    if evaluation is not None:
        low, high = evaluation.accuracy_interval()
        table.add_row("test accuracy", figure_with_interval(evaluation.accuracy, low, high))
        table.add_row("test loss", f"{evaluation.loss:.4f} nats")
    return table


def number_text(value: float, digits: int = 4) -> str:
    """Writes a figure, or a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def figure_with_interval(value: Any, low: Any, high: Any, unit: str = "image") -> str:
    """Writes a figure with its interval, of test images or of another unit, or a dash where there is no figure."""
    from keras_course.evaluation import interval_text

    return (
        number_text(value) if math.isnan(value) else f"{value:.4f}  ({interval_text(value, low, high, unit, digits=4)})"
    )


def detector_table(evaluation: "DetectorEvaluation | None") -> "Table":
    """Begins a table of results with mean average precision on the test images."""
    table = new_table("", "", show_header=False, title="results")
    if evaluation is not None:
        intervals = evaluation.interval()
        for name, text in PRECISIONS.items():
            value, low, high = intervals.loc[name, ["value", "low", "high"]]
            table.add_row(text, figure_with_interval(value, low, high))
        shares = evaluation.summary[["AP small", "AP medium", "AP large"]]
        table.add_row("of small, medium, large objects", ", ".join(number_text(share, 3) for share in shares))
    return table


def intervals_table(
    evaluation: "SegmenterEvaluation | TextEvaluation | CaptionEvaluation | None", unit: str = "image"
) -> "Table":
    """Begins a table of results with the figures of an evaluation and their intervals, from resampling units."""
    table = new_table("", "", show_header=False, title="results")
    if evaluation is not None:
        for name, value, low, high in evaluation.interval().itertuples():
            table.add_row(f"test {name}", figure_with_interval(value, low, high, unit))
    return table


def captioner_table(evaluation: "CaptionEvaluation | None") -> "Table":
    """Begins a table of results with the figures of captions, and the exact match of always saying the commonest."""
    table = intervals_table(evaluation)
    if evaluation is not None:
        table.add_row("of the commonest caption", f"{evaluation.commonest[1]:.4f}  (exact match, said of every image)")
    return table


EVALUATION_TABLES: "dict[str, Callable[[Any], Table]]" = {
    "classifier": evaluation_table,
    "detector": detector_table,
    "segmenter": intervals_table,
    "language-model": partial(intervals_table, unit="document"),
    "captioner": captioner_table,
}


def gan_table(run: "GANRun") -> "Table":
    """Tabulates the headline numbers of a GAN's run, beside those of real test images; arrows point to better."""
    table = new_table("results", "generated", "real test images")
    if run.evaluation is not None:
        for name, text in SCORES.items():
            if name in run.evaluation:
                table.add_row(text, f"{run.evaluation[name]:.4g}", f"{run.evaluation[f'test/{name}']:.4g}")
        table.add_row("accuracy of the classifier that judges", "", f"{run.evaluation['classifier_accuracy']:.4g}")
    if not run.history.empty:
        last = run.history.iloc[-1]
        table.add_row("mean of D, real and generated", f"{last['d_real']:.3f}, {last['d_fake']:.3f}", "")
    table.add_row("collapse alarm", run.verdict, "")
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s, {_epochs(run)}", "")
    return table


def _epochs(run: Any) -> str:
    count = len(run.history)
    return f"{count} epoch{'s' * (count != 1)}"


def ganimation_table(run: "GANimationRun") -> "Table":
    """Tabulates the headline numbers of a GANimation's run."""
    table = new_table("", "", show_header=False, title="results")
    evaluation = run.evaluation
    if evaluation is not None:
        errors, units = evaluation.table["error"], evaluation.table["units"]
        both = f"{errors['edit']:.4f} against {errors['nothing']:.4f} of the value range"
        table.add_row("error to the true picture", f"{evaluation.ratio:.3f} of that of doing nothing  ({both})")
        table.add_row("error of the units", f"{units['edit']:.3f}  (doing nothing: {units['nothing']:.3f})")
        table.add_row("error outside the touched region", f"{evaluation.outside:.4f}")
        table.add_row("change when asked for the own units", f"{evaluation.keep:.4f}")
        table.add_row("IoU of mask and touched region", f"{evaluation.iou:.3f}")
    table.add_row("alarm", run.verdict)
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s, {_epochs(run)}")
    return table
