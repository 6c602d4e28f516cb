"""What `keras-course train` shows: what is trained, how it ended, and the export at work."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from keras_course.data import ImageData
    from keras_course.training import TrainingRun


def describe(console: "Console", network: Any, images: "ImageData", folder: Path) -> None:
    """Says what is trained on what."""
    from rich.text import Text

    from keras_course.runs.description import parameters

    height, width, channels = images.input_shape
    what = Text.assemble(
        (network.name, "bold"), f", {parameters(network):,} parameters, on ", (images.name, "bold"), ": "
    )
    what.append(f"{images.train_size:,} images {height}x{width}x{channels} of {images.num_classes} classes")
    console.print(what)
    console.print(f"run folder: {folder}", soft_wrap=True)


def results_table(run: "TrainingRun") -> "Table":
    """Tabulates the headline numbers of a run."""
    from rich.table import Table

    verdicts = run.gradient_report["verdict"]
    unhealthy = [f"{layer}: {verdict}" for layer, verdict in verdicts.items() if verdict != "healthy"]
    table = Table(show_header=False, title="results", title_justify="left")
    if run.evaluation is not None:
        low, high = run.evaluation.accuracy_interval()
        table.add_row("test accuracy", f"{run.evaluation.accuracy:.4f}  (95 % interval {low:.4f} to {high:.4f})")
        table.add_row("test loss", f"{run.evaluation.loss:.4f} nats")
    table.add_row("epochs", f"{len(run.history)}, weights of epoch {run.best_epoch + 1}")
    table.add_row("training time", f"{run.config['training_seconds']:.1f} s")
    healthy = f"healthy in all {len(verdicts)} layers" if len(verdicts) > 1 else "healthy"
    table.add_row("gradients", ", ".join(unhealthy) or healthy)
    return table


def show_export(console: "Console", run: "TrainingRun", images: "ImageData", directory: Path) -> None:
    """Exports the model, writes a test image as a picture file, and classifies it with the export."""
    from PIL import Image

    from keras_course.cli.predict import prediction_table
    from keras_course.export import export_saved_model, load_classifier

    version = export_saved_model(run.model, directory, class_names=images.class_names)
    console.print(f"export:  {version}", soft_wrap=True)
    pixels, label = images.test_examples.images[0], images.test_examples.labels[0]
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)  # grey, RGB or RGBA
    file = Path(run.run_dir or ".") / "example.png"
    picture.save(file)
    console.print(
        f"picture: {file}, a test image of class {images.class_names[label]!r}; the export says:", soft_wrap=True
    )
    top = min(3, images.num_classes)
    console.print(prediction_table(load_classifier(version), [file], [picture], top))
    paths = f"{shlex.quote(str(version))} {shlex.quote(str(file))}"
    console.print(f"try it:  keras-course predict --top {top} {paths}", soft_wrap=True)
