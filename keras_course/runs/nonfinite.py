"""The error of a training whose loss is NaN or infinite."""


class NonFiniteLossError(ValueError):
    """The loss became NaN or infinite; the message names where, as far as it can be told."""
