"""The numbers of a classifier, pixels in [0, 1] in and logits out, and checks that a model keeps to them."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

SQUASHING = ("softmax", "logsoftmax", "sigmoid", "hardsigmoid", "logsigmoid", "sparsemax", "sparsesigmoid")
PASSING_ON = ("Cast", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze")  # leave the numbers as they are
NORMALISING = ("BatchNormalization", "Normalization")  # whose weights are statistics
SMALLEST_SPREAD = 0.02  # of the values that pixels in [0, 1] become; 1/255 leaves 0.004
LARGEST_OFFSET = 20  # times the spread; ImageNet's mean colour in [0, 1] gives 0.5, in 0..255 more than 100
SIZE = 8  # pixels, where a model takes any size


def require_tensorflow(what: str) -> None:
    """Raises ValueError where Keras computes with another library than TensorFlow.

    Args:
        what: Who needs it, for the message.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise ValueError(
            f"{what} needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow before Keras is imported. "
            f"Received: backend={backend!r}"
        )


def first_output(outputs: Any) -> Any:
    """Returns the output that counts of a model with several: the first of a list, the first written of a dict."""
    if isinstance(outputs, dict):
        outputs = list(outputs.values())
    return first_output(outputs[0]) if isinstance(outputs, list | tuple) else outputs


def main_output(model: keras.Model) -> Any:
    """Returns the `first_output` in the graph of a functional or sequential model, a symbolic tensor."""
    return first_output(_graph(model).output)


def check_logits(model: keras.Model, output: Any = None) -> None:
    """Raises ValueError if the graph shows that an output of a model has been through a softmax or sigmoid.

    Args:
        model: Functional or sequential model.
        output: One of its `outputs`; None takes the main one.
    """
    operation = _last_operation(main_output(model) if output is None else output)
    name = _squashing(operation)
    if name is not None:
        raise ValueError(f"`model` must output logits. Received: the last layer {operation.name!r} applies {name}")


def run_main(model: keras.Model, images: Any) -> Any:
    """Returns the main output of a functional or sequential model of one input for images, in inference mode."""
    return first_output(run_model(model, images))


def run_model(model: keras.Model, images: Any) -> Any:
    """Returns all outputs of a functional or sequential model of one input for images, in inference mode."""
    structure = getattr(_graph(model), "input", None)  # [x] or {name: x} too
    inputs = images if structure is None else keras.tree.map_structure(lambda _: images, structure)
    return model(inputs, training=False)


def check_not_probabilities(model: keras.Model, outputs: Any) -> None:
    """Raises ValueError if the main outputs for a batch look like probabilities.

    This is for what the graph does not show, as in a layer of one's own.

    Args:
        model: The model, for the message.
        outputs: What it returned, numbers of shape (batch, ..., num_classes).
    """
    values = np.asarray(keras.ops.convert_to_numpy(outputs), np.float64)
    sums = values.sum(axis=-1)
    if values.size and values.min() >= 0 and values.max() <= 1 and np.abs(sums - 1).max() < 0.01:  # 0.01: half floats
        raise ValueError(
            "`model` must output logits. Received: a model that seems to output probabilities: for "
            f"{len(values)} images all outputs of {model.name!r} lie in [0, 1] and sum to 1"
        )


def check_pixel_scale(model: keras.Model) -> None:
    """Raises ValueError if the first layers of a model expect pixels in 0..255: here it gets them in [0, 1].

    What layers without weights make of images is looked at wherever it meets weights. It is as if made for 0..255 if
    pixels in [0, 1] become values that hardly vary, and pixels in 0..255 values that do.

    Args:
        model: Functional or sequential model with one input (batch, height, width, channels).
    """
    shape = [size or SIZE for size in model.inputs[0].shape[1:]]
    pixels = np.stack([np.zeros(shape), np.ones(shape), np.random.default_rng(0).random(shape)]).astype(np.float32)
    try:
        found = [*_before_weights(model, pixels, 255 * pixels)]
    except Exception:  # of a layer of the user's; who runs the model on images will hear of it
        return
    for name, values, of_bytes in found:
        if not _varies(values) and _varies(of_bytes):
            raise ValueError(
                "`model` must take pixels in [0, 1], into which images are brought outside of it: leave its own "
                f"scaling out. Received: the layers up to {name!r} of {model.name!r} turn pixels in [0, 1] into values "
                f"in [{values.min():.4g}, {values.max():.4g}]"
            )


def _graph(model: keras.Model) -> Any:
    return getattr(model, "_functional", None) or model  # a Sequential that was never called has no `output`


def _last_operation(tensor: Any) -> Any:
    """Returns the operation that computes an output, in a model inside the model too."""
    while True:
        operation, node, index = tensor._keras_history
        if isinstance(operation, keras.Model) and getattr(operation, "outputs", None):
            tensor = operation.outputs[index]
        elif type(operation).__name__ in PASSING_ON or _is_linear(operation):
            tensor = operation._inbound_nodes[node].input_tensors[0]
        else:
            return operation


def _is_linear(operation: Any) -> bool:
    return isinstance(operation, keras.layers.Activation) and operation.activation is keras.activations.linear


def _squashing(operation: Any) -> str | None:
    """Returns the name of the softmax, sigmoid or the like that an operation is or applies, else None."""
    activation = getattr(operation, "activation", None)
    if activation is not None:
        return _squashing(activation)
    name = getattr(operation, "__name__", type(operation).__name__)
    return name.lower() if name.lower().replace("_", "") in SQUASHING else None


def _before_weights(
    model: keras.Model, pixels: np.ndarray, of_bytes: np.ndarray, before: str = "", prefix: str = ""
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yields what layers without weights make of two batches of images, wherever it meets weights.

    Args:
        model: The model, or one inside it.
        pixels: The images, or what comes into the inner model.
        of_bytes: The others.
        before: The last layer before an inner model, "" without any.
        prefix: Of the names of an inner model's layers.
    """
    graph = _graph(model)
    names = {id(graph.inputs[0]): before}  # of what made a tensor; the graph keeps them alive
    for _, nodes in sorted(graph._nodes_by_depth.items(), reverse=True):
        for node in nodes:
            operation = node.operation
            if not node.input_tensors or any(id(tensor) not in names for tensor in node.input_tensors):
                continue
            if not getattr(operation, "weights", None) or type(operation).__name__ in NORMALISING:
                names |= {id(tensor): f"{prefix}{operation.name}" for tensor in node.outputs}
                continue
            for tensor in node.input_tensors:
                if tensor.dtype == "bool":  # a mask
                    continue
                both = [_values(graph, tensor, batch) for batch in (pixels, of_bytes)]
                name = names[id(tensor)]
                if isinstance(operation, keras.Model) and len(getattr(operation, "inputs", None) or ()) == 1:
                    yield from _before_weights(operation, both[0], both[1], name, f"{prefix}{operation.name}/")
                elif name:
                    yield name, both[0], both[1]


def _varies(values: np.ndarray) -> bool:
    """Tells whether values of a batch differ by more than nothing, and by more than they are away from 0."""
    low, high = values.min(axis=0), values.max(axis=0)
    spread = np.abs(high - low).max()
    return bool(spread >= SMALLEST_SPREAD and np.abs(high + low).max() / 2 <= LARGEST_OFFSET * spread)


def _values(graph: keras.Model, tensor: Any, pixels: np.ndarray) -> np.ndarray:
    if tensor is graph.inputs[0]:
        return pixels
    outputs = keras.Function(graph.inputs, tensor)([keras.ops.convert_to_tensor(pixels)])
    return keras.ops.convert_to_numpy(outputs)
