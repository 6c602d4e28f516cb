"""Two recipes: how `keras-course gan` builds and trains a pair of nets unless told otherwise."""

from dataclasses import dataclass, replace
from typing import Any

import keras

from keras_course.callbacks import LearningRateDecay, decay_over
from keras_course.gan.losses import LOSSES
from keras_course.gan.model import GAN
from keras_course.gan.networks import (
    build_conditional_dcgan_discriminator,
    build_conditional_dcgan_generator,
    build_gan_discriminator,
    build_gan_generator,
)
from keras_course.models import build_dcgan_discriminator, build_dcgan_generator
from keras_course.numerics.arguments import require_choice

SMALL_DATA = 10_000


@dataclass(frozen=True)
class GANRecipe:
    """Settings that go well together on small images.

    Args:
        architecture: "mlp" or "dcgan".
        epochs: Integer >= 1.
        small_epochs: Integer >= 1, for data sets of fewer than 10,000 training images.
        batch_size: Integer >= 1, images a step.
        small_batch_size: Integer >= 1, for data sets of fewer than 10,000 training images.
        generator_rate: Float > 0, Adam's learning rate in epoch 0.
        discriminator_rate: Float > 0, Adam's learning rate in epoch 0.
        small_rates: Both rates for data sets of fewer than 10,000 training images, whose trainings have few steps; None
            takes the same as for large ones.
        beta_1: Float in [0, 1), of both Adams. 0.5, as in the DCGAN paper: with 0.9 each net answers what the other
            did long ago.
        loss: Name of a loss of `GAN.compile`.
        label_smoothing: Float in [0, 1/2), where the loss knows it.
        averaging: Float in [0, 1), of the generator's weights, see `GAN`.
        decay: Name of a decay law, over the whole training.
        decay_factor: Float >= 1, by which the decay divides both rates.
        latent_dim: Integer >= 1.
        base_filters: Integer >= 1, of a DCGAN.
    """

    architecture: str
    epochs: int
    small_epochs: int
    batch_size: int = 64
    small_batch_size: int = 32
    generator_rate: float = 2e-4
    discriminator_rate: float = 2e-4
    small_rates: tuple[float, float] | None = None
    beta_1: float = 0.5
    loss: str = "non-saturating"
    label_smoothing: float = 0.1
    averaging: float = 0.999
    decay: str = "exponential"
    decay_factor: float = 10.0
    latent_dim: int = 100
    base_filters: int = 64

    def for_data(self, train_size: int) -> "GANRecipe":
        """Returns the recipe for a data set: small ones need smaller batches, more epochs and higher rates."""
        if train_size >= SMALL_DATA:
            return self
        generator_rate, discriminator_rate = self.small_rates or (self.generator_rate, self.discriminator_rate)
        return replace(
            self,
            epochs=self.small_epochs,
            batch_size=self.small_batch_size,
            generator_rate=generator_rate,
            discriminator_rate=discriminator_rate,
        )

    def build(
        self,
        image_shape: tuple[int, int, int],
        num_classes: int | None = None,
        *,
        loss: str | None = None,
        seed: int | None = None,
    ) -> GAN:
        """Builds and compiles the GAN; its first weights are the caller's to seed.

        Args:
            image_shape: (height, width, channels), in pixels.
            num_classes: Integer >= 2 makes a conditional GAN ("dcgan" only), None one without labels.
            loss: Name of a loss instead of the recipe's.
            seed: Of the latents, see `GAN`.

        Returns:
            A compiled GAN.

        Raises:
            ValueError: If the architecture knows no such images, or no classes.
        """
        loss = self.loss if loss is None else loss
        require_choice("loss", loss, tuple(LOSSES))
        generator, discriminator = self._nets(image_shape, num_classes, batch_norm=not LOSSES[loss].penalizes)
        gan = GAN(generator, discriminator, averaging=self.averaging, seed=seed)
        gan.compile(
            keras.optimizers.Adam(self.generator_rate, beta_1=self.beta_1),
            keras.optimizers.Adam(self.discriminator_rate, beta_1=self.beta_1),
            loss,
            label_smoothing=self.label_smoothing if LOSSES[loss].smooths else 0.0,
        )
        return gan

    def make_decay(self, epochs: int) -> LearningRateDecay:
        """Returns the decay of the generator's rate over a training."""
        return decay_over(self.decay, epochs, self.generator_rate, factor=self.decay_factor)

    def _nets(
        self, image_shape: tuple[int, int, int], num_classes: int | None, *, batch_norm: bool
    ) -> tuple[keras.Model, keras.Model]:
        latent: dict[str, Any] = {"latent_dim": self.latent_dim}
        if self.architecture == "mlp":
            if num_classes is not None:
                raise ValueError("`num_classes` must be None for the architecture 'mlp'. Received: a conditional GAN")
            return build_gan_generator(image_shape, **latent), build_gan_discriminator(image_shape)
        filters: dict[str, Any] = {"base_filters": self.base_filters}
        if num_classes is None:
            return (
                build_dcgan_generator(image_shape, **latent, **filters),
                build_dcgan_discriminator(image_shape, **filters, batch_norm=batch_norm),
            )
        return (
            build_conditional_dcgan_generator(image_shape, num_classes, **latent, **filters),
            build_conditional_dcgan_discriminator(image_shape, num_classes, **filters, batch_norm=batch_norm),
        )


GAN_RECIPES: dict[str, GANRecipe] = {
    "mlp": GANRecipe("mlp", epochs=30, small_epochs=100, small_rates=(5e-3, 1e-3), averaging=0.998, decay_factor=20),
    "dcgan": GANRecipe("dcgan", epochs=20, small_epochs=90, small_rates=(2e-3, 5e-4)),
}
