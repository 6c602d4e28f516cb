"""Shows a picture and the question of each tutorial, chapter by chapter."""

import base64
import html
import io
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx

from docs.execution import executed
from docs.reading import Tutorial, chapter_title, load_tutorials

WIDTH, HEIGHT = 480, 320  # pixels of a picture
CHOSEN = {  # which of a tutorial's figures is shown, from 1 on; the last one if not said
    "01_linear_regression/1_linear_regression.py": 4,
    "01_linear_regression/2_ridge.py": 1,
    "02_kernels/1_polynomial_regression.py": 2,
    "02_kernels/2_kernel_trick.py": 1,
    "03_typical_recognition/1_recognition_pipeline.py": 1,
    "03_typical_recognition/2_support_vector_machines.py": 4,
    "03_typical_recognition/3_random_forest.py": 2,
    "04_neural_networks/2_network_from_scratch.py": 6,
    "05_convolutional_networks/1_convolution.py": 7,
    "05_convolutional_networks/2_convolution_layer.py": 6,
    "05_convolutional_networks/3_convolution_as_matrix.py": 2,
    "05_convolutional_networks/5_architectures.py": 2,
    "05_convolutional_networks/6_inside_a_cnn.py": 13,
    "06_training/1_gradient_descent.py": 3,
    "06_training/2_stochastic_gradients.py": 4,
    "06_training/3_chain_rule.py": 2,
    "06_training/4_learning_rate_decay.py": 3,
    "06_training/5_vanishing_gradients.py": 3,
    "06_training/6_initialization.py": 3,
    "07_regularization/1_weight_decay.py": 1,
    "07_regularization/2_overfitting.py": 1,
    "07_regularization/3_batch_normalization.py": 6,
    "07_regularization/4_cross_validation.py": 1,
    "07_regularization/5_reporting.py": 1,
    "08_applications/1_object_detection.py": 7,
    "08_applications/2_segmentation.py": 2,
    "08_applications/4_deep_dream.py": 2,
    "08_applications/6_ganimation.py": 6,
    "09_generative_adversarial_networks/1_gan_on_a_mixture.py": 3,
    "09_generative_adversarial_networks/2_gan_on_digits.py": 1,
    "10_conclusions/1_export_and_serve.py": 1,
    "10_conclusions/2_recurrent_networks.py": 1,
    "10_conclusions/3_a_language_model.py": 2,
    "10_conclusions/4_loss_functions.py": 5,
    "10_conclusions/5_optimizers.py": 2,
}


def gallery_page(folder: Path) -> str:
    """Returns the gallery in Markdown: a heading for each chapter, and a card for each tutorial.

    Args:
        folder: Folder of the tutorials.
    """
    parts = []
    for chapter, tutorials in groupby(load_tutorials(folder), key=lambda tutorial: tutorial.chapter):
        parts += [f"## {chapter_title(chapter)}\n", '<div class="gallery">', *map(_card, tutorials), "</div>\n"]
    return "\n".join(parts)


def _card(tutorial: Tutorial) -> str:
    picture = f'<img src="_static/gallery/{picture_name(tutorial)}" alt="" loading="lazy">'
    text = f"<span>{html.escape(tutorial.name)}</span><strong>{html.escape(tutorial.question)}</strong>"
    return f'<a href="{tutorial.document}.html">{picture}{text}</a>'


def picture_name(tutorial: Tutorial) -> str:
    """Returns the name of a tutorial's picture."""
    return f"{tutorial.path.removesuffix('.py').replace('/', '-')}.png"


def figures(notebook: Any) -> list[bytes]:
    """Returns the figures of an executed notebook, PNG, in the order of the text."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [base64.b64decode(one.data["image/png"]) for one in outputs if "image/png" in one.get("data", {})]


def picture(tutorial: Tutorial, cache: Path) -> bytes:
    """Returns the picture of a tutorial, PNG; an empty one where it has not been executed."""
    notebook = executed(tutorial, cache)
    shown = [] if notebook is None else figures(notebook)
    small = Image.new("RGB", (WIDTH, HEIGHT), "white")
    if shown:
        image = Image.open(io.BytesIO(shown[min(CHOSEN.get(tutorial.path, len(shown)), len(shown)) - 1])).convert("RGB")
        image.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.paste(image, ((WIDTH - image.width) // 2, (HEIGHT - image.height) // 2))
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def fill(app: Sphinx, document: str, source: list[str]) -> None:
    """Puts the gallery in the place of its comment in a page."""
    if "<!-- gallery -->" in source[0]:
        source[0] = source[0].replace("<!-- gallery -->", gallery_page(app.srcdir / "tutorials"))


def describe(app: Sphinx, page: nodes.document) -> None:
    """Says in place of a tutorial's figure where it is and that the text describes it."""
    for image in page.findall(nodes.image):
        section = image.parent
        while section is not None and not isinstance(section, nodes.section):
            section = section.parent
        if app.env.docname.startswith("tutorials/") and section is not None:
            image["alt"] = f"Figure to “{section[0].astext()}”; the text after it says what to see."


def draw(app: Sphinx, error: Exception | None) -> None:
    """Writes the pictures beside the finished pages."""
    if error is not None or app.builder.format != "html":
        return
    folder = app.outdir / "_static" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    for tutorial in load_tutorials(app.srcdir / "tutorials"):
        (folder / picture_name(tutorial)).write_bytes(picture(tutorial, Path(app.config.nb_execution_cache_path)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connects with Sphinx."""
    app.connect("source-read", fill)
    app.connect("doctree-read", describe)
    app.connect("build-finished", draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
