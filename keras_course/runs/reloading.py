"""Whether a model can be loaded again: asked before hours of training, not after them."""

import logging
import random

import keras

from keras_course.reading import first_cause, reason

logger = logging.getLogger(__name__)


def warn_unless_loadable(model: keras.Model) -> None:
    """Warns where a file of the model could be written and not be read: a layer isn't registered, or has no config.

    Args:
        model: Built model.

    Example:
        >>> import keras
        >>> warn_unless_loadable(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]))
    """
    state = random.getstate()  # from which layers without a seed draw one
    try:
        described = keras.saving.serialize_keras_object(model) | {"compile_config": None}
        with keras.StatelessScope(initialize_variables=False):
            keras.saving.deserialize_keras_object(described)
    except Exception as error:  # layers of one's own raise anything
        logger.warning(
            "model.keras of this training can't be loaded again: %s. Give classes of your own a get_config, register "
            "them by @keras.saving.register_keras_serializable(), and import their module before loading "
            "(keras-course predict ... --import MODULE)",
            reason(first_cause(error)).split(". Make sure")[0].rstrip("."),
        )
    finally:
        random.setstate(state)
