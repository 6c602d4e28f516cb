"""The calls of layers that a network is made of, in forward order, with the shapes that one image takes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One call of a layer in a network.

    Args:
        name: Name of the layer, `inner/layer` for one of a model inside the model.
        layer: The layer, or the operation for `x + y` and the like; None for an input of the network.
        inputs: The tensors that it takes, each an output of a call before.
        outputs: The tensors that it returns.
        args: What it is called with: `Recorder.source` gives the tensors of `inputs` for those in here.
        kwargs: The same by name.
    """

    name: str
    layer: keras.Operation | None
    inputs: tuple[keras.KerasTensor, ...]
    outputs: tuple[keras.KerasTensor, ...]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The class of the layer."""
        return "InputLayer" if self.layer is None else type(self.layer).__name__


def layer_calls(model: keras.Model) -> list[LayerCall]:
    """Lists the calls of layers in a network: after all calls that a call depends on, and branch by branch.

    The calls inside a model that is part of the network take its place.

    Args:
        model: A functional or sequential model with inputs of a fixed size. It is left as it is.

    Raises:
        ValueError: If `model` is no functional or sequential model, or the size of its inputs is not fixed.
    """
    message = "`model` must be a functional or built sequential keras.Model with inputs of a fixed size. Received:"
    if not isinstance(model, keras.Model) or not getattr(model, "inputs", None):
        raise ValueError(f"{message} model={model!r}")
    shapes = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    if any(size is None for shape in shapes for size in shape):
        raise ValueError(f"{message} model={model!r} with inputs of {', '.join(map(str, shapes))}")
    recorder = Recorder()
    inputs = [keras.KerasTensor((1, *tensor.shape[1:]), dtype=tensor.dtype) for tensor in model.inputs]
    outputs = recorder.walk(model, inputs)
    return _branch_by_branch(recorder.calls, outputs)


def _branch_by_branch(calls: list[LayerCall], outputs: list[keras.KerasTensor]) -> list[LayerCall]:
    """Sorts calls so that a branch is finished before the next begins, where Keras goes level by level."""
    producers = {id(tensor): call for call in calls for tensor in call.outputs}
    done = {id(call): call for call in calls if call.layer is None}
    stack = [producers[id(tensor)] for tensor in reversed(outputs)]
    while stack:
        before = [producers[id(tensor)] for tensor in stack[-1].inputs]
        missing = next((call for call in before if id(call) not in done), None)
        if missing is None:
            call = stack.pop()
            done[id(call)] = call
        else:
            stack.append(missing)
    return list(done.values())


class Recorder:
    """Sends an image through copies of graphs whose nodes are probes: no layer of the model notices.

    Attributes:
        calls: Of layers and inputs of the network, in Keras's order, those of inner models in their place.
        named: The same, with each inner model behind its calls, and with its inputs before them.
    """

    def __init__(self):
        self.calls: list[LayerCall] = []
        self.named: list[LayerCall] = []
        self._sources: dict[int, tuple[keras.KerasTensor, keras.KerasTensor]] = {}  # id -> (tensor, where it is from)

    def walk(self, model: keras.Model, inputs: list[keras.KerasTensor], prefix: str = "") -> list[keras.KerasTensor]:
        """Records the calls of a model on `inputs` and returns its outputs."""
        graph = keras.Model(model.inputs, model.outputs, name=model.name)  # uncompiled, no subclass
        names = {id(one.output): one.name for one in graph.layers if isinstance(one, keras.layers.InputLayer)}
        for tensor, published in zip(inputs, model.inputs, strict=True):
            name = prefix + names.get(id(published), published.name)
            self._add(LayerCall(name, None, (), (tensor,)), is_call=not prefix)
        entries = [  # a model casts what it gets
            keras.Input(batch_shape=tensor.shape, dtype=published.dtype, name=f"input{number}")
            for number, (tensor, published) in enumerate(zip(inputs, model.inputs, strict=True), 1)
        ]
        self._link(entries, inputs)
        copy = keras.models.clone_model(
            graph,
            input_tensors=entries,
            clone_function=lambda layer: layer,
            call_function=lambda layer, *args, **kwargs: self._call(layer, prefix, args, kwargs),
        )
        return [self.source(tensor) for tensor in copy.outputs]

    def _call(self, layer: Any, prefix: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        leaves = keras.tree.flatten((args, kwargs))
        inputs = [self.source(leaf) for leaf in leaves if isinstance(leaf, keras.KerasTensor)]
        if isinstance(layer, keras.Model) and getattr(layer, "inputs", None):
            inner = self.walk(layer, inputs, f"{prefix}{layer.name}/")
            copies = [keras.KerasTensor(tensor.shape, dtype=tensor.dtype) for tensor in inner]
            specs = keras.tree.pack_sequence_as(layer.output, copies)
            outputs = _Probe(lambda *_, **__: specs, len(self._sources))(*args, **kwargs)
            self._link(keras.tree.flatten(outputs), inner)
            self._add(LayerCall(prefix + layer.name, layer, tuple(inputs), tuple(inner)), is_call=False)
        else:
            outputs = _Probe(layer.compute_output_spec, len(self._sources))(*args, **kwargs)
            flat = keras.tree.flatten(outputs)
            self._link(flat, flat)
            self._add(LayerCall(prefix + layer.name, layer, tuple(inputs), tuple(flat), args, kwargs), is_call=True)
        return outputs

    def _add(self, call: LayerCall, *, is_call: bool) -> None:
        self.named.append(call)
        if is_call:
            self.calls.append(call)

    def _link(self, tensors: list[keras.KerasTensor], sources: list[keras.KerasTensor]) -> None:
        self._sources |= {id(tensor): (tensor, source) for tensor, source in zip(tensors, sources, strict=True)}

    def source(self, tensor: keras.KerasTensor) -> keras.KerasTensor:
        """Returns the output of a call that a tensor of a graph's copy stands for."""
        return self._sources[id(tensor)][1]


class _Probe(keras.Operation):
    """Stands for a layer in the copy of a graph: computes shapes only."""

    def __init__(self, compute_output_spec: Callable[..., Any], number: int):
        super().__init__(name=f"probe{number}")
        self._compute_output_spec = compute_output_spec

    def compute_output_spec(self, *args, **kwargs):
        """Returns the shapes and dtypes of the outputs of the layer."""
        return self._compute_output_spec(*args, **kwargs)
