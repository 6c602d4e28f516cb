"""GANimation: a generator that changes faces and a discriminator that judges them, trained by plain `fit`."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.adversarial import SavedWhole, StepMeans, WeightAverage, check_optimizers
from keras_course.applications.ganimation.checks import check_images, check_nets, check_units
from keras_course.applications.ganimation.losses import LossWeights
from keras_course.applications.ganimation.step import (
    METRICS,
    Batch,
    critic_gradients,
    regression_gradients,
    step_gradients,
)
from keras_course.arguments import require_integer, require_number
from keras_course.models import blend
from keras_course.models.conventions import require_tensorflow

AT_ONCE = 100  # images


@keras.saving.register_keras_serializable(package="keras_course")
class GANimation(SavedWhole):
    """Trains a generator to change the action units of faces, without ever seeing the same face twice.

    `fit` takes batches of (images in [0, 1], units), as `load_faces` gives them. The logs hold means over the steps of
    the epoch: losses and gradient norms of both nets, and the figures that `METRICS` names.

    Args:
        generator: From `build_ganimation_generator`.
        discriminator: From `build_ganimation_discriminator`, for the same images and units.
        averaging: Float in [0, 1). Decay of a moving average of the generator's weights, per step, kept as
            `averaged_generator`, by which `change` changes faces; 0 keeps none.
        seed: Integer >= 0, of the noise of the training; None draws one.
        name: Name of the model.

    Raises:
        ValueError: If the nets don't fit each other, or `averaging` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.ganimation import GANimation
        >>> from keras_course.models import build_ganimation_discriminator, build_ganimation_generator
        >>> generator = build_ganimation_generator((8, 8, 3), 2, base_filters=2, blocks=0)
        >>> model = GANimation(generator, build_ganimation_discriminator((8, 8, 3), 2, base_filters=2, depth=2))
        >>> model.compile("adam", "adam")
        >>> history = model.fit(np.zeros((16, 8, 8, 3)), np.zeros((16, 2)), batch_size=8, verbose=0)
        >>> model.change(np.zeros((3, 8, 8, 3), np.uint8), np.ones((3, 2))).shape
        (3, 8, 8, 3)

    Source: Pumarola et al. (2018), arXiv:1807.09251; deck, chapter 8.

    Note: `optimizer` is the generator's. Both nets learn from the same pass over a batch, at the weights that they have
        before the step; the paper takes five steps of the critic to one of the generator, each on its own batch.
    """

    made_of = ("generator", "discriminator", "averaging", "name")
    compiled_with = ("loss_weights", "critic_steps", "head_start", "noise", "run_eagerly", "steps_per_execution")

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        averaging: float = 0.0,
        seed: int | None = None,
        name: str = "ganimation",
    ):
        super().__init__(name=name)
        require_tensorflow("GANimation")
        require_number("averaging", averaging, at_least=0, below=1)
        self.image_shape, self.num_units = check_nets(generator, discriminator)
        self.generator, self.discriminator = generator, discriminator
        self.averaging = averaging
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.averaged_generator: keras.Model | None = None
        if averaging:
            self.averaged_generator = keras.models.clone_model(generator)
            self.averaged_generator.set_weights(generator.get_weights())
            self.averaged_generator.trainable = False
        self.built = True

    def compile(
        self,
        generator_optimizer: str | keras.optimizers.Optimizer,
        discriminator_optimizer: str | keras.optimizers.Optimizer,
        *,
        loss_weights: LossWeights | Mapping[str, float] | None = None,
        critic_steps: int = 1,
        head_start: int = 0,
        noise: float = 0.0,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
    ) -> None:
        """Makes the model ready for `fit`.

        Args:
            generator_optimizer: Keras optimizer, or the name of one.
            discriminator_optimizer: Another one.
            loss_weights: Of the losses; None takes the paper's.
            critic_steps: Integer >= 1, steps of the discriminator to one of the generator. A batch is divided among
                them; the last part trains both.
            head_start: Integer >= 0, steps in which the discriminator learns the units of real images alone.
            noise: Float >= 0, standard deviation of normal noise on all images in [-1, 1] that the discriminator sees.
            run_eagerly: Whether to run each operation by itself, for debugging.
            steps_per_execution: Integer >= 1, steps in one call of the compiled function.

        Raises:
            ValueError: If an argument is out of range, or both optimizers are one object.
        """
        weights = loss_weights if isinstance(loss_weights, LossWeights) else LossWeights(**(loss_weights or {}))
        require_integer("critic_steps", critic_steps, at_least=1)
        require_integer("head_start", head_start, at_least=0)
        require_number("noise", noise, at_least=0)
        optimizers = check_optimizers(generator_optimizer, discriminator_optimizer)
        self.generator_optimizer, self.discriminator_optimizer = optimizers
        super().compile(
            self.generator_optimizer,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=False,
            auto_scale_loss=False,
        )
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self._weights, self.loss_weights = weights, asdict(weights)
        self.critic_steps, self.head_start, self.noise = critic_steps, head_start, noise
        self._means = StepMeans(METRICS)
        self._average = WeightAverage(self.generator, self.averaged_generator, self.averaging)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The one metric, which holds all means."""
        return [self._means] if self.compiled else []

    @property
    def best_generator(self) -> keras.Model:
        """The averaged generator if there is one, else the trained one."""
        return self.generator if self.averaged_generator is None else self.averaged_generator

    def settle_average(self) -> None:
        """Does nothing: instance normalisation has no statistics to settle."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Maps [images in [-1, 1], units] to changed images in [-1, 1]."""
        return blend(self.best_generator(inputs, training=False), inputs[0])

    def train_step(self, data: Any) -> dict[str, Any]:
        """Trains on one batch and returns the means of the epoch so far."""
        images, units, _ = keras.utils.unpack_x_y_sample_weight(data)
        if images.dtype.is_integer:
            raise ValueError(f"`data` must be floats in [0, 1]. Received: {images.dtype.name}, to be divided by 255")
        images, units = 2.0 * tf.cast(images, "float32") - 1.0, tf.cast(units, "float32")
        if self.head_start:
            early = tf.convert_to_tensor(self.discriminator_optimizer.iterations) < self.head_start
            figures = tf.cond(early, lambda: self._learn_units(images, units), lambda: self._play(images, units))
        else:
            figures = self._play(images, units)
        self._means.update_state(tf.unstack(figures), tf.shape(images)[0])
        return self._means.result()

    def change(self, images: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Changes faces.

        Args:
            images: uint8 (n, height, width, channels).
            units: Floats in [0, 1], (n, num_units), what they are to become.

        Returns:
            uint8 (n, height, width, channels), by the averaged generator if there is one.

        Raises:
            ValueError: If an argument has another shape or is out of range.
        """
        return self.change_and_mask(images, units)[0]

    def change_and_mask(self, images: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Changes faces as `change` does, and returns the attention masks too.

        Args:
            images: As for `change`.
            units: As for `change`.

        Returns:
            The changed faces; and A, float32 (n, height, width) in [0, 1], 1 where an image stays as it is.
        """
        check_images("images", images, self.image_shape)
        units = check_units("units", units, len(images), self.num_units)
        parts = []
        for start in range(0, len(images), AT_ONCE):
            members = slice(start, start + AT_ONCE)
            x = images[members].astype(np.float32) / np.float32(127.5) - 1
            made = self.best_generator([x, units[members]], training=False)
            changed = np.nan_to_num(keras.ops.convert_to_numpy(blend(made, x)).astype(np.float32))
            pixels = np.rint(np.clip(127.5 * (changed + 1), 0, 255)).astype(np.uint8)
            parts.append((pixels, keras.ops.convert_to_numpy(made["attention"])[..., 0].astype(np.float32)))
        changed, masks = (np.concatenate(part) for part in zip(*parts, strict=True))
        return changed, masks

    def _learn_units(self, images: tf.Tensor, units: tf.Tensor) -> tf.Tensor:
        """Takes a step of the head start."""
        gradients, error = regression_gradients(self.discriminator, self._batch(images, units), self._weights)
        self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        return tf.stack([error if name == "real_units" else tf.zeros(()) for name in METRICS])

    def _play(self, images: tf.Tensor, units: tf.Tensor) -> tf.Tensor:
        """Takes the discriminator's steps, the last one with the generator's."""
        count = tf.shape(images)[0]
        size = -(-count // self.critic_steps)
        for number in range(self.critic_steps):
            members = (tf.range(size) + number * size) % count
            batch = self._batch(tf.gather(images, members), tf.gather(units, members))
            if number < self.critic_steps - 1:
                gradients = critic_gradients(self.generator, self.discriminator, batch, self._weights)
                self.discriminator_optimizer.apply(gradients, self.discriminator.trainable_variables)
        step = step_gradients(self.generator, self.discriminator, batch, self._weights)
        self.discriminator_optimizer.apply(step.discriminator, self.discriminator.trainable_variables)
        self.generator_optimizer.apply(step.generator, self.generator.trainable_variables)
        self._average.update(self.generator_optimizer.iterations)
        return tf.stack(step.figures)

    def _batch(self, images: tf.Tensor, units: tf.Tensor) -> Batch:
        """Adds what is random: each face is asked for the units of the one before it in the shuffled batch."""
        count = tf.shape(images)[0]
        noise = self.noise * keras.random.normal((2, count, *self.image_shape), seed=self.seed_generator)
        mixture = keras.random.uniform((count,), seed=self.seed_generator)
        return Batch(images, units, tf.roll(units, 1, axis=0), noise, mixture)
