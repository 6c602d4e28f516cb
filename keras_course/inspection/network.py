"""A model as one flat graph, models inside it included: its layers by path, and the values between them."""

import difflib
import inspect
import random
from collections.abc import Callable, Collection
from typing import Any

import keras

from keras_course.inspection.layer_calls import LayerCall, Recorder
from keras_course.inspection.layers import check_model
from keras_course.inspection.quick_convolution import QuickConvolution, is_quick
from keras_course.models.conventions import main_output

MOST_NAMES = 40  # in a message; a ResNet-152 has more than 500 layers
CONVOLUTIONS_AND_TRANSPOSED = (  # and their subclasses, such as GroupedConv2D
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


class Network:
    """The calls of layers that a model is made of, which can be run up to any of them.

    The model is left as it is: its layers get no further place in a graph.

    Args:
        model: A functional or sequential model with one image input; of models inside it the calls take their place.
        main_only: Whether only what leads to the first output counts, without auxiliary heads.

    Attributes:
        calls: In Keras's order, the input first.
        output: The first output.

    Raises:
        ValueError: If `model` is none such.
    """

    def __init__(self, model: keras.Model, *, main_only: bool = False):
        check_model(model)
        self.name = model.name
        self._recorder = Recorder()
        self._input = keras.KerasTensor(model.inputs[0].shape, dtype=model.inputs[0].dtype)
        main = main_output(model)
        part = keras.Model(model.inputs, main, name=model.name) if main_only else model
        outputs = self._recorder.walk(part, [self._input])
        self.output = next(out for out, made in zip(outputs, part.outputs, strict=True) if made is main)
        self.calls = self._recorder.calls

    def find(self, layer: str) -> LayerCall:
        """Returns the first call of the layer, or of the inner model, of that name.

        Args:
            layer: As in `model.layers`, or a path into inner models such as "backbone/last_conv".

        Raises:
            ValueError: If there is none, or it has several outputs.
        """
        calls = {call.name: call for call in reversed(self._recorder.named)}
        if not isinstance(layer, str) or layer not in calls:
            names = [call.name for call in self.calls]
            inside = [name for name in names if name.endswith(f"/{layer}")]
            near = inside or difflib.get_close_matches(str(layer), list(calls), n=3, cutoff=0.5)
            hint = f" (did you mean {' or '.join(map(repr, near[:3]))}?)" if near else ""
            listed = ", ".join(names[:MOST_NAMES]) + (f", … ({len(names)} layers)" if len(names) > MOST_NAMES else "")
            raise ValueError(f"`layer` must name a layer of {self.name}: {listed}. Received: layer={layer!r}{hint}")
        found = calls[layer]
        if len(found.outputs) != 1:
            raise ValueError(
                f"`layer` must have one output. Received: layer={layer!r} with {len(found.outputs)} outputs"
            )
        return found

    def find_map(self, layer: str) -> LayerCall:
        """Returns what `find` does.

        Raises:
            ValueError: As `find` does, or if the output hasn't the shape (batch, height, width, filters).
        """
        found = self.find(layer)
        if len(found.outputs[0].shape) != 4:
            raise ValueError(
                "`layer` must have an output of shape (batch, height, width, filters). "
                f"Received: layer={layer!r} with output {tuple(found.outputs[0].shape)}"
            )
        return found

    def convolutions(self) -> list[LayerCall]:
        """Lists the calls of convolutions, transposed ones too."""
        return [call for call in self.calls if isinstance(call.layer, CONVOLUTIONS_AND_TRANSPOSED)]

    def last_map(self) -> LayerCall:
        """Returns the call whose output is the last feature map before the output of a network that is `main_only`.

        It is the last convolution whose map has more than one pixel (or the last one, where none has), or the last
        layer behind it whose map is as high and wide and that neither pools nor drops out: normalisation, activation,
        sum. Its output has shape (batch, height, width, filters).

        Raises:
            ValueError: If no convolution leads to the output.
        """
        convolutions = self.convolutions()
        if not convolutions:
            raise ValueError(f"`model` must have a convolutional layer. Received: {self.name} without one")
        last = next((call for call in reversed(convolutions) if _map_size(call) != (1, 1)), convolutions[-1])
        behind = [
            call
            for call in self.calls[self.calls.index(last) + 1 :]
            if _map_size(call) == _map_size(last) and not isinstance(call.layer, (*RESIZING_OR_DROPOUT, keras.Model))
        ]
        # not on another branch
        return next(call for call in reversed([last, *behind]) if last in self.leading_to(call.outputs[0]))

    def run(self, images: Any, *tensors: keras.KerasTensor) -> list[Any]:
        """Computes the values of tensors as in prediction, without dropout, and nothing that they don't need.

        Args:
            images: Numbers of shape (batch, height, width, channels), of any size that the layers can take.
            tensors: Outputs of calls.
        """
        return self._run({id(self._input): images}, tensors, {})

    def function(
        self, *tensors: keras.KerasTensor, dtype_policy: str | None = None, source: keras.KerasTensor | None = None
    ) -> Callable[[Any], list[Any]]:
        """Returns the function that `run` computes, for loops: with the weights of now, and a faster gradient.

        Args:
            tensors: Outputs of calls.
            dtype_policy: Name of a Keras dtype policy under which copies of the layers compute; None takes the layers
                themselves. Python's random numbers, which initial weights draw on, go on as if no copy were made.
            source: An output of a call, on which alone they depend, whose value the function takes in place of images.

        Raises:
            ValueError: If there is no such policy.
        """
        policy = None if dtype_policy is None else _policy(dtype_policy)
        start = self._input if source is None else source
        layers = {id(call.layer): call for call in self.leading_to(*tensors, known={id(start)})}
        copies: dict[int, Any] = {
            key: QuickConvolution(call.layer, policy and policy.compute_dtype)
            for key, call in layers.items()
            if is_quick(call.layer)
        }
        if policy is not None:
            copies |= _copies([call for key, call in layers.items() if key not in copies], policy)
        return lambda value: self._run({id(start): value}, tensors, copies)

    def _run(self, known: dict[int, Any], tensors: tuple[keras.KerasTensor, ...], copies: dict[int, Any]) -> list[Any]:
        """Computes tensors from the values of others, by id."""
        values = dict(known)
        if id(self._input) in values:
            values[id(self._input)] = keras.ops.cast(values[id(self._input)], self._input.dtype)

        def value(leaf: Any) -> Any:
            if not isinstance(leaf, keras.KerasTensor):
                return leaf
            source = self._recorder.source(leaf)
            found = values[id(source)]
            return found if leaf is source else keras.ops.cast(found, leaf.dtype)

        for call in self.leading_to(*tensors, known=known):
            if call.layer is not None:
                layer = copies.get(id(call.layer), call.layer)
                args, kwargs = keras.tree.map_structure(value, (call.args, call.kwargs))
                if "training" in inspect.signature(layer.call).parameters:
                    kwargs["training"] = False
                outputs = layer(*args, **kwargs)
                values |= dict(zip(map(id, call.outputs), keras.tree.flatten(outputs), strict=True))
        return [values[id(tensor)] for tensor in tensors]

    def leading_to(self, *tensors: keras.KerasTensor, known: Collection[int] = ()) -> list[LayerCall]:
        """Lists the calls that tensors, outputs of calls, depend on, in order; not those of tensors of known ids."""
        needed, found = {id(tensor) for tensor in tensors}, []
        for call in reversed(self.calls):
            if needed.difference(known).intersection(map(id, call.outputs)):
                needed.update(map(id, call.inputs))
                found.append(call)
        return found[::-1]


def _policy(name: str) -> keras.dtype_policies.DTypePolicy:
    try:
        return keras.dtype_policies.get(name)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`dtype_policy` must name a Keras dtype policy. Received: dtype_policy={name!r}") from error


def _copies(calls: list[LayerCall], policy: keras.dtype_policies.DTypePolicy) -> dict[int, Any]:
    """Returns copies, with their weights, of the layers that are called, by the id of the layer."""
    copies: dict[int, Any] = {}
    state = random.getstate()
    try:
        for call in calls:
            layer = call.layer
            if isinstance(layer, keras.layers.Layer):
                config = layer.get_config()
                copy = type(layer).from_config(config | {"dtype": policy} if "dtype" in config else config)
                copy(*call.args, **call.kwargs)  # builds it
                copy.set_weights(layer.get_weights())
                copies[id(layer)] = copy
    finally:
        random.setstate(state)
    return copies


def _map_size(call: LayerCall) -> tuple[int | None, ...] | None:
    """Returns height and width of a call's output; None if that is no feature map."""
    shape = call.outputs[0].shape if len(call.outputs) == 1 else ()
    return tuple(shape[1:3]) if len(shape) == 4 else None
