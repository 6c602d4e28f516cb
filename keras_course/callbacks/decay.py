"""Learning-rate decay: thin adapters over the laws of `numerics.schedules` (deck, chapter 6)."""

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.numerics.schedules import exponential_decay, inverse_time_decay, step_decay, warmup_cosine


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
            self._starting_rate = float(optimizer.learning_rate)

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
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)

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


class WarmupCosine(LearningRateDecay):
    """Raises the learning rate from λ₀ / 25 to λ₀ in a warm-up, then lowers it along half a cosine, step by step.

    Large steps are safe only once the weights, and the averages that Adam or Muon keep of gradients, have left their
    first values; the end close to 0 takes out the noise of single batches.

    Args:
        initial_rate: Float > 0. λ₀, the highest rate. `None` takes the optimizer's.
        epochs: Number > 0. Length of the training.
        warmup: Number in [0, `epochs`). Epochs of the warm-up, default 0.
        final: Float in [0, 1]. Share of λ₀ at the end, default 0.
        per: "step" sets the rate at each step; "epoch" at each epoch, as the other decays do.

    Raises:
        ValueError: If an argument is out of range; in `fit`, if the number of steps of an epoch is not known.

    Example:
        >>> from keras_course.callbacks import WarmupCosine
        >>> decay = WarmupCosine(0.5, epochs=5, warmup=1)
        >>> [round(decay.rate(epoch), 3) for epoch in (0, 0.5, 1, 3, 5)]
        [0.02, 0.26, 0.5, 0.25, 0.0]

    Source: deck, chapter 10, "more evolved optimisation"; Loshchilov and Hutter (2017), arXiv:1608.03983.
    """

    law = staticmethod(warmup_cosine)

    def __init__(
        self,
        initial_rate: float | None = None,
        *,
        epochs: float,
        warmup: float = 0.0,
        final: float = 0.0,
        per: str = "step",
    ):
        require_choice("per", per, ("step", "epoch"))
        super().__init__(initial_rate, epochs=epochs, warmup=warmup, final=final)
        self.per = per

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that make an equal callback."""
        return {**super().get_config(), "per": self.per}


DECAY_LAWS = ("step", "exponential", "inverse-time", "cosine")


def decay_over(law: str, epochs: int, initial_rate: float | None = None, *, factor: float = 20.0) -> LearningRateDecay:
    """Makes the decay that takes λ₀ to λ₀ / 16 (step) or λ₀ / `factor` (the others) over `epochs` epochs.

    The step decay halves four times at equal distances, and the last epoch, t = `epochs` - 1, has λ₀ / 16; in fewer
    than five epochs some begin with several halvings at once: λ₀ and λ₀ / 16 in two, λ₀, λ₀ / 4 and λ₀ / 16 in three,
    λ₀ alone in one. The others have λ₀ / `factor` at t = `epochs`, the end of the last epoch; the cosine falls step by
    step, after a warm-up of a twentieth of the training.

    Args:
        law: "step", "exponential", "inverse-time" or "cosine".
        epochs: Integer >= 1. Length of the training.
        initial_rate: Float > 0. λ₀; `None` takes the optimizer's.
        factor: Float >= 1, by which all but the step decay divide the rate.

    Returns:
        The callback.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.callbacks import decay_over
        >>> decay = decay_over("step", 12, 0.8)
        >>> decay
        StepDecay(initial_rate=0.8, drop=0.5, every=2.4)
        >>> decay.rate(11)
        0.05
    """
    require_choice("law", law, DECAY_LAWS)
    require_integer("epochs", epochs, at_least=1)
    require_number("factor", factor, at_least=1)
    if law == "step":
        return StepDecay(initial_rate, drop=0.5, every=min(epochs / 5, (epochs - 1) / 4) or 1)
    if law == "exponential":
        return ExponentialDecay(initial_rate, decay_rate=math.log(factor) / epochs)
    if law == "cosine":
        return WarmupCosine(initial_rate, epochs=epochs, warmup=epochs / 20, final=1 / factor)
    return InverseTimeDecay(initial_rate, decay_rate=(factor - 1) / epochs)


def anchored(
    decay: LearningRateDecay | None,
    optimizers: Sequence[keras.optimizers.Optimizer],
    learning_rate: float | None = None,
) -> LearningRateDecay | None:
    """Returns a copy of the decay that knows λ₀, so that a resumed run does not take it from a decayed optimizer.

    Args:
        decay: One of the decays here, or None for a constant rate.
        optimizers: Those of the model, fresh; if the decay has no `initial_rate`, λ₀ is the rate of the first,
            rounded to seven digits.
        learning_rate: Float > 0. The rate asked for beside the decay, if any: it must not contradict the decay's.

    Returns:
        The copy; None for None.

    Raises:
        ValueError: If `decay` is none of ours or contradicts `learning_rate`, or an optimizer has a schedule object.

    Example:
        >>> import keras
        >>> from keras_course.callbacks import StepDecay, anchored
        >>> anchored(StepDecay(), [keras.optimizers.SGD(0.1)])
        StepDecay(initial_rate=0.1, drop=0.5, every=5)
    """
    if decay is None:
        return None
    if not isinstance(decay, LearningRateDecay):
        raise ValueError(f"`decay` must be a decay of keras_course.callbacks or None. Received: decay={decay!r}")
    if not all(isinstance(optimizer.learning_rate, keras.Variable) for optimizer in optimizers):
        raise ValueError("`decay` needs a number as learning rate. Received: an optimizer with a schedule object")
    if learning_rate is not None and decay.initial_rate not in (None, learning_rate):
        raise ValueError(
            "`learning_rate` must be the decay's initial_rate or None. "
            f"Received: learning_rate={learning_rate!r}, initial_rate={decay.initial_rate!r}"
        )
    rate = decay.initial_rate or rounded(optimizers[0].learning_rate)
    return type(decay)(**{**decay.get_config(), "initial_rate": rate})


def rounded(value: Any) -> float:
    """Rounds away the noise of float32, which shows 0.001 as 0.0010000000474974513."""
    return float(f"{float(value):.7g}")
