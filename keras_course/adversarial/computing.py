"""A net that computes in bfloat16, with its own weights, which stay in float32."""

from typing import Any

import keras
import tensorflow as tf

from keras_course.arguments import require_choice
from keras_course.runs.mirrored import PRECISIONS, rebuilt
from keras_course.runs.seeds import own_seed


class Computing:
    """Calls a net with its layers in a precision of their own.

    Args:
        net: Functional or sequential.
        precision: "float32", or "bfloat16" for all layers but those that make the output, see `rebuilt`.

    Raises:
        ValueError: If `precision` is unknown, or a layer can't be made anew from its configuration.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> from keras_course.adversarial import Computing
        >>> hidden = keras.layers.Dense(1, kernel_initializer="ones")
        >>> net = keras.Sequential([keras.Input((1,)), hidden, keras.layers.Dense(1, kernel_initializer="ones")])
        >>> third = np.array([[1 / 3]], np.float32)
        >>> [round(float(Computing(net, precision)(third)[0, 0]), 5) for precision in ("float32", "bfloat16")]
        [0.33333, 0.33398]

    Source: Micikevicius et al. (2018), arXiv:1710.03740: weights and their updates in float32.
    """

    def __init__(self, net: keras.Model, precision: str):
        require_choice("precision", precision, PRECISIONS)
        self.net = net
        self._losses: list[Any] = []
        with own_seed(0):  # first weights that are never used: the caller's random numbers stay
            self._copy = None if precision == "float32" else rebuilt(net, precision=precision)

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """Computes the outputs; in training the net's moving averages and random states take their step.

        Args:
            inputs: Of the net, or a list of them, each (batch, ...).
            training: Whether dropout and batch normalisation work as in training.

        Returns:
            What the net returns, (batch, ...), float32.
        """
        if self._copy is None:
            return self.net(inputs, training=training)
        learned, kept = (
            [tf.convert_to_tensor(variable.value) for variable in variables]
            for variables in (self.net.trainable_variables, self.net.non_trainable_variables)
        )
        outputs, changed, self._losses = self._copy.stateless_call(
            learned, kept, inputs, training=training, return_losses=True
        )
        for variable, before, after in zip(self.net.non_trainable_variables, kept, changed, strict=True):
            if after is not before:
                variable.assign(after)
        return outputs

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """What the net learns."""
        return self.net.trainable_variables

    @property
    def losses(self) -> list[Any]:
        """The penalties on weights and, of the last call, on activations."""
        return self.net.losses if self._copy is None else self._losses
