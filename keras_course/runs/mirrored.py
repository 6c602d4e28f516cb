"""A copy of a model under a `tf.distribute` strategy, which is trained in its place: see replicas.py."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import keras

from keras_course.reading import first_cause, reason
from keras_course.runs.replicas import Replicas
from keras_course.runs.seeds import own_seed
from keras_course.runs.state import array_of, assign_all
from keras_course.runs.synchronized import SynchronizedNormalization

Compile = Callable[[keras.Model, keras.optimizers.Optimizer], None]


class Trainable(Protocol):
    """What `mirrored` needs of the settings of a training."""

    @property
    def strategy(self) -> Any:
        """A `tf.distribute` strategy, or None."""

    @property
    def synchronized(self) -> bool:
        """Whether batch normalisation takes its statistics over all replicas."""

    def new_optimizer(self, model: keras.Model) -> keras.optimizers.Optimizer:
        """Returns a fresh optimizer for a model, equal to the compiled one."""


@contextlib.contextmanager
def mirrored(model: keras.Model, settings: Trainable, compile: Compile | None = None) -> Iterator[keras.Model]:
    """Has the block train a copy of a model on the replicas of a strategy, and hands back what the copy has learned.

    Args:
        model: Compiled. At the end of the block it has the weights of the copy, its optimizer the state of the copy's.
        settings: Of the training; without a strategy the block gets the model itself.
        compile: Compiles a model with an optimizer, as `model` is.

    Yields:
        What is to be trained, with its optimizer built.

    Raises:
        ValueError: If the model can't be made anew from its configuration.
    """
    if settings.strategy is None:
        model.optimizer.build(model.trainable_variables)
        yield model
        return
    if compile is None:
        raise ValueError(
            "`strategy` must be None: only classifiers are trained on several devices or workers so far. "
            f"Received: strategy={settings.strategy!r}"
        )
    with own_seed(0), settings.strategy.scope():
        copy = rebuilt(model, synchronized=settings.synchronized)
        optimizer = settings.new_optimizer(copy)
        optimizer.build(copy.trainable_variables)
    compile(copy, optimizer)
    assign_all(copy.variables, [array_of(variable) for variable in model.variables])
    Replicas(copy, settings.strategy).take_over()
    yield copy
    model.optimizer.build(model.trainable_variables)
    for ours, theirs in ((model, copy), (model.optimizer, copy.optimizer)):
        assign_all(ours.variables, [array_of(variable) for variable in theirs.variables])


def rebuilt(model: keras.Model, *, synchronized: bool = False) -> keras.Model:
    """Makes a model of the same layers, with variables of its own.

    Args:
        model: Functional or sequential.
        synchronized: Whether batch normalisation takes its statistics over all replicas.

    Raises:
        ValueError: If a layer can't be made anew from its configuration, or comes out otherwise.
    """

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        plain = type(layer) is keras.layers.BatchNormalization
        kind = SynchronizedNormalization if synchronized and plain else type(layer)
        return kind.from_config(layer.get_config())

    try:
        copy = keras.models.clone_model(model, clone_function=clone, recursive=True)
        if _outline(copy) != _outline(model):
            raise ValueError("the copy has other weights")
        return copy
    except Exception as error:  # layers of one's own raise anything
        raise ValueError(
            "`strategy` needs a model whose layers can be made anew from their configuration: give classes of your own "
            "a get_config that returns all arguments of their constructor, as keras.layers.Layer.get_config shows. "
            f"Received: model={model.name!r} ({reason(first_cause(error))})"
        ) from error


def _outline(model: keras.Model) -> list[Any]:
    return [(tuple(one.shape), one.dtype, one.trainable) for one in model.variables]
