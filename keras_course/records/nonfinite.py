"""The error of a training whose loss is no number any more."""


class NonFiniteLossError(ValueError):
    """The loss became NaN or infinite; the message names where, as far as it can be told."""
