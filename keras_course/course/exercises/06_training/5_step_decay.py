"""A learning rate that falls in steps (deck, chapter 6, "step decay: by half every few epochs").

λ(t) = λ₀ · dropᶠ with f = ⌊t / every⌋, where t counts epochs from 0.

Tutorial: `tutorials/06_training/4_learning_rate_decay.py`.
"""


def step_decay(epoch, initial_rate, drop, every):
    """Computes the learning rate of an epoch.

    Args:
        epoch: t >= 0, an integer.
        initial_rate: λ₀ > 0, the rate in epoch 0.
        drop: Factor in (0, 1].
        every: Epochs from one drop to the next, an integer >= 1.

    Returns:
        A number.

    Example:
        >>> [step_decay(epoch, 0.5, 0.5, 2) for epoch in range(5)]
        [0.5, 0.5, 0.25, 0.25, 0.125]
    """
    raise NotImplementedError
