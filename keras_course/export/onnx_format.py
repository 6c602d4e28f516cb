"""ONNX export, for ONNX Runtime and whatever else reads ONNX."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from keras_course.export.class_names import class_names_text
from keras_course.export.extra import import_extra
from keras_course.export.serving import check_full_precision, check_model, serving_function
from keras_course.files import check_free, write_file
from keras_course.quiet import quiet_conversion


def export_onnx(model: keras.Model, path: str | Path, *, class_names: Sequence[str] | None = None) -> Path:
    """Writes the function of `export_saved_model` as an ONNX file: same input, same outputs, same names.

    Class names travel in the metadata property `class_names`, one a line; in ONNX Runtime
    `session.get_modelmeta().custom_metadata_map["class_names"].splitlines()`.

    Args:
        model: As for `export_saved_model`, with all layers in float32.
        path: The file to write; it must not exist. Missing parent folders are made.
        class_names: Sequence of num_classes strings, default "0" to "num_classes - 1".

    Returns:
        `path`.

    Raises:
        ValueError: If an argument isn't as above, or the model has an operation that ONNX lacks.
        ImportError: If the extra `formats` isn't installed.
    """
    path = Path(path)
    num_classes = check_model(model)
    names = class_names_text(class_names, num_classes)
    check_full_precision(model, "ONNX")
    check_free(path)
    tf2onnx = import_extra("tf2onnx")
    onnxruntime = import_extra("onnxruntime")
    function = serving_function(model)
    signature = function.input_signature
    function.get_concrete_function()
    with quiet_conversion():
        converted, _ = tf2onnx.convert.from_function(function, signature, custom_op_handlers={"Erfc": (_erfc, [])})
        converted.metadata_props.add(key="class_names", value=names)
        _name_batch_axis(converted)
        content = converted.SerializeToString()
        try:  # tf2onnx leaves operations that it can't convert in the file
            onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions have no common base of their own
            raise ValueError(
                f"`model` must be expressible in ONNX. Received: model={model.name!r} ({error})"
            ) from error
    return write_file(path, content, replace=False)


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


def _name_batch_axis(converted) -> None:
    for value in (*converted.graph.input, *converted.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
