"""One rule for all formats, and the files of ONNX and LiteRT (TensorFlow Lite)."""

import contextlib
import importlib
import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.arguments import require_choice
from keras_course.disk import disk_failure
from keras_course.export.contract import SIGNATURE, travelling_texts
from keras_course.export.saved_model import export_saved_model, write_saved_model
from keras_course.export.serving import check_full_precision, check_outputs, serving_function, unrolled
from keras_course.export.tasks import CLASSIFICATION, Task
from keras_course.export.verification import check_copy, open_litert, open_onnx, random_inputs
from keras_course.files import check_free, write_file, write_next_version
from keras_course.name_arguments import require_folder_name, require_path
from keras_course.quiet import quiet_conversion
from keras_course.reading import reason

FILES = {"ONNX": "model.onnx", "LiteRT": "model.tflite"}
FORMATS = {"saved-model": None, "onnx": "ONNX", "litert": "LiteRT"}


def export_model(
    model: keras.Model,
    directory: str | Path,
    name: str,
    format: str = "saved-model",
    *,
    class_names: Sequence[str] | None = None,
    polarity: str | None = None,
    task: Task = CLASSIFICATION,
    inspect: bool = False,
) -> Path:
    """Writes a classifier, or the model of another task, to `directory/name/<next version>/`, in any format.

    A SavedModel's files lie in that folder, ONNX is its `model.onnx`, LiteRT its `model.tflite`. The folder appears in
    one rename; nothing is ever overwritten.

    Args:
        model: As for `export_saved_model`; for ONNX and LiteRT with all layers in float32.
        directory: Folder of all models; made if missing.
        name: String. Names the model's folder: printable, <= 255 bytes, no slash, dot or space first.
        format: "saved-model", "onnx" or "litert".
        class_names: Sequence of num_classes strings, default "0" to "num_classes - 1".
        polarity: As for `export_saved_model`.
        task: As for `export_saved_model`.
        inspect: As for `export_saved_model`; the other formats have one signature.

    Returns:
        The new folder, `directory/name/1` in an empty directory.

    Raises:
        ValueError: If an argument isn't as above, or the model has an operation that the format lacks.
        ImportError: If the format needs the extra `formats` and it isn't installed.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import export_model
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_model(model, folder, "insects").relative_to(folder).as_posix()
        'insects/1'

    Note: TensorFlow Serving serves the highest version of a name and reads SavedModels alone, so what it serves needs a
        name without versions in other formats.
    """
    require_folder_name("name", name)
    require_choice("format", format, tuple(FORMATS))
    folder, target = require_path("directory", directory) / name, FORMATS[format]
    if target is None:
        return export_saved_model(model, folder, class_names=class_names, polarity=polarity, task=task, inspect=inspect)
    content = _converted(model, target, class_names, polarity, task)
    return write_next_version(folder, lambda version: (version / FILES[target]).write_bytes(content))


def export_onnx(
    model: keras.Model,
    path: str | Path,
    *,
    class_names: Sequence[str] | None = None,
    polarity: str | None = None,
    task: Task = CLASSIFICATION,
) -> Path:
    """Writes the function of `export_saved_model` as an ONNX file: same input, same outputs, same names.

    Class names travel in the metadata property `class_names`, one per line; in ONNX Runtime
    `session.get_modelmeta().custom_metadata_map["class_names"].splitlines()`.

    Args:
        model: As for `export_saved_model`, with all layers in float32.
        path: The file to write; it must not exist. Missing parent folders are made.
        class_names: Sequence of num_classes strings, default "0" to "num_classes - 1".
        polarity: As for `export_saved_model`; travels in the metadata property `training_images`.
        task: As for `export_saved_model`.

    Returns:
        `path`.

    Raises:
        ValueError: If an argument isn't as above, or the model has an operation that ONNX lacks.
        ImportError: If the extra `formats` isn't installed.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import export_onnx
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_onnx(model, f"{folder}/insects.onnx", class_names=["ant", "bee", "cat"]).name
        'insects.onnx'
    """
    check_free(Path(path))
    return write_file(Path(path), _converted(model, "ONNX", class_names, polarity, task), replace=False)


def export_litert(
    model: keras.Model,
    path: str | Path,
    *,
    class_names: Sequence[str] | None = None,
    polarity: str | None = None,
    task: Task = CLASSIFICATION,
) -> Path:
    """Writes the function of `export_saved_model` as a LiteRT file: same signature, same names, built-in ops only.

    Class names travel inside the file as LiteRT's "associated file" `class_names.txt`: a zip archive after the model,
    so `zipfile.ZipFile(path).read("class_names.txt")` or `unzip` gets them out. TensorFlow itself converts; only
    running the file needs `ai-edge-litert` (extra `formats`). Recurrent layers are written step by step, so the number
    of steps must be known, and the file grows with it.

    Args:
        model: As for `export_saved_model`, with all layers in float32.
        path: The file to write, usually `*.tflite`; it must not exist. Missing parent folders are made.
        class_names: Sequence of num_classes strings, default "0" to "num_classes - 1".
        polarity: As for `export_saved_model`; travels as the associated file `training_images.json`.
        task: As for `export_saved_model`.

    Returns:
        `path`.

    Raises:
        ValueError: If an argument isn't as above, or the model has an operation that LiteRT lacks.

    Example:
        >>> import keras, tempfile, zipfile
        >>> from keras_course.export import export_litert
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = export_litert(model, f"{folder}/insects.tflite", class_names=["ant", "bee", "cat"])
        ...     zipfile.ZipFile(path).read("class_names.txt").split()
        [b'ant', b'bee', b'cat']
    """
    check_free(Path(path))
    return write_file(Path(path), _converted(model, "LiteRT", class_names, polarity, task), replace=False)


def _converted(
    model: keras.Model, target: str, class_names: Sequence[str] | None, polarity: str | None, task: Task
) -> bytes:
    """Returns the content of an ONNX or LiteRT file."""
    texts = travelling_texts(class_names, task.check(model), polarity)
    check_full_precision(model, target)
    packages = [_import_extra(name) for name in ("tf2onnx", "onnxruntime") if target == "ONNX"]
    function = serving_function(model, task)
    check_outputs(model, function, task)
    with quiet_conversion():
        try:
            with unrolled(model) if target == "LiteRT" else contextlib.nullcontext():
                function.get_concrete_function()
            content = _onnx(function, texts, packages[0]) if packages else _litert(function, texts, model)
            copy = open_onnx(content, packages[1]) if packages else open_litert(content)
            check_copy(function, copy, random_inputs(function.input_signature))
        except Exception as error:  # the converters' exceptions have no common base
            if (failure := disk_failure(error)) is not None:
                raise failure from error
            raise ValueError(
                f"`model` must be expressible in {target}. Received: model={model.name!r} ({reason(error)})"
            ) from error
    return content


def _import_extra(name: str) -> ModuleType:
    """Imports a package of the extra `formats`."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f'this export needs the package {name!r}: pip install "keras_course[formats]"', name=name
        ) from error


def _litert(function: Any, texts: dict[str, str], model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        write_saved_model({SIGNATURE: function}, Path(scratch), texts, model)
        content = tf.lite.TFLiteConverter.from_saved_model(scratch, signature_keys=[SIGNATURE]).convert()
    buffer = io.BytesIO()
    buffer.write(content)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(name), text)  # ZipInfo's fixed date keeps the bytes repeatable
    return buffer.getvalue()


def _onnx(function: Any, texts: dict[str, str], tf2onnx: Any) -> bytes:
    handlers: dict[str, Any] = {"Erfc": (_erfc, [])}
    converted, _ = tf2onnx.convert.from_function(function, function.input_signature, custom_op_handlers=handlers)
    _hold_constants(converted.graph, function.get_concrete_function().graph.captures)
    for name, text in texts.items():
        converted.metadata_props.add(key=Path(name).stem, value=text)
    for value in (*converted.graph.input, *converted.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    return converted.SerializeToString()


def _hold_constants(graph: Any, captures: Sequence[tuple[tf.Tensor, tf.Tensor]]) -> None:
    """Stores constants that a TensorFlow function captures, which tf2onnx makes inputs, in the ONNX graph."""
    numpy_helper = _import_extra("onnx.numpy_helper")
    constants = {place.name: value.numpy() for value, place in captures if value.dtype != tf.resource}
    for value in [value for value in graph.input if value.name in constants]:
        graph.initializer.append(numpy_helper.from_array(constants[value.name], value.name))
        graph.input.remove(value)


def _erfc(context, node, _name, _args) -> None:
    """Replaces erfc(x) by 1 - erf(x): TensorFlow's gelu uses erfc, which tf2onnx doesn't know."""
    shape, dtype = context.get_shape(node.output[0]), context.get_dtype(node.output[0])
    source, target = node.input[0], node.output[0]
    context.remove_node(node.name)
    erf = context.make_node("Erf", [source], dtypes=[dtype], shapes=[shape])
    one = context.make_const(f"{node.name}_one", np.float32(1.0))
    context.make_node("Sub", [one.output[0], erf.output[0]], name=node.name, outputs=[target])
    context.set_dtype(target, dtype)
    context.set_shape(target, shape)
