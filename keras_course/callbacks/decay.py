"""Learning-rate decay: thin adapters over the laws of `numerics.schedules` (deck, chapter 6)."""

from collections.abc import Callable
from typing import Any, ClassVar

import keras

from keras_course.arguments import require_number
from keras_course.numerics.schedules import exponential_decay, inverse_time_decay, step_decay


class LearningRateDecay(keras.callbacks.Callback):
    """Sets the optimizer's learning rate at the start of each epoch to λ(t) = `law(t, λ₀, **settings)`.

    The base of the decays here, and of one of your own: give it a `law`. The rate depends on the epoch alone, so
    resuming with `initial_epoch` continues the curve. It goes to `logs["learning_rate"]`, for later callbacks to see.
    A subclass with `per = "step"` sets it at the start of each step, at t = epoch + step / steps of the epoch.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the compiled optimizer's at the first `fit`
            and keeps it for later ones with the same optimizer. After loading a model whose rate has decayed
            already, give it by number.
        **settings: What `law` needs beside t and λ₀.

    Raises:
        ValueError: If an argument is out of range; in `fit`, if the optimizer's rate is a schedule object or a second
            decay sets the rate.

    Example:
        >>> import math
        >>> from keras_course.callbacks import LearningRateDecay
        >>> class CosineDecay(LearningRateDecay):
        ...     def law(self, epoch, initial_rate, epochs):
        ...         return initial_rate * (1 + math.cos(math.pi * epoch / epochs)) / 2
        >>> decay = CosineDecay(0.1, epochs=4)
        >>> [round(decay.rate(epoch), 3) for epoch in range(5)]
        [0.1, 0.085, 0.05, 0.015, 0.0]
    """

    law: ClassVar[Callable[..., Any]]
    per = "epoch"

    def __init__(self, initial_rate: float | None = None, **settings: Any):
        super().__init__()
        if initial_rate is not None:
            require_number("initial_rate", initial_rate, above=0)
        self.law(0, initial_rate or 1.0, **settings)  # checks the settings
        self.initial_rate = initial_rate
        self.__dict__.update(settings)
        self._settings = settings
        self._optimizer: Any = None
        self._epoch = 0
        self._starting_rate = initial_rate

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.get_config().items())})"

    def rate(self, epoch: float) -> float:
        """Returns the learning rate of an epoch.

        Args:
            epoch: Number >= 0; 0 is the first, 0.5 the middle of it.

        Raises:
            ValueError: If `initial_rate` is `None` and no `fit` has begun.
        """
        if self._starting_rate is None:
            raise ValueError("`initial_rate` is None, the optimizer's, which is known only once `fit` has begun")
        return float(self.law(epoch, self._starting_rate, **self._settings))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that make an equal callback."""
        return {"initial_rate": self.initial_rate, **self._settings}

    def on_train_begin(self, logs=None):
        """Refuses a schedule object and a second decay, and takes λ₀ from the optimizer if none was given."""
        optimizer = self.model.optimizer
        if not isinstance(optimizer.learning_rate, keras.Variable):
            raise ValueError(
                f"{type(self).__name__} sets `learning_rate`, which must be a number in the optimizer. "
                f"Received: {type(optimizer).__name__} with a learning-rate schedule object. "
                "Compile with a number, or leave the callback out."
            )
        if self.per == "step" and self.params.get("steps") is None:
            raise ValueError(
                f"{type(self).__name__} by steps must know how many an epoch has. Received: data of unknown length. "
                'Give `steps_per_epoch` to `fit`, or per="epoch".'
            )
        # What all callbacks of this `fit` can see and those of the next cannot: Keras makes a History for each.
        self._fit = (getattr(self.model, "history", None) or self).__dict__
        if (first := self._fit.setdefault("learning_rate_decay", self)) is not self:
            raise ValueError(f"one learning-rate decay per `fit`: each sets the rate. Received: {first} and {self}")
        if self.initial_rate is None and optimizer is not self._optimizer:
            self._optimizer = optimizer
            self._starting_rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the rate."""
        self._epoch = epoch
        self.model.optimizer.learning_rate = self.rate(epoch)

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the rate of a decay by steps."""
        if self.per == "step":
            self.model.optimizer.learning_rate = self.rate(self._epoch + batch / self.params["steps"])

    def on_epoch_end(self, epoch, logs=None):
        """Puts the rate of the epoch, of its last step if it is set by steps, into the logs."""
        if logs is not None:
            logs["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def on_train_end(self, logs=None):
        """Makes room for the decay of another `fit`."""
        self._fit.pop("learning_rate_decay", None)


class StepDecay(LearningRateDecay):
    """Sets the learning rate to λ(t) = λ₀ dropᶠ with f = floor(t / every) at the start of epoch t.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the optimizer's.
        drop: Float in (0, 1]. The factor at each step, default 0.5: "by half".
        every: Number > 0. Epochs between two steps, default 5: "every few epochs". A fraction steps at the first whole
            epoch after, or twice in one.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.callbacks import StepDecay
        >>> decay = StepDecay(0.4, drop=0.5, every=2)
        >>> [decay.rate(epoch) for epoch in range(5)]
        [0.4, 0.4, 0.2, 0.2, 0.1]

    Source: deck, chapter 6, "step decay".
    """

    law = staticmethod(step_decay)

    def __init__(self, initial_rate: float | None = None, *, drop: float = 0.5, every: float = 5):
        super().__init__(initial_rate, drop=drop, every=every)


class ExponentialDecay(LearningRateDecay):
    """Sets the learning rate to λ(t) = λ₀ exp(-k t) at the start of epoch t.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the optimizer's.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.callbacks import ExponentialDecay
        >>> decay = ExponentialDecay(0.4, decay_rate=0.5)
        >>> [round(decay.rate(epoch), 3) for epoch in range(4)]
        [0.4, 0.243, 0.147, 0.089]

    Source: deck, chapter 6, "exponential decay".
    """

    law = staticmethod(exponential_decay)

    def __init__(self, initial_rate: float | None = None, *, decay_rate: float):
        super().__init__(initial_rate, decay_rate=decay_rate)


class InverseTimeDecay(LearningRateDecay):
    """Sets the learning rate to λ(t) = λ₀ / (1 + k t) at the start of epoch t.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the optimizer's.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.callbacks import InverseTimeDecay
        >>> decay = InverseTimeDecay(0.4, decay_rate=1)
        >>> [round(decay.rate(epoch), 3) for epoch in range(4)]
        [0.4, 0.2, 0.133, 0.1]

    Source: deck, chapter 6, "1/t decay".
    """

    law = staticmethod(inverse_time_decay)

    def __init__(self, initial_rate: float | None = None, *, decay_rate: float):
        super().__init__(initial_rate, decay_rate=decay_rate)
