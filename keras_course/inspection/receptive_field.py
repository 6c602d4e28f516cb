"""Receptive fields: which pixels of the input the units of a map see, and what each Keras layer makes of that.

`Field` and the functions `through_...` follow one axis; `fields_behind` applies them to a layer, along both.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import keras

from keras_course.models.layers.local_response_normalization import LocalResponseNormalization

Shape = tuple[int, ...]
CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)
POOLINGS = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
WHOLE_MAP = (
    keras.layers.Flatten,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.GroupNormalization,
    keras.layers.Permute,
    keras.layers.RepeatVector,
    keras.layers.Reshape,
)
MERGES = (
    keras.layers.Add,
    keras.layers.Average,
    keras.layers.Concatenate,
    keras.layers.Maximum,
    keras.layers.Minimum,
    keras.layers.Multiply,
    keras.layers.Subtract,
)
IN_PLACE = (
    keras.layers.Activation,
    keras.layers.ActivityRegularization,
    keras.layers.AlphaDropout,
    keras.layers.BatchNormalization,
    keras.layers.Dense,
    keras.layers.Discretization,
    keras.layers.Dropout,
    keras.layers.ELU,
    keras.layers.Embedding,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.Identity,
    keras.layers.LayerNormalization,
    keras.layers.LeakyReLU,
    keras.layers.Normalization,
    keras.layers.PReLU,
    keras.layers.RandomBrightness,  # augmentation: at inference an identity
    keras.layers.RandomContrast,
    keras.layers.RandomFlip,
    keras.layers.ReLU,
    keras.layers.Rescaling,
    keras.layers.Softmax,
    keras.layers.SpatialDropout2D,
    LocalResponseNormalization,
)
RECURRENT = (keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU)  # on sequences, which are no maps
OPERATORS = ("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Negative", "Relu", "Sigmoid", "Tanh")  # x + y, ...
FRAMES = (keras.layers.ZeroPadding2D, keras.layers.Cropping2D)
WINDOWS = (*CONVOLUTIONS, *POOLINGS, keras.layers.Conv2DTranspose, keras.layers.UpSampling2D)
LAYOUT = "channels_last"  # of all images here, whatever Keras's own setting
FIRST_AXIS = {"channels_last": 1, "channels_first": 2}  # of height and width
NOTHING = (math.inf, -math.inf)  # the window of a unit that sees no pixel


@dataclass(frozen=True)
class Field:
    """The windows of all units along an axis: unit `i + len(windows)` sees what unit `i` sees, `step` pixels further.

    Args:
        step: Integer >= 0, in pixels of the input; 0 where every unit sees the same.
        windows: (first, last) pixel of the input that each unit of one period sees; more than one only behind
            upsampling. Pixels below 0 or beyond the image are padding.
    """

    step: int = 1
    windows: tuple[tuple[float, float], ...] = ((0, 0),)

    @property
    def size(self) -> int:
        """The receptive field in pixels, that of the unit that sees most; 0 if none sees anything."""
        return max(0, *(0 if last < first else int(last - first + 1) for first, last in self.windows))

    @property
    def stride(self) -> float:
        """Pixels of the input from one unit to the next; 0 where every unit sees the same."""
        return self.step / len(self.windows)

    def window(self, unit: int) -> tuple[float, float]:
        """Returns the first and the last pixel that a unit sees."""
        periods, place = divmod(unit, len(self.windows))
        first, last = self.windows[place]
        return first + periods * self.step, last + periods * self.step


BLIND = Field(0, (NOTHING,))  # what does not depend on the image, such as a class label
Fields = tuple[Field, Field]  # along the height and along the width


def everything(field: Field, size: int) -> Field:
    """Returns the field of units each of which sees all `size` units of a map: Flatten, global pooling."""
    return Field(0, (_hull(field.window(unit) for unit in range(size)),))


def through_kernel(field: Field, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1) -> Field:
    """Returns the field behind a convolution or pooling: its unit o sees units o·stride - padding + t·dilation.

    Args:
        field: The field before.
        kernel_size: Integer >= 1; t runs from 0 to kernel_size - 1.
        stride: Integer >= 1.
        padding: Units added before the first one; negative where units are cropped.
        dilation: Integer >= 1.
    """
    return _resample(
        field, lambda o: (o * stride - padding + t * dilation for t in range(kernel_size)), down=stride, up=1
    )


def through_transposed_kernel(field: Field, kernel_size: int, *, stride: int, crop: int, dilation: int = 1) -> Field:
    """Returns the field behind a transposed convolution: unit i reaches units i·stride - crop + t·dilation."""

    def sources(o: int) -> Iterable[int]:
        reached = (o + crop - t * dilation for t in range(kernel_size))
        return (position // stride for position in reached if position % stride == 0)

    return _resample(field, sources, down=1, up=stride)


def through_upsampling(field: Field, size: int, *, bilinear: bool) -> Field:
    """Returns the field behind an upsampling that repeats units, or blends the two whose centres are next."""

    def sources(o: int) -> Iterable[int]:
        centre = 2 * o + 1 - size  # in halves of the new units
        return (centre // (2 * size), -(-centre // (2 * size))) if bilinear else (o // size,)

    return _resample(field, sources, down=1, up=size)


def merged(fields: Sequence[Field], sizes: Sequence[int]) -> Field:
    """Returns the field of units that see all that the units in their place in several maps see.

    Where the maps have different strides (a map of one unit that is broadcast over another, say) each unit is taken
    to see all that any of them sees.
    """
    seeing = [(field, size) for field, size in zip(fields, sizes, strict=True) if field.size]
    if not seeing:
        return BLIND
    if len({field.stride for field, _ in seeing}) > 1:
        return Field(0, (_hull(everything(field, size).windows[0] for field, size in seeing),))
    period = math.lcm(*(len(field.windows) for field, _ in seeing))
    windows = tuple(_hull(field.window(unit) for field, _ in seeing) for unit in range(period))
    return Field(round(seeing[0][0].stride * period), windows)


def is_from_keras_or_here(operation: keras.Operation) -> bool:
    """Tells whether a class is Keras's or this package's own: a subclass from elsewhere may do something else."""
    return type(operation).__module__.split(".")[0] in ("keras", "keras_course")


def is_known(operation: keras.Operation) -> bool:
    """Tells whether it is known what the outputs of a layer, or of an operation such as `x + y`, see.

    A layer with windows whose `data_format` is "channels_first" isn't: its windows would reach over channels.
    """
    if not is_from_keras_or_here(operation):
        return False
    if isinstance(operation, keras.layers.UpSampling2D) and operation.interpolation not in ("nearest", "bilinear"):
        return False
    if isinstance(operation, WINDOWS):
        return operation.data_format == LAYOUT
    if isinstance(operation, keras.layers.Bidirectional):
        return is_known(operation.forward_layer) and is_known(operation.backward_layer)
    return (
        isinstance(operation, (*FRAMES, *WHOLE_MAP, *MERGES, *IN_PLACE, *RECURRENT))
        or type(operation).__name__ in OPERATORS
    )


def fields_of(
    operation: keras.Operation | None, fields: Sequence[Fields | None], shapes: Sequence[Shape]
) -> Fields | None:
    """Returns the receptive fields of the outputs of a layer; None if they aren't known.

    Args:
        operation: A layer, or an operation; None for an input of the network.
        fields: Those of each input, None where they aren't known.
        shapes: The shape of each input, then that of the output.
    """
    *inputs, output = shapes
    if operation is None:
        return (Field(), Field()) if len(output) == 4 else (BLIND, BLIND)
    known = [field for field in fields if field is not None]
    if len(known) < len(fields) or not is_known(operation):
        return None
    return fields_behind(operation, known, inputs, output)


def fields_behind(
    operation: keras.Operation, fields: Sequence[Fields], shapes: Sequence[Shape], output_shape: Shape
) -> Fields:
    """Returns the receptive fields of the outputs of a layer.

    Args:
        operation: A layer, or an operation, for which `is_known` holds.
        fields: Those of each input, along the height and along the width.
        shapes: The shape of each input.
        output_shape: The shape of the output.
    """
    layout = LAYOUT
    sizes = [map_size(shape, layout) for shape in shapes]
    whole = isinstance(operation, WHOLE_MAP) or _mixes_positions(operation, shapes[0])
    behind = []
    for axis in (0, 1):
        size = max(size[axis] for size in sizes)
        field = merged([field[axis] for field in fields], [size[axis] for size in sizes])
        if whole:
            field = everything(field, size)
        elif isinstance(operation, FRAMES):
            field = _behind_frame(operation, axis, field)
        elif isinstance(operation, WINDOWS):
            field = _behind_windows(operation, axis, field, size, map_size(output_shape, layout)[axis])
        behind.append(field)
    return behind[0], behind[1]


def map_size(shape: Shape, layout: str) -> tuple[int, int]:
    """Returns height and width of a map; 1 and 1 for a vector, whose units all see the same.

    Args:
        shape: With the batch axis.
        layout: "channels_last" or "channels_first".
    """
    first = FIRST_AXIS[layout]
    return (shape[first], shape[first + 1]) if len(shape) == 4 else (1, 1)


def _behind_frame(layer: Any, axis: int, field: Field) -> Field:
    """Returns the field behind zero padding or cropping; with the other `data_format` it frames channels too."""
    side = axis + FIRST_AXIS[LAYOUT] - FIRST_AXIS[layer.data_format]
    if side not in (0, 1):
        return field
    cropping = isinstance(layer, keras.layers.Cropping2D)
    return through_kernel(field, 1, padding=-layer.cropping[side][0] if cropping else layer.padding[side][0])


def _behind_windows(layer: Any, axis: int, field: Field, size: int, output_size: int) -> Field:
    """Returns the field behind a layer with windows; "same" pads or crops as much before as after, or one less."""
    if isinstance(layer, keras.layers.UpSampling2D):
        return through_upsampling(field, layer.size[axis], bilinear=layer.interpolation == "bilinear")
    pooling = isinstance(layer, POOLINGS)
    kernel_size, stride = (layer.pool_size if pooling else layer.kernel_size)[axis], layer.strides[axis]
    dilation = 1 if pooling else layer.dilation_rate[axis]
    transposed = isinstance(layer, keras.layers.Conv2DTranspose)
    small, large = (size, output_size) if transposed else (output_size, size)
    excess = max((small - 1) * stride + (kernel_size - 1) * dilation + 1 - large, 0)
    before = excess // 2 if layer.padding == "same" else 0
    if transposed:
        return through_transposed_kernel(field, kernel_size, stride=stride, crop=before, dilation=dilation)
    return through_kernel(field, kernel_size, stride=stride, padding=before, dilation=dilation)


def _mixes_positions(layer: Any, shape: Shape) -> bool:
    """Tells whether a layer that works along an axis does so along the height or the width of a map."""
    if not isinstance(layer, keras.layers.Concatenate | keras.layers.Softmax | keras.layers.LayerNormalization):
        return False
    axes = layer.axis if isinstance(layer.axis, list | tuple) else [layer.axis]
    first = FIRST_AXIS[LAYOUT]
    return len(shape) == 4 and any(axis % len(shape) in (first, first + 1) for axis in axes)


def _resample(field: Field, sources: Callable[[int], Iterable[int]], *, down: int, up: int) -> Field:
    """Returns the field of units that see `sources(unit)`, where `down` new units make as long a way as `up` old."""
    shared = math.gcd(down, up * len(field.windows))
    period = up * len(field.windows) // shared
    windows = tuple(_hull(field.window(source) for source in sources(unit)) for unit in range(period))
    return Field(field.step * down // shared, windows)


def _hull(windows: Iterable[tuple[float, float]]) -> tuple[float, float]:
    return reduce(lambda a, b: (min(a[0], b[0]), max(a[1], b[1])), windows, NOTHING)
