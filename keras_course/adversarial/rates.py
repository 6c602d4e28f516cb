"""The learning rates of two nets that train each other."""

from typing import Any

import keras


class FollowGeneratorRate(keras.callbacks.Callback):
    """Keeps the discriminator's learning rate in proportion to the generator's, which decays and other callbacks set.

    Comes after the callback that changes the rate. The proportion is the one at the start of `fit`, before any change.

    Args:
        proportion: Float > 0, the discriminator's rate over the generator's; None takes it when training starts.

    Example:
        >>> from keras_course.gan import GAN, FollowGeneratorRate, build_gan_discriminator, build_gan_generator
        >>> generator = build_gan_generator((8, 8, 1), latent_dim=4, hidden=(8,))
        >>> gan = GAN(generator, build_gan_discriminator((8, 8, 1), hidden=(8,)))
        >>> gan.compile("sgd", "sgd")  # both rates are 0.01
        >>> follow = FollowGeneratorRate(proportion=2)
        >>> follow.set_model(gan)  # as `fit` does, with `callbacks=[decay, follow]`
        >>> follow.on_train_begin()
        >>> follow.on_epoch_begin(0)
        >>> round(float(gan.discriminator_optimizer.learning_rate), 6)
        0.02
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

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the discriminator's rate again: the decay may be one by steps."""
        self.on_epoch_begin(0)


def rate_proportion(model: Any) -> float:
    """Returns the discriminator's learning rate over the generator's.

    Args:
        model: With a `generator_optimizer` and a `discriminator_optimizer`.

    Example:
        >>> from types import SimpleNamespace
        >>> import keras
        >>> from keras_course.adversarial import rate_proportion
        >>> optimizers = [keras.optimizers.SGD(rate) for rate in (0.25, 0.5)]
        >>> rate_proportion(SimpleNamespace(generator_optimizer=optimizers[0], discriminator_optimizer=optimizers[1]))
        2.0
    """
    return float(model.discriminator_optimizer.learning_rate) / float(model.generator_optimizer.learning_rate)
