"""The recipes: how `keras-course gan` builds and trains a pair of nets unless told otherwise."""

import math
from dataclasses import dataclass, replace
from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.callbacks import LearningRateDecay, StepDecay, decay_over
from keras_course.gan.model.clusters import build_clustered_dcgan_generator
from keras_course.gan.model.gan import GAN
from keras_course.gan.model.losses import LOSSES
from keras_course.gan.model.networks import (
    build_conditional_dcgan_discriminator,
    build_conditional_dcgan_generator,
    build_gan_discriminator,
    build_gan_generator,
)
from keras_course.models import build_dcgan_discriminator, build_dcgan_generator
from keras_course.runs.mirrored import PRECISIONS
from keras_course.training.precision import chosen_precision
from keras_course.training.settings import SMALL_DATA


@dataclass(frozen=True)
class GANRecipe:
    """Settings that work well together on small images.

    Args:
        architecture: "mlp" or "dcgan".
        epochs: Integer >= 1.
        batch_size: Integer >= 1, images per step.
        generator_rate: Float > 0, Adam's learning rate in epoch 0.
        discriminator_rate: Float > 0, Adam's learning rate in epoch 0.
        beta_1: Float in [0, 1), of both Adams. 0.5, as in the DCGAN paper: with 0.9 each net reacts to what the other
            did many steps ago.
        loss: Name of a loss of `GAN.compile`.
        label_smoothing: Float in [0, 1/2), used where the loss has it.
        averaging: Float in [0, 1), of the generator's weights, see `GAN`.
        decay: "exponential", "inverse-time" or "cosine", over the whole training, see `decay_over`, or "late", one step
            after two thirds of it.
        decay_factor: Float >= 1, by which the decay divides both rates.
        latent_dim: Integer >= 1.
        base_filters: Integer >= 1, of a DCGAN's generator.
        discriminator_filters: Integer >= 1, of a DCGAN's discriminator.
        precision: "float32" or "bfloat16", what is faster at equal scores; see `chosen_precision`.
        extra_stage: Whether both nets of a DCGAN get one, see `build_dcgan_generator`.
        clusters: Integer >= 2, clusters of the training images that a DCGAN without labels has in the place of classes,
            see `ImageClusters`; 0 for none.
        small: The recipe for data sets of fewer than 10,000 training images; None for the same one.
        with_classes: The recipe of a conditional GAN; None for the same one.

    Raises:
        ValueError: If a setting is out of range.

    Example:
        >>> from keras_course.gan import GAN_RECIPES, GANRecipe
        >>> recipe = GANRecipe("mlp", epochs=3, latent_dim=8)
        >>> recipe.build((8, 8, 1)).generate(2).shape
        (2, 8, 8, 1)
        >>> GAN_RECIPES["dcgan"].epochs, GAN_RECIPES["dcgan"].for_data(train_size=1_437).epochs
        (16, 90)
    """

    architecture: str
    epochs: int
    batch_size: int = 64
    generator_rate: float = 2e-4
    discriminator_rate: float = 2e-4
    beta_1: float = 0.5
    loss: str = "non-saturating"
    label_smoothing: float = 0.1
    averaging: float = 0.999
    decay: str = "exponential"
    decay_factor: float = 10.0
    latent_dim: int = 100
    base_filters: int = 64
    discriminator_filters: int = 64
    precision: str = "float32"
    extra_stage: bool = False
    clusters: int = 0
    small: "GANRecipe | None" = None
    with_classes: "GANRecipe | None" = None

    def __post_init__(self):
        require_choice("architecture", self.architecture, ("mlp", "dcgan"))
        require_choice("loss", self.loss, tuple(LOSSES))
        require_choice("precision", self.precision, PRECISIONS)
        require_choice("decay", self.decay, ("exponential", "inverse-time", "cosine", "late"))
        for name in ("epochs", "batch_size", "latent_dim", "base_filters", "discriminator_filters"):
            require_integer(name, getattr(self, name), at_least=1)
        for name in ("generator_rate", "discriminator_rate"):
            require_number(name, getattr(self, name), above=0)
        for name, end in {"beta_1": 1, "averaging": 1, "label_smoothing": 0.5}.items():
            require_number(name, getattr(self, name), at_least=0, below=end)
        require_number("decay_factor", self.decay_factor, at_least=1)
        require_integer("clusters", self.clusters, at_least=0)

    def for_data(self, train_size: int, *, conditional: bool = False) -> "GANRecipe":
        """Returns the recipe for a data set: `small`, and of that or this one `with_classes`, where there is one.

        Args:
            train_size: Integer >= 0. Training images; fewer than 10,000 take `small`.
            conditional: Whether the GAN is to be a conditional one.
        """
        recipe = self.small if self.small is not None and train_size < SMALL_DATA else self
        return recipe.with_classes if conditional and recipe.with_classes is not None else recipe

    def build(
        self,
        image_shape: tuple[int, int, int],
        num_classes: int | None = None,
        *,
        loss: str | None = None,
        precision: str | None = None,
        seed: int | None = None,
    ) -> GAN:
        """Builds and compiles the GAN; its first weights are the caller's to seed.

        Args:
            image_shape: (height, width, channels), in pixels.
            num_classes: Integer >= 2 makes a conditional GAN ("dcgan" only), None one without labels.
            loss: Name of a loss instead of the recipe's.
            precision: Instead of the recipe's, see `chosen_precision`.
            seed: Random seed for the latents, see `GAN`.

        Returns:
            A compiled GAN.

        Raises:
            ValueError: If the architecture has no net for such images, or none with classes.
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
            precision=chosen_precision(precision, self.precision),
        )
        return gan

    def make_decay(self, epochs: int) -> LearningRateDecay:
        """Returns the decay of the generator's rate over a training."""
        require_integer("epochs", epochs, at_least=1)
        if self.decay == "late":
            return StepDecay(self.generator_rate, drop=1 / self.decay_factor, every=math.ceil(2 * epochs / 3))
        return decay_over(self.decay, epochs, self.generator_rate, factor=self.decay_factor)

    def _nets(
        self, image_shape: tuple[int, int, int], num_classes: int | None, *, batch_norm: bool
    ) -> tuple[keras.Model, keras.Model]:
        if self.architecture == "mlp":
            if num_classes is not None:
                raise ValueError("`num_classes` must be None for the architecture 'mlp'. Received: a conditional GAN")
            return build_gan_generator(image_shape, latent_dim=self.latent_dim), build_gan_discriminator(image_shape)
        shared: dict[str, Any] = {"extra_stage": self.extra_stage}
        generator = shared | {"latent_dim": self.latent_dim, "base_filters": self.base_filters}
        discriminator = shared | {"batch_norm": batch_norm, "base_filters": self.discriminator_filters}
        builders: Any = (build_dcgan_generator, build_dcgan_discriminator)
        given: tuple[Any, ...] = (image_shape,)
        if num_classes is None and self.clusters:
            builders = (build_clustered_dcgan_generator, build_conditional_dcgan_discriminator)
            given = (image_shape, self.clusters)
        elif num_classes is not None:
            builders = (build_conditional_dcgan_generator, build_conditional_dcgan_discriminator)
            given = (image_shape, num_classes)
        return builders[0](*given, **generator), builders[1](*given, **discriminator)


# A GAN learns fastest at high constant rates, and ends best at lower ones.
_MLP = GANRecipe("mlp", epochs=30, averaging=0.998, decay_factor=20)
_SMALL_DCGAN = GANRecipe("dcgan", epochs=90, batch_size=32, generator_rate=2e-3, discriminator_rate=5e-4)
_LARGE_DCGAN = GANRecipe(
    "dcgan",
    epochs=7,
    batch_size=32,
    generator_rate=1e-3,
    discriminator_rate=1e-3,
    label_smoothing=0.0,
    averaging=0.998,
    decay="late",
    decay_factor=5,
    discriminator_filters=32,
    extra_stage=True,
)

GAN_RECIPES: dict[str, GANRecipe] = {
    "mlp": replace(_MLP, small=replace(_MLP, epochs=100, batch_size=32, generator_rate=5e-3, discriminator_rate=1e-3)),
    # Clusters in the place of classes: after as many steps as `_LARGE_DCGAN` takes, 13,125, with rates that fell in a
    # straight line, the Fréchet distance was 0.46, against 0.64 to 0.70 without them; 200 clusters collapsed each to
    # few images (recall 0.13). What larger batches lose at the start they gain at the end: whole trainings with seed 0,
    # 700 to 860 CPU seconds, had 0.52 with 16 images, 0.39 with 32 (in float32), 0.31 with 64.
    "dcgan": replace(
        _LARGE_DCGAN,
        epochs=16,
        batch_size=64,
        generator_rate=1.2e-3,
        discriminator_rate=1.2e-3,
        averaging=0.999,
        decay="cosine",
        decay_factor=20,
        clusters=20,
        precision="bfloat16",
        small=_SMALL_DCGAN,
        with_classes=_LARGE_DCGAN,
    ),
}
