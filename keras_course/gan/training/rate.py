"""One decay of the learning rate for both nets."""

import keras


class FollowGeneratorRate(keras.callbacks.Callback):
    """Keeps the discriminator's learning rate in proportion to the generator's, which decays and other callbacks set.

    Comes after the callback that changes the rate. The proportion is the one at the start of `fit`, before any change.

    Args:
        proportion: Float > 0, the discriminator's rate over the generator's; None takes it when training starts.
    """

    def __init__(self, proportion: float | None = None):
        super().__init__()
        self.proportion = proportion
        self._factor = 1.0

    def on_train_begin(self, logs=None):
        """Notes the proportion."""
        self._factor = rate_proportion(self.model) if self.proportion is None else self.proportion

    def on_epoch_begin(self, epoch, logs=None):
        """Sets the discriminator's rate."""
        rate = float(self.model.generator_optimizer.learning_rate)
        self.model.discriminator_optimizer.learning_rate = self._factor * rate


def rate_proportion(gan) -> float:
    """Returns the discriminator's learning rate over the generator's."""
    return float(gan.discriminator_optimizer.learning_rate) / float(gan.generator_optimizer.learning_rate)
