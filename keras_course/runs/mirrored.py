"""A copy of a model that is trained in its place: under a `tf.distribute` strategy (replicas.py), or in bfloat16."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import keras

from keras_course.models.layers import FusedBatchNormalization
from keras_course.reading import first_cause, reason
from keras_course.runs.replicas import Replicas
from keras_course.runs.seeds import own_seed
from keras_course.runs.state import array_of, assign_all
from keras_course.runs.synchronized import SynchronizedNormalization

PRECISIONS = ("float32", "bfloat16")
NORMALISATIONS = keras.layers.BatchNormalization, FusedBatchNormalization, SynchronizedNormalization
Compile = Callable[[keras.Model, keras.optimizers.Optimizer], None]


class Trainable(Protocol):
    """What `mirrored` needs of the settings of a training."""

    @property
    def strategy(self) -> Any:
        """A `tf.distribute` strategy, or None."""

    @property
    def precision(self) -> str:
        """In what the layers compute, "float32" or "bfloat16"."""

    @property
    def synchronized(self) -> bool:
        """Whether batch normalisation takes its statistics over all replicas."""

    def new_optimizer(self, model: keras.Model) -> keras.optimizers.Optimizer:
        """Returns a fresh optimizer for a model, equal to the compiled one."""


@contextlib.contextmanager
def mirrored(model: keras.Model, settings: Trainable, compile: Compile | None = None) -> Iterator[keras.Model]:
    """Has the block train a copy of a model where it can't be trained itself, and hands back what the copy has learned.

    That is on the replicas of a strategy, or where layers compute in bfloat16, with weights in float32 all the same.

    Args:
        model: Compiled. At the end of the block it has the weights of the copy, its optimizer the state of the copy's.
        settings: Of the training; in float32 on one device the block gets the model itself.
        compile: Compiles a model with an optimizer, as `model` is.

    Yields:
        What is to be trained, with its optimizer built.

    Raises:
        ValueError: If the model can't be made anew from its configuration.
    """
    if settings.strategy is None and settings.precision == "float32":
        model.optimizer.build(model.trainable_variables)
        yield model
        return
    if compile is None:
        raise ValueError(
            "`strategy` must be None, and `precision` 'float32', for this task so far. "
            f"Received: strategy={settings.strategy!r}, precision={settings.precision!r}"
        )
    with own_seed(0), contextlib.nullcontext() if settings.strategy is None else settings.strategy.scope():
        copy = rebuilt(model, synchronized=settings.synchronized, precision=settings.precision)
        optimizer = settings.new_optimizer(copy)
        optimizer.build(copy.trainable_variables)
    compile(copy, optimizer)
    assign_all(copy.variables, [array_of(variable) for variable in model.variables])
    if settings.strategy is not None:
        Replicas(copy, settings.strategy).take_over()
    yield copy
    model.optimizer.build(model.trainable_variables)
    for ours, theirs in ((model, copy), (model.optimizer, copy.optimizer)):
        assign_all(ours.variables, [array_of(variable) for variable in theirs.variables])


def rebuilt(model: keras.Model, *, synchronized: bool = False, precision: str = "float32") -> keras.Model:
    """Makes a model of the same layers, with variables of its own.

    Args:
        model: Functional or sequential.
        synchronized: Whether batch normalisation takes its statistics over all replicas.
        precision: In which layers of the policy "float32" compute; those that make the outputs stay as they are, since
            a loss of logits of eight significant bits would be as coarse. Where a layer without weights makes an
            output, those that make what it reads stay too; where a model inside the model does, its last layers.

    Raises:
        ValueError: If a layer can't be made anew from its configuration, or comes out otherwise; or if batch
            normalisation of one's own is to be synchronized.
    """
    last = _makers(model.outputs)
    _check_normalisations(model, synchronized)

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        kind = SynchronizedNormalization if synchronized and type(layer) in NORMALISATIONS else type(layer)
        config = layer.get_config()
        policy = getattr(layer, "dtype_policy", None)  # an operation such as x + y has none
        if precision == "bfloat16" and policy is not None and policy.name == "float32" and id(layer) not in last:
            config["dtype"] = "mixed_bfloat16"
        return kind.from_config(config)

    try:
        copy = keras.models.clone_model(model, clone_function=clone, recursive=True)
        if _outline(copy) != _outline(model):
            raise ValueError("the copy has other weights")
        return copy
    except Exception as error:  # layers of one's own raise anything
        argument = "strategy" if precision == "float32" else "precision"
        raise ValueError(
            f"`{argument}` needs a model whose layers can be made anew from their configuration: give classes of your "
            "own a get_config that returns all arguments of their constructor, as keras.layers.Layer.get_config shows. "
            f"Received: model={model.name!r} ({reason(first_cause(error))})"
        ) from error


def _check_normalisations(model: keras.Model, synchronized: bool) -> None:
    for layer in model._flatten_layers() if synchronized else ():
        if isinstance(layer, keras.layers.BatchNormalization) and type(layer) not in NORMALISATIONS:
            raise ValueError(
                "`synchronized` needs keras.layers.BatchNormalization itself, not a class made from it. "
                f"Received: synchronized=True and {layer.name!r}, a {type(layer).__name__}"
            )


def _makers(tensors: list[keras.KerasTensor]) -> set[int]:
    """Returns the ids of the layers that make tensors, and of those that make what one without weights reads."""
    waiting, seen = list(tensors), set()
    while waiting:
        layer, node, _ = waiting.pop()._keras_history
        if (id(layer), node) in seen:
            continue
        seen.add((id(layer), node))
        waiting += getattr(layer, "outputs", None) or []  # of a model inside the model
        if not getattr(layer, "weights", None):
            waiting += layer._inbound_nodes[node].input_tensors
    return {layer for layer, _ in seen}


def _outline(model: keras.Model) -> list[Any]:
    return [(tuple(one.shape), one.dtype, one.trainable) for one in model.variables]
