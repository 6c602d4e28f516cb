"""The twin of a model's train function, whose train step records what its optimizers are given."""

import contextlib
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any

import keras

from keras_course.callbacks.gradient_monitor.recorder import GradientRecorder

SUMMED = "_gradients_are_summed"  # marks a model whose train step sums over its replicas before it applies
# Past Keras's tracking of attributes, which takes microseconds in each step and is for the state of a model.
_set = object.__setattr__


class ArmedFunction:
    """Stands in for `model.train_function` for one step: gives the original back, then runs its recording twin.

    Args:
        model: The compiled model.
        original: The model's own train function.
        recorders: One for each optimizer of the model.
    """

    def __init__(self, model: keras.Model, original: Any, recorders: list[GradientRecorder]):
        self.original = original
        self._model = model
        self._twin = _recording_twin(model, original, recorders)
        self._history = model.history

    def arm(self) -> None:
        """Takes the place of the train function for the next step."""
        _set(self._model, "train_function", self)

    def __call__(self, iterator):
        """Runs the step."""
        _set(self._model, "train_function", self.original)
        # If the `fit` that armed this failed before its step, this is another `fit` or `train_on_batch`: not watched.
        watched = self._model.history is self._history and not isinstance(iterator, GeneratorType)
        return (self._twin if watched else self.original)(iterator)


def optimizers_of(model: keras.Model) -> dict[str, keras.optimizers.Optimizer]:
    """Finds the compiled optimizer and those that a model of one's own keeps beside it (a GAN's, say), each once.

    Args:
        model: A Keras model, compiled or not.

    Returns:
        Name -> optimizer, the compiled one first: the attribute that holds it, `<attribute>_<key>` in a dict or list;
        "optimizer" for the compiled one, unless another attribute holds it too.
    """
    own = {name: value for name, value in vars(model).items() if name != "optimizer"}
    held: list[tuple[str, Any]] = [*own.items(), ("optimizer", model.optimizer)]
    for name, value in own.items():  # last, since TensorFlow keeps all attributes once more in a dict of its own
        if isinstance(value, dict | list | tuple):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            held += [(f"{name}_{part}", inner) for part, inner in parts]
    unique: dict[int, tuple[str, Any]] = {}
    for name, value in held:
        if isinstance(value, keras.optimizers.Optimizer):
            unique.setdefault(id(value), (name, value))
    return dict(sorted(unique.values(), key=lambda pair: pair[1] is not model.optimizer))


def trainable_variables_by_layer(model: keras.Model) -> dict[str, list[Any]]:
    """Groups a model's trainable variables by layer, in forward order.

    Args:
        model: A Keras model; layers of nested models are named `inner/layer`, a second layer of a name `name#2`.

    Returns:
        Layer name -> its trainable variables; a variable shared by two layers belongs to the first. Variables that
        the model itself owns come last, under the model's name.
    """
    groups: dict[str, list[Any]] = {}
    taken: set[int] = set()
    for name, variables in _layers(model):
        new = [variable for variable in variables if id(variable) not in taken]
        taken.update(map(id, new))
        if new:
            copies = sum(other.rpartition("#")[0] == name or other == name for other in groups)
            groups[f"{name}#{copies + 1}" if copies else name] = new
    return groups


def _layers(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, list[Any]]]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{prefix}{layer.name}/")
        else:
            yield prefix + layer.name, layer.trainable_variables
    yield prefix + model.name, model.trainable_variables


def _recording_twin(model: keras.Model, original: Any, recorders: list[GradientRecorder]) -> Callable:
    """Lets the model make a second train function, whose train step records as it applies the gradients."""
    own_step = model.train_step

    def train_step(*args, **kwargs):
        with contextlib.ExitStack() as stack:
            for recorder in recorders:
                stack.enter_context(_recorded(recorder))
            return own_step(*args, **kwargs)

    with _replaced(model, "train_step", train_step), _replaced(model, "train_function", original):
        model.make_train_function(force=True)
        return model.train_function


def _recorded(recorder: GradientRecorder) -> contextlib.AbstractContextManager[None]:
    """Records every `optimizer.apply` that is called (or traced) inside the block."""
    optimizer = recorder.optimizer
    apply = optimizer.apply

    def recording_apply(grads, trainable_variables=None):
        gradients = list(grads)
        variables = list(trainable_variables or optimizer._trainable_variables)
        recorder.record(gradients, variables)
        return apply(gradients, trainable_variables=variables)

    return _replaced(optimizer, "apply", recording_apply)


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Puts `value` in the place of an attribute inside the block."""
    absent = object()
    own = vars(owner).get(name, absent)
    _set(owner, name, value)
    try:
        yield
    finally:
        object.__delattr__(owner, name)
        if own is not absent:
            _set(owner, name, own)
