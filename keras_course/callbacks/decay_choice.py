"""Decays by name, of a length, anchored to an optimizer, and read back from a run's settings."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.callbacks.by_step import OneCycle, WarmupCosine
from keras_course.callbacks.decay import ExponentialDecay, InverseTimeDecay, LearningRateDecay, StepDecay
from keras_course.callbacks.range_test import LearningRateRangeTest

DECAY_LAWS = ("step", "exponential", "inverse-time", "cosine", "one-cycle")


def decay_over(law: str, epochs: int, initial_rate: float | None = None, *, factor: float = 20.0) -> LearningRateDecay:
    """Makes the decay that takes λ₀ to λ₀ / 16 (step) or λ₀ / `factor` (the others) over `epochs` epochs.

    The step decay halves four times at equal distances, and the last epoch, t = `epochs` - 1, has λ₀ / 16; in fewer
    than five epochs some begin with several halvings at once: λ₀ and λ₀ / 16 in two, λ₀, λ₀ / 4 and λ₀ / 16 in three,
    λ₀ alone in one. The others have λ₀ / `factor` at t = `epochs`, the end of the last epoch; the cosine falls step by
    step, after a warm-up of a twentieth of the training. One cycle reaches λ₀ just before the middle and ends
    at λ₀ / 25 / `factor`.

    Args:
        law: "step", "exponential", "inverse-time", "cosine" or "one-cycle".
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
    if law == "one-cycle":
        return OneCycle(initial_rate, epochs=epochs, final=1 / factor)
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
    # a range test puts the first weights back: nothing would be left of the training
    if not isinstance(decay, LearningRateDecay) or isinstance(decay, LearningRateRangeTest):
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


def law_by_step(description: Mapping[str, Any] | None) -> Callable[[float], float] | None:
    """Returns the law of a rate that changes from step to step, as a run's `config.json` describes the decay.

    Args:
        description: `law`, the name of the class, and its arguments; None for a constant rate.

    Returns:
        The rate t epochs after the start; None if the rate stays through each epoch, or the class is not one of these.

    Example:
        >>> from keras_course.callbacks import law_by_step
        >>> law = law_by_step({"law": "WarmupCosine", "initial_rate": 0.5, "epochs": 5, "warmup": 1})
        >>> law(0.5), law_by_step({"law": "StepDecay", "initial_rate": 0.5}) is None
        (0.26, True)
    """
    arguments = dict(description or {})
    kind = {kind.__name__: kind for kind in (WarmupCosine, OneCycle)}.get(arguments.pop("law", ""))
    decay = None if kind is None else kind(**arguments)
    return decay.rate if decay is not None and decay.per == "step" else None


def rounded(value: Any) -> float:
    """Rounds away the noise of float32, which shows 0.001 as 0.0010000000474974513."""
    return float(f"{float(value):.7g}")
