"""LiteRT (TensorFlow Lite) export, for phones and small devices."""

import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from keras_course.export.class_names import FILE_NAME, class_names_text
from keras_course.export.saved_model import write_saved_model
from keras_course.export.serving import SIGNATURE, check_full_precision, check_model, serving_function
from keras_course.files import check_free, write_file
from keras_course.quiet import quiet_conversion


def export_litert(model: keras.Model, path: str | Path, *, class_names: Sequence[str] | None = None) -> Path:
    """Writes the function of `export_saved_model` as a LiteRT file: same signature, same names, built-in ops only.

    Class names travel inside the file as LiteRT's "associated file" `class_names.txt`: a zip archive after the model,
    so `zipfile.ZipFile(path).read("class_names.txt")` or `unzip` gets them out. TensorFlow itself converts; only
    running the file needs `ai-edge-litert` (extra `formats`).

    Args:
        model: As for `export_saved_model`, with all layers in float32.
        path: The file to write, usually `*.tflite`; it must not exist. Missing parent folders are made.
        class_names: Sequence of num_classes strings, default "0" to "num_classes - 1".

    Returns:
        `path`.

    Raises:
        ValueError: If an argument isn't as above, or the model has an operation that LiteRT lacks.
    """
    path = Path(path)
    num_classes = check_model(model)
    names = class_names_text(class_names, num_classes)
    check_full_precision(model, "LiteRT")
    check_free(path)
    function = serving_function(model)
    function.get_concrete_function()
    with tempfile.TemporaryDirectory() as scratch:
        write_saved_model(function, Path(scratch), names, model)
        with quiet_conversion():
            try:
                converter = tf.lite.TFLiteConverter.from_saved_model(scratch, signature_keys=[SIGNATURE])
                content = converter.convert()
            except Exception as error:  # the converter's exception class isn't public
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                raise ValueError(
                    f"`model` must be expressible in LiteRT. Received: model={model.name!r} ({reason})"
                ) from error
    return write_file(path, _with_file(content, names), replace=False)


def _with_file(content: bytes, names: str) -> bytes:
    buffer = io.BytesIO()
    buffer.write(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(zipfile.ZipInfo(FILE_NAME), names)  # ZipInfo's fixed date keeps the bytes repeatable
    return buffer.getvalue()
