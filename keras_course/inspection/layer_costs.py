"""What each layer of a network costs and sees: parameters, multiply-accumulates, receptive field, memory."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import keras
import pandas as pd

from keras_course.inspection.layer_calls import LayerCall, layer_calls
from keras_course.inspection.receptive_field import (
    CONVOLUTIONS,
    RECURRENT,
    Fields,
    Shape,
    fields_of,
    is_from_keras_or_here,
    is_known,
    map_size,
)
from keras_course.models.layers import Attention, LookedAt, NotShown, PlaceEmbedding

COLUMNS = {
    "kind": "object",
    "output_shape": "object",
    "depth": "int64",
    "trainable_parameters": "int64",
    "non_trainable_parameters": "int64",
    "multiply_accumulates": "Int64",
    "receptive_field_height": "Int64",
    "receptive_field_width": "Int64",
    "stride_height": "Float64",
    "stride_width": "Float64",
    "activation_bytes": "int64",
}


def ledger(model: keras.Model) -> pd.DataFrame:
    """Tabulates what each layer of a network costs and sees, for one image.

    Args:
        model: A functional or sequential model with inputs of a fixed size. It is left as it is.

    Returns:
        One row per layer in forward order, the name as index; the layers of a model inside the model are rows
        `inner/layer`, a layer that is called again has a row `layer (call 2)` whose parameters are not counted twice.
        The columns:

        - `kind`: the class of the layer.
        - `output_shape`: without the batch axis; a list of them for a layer with several outputs.
        - `depth`: the convolutions, dense and recurrent layers on the longest path up to here, which is what the number
          in ResNet-18 counts; a recurrent layer counts once, whatever the number of steps.
        - `trainable_parameters`, `non_trainable_parameters`: the second are frozen ones and moving statistics.
        - `multiply_accumulates`: of convolutions (the multiplications with the zeros of the padding included, of
          transposed ones those cropped too), of dense layers, and of recurrent ones in all their steps. Biases, gates,
          normalisation, activations, pooling and sums count 0, as in the published figures.
        - `receptive_field_height`, `receptive_field_width`: the window of the input that one unit depends on, in
          pixels. This is the theoretical window, which may be larger than the image: the rest of it is padding.
          Behind `Flatten` or global pooling it is the window of the whole map. The statistics of a batch are left out.
        - `stride_height`, `stride_width`: how far the window moves from one unit to the next, in pixels; below 1
          behind upsampling, missing where every unit sees the same.
        - `activation_bytes`: of the layer's output, in its dtype.

        The receptive field is 0 where no image is seen, as in a generator. What is not known is missing (`pandas.NA`)
        for a layer of another class than those in `receptive_field`, or of a subclass from outside Keras and this
        package: its multiply-accumulates, and the receptive field there and behind.

    Raises:
        ValueError: If `model` is no functional or sequential model, or the size of its inputs is not fixed.

    Example:
        >>> import keras
        >>> from keras_course.inspection import ledger
        >>> conv = keras.layers.Conv2D(4, 3, strides=2, name="conv")
        >>> pool = keras.layers.GlobalAveragePooling2D(name="pool")
        >>> model = keras.Sequential([keras.Input((9, 9, 1), name="image"), conv, pool])
        >>> ledger(model)[["trainable_parameters", "multiply_accumulates", "receptive_field_height"]]
               trainable_parameters  multiply_accumulates  receptive_field_height
        layer
        image                     0                     0                       1
        conv                     40                   576                       3
        pool                      0                     0                       9

    Source: deck, chapter 5; Araujo, Norris, Sim (2019), "Computing receptive fields of convolutional neural networks".
    """
    fields: dict[int, Fields | None] = {}  # by the id of a tensor
    depths: dict[int, int] = {}
    calls: Counter[int] = Counter()
    rows = []
    for call in layer_calls(model):
        calls[id(call.layer)] += call.layer is not None
        shapes = [tuple(tensor.shape) for tensor in (*call.inputs, call.outputs[0])]
        seen = fields_of(call.layer, [fields[id(tensor)] for tensor in call.inputs], shapes)
        depth = max((depths[id(tensor)] for tensor in call.inputs), default=0) + _has_kernel(call.layer)
        for tensor in call.outputs:
            fields[id(tensor)], depths[id(tensor)] = seen, depth
        rows.append(_row(call, calls[id(call.layer)], depth, seen))
    return pd.DataFrame(rows).set_index("layer").astype(COLUMNS)


def ledger_totals(table: pd.DataFrame) -> pd.Series:
    """Sums up a ledger.

    Args:
        table: What `ledger` returned.

    Returns:
        `depth` and the receptive field are the largest of the table; `parameters` (all), trainable and non-trainable
        ones, `multiply_accumulates` and `activation_bytes` are sums. The last is what training keeps per image if
        every output is kept; inference needs less. A sum is missing where one of its terms is.

    Example:
        >>> import keras
        >>> from keras_course.inspection import ledger, ledger_totals
        >>> conv = keras.layers.Conv2D(4, 3, strides=2, name="conv")
        >>> pool = keras.layers.GlobalAveragePooling2D(name="pool")
        >>> model = keras.Sequential([keras.Input((9, 9, 1), name="image"), conv, pool])
        >>> totals = ledger_totals(ledger(model))
        >>> int(totals["parameters"]), int(totals["multiply_accumulates"])
        (40, 576)
    """
    counts = ["trainable_parameters", "non_trainable_parameters", "multiply_accumulates", "activation_bytes"]
    sums = table[counts].sum(skipna=False)
    largest = table[["depth", "receptive_field_height", "receptive_field_width"]].max(skipna=False)
    parameters = sums["trainable_parameters"] + sums["non_trainable_parameters"]
    return pd.Series({"depth": largest.pop("depth"), "parameters": parameters, **sums, **largest}, dtype="Int64")


def multiply_accumulates(
    layer: keras.Operation | None, input_shapes: Sequence[Shape], output_shape: Shape
) -> int | None:
    """Counts the multiplications of a layer for one image; None if the class of the layer isn't known.

    Args:
        layer: A layer, or an operation; None for an input.
        input_shapes: Shapes of its inputs, with the batch axis.
        output_shape: Shape of its first output, with the batch axis.
    """
    if layer is None:
        return 0
    if not is_from_keras_or_here(layer):
        return None
    if isinstance(layer, Attention):
        queries, memory = (shape[1] for shape in input_shapes)
        per_query, per_value, per_pair = layer.multiply_accumulates
        return queries * per_query + memory * per_value + queries * memory * per_pair
    if isinstance(layer, (NotShown, PlaceEmbedding, keras.layers.GlobalAveragePooling1D)):  # sums
        return 0
    if isinstance(layer, LookedAt):  # each query's sum over the cells of the logits of all words
        return math.prod((*output_shape[1:], input_shapes[1][1]))
    if isinstance(layer, keras.layers.Conv2DTranspose):  # each unit of the input meets the whole kernel
        return math.prod((*map_size(input_shapes[0], layer.data_format), *layer.kernel.shape))
    if isinstance(layer, CONVOLUTIONS):  # each unit of the output comes from a whole kernel
        separable = isinstance(layer, keras.layers.SeparableConv2D)
        kernels = (layer.depthwise_kernel, layer.pointwise_kernel) if separable else (layer.kernel,)
        return math.prod(map_size(output_shape, layer.data_format)) * sum(math.prod(k.shape) for k in kernels)
    if isinstance(layer, keras.layers.Dense):
        return math.prod((*output_shape[:-1], *layer.kernel.shape))
    if isinstance(layer, keras.layers.Bidirectional):
        both = [multiply_accumulates(one, input_shapes, ()) for one in (layer.forward_layer, layer.backward_layer)]
        return None if None in both else sum(both)  # type: ignore[arg-type]
    if isinstance(layer, RECURRENT):
        return input_shapes[0][1] * sum(math.prod(k.shape) for k in (layer.cell.kernel, layer.cell.recurrent_kernel))
    return 0 if is_known(layer) else None


def _has_kernel(layer: keras.Operation | None) -> bool:
    kinds = (*CONVOLUTIONS, keras.layers.Conv2DTranspose, keras.layers.Dense, *RECURRENT, keras.layers.Bidirectional)
    return isinstance(layer, kinds)


def _row(call: LayerCall, number: int, depth: int, fields: Fields | None) -> dict[str, object]:
    shapes = [tuple(tensor.shape[1:]) for tensor in call.outputs]
    row: dict[str, object] = {
        "layer": call.name if number <= 1 else f"{call.name} (call {number})",
        "kind": call.kind,
        "output_shape": shapes[0] if len(shapes) == 1 else shapes,
        "depth": depth,
    }
    for kind in ("trainable", "non_trainable"):
        weights = getattr(call.layer, f"{kind}_weights", []) if number <= 1 else []
        row[f"{kind}_parameters"] = sum(math.prod(weight.shape) for weight in weights)
    input_shapes = [tensor.shape for tensor in call.inputs]
    row["multiply_accumulates"] = multiply_accumulates(call.layer, input_shapes, call.outputs[0].shape)
    sides = tuple(zip(("height", "width"), fields or (None, None), strict=True))
    row |= {f"receptive_field_{side}": None if field is None else field.size for side, field in sides}
    row |= {f"stride_{side}": None if field is None else field.stride or None for side, field in sides}
    row["activation_bytes"] = sum(math.prod(tensor.shape) * _bytes(tensor.dtype) for tensor in call.outputs)
    return row


def _bytes(dtype: str) -> int:
    """Returns the size of a number: 4 for "float32", 2 for "bfloat16", 1 for "bool"."""
    bits = re.search(r"\d+", dtype)
    return int(bits[0]) // 8 if bits else 1
