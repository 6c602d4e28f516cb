"""SavedModel export into numbered folders, the layout that TensorFlow Serving reads."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_course.export.contract import INSPECT, LAYERS, SIGNATURE, SUMS, travelling_texts
from keras_course.export.inspecting import inspecting_function
from keras_course.export.serving import check_outputs, serving_function
from keras_course.export.tasks import CLASSIFICATION, Task
from keras_course.export.verification import check_copy, open_signature, random_inputs
from keras_course.files import write_next_version
from keras_course.name_arguments import require_path
from keras_course.quiet import quiet_conversion
from keras_course.reading import reason, write_sums


def export_saved_model(
    model: keras.Model,
    directory: str | Path,
    *,
    class_names: Sequence[str] | None = None,
    polarity: str | None = None,
    task: Task = CLASSIFICATION,
    inspect: bool = False,
) -> Path:
    """Writes `directory/<next version>/`, a SavedModel that takes raw images and needs no Keras to run.

    The signature `serving_default` takes `images` uint8 `(batch, height, width, channels)` in 0..255 and returns
    `probabilities` float32 `(batch, num_classes)` and `class_id` int64 `(batch,)`; scaling by 1/255 and the softmax are
    inside. A segmenter has these two of each pixel, `(batch, height, width, num_classes)` and `(batch, height, width)`;
    a detector has what `keras_course.applications.detection.decode_detections` returns. The folder appears in one
    rename: a crash leaves no half model, and nothing is ever overwritten, also with several processes that export at
    once. The model isn't changed.

    Args:
        model: Built functional or Sequential model with one image input `(batch, height, width, channels)` in [0, 1]
            that outputs logits. Where height or width is `None`, the export takes any size there. Of several outputs
            (auxiliary heads) the first, the main one, is exported.
        directory: Folder that holds the versions; made if missing.
        class_names: Sequence of num_classes strings, default "0" to "num_classes - 1". Travels in
            `assets/class_names.txt`, UTF-8, one name per line.
        polarity: What `image_polarity` says of the training images, so that `keras-course predict` can warn of a
            picture that is dark on light where those were light on dark. Travels in `assets/training_images.json`;
            `None`, the default, leaves that file out.
        task: What the model is for: `CLASSIFICATION`, `SEGMENTATION` or `DETECTION`.
        inspect: Whether a classifier gets a second signature `inspect`: from `images` to feature maps `maps/LAYER`, the
            input's `gradient` and `grad_cam` of the most probable class, see `SavedClassifier.inspect`. The layers'
            names travel in `assets/layers.txt`.

    Returns:
        The new folder, `directory/1` in an empty directory.

    Raises:
        ValueError: If an argument isn't as above.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import export_saved_model
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [export_saved_model(model, folder, class_names=["ant", "bee", "cat"]).name for _ in range(2)]
        ['1', '2']

    Source: deck, chapter 10, the "deep learning code samples" that it did not show.
    """
    texts = travelling_texts(class_names, task.check(model), polarity)
    functions = {SIGNATURE: serving_function(model, task)}
    check_outputs(model, functions[SIGNATURE], task)
    if inspect:
        functions[INSPECT], layers = inspecting_function(model, task)
        texts[LAYERS] = "".join(f"{layer}\n" for layer in layers)
    return write_next_version(require_path("directory", directory), checked_writer(functions, texts, model))


def checked_writer(
    functions: dict[str, Any], texts: dict[str, str], model: keras.Model, num_classes: int | None = None
) -> Callable[[Path], None]:
    """Returns what writes a SavedModel of some functions into a folder, reads it back and compares the two.

    Args:
        functions: As for `write_saved_model`.
        texts: Contents of the assets by file name.
        model: The model.
        num_classes: Int >= 1, where class ids are an input.

    Raises:
        ValueError: On writing, if what is read back gives other numbers.
    """

    def write(folder: Path) -> None:
        write_saved_model(functions, folder, texts, model)
        with quiet_conversion():
            try:
                for name, function in functions.items():
                    inputs = random_inputs(function.input_signature, num_classes)
                    check_copy(function, open_signature(folder, name), inputs)
            except Exception as error:  # TensorFlow raises nearly anything
                raise ValueError(
                    "`model` must give the same as a SavedModel. "
                    f"Received: model={model.name!r} (a SavedModel of it was written, and {reason(error)})"
                ) from error

    return write


def write_saved_model(functions: dict[str, Any], folder: Path, texts: dict[str, str], model: keras.Model) -> None:
    """Writes a SavedModel of some functions into a folder, with a digest of every file.

    Args:
        functions: `tf.function`s with one input signature each, by the name of the signature.
        folder: Empty folder.
        texts: Contents of the assets by file name.
        model: The model; tracked only if a function needs more of it than variables (lookup tables for instance).
    """
    concrete = {name: function.get_concrete_function() for name, function in functions.items()}
    module = tf.Module()
    module.variables_in_use = list({id(v): v for one in concrete.values() for v in one.variables}.values())
    known = {id(variable.handle) for variable in module.variables_in_use}
    if any(id(tensor) not in known for one in concrete.values() for tensor in one.captured_inputs):
        module.model = model
    with tempfile.TemporaryDirectory() as scratch, quiet_conversion():
        for name, text in texts.items():
            asset = Path(scratch, name)
            asset.write_text(text, encoding="utf-8", newline="\n")
            setattr(module, asset.stem, tf.saved_model.Asset(str(asset)))
        options = tf.saved_model.SaveOptions(save_debug_info=False)
        tf.saved_model.save(module, str(folder), signatures=concrete, options=options)
    write_sums(folder / SUMS, [path for path in folder.rglob("*") if path.is_file()])
