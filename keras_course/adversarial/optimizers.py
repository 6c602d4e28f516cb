"""The two optimizers of two nets that train each other."""

from typing import Any

import keras


def check_optimizers(generator_optimizer: Any, discriminator_optimizer: Any) -> tuple[Any, Any]:
    """Returns the two optimizers, made from their names where names are given.

    Args:
        generator_optimizer: A Keras optimizer, or the name of one.
        discriminator_optimizer: Another.

    Raises:
        ValueError: If one is unknown or scales its loss, or both are one object.

    Example:
        >>> from keras_course.adversarial import check_optimizers
        >>> [type(optimizer).__name__ for optimizer in check_optimizers("adam", "sgd")]
        ['Adam', 'SGD']
    """
    made = _optimizer("generator_optimizer", generator_optimizer)
    other = _optimizer("discriminator_optimizer", discriminator_optimizer)
    if made is other:
        raise ValueError(
            "`discriminator_optimizer` must be an optimizer of its own: one shared by both nets would mix their state. "
            f"Received: the generator's, {made!r}"
        )
    return made, other


def _optimizer(name: str, given: Any) -> Any:
    try:
        optimizer = keras.optimizers.get(given)
    except (ValueError, TypeError):
        optimizer = None
    if optimizer is None or isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        raise ValueError(
            f"`{name}` must be a Keras optimizer that does not scale its loss, or the name of one. "
            f"Received: {name}={given!r}"
        )
    return optimizer
