"""Rates that rise first and change from step to step: warm-up with a cosine, and one cycle (deck, chapter 10)."""

from typing import Any

from keras_course.arguments import require_choice
from keras_course.callbacks.decay import LearningRateDecay
from keras_course.numerics.schedules import one_cycle, warmup_cosine


class _ByStepOrEpoch(LearningRateDecay):
    """A decay that sets the rate at each step or, if `per` is "epoch", at each epoch as the others do."""

    def __init__(self, initial_rate: float | None, per: str, **settings: Any):
        require_choice("per", per, ("step", "epoch"))
        super().__init__(initial_rate, **settings)
        self.per = per

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that make an equal callback."""
        return {**super().get_config(), "per": self.per}


class WarmupCosine(_ByStepOrEpoch):
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
        super().__init__(initial_rate, per, epochs=epochs, warmup=warmup, final=final)


class OneCycle(_ByStepOrEpoch):
    """Raises the learning rate along a line to λ₀, lowers it along one as long, then to almost 0, step by step.

    Args:
        initial_rate: Float > 0. λ₀, the highest rate: near where the loss begins to rise in a `LearningRateRangeTest`.
            `None` takes the optimizer's.
        epochs: Number > 0. Length of the training.
        rise: Float in (0, 1/2]. Share of the training in which the rate rises from λ₀ / 25, and in which it falls
            back, default 0.45.
        final: Float in [0, 1]. What the rest of the training leaves of λ₀ / 25, default 1e-4.
        per: "step" sets the rate at each step; "epoch" at each epoch, as the other decays do.

    Raises:
        ValueError: If an argument is out of range; in `fit`, if the number of steps of an epoch is not known.

    Example:
        >>> from keras_course.callbacks import OneCycle
        >>> decay = OneCycle(0.5, epochs=10, rise=0.4, final=0.0)
        >>> [round(decay.rate(epoch), 3) for epoch in (0, 2, 4, 8, 9, 10)]
        [0.02, 0.26, 0.5, 0.02, 0.01, 0.0]

    Source: deck, chapter 10, "more evolved optimisation"; Smith (2018), arXiv:1803.09820, section 4.

    Note: The momentum, which Smith lowers meanwhile, stays: see `one_cycle` in `numerics.schedules`.
    """

    law = staticmethod(one_cycle)

    def __init__(
        self,
        initial_rate: float | None = None,
        *,
        epochs: float,
        rise: float = 0.45,
        final: float = 1e-4,
        per: str = "step",
    ):
        super().__init__(initial_rate, per, epochs=epochs, rise=rise, final=final)
