"""The recipe: how `keras-course train ganimation` builds and trains the two nets unless told otherwise."""

from dataclasses import dataclass, field
from typing import Any

import keras

from keras_course.applications.ganimation.losses import LossWeights
from keras_course.applications.ganimation.model import GANimation
from keras_course.arguments import require_integer, require_number
from keras_course.callbacks import WarmupCosine
from keras_course.models import build_ganimation_discriminator, build_ganimation_generator


@dataclass(frozen=True)
class GANimationRecipe:
    """Settings that work well together on small images of faces.

    Args:
        epochs: Integer >= 1.
        image_size: Integer >= 1, pixels, to which images are resized.
        batch_size: Integer >= 1, images of a step, all of the critic's together.
        generator_rate: Float > 0, Adam's learning rate in epoch 0.
        discriminator_rate: Float > 0, Adam's learning rate in epoch 0.
        final: Float in [0, 1], the share of both rates at the end, along half a cosine.
        beta_1: Float in [0, 1), of both Adams.
        averaging: Float in [0, 1), of the generator's weights, see `GANimation`.
        critic_steps: Integer >= 1, see `GANimation.compile`, like the next three.
        head_start: Integer >= 0.
        noise: Float >= 0.
        loss_weights: Of the losses.
        generator: Keyword arguments of `build_ganimation_generator`.
        discriminator: Keyword arguments of `build_ganimation_discriminator`.

    Raises:
        ValueError: If a setting is out of range.

    Example:
        >>> from keras_course.applications.ganimation import GANimationRecipe
        >>> recipe = GANimationRecipe(epochs=1, generator={"base_filters": 2, "blocks": 1})
        >>> recipe.build((32, 32, 3), 4).num_units
        4
    """

    epochs: int
    image_size: int = 48
    batch_size: int = 16
    generator_rate: float = 5e-4
    discriminator_rate: float = 1e-3
    final: float = 0.05
    beta_1: float = 0.5
    averaging: float = 0.99
    critic_steps: int = 1
    head_start: int = 600
    noise: float = 0.05
    loss_weights: LossWeights = field(
        default_factory=lambda: LossWeights(
            real_units=30, units=10, cycle=15, attention=0, sparsity=0.2, smoothness=1e-4, keep=0.5
        )
    )
    generator: dict[str, Any] = field(
        default_factory=lambda: {
            "base_filters": 12,
            "blocks": 2,
            "kernel_size": 3,
            "modulate": True,
            "skips": True,
        }
    )
    discriminator: dict[str, Any] = field(default_factory=lambda: {"base_filters": 16, "depth": 4})

    def __post_init__(self):
        for name in ("epochs", "image_size", "batch_size"):
            require_integer(name, getattr(self, name), at_least=1)
        for name in ("generator_rate", "discriminator_rate"):
            require_number(name, getattr(self, name), above=0)
        require_number("final", self.final, at_least=0, at_most=1)
        require_number("beta_1", self.beta_1, at_least=0, below=1)

    def build(self, image_shape: tuple[int, int, int], num_units: int, *, seed: int | None = None) -> GANimation:
        """Builds and compiles the model; its first weights are the caller's to seed.

        Args:
            image_shape: (height, width, channels), in pixels.
            num_units: Integer >= 1.
            seed: Random seed for the noise, see `GANimation`.

        Raises:
            ValueError: If there are no nets for such images.
        """
        model = GANimation(
            build_ganimation_generator(image_shape, num_units, **self.generator),
            build_ganimation_discriminator(image_shape, num_units, **self.discriminator),
            averaging=self.averaging,
            seed=seed,
        )
        model.compile(
            keras.optimizers.Adam(self.generator_rate, beta_1=self.beta_1),
            keras.optimizers.Adam(self.discriminator_rate, beta_1=self.beta_1),
            loss_weights=self.loss_weights,
            critic_steps=self.critic_steps,
            head_start=self.head_start,
            noise=self.noise,
        )
        return model

    def make_decay(self, epochs: int) -> WarmupCosine:
        """Returns the decay of the generator's rate over a training."""
        return WarmupCosine(self.generator_rate, epochs=epochs, final=self.final)


GANIMATION_RECIPES: dict[str, GANimationRecipe] = {"ganimation": GANimationRecipe(epochs=30)}
