"""Layers of a functional model by name, and the parts of the model that lead to them."""

import difflib
import random
from typing import Any

import keras
import numpy as np

from keras_course.arguments import require_integer
from keras_course.models.conventions import main_output

MOST_NAMES = 40  # in a message; a ResNet-152 has more than 500 layers
CONVOLUTIONS = (  # and their subclasses, such as GroupedConv2D
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv2D,
)
RESIZING_OR_DROPOUT = (
    keras.layers.AveragePooling2D,
    keras.layers.Cropping2D,
    keras.layers.Dropout,
    keras.layers.MaxPooling2D,
    keras.layers.Resizing,
    keras.layers.SpatialDropout2D,
    keras.layers.UpSampling2D,
    keras.layers.ZeroPadding2D,
)


def find_layer(model: keras.Model, layer: str) -> keras.layers.Layer:
    """Returns the layer of that name.

    Args:
        model: A functional model with one input.
        layer: Name of a layer of the model itself; of one that the model uses several times, the first use counts.

    Returns:
        The layer.

    Raises:
        ValueError: If `model` is no functional model with one image input, has no such layer, or the layer's output is
            not in its graph, as with a model inside the model, or the layer has several outputs.
    """
    check_model(model)
    names = [one.name for one in model.layers]
    if layer not in names:
        near = difflib.get_close_matches(str(layer), names, n=3, cutoff=0.5)
        hint = f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""
        listed = ", ".join(names[:MOST_NAMES]) + (f", … ({len(names)} layers)" if len(names) > MOST_NAMES else "")
        raise ValueError(f"`layer` must name a layer of {model.name}: {listed}. Received: layer={layer!r}{hint}")
    found = model.get_layer(layer)
    try:
        part_of(model, found.output)
    except (AttributeError, ValueError) as error:  # in Keras's words the graph is disconnected
        raise ValueError(
            "`layer` must have been called in this model and not in another before; of an inner model or a layer "
            f"inside it, pass the inner model. Received: layer={layer!r}, a {type(found).__name__}"
        ) from error
    if not isinstance(found.output, keras.KerasTensor):
        raise ValueError(f"`layer` must have one output. Received: layer={layer!r} with {len(found.output)} outputs")
    return found


def require_maps(layer: keras.layers.Layer) -> None:
    """Raises ValueError unless the output of a layer is a feature map."""
    if len(layer.output.shape) != 4:
        raise ValueError(
            "`layer` must have an output of shape (batch, height, width, filters). "
            f"Received: layer={layer.name!r} with output {tuple(layer.output.shape)}"
        )


def check_model(model: Any) -> None:
    """Raises ValueError unless `model` is a built functional or sequential model with one image input."""
    inputs = getattr(model, "inputs", None) if isinstance(model, keras.Model) else None
    shapes = [tuple(tensor.shape) for tensor in inputs or []]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][-1] is None:
        raise ValueError(
            "`model` must be a functional model with one input of shape (batch, height, width, channels). "
            f"Received: a {type(model).__name__} with inputs of shape {shapes}"
        )


def part_of(model: keras.Model, outputs: Any) -> keras.Model:
    """Returns the model from the images to `outputs` (tensors of `model`), with the same layers and weights.

    Its `call` takes images of any size that the layers can take; nothing above `outputs` is computed.
    """
    return keras.Model(model.inputs[0], outputs, name=f"part_of_{model.name}")


def copy_in_precision(model: keras.Model, dtype_policy: str) -> keras.Model:
    """Returns a copy of the model, with its weights, that computes under another dtype policy.

    Args:
        model: A functional model. Models inside it keep their own policy.
        dtype_policy: Name of a Keras dtype policy, "mixed_bfloat16" for instance.

    Returns:
        The copy. Python's random numbers, which the layers' initial weights draw on, go on as if it were not made.

    Raises:
        ValueError: If there is no such policy.
    """
    try:
        policy = keras.dtype_policies.get(dtype_policy)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`dtype_policy` must name a Keras dtype policy. Received: dtype_policy={dtype_policy!r}"
        ) from error

    def convert(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        return type(layer).from_config(config | {"dtype": policy} if "dtype" in config else config)

    state = random.getstate()
    try:
        copy = keras.models.clone_model(model, clone_function=convert)
    finally:
        random.setstate(state)
    copy.set_weights(model.get_weights())
    return copy


def last_map_layer(model: keras.Model) -> keras.layers.Layer:
    """Returns the layer whose output is the last feature map before the first output of a model.

    It is the last convolution whose map has more than one pixel (or the last one, where none has), or the last layer
    behind it whose map is as high and wide and that neither pools nor drops out: normalisation, activation, sum.

    Args:
        model: A functional model with one input.

    Returns:
        The layer; its output has shape (batch, height, width, filters).

    Raises:
        ValueError: If no convolution of the model itself leads to its first output.
    """
    layers = part_of(model, main_output(model)).layers  # without auxiliary heads
    convolutions = [one for one in layers if isinstance(one, CONVOLUTIONS)]
    if not convolutions:
        raise ValueError(
            f"`model` must have a convolutional layer, not only one inside an inner model. Received: {model.name} "
            "without one"
        )
    last = next((one for one in reversed(convolutions) if _map_size(one) != (1, 1)), convolutions[-1])
    behind = [
        one.name
        for one in layers[layers.index(last) + 1 :]
        if _map_size(one) == _map_size(last) and not isinstance(one, (*RESIZING_OR_DROPOUT, keras.Model))
    ]
    candidates = (find_layer(model, name) for name in reversed([last.name, *behind]))
    return next(one for one in candidates if last in part_of(model, one.output).layers)  # not on another branch


def _map_size(layer: keras.layers.Layer) -> tuple[int | None, ...] | None:
    """Returns height and width of a layer's output; None if that is no feature map."""
    shape = getattr(layer.output, "shape", ())  # of several outputs there is a list
    return tuple(shape[1:3]) if len(shape) == 4 else None


def check_images(model: keras.Model, images: Any) -> np.ndarray:
    """Returns the images as a float32 array, checked against the channels of the model's input.

    Args:
        model: A functional model with one input.
        images: Numbers of shape (batch, height, width, channels), as the model was trained on.

    Returns:
        float32 array of the same shape.

    Raises:
        ValueError: If the shape does not fit the model's input, or a pixel is not finite.
    """
    check_model(model)
    wanted = tuple(model.inputs[0].shape)
    pixels = np.asarray(images, dtype=np.float32)
    fits = pixels.ndim == 4 and all(size in (None, got) for size, got in zip(wanted, pixels.shape, strict=True))
    if not fits or pixels.size == 0:
        raise ValueError(
            f"`images` must have the shape of the model's input, {wanted}. Received: images.shape={pixels.shape}"
        )
    if not np.all(np.isfinite(pixels)):
        raise ValueError(f"`images` must be finite. Received: {np.count_nonzero(~np.isfinite(pixels))} broken pixels")
    return pixels


def check_filters(filters: Any, count: int, *, name: str) -> np.ndarray:
    """Returns the filters' numbers as an int32 array of shape (n,).

    Args:
        filters: An integer or a sequence of integers in [0, count - 1].
        count: Int >= 1. How many there are.
        name: The argument's name, for the message.

    Returns:
        int32 array of shape (n,).

    Raises:
        ValueError: If one is no integer or out of range, or there are none.
    """
    numbers = np.asarray(filters)
    if numbers.size == 0 or numbers.ndim > 1:
        raise ValueError(f"`{name}` must be an integer or a sequence of integers. Received: {name}={filters!r}")
    for number in numbers.ravel().tolist():
        require_integer(name, number, at_least=0, at_most=count - 1)
    return numbers.ravel().astype(np.int32)
