"""Learning-rate decay: thin adapters over the laws of `numerics.schedules` (deck, chapter 6)."""

import math
from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.numerics.schedules import exponential_decay, inverse_time_decay, step_decay


class LearningRateDecay(keras.callbacks.Callback):
    """Sets the optimizer's learning rate at the start of each epoch to `rate(epoch)`.

    The rate goes to `logs["learning_rate"]`; callbacks that write logs see it when they come later in the list.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the compiled optimizer's at the first `fit`
            and keeps it for later ones with the same optimizer. After loading a model whose rate has decayed
            already, give it by number.

    Raises:
        ValueError: If an argument is out of range, or in `fit` if the optimizer's rate is a schedule object.
    """

    def __init__(self, initial_rate: float | None = None):
        super().__init__()
        if initial_rate is not None:
            require_number("initial_rate", initial_rate, above=0)
        self.initial_rate = initial_rate
        self._optimizer: Any = None
        self._starting_rate = initial_rate

    def law(self, epoch: int, initial_rate: float) -> float:
        """Computes λ(t) from t and λ₀; subclasses say how."""
        raise NotImplementedError

    def rate(self, epoch: int) -> float:
        """Returns the learning rate of an epoch.

        Args:
            epoch: Integer >= 0; 0 is the first.

        Raises:
            ValueError: If `initial_rate` is `None` and no `fit` has begun.
        """
        if self._starting_rate is None:
            raise ValueError("`initial_rate` is None, the optimizer's, which is known only once `fit` has begun")
        return float(self.law(epoch, self._starting_rate))

    def get_config(self) -> dict[str, float | None]:
        """Returns the arguments that make an equal callback."""
        return {"initial_rate": self.initial_rate}

    def on_train_begin(self, logs=None):
        """Refuses a schedule object and takes λ₀ from the optimizer if none was given."""
        optimizer = self.model.optimizer
        if not isinstance(optimizer.learning_rate, keras.Variable):
            raise ValueError(
                f"{type(self).__name__} sets `learning_rate`, which must be a number in the optimizer. "
                f"Received: {type(optimizer).__name__} with a learning-rate schedule object. "
                "Compile with a number, or leave the callback out."
            )
        if self.initial_rate is None and optimizer is not self._optimizer:
            self._optimizer = optimizer
            self._starting_rate = float(optimizer.learning_rate)

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the rate."""
        self.model.optimizer.learning_rate = self.rate(epoch)

    def on_epoch_end(self, epoch, logs=None):
        """Puts the rate of the epoch into the logs."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class StepDecay(LearningRateDecay):
    """Sets the learning rate to λ(t) = λ₀ dropᶠ with f = floor(t / every) at the start of epoch t.

    Depends on t alone, so resuming with `initial_epoch` continues the curve.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the optimizer's.
        drop: Float in (0, 1]. The factor at each step, default 0.5: "by half".
        every: Integer > 0. Epochs between two steps, default 5: "every few epochs".

    Raises:
        ValueError: If an argument is out of range.

    Source: deck, chapter 6, "step decay".
    """

    def __init__(self, initial_rate: float | None = None, *, drop: float = 0.5, every: int = 5):
        super().__init__(initial_rate)
        require_number("drop", drop, above=0, at_most=1)
        require_integer("every", every, at_least=1)
        self.drop = drop
        self.every = every

    def law(self, epoch: int, initial_rate: float) -> float:
        """Computes λ₀ dropᶠ with f = floor(t / every)."""
        return float(step_decay(epoch, initial_rate, self.drop, self.every))

    def get_config(self) -> dict[str, float | None]:
        """Returns the arguments that make an equal callback."""
        return {**super().get_config(), "drop": self.drop, "every": self.every}


class ExponentialDecay(LearningRateDecay):
    """Sets the learning rate to λ(t) = λ₀ exp(-k t) at the start of epoch t.

    Depends on t alone, so resuming with `initial_epoch` continues the curve.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the optimizer's.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Raises:
        ValueError: If an argument is out of range.

    Source: deck, chapter 6, "exponential decay".
    """

    def __init__(self, initial_rate: float | None = None, *, decay_rate: float):
        super().__init__(initial_rate)
        require_number("decay_rate", decay_rate, at_least=0)
        self.decay_rate = decay_rate

    def law(self, epoch: int, initial_rate: float) -> float:
        """Computes λ₀ exp(-k t)."""
        return float(exponential_decay(epoch, initial_rate, self.decay_rate))

    def get_config(self) -> dict[str, float | None]:
        """Returns the arguments that make an equal callback."""
        return {**super().get_config(), "decay_rate": self.decay_rate}


class InverseTimeDecay(LearningRateDecay):
    """Sets the learning rate to λ(t) = λ₀ / (1 + k t) at the start of epoch t.

    Depends on t alone, so resuming with `initial_epoch` continues the curve.

    Args:
        initial_rate: Float > 0. λ₀, the rate in epoch 0. `None` takes the optimizer's.
        decay_rate: Float >= 0. k, per epoch; 0 keeps the rate constant.

    Raises:
        ValueError: If an argument is out of range.

    Source: deck, chapter 6, "1/t decay".
    """

    def __init__(self, initial_rate: float | None = None, *, decay_rate: float):
        super().__init__(initial_rate)
        require_number("decay_rate", decay_rate, at_least=0)
        self.decay_rate = decay_rate

    def law(self, epoch: int, initial_rate: float) -> float:
        """Computes λ₀ / (1 + k t)."""
        return float(inverse_time_decay(epoch, initial_rate, self.decay_rate))

    def get_config(self) -> dict[str, float | None]:
        """Returns the arguments that make an equal callback."""
        return {**super().get_config(), "decay_rate": self.decay_rate}


DECAY_LAWS = ("step", "exponential", "inverse-time")


def decay_over(law: str, epochs: int, initial_rate: float | None = None, *, factor: float = 20.0) -> LearningRateDecay:
    """Makes the decay that takes λ₀ to λ₀ / 16 (step) or λ₀ / `factor` (the others) over `epochs` epochs.

    Args:
        law: "step" (halves four times), "exponential" or "inverse-time".
        epochs: Integer >= 1. Length of the training.
        initial_rate: Float > 0. λ₀; `None` takes the optimizer's.
        factor: Float >= 1, by which an exponential or inverse-time decay divides the rate.

    Returns:
        The callback.

    Raises:
        ValueError: If an argument is out of range.
    """
    require_choice("law", law, DECAY_LAWS)
    require_integer("epochs", epochs, at_least=1)
    require_number("factor", factor, at_least=1)
    if law == "step":
        return StepDecay(initial_rate, drop=0.5, every=math.ceil(epochs / 5))
    if law == "exponential":
        return ExponentialDecay(initial_rate, decay_rate=math.log(factor) / epochs)
    return InverseTimeDecay(initial_rate, decay_rate=(factor - 1) / epochs)
