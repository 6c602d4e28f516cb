"""What each Keras layer sees of the maps before it: the receptive fields of its outputs from those of its inputs."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_course.inspection.receptive_field import (
    Field,
    everything,
    merged,
    through_kernel,
    through_transposed_kernel,
    through_upsampling,
)
from keras_course.models.layers.local_response_normalization import LocalResponseNormalization

Fields = tuple[Field, Field]  # along the height and along the width
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
OPERATORS = ("Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Negative", "Relu", "Sigmoid", "Tanh")  # x + y, ...
FRAMES = (keras.layers.ZeroPadding2D, keras.layers.Cropping2D)
WINDOWS = (*CONVOLUTIONS, *POOLINGS, keras.layers.Conv2DTranspose, keras.layers.UpSampling2D)
FIRST_AXIS = {"channels_last": 1, "channels_first": 2}  # of height and width


def is_from_keras_or_here(operation: keras.Operation) -> bool:
    """Tells whether a class is Keras's or this package's own: a subclass from elsewhere may do something else."""
    return type(operation).__module__.split(".")[0] in ("keras", "keras_course")


def is_known(operation: keras.Operation) -> bool:
    """Tells whether it is known what the outputs of a layer, or of an operation such as `x + y`, see.

    A layer with windows whose `data_format` isn't Keras's own setting isn't: its windows would reach over channels.
    """
    if not is_from_keras_or_here(operation):
        return False
    if isinstance(operation, keras.layers.UpSampling2D) and operation.interpolation not in ("nearest", "bilinear"):
        return False
    if isinstance(operation, WINDOWS):
        return operation.data_format == keras.config.image_data_format()
    return isinstance(operation, (*FRAMES, *WHOLE_MAP, *MERGES, *IN_PLACE)) or type(operation).__name__ in OPERATORS


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
    layout = keras.config.image_data_format()
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
    side = axis + FIRST_AXIS[keras.config.image_data_format()] - FIRST_AXIS[layer.data_format]
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
    first = FIRST_AXIS[keras.config.image_data_format()]
    return len(shape) == 4 and any(axis % len(shape) in (first, first + 1) for axis in axes)
