"""GAN: a generator and a discriminator trained against each other by plain `fit` (deck, chapter 9)."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.adversarial import Computing, SavedWhole, StepMeans, WeightAverage, check_optimizers
from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.array_arguments import require_array
from keras_course.export.saved_generator import Labels, labels_asked_for
from keras_course.gan.model.checks import check_loss, check_nets, class_count
from keras_course.gan.model.clusters import clusters_of
from keras_course.gan.model.latents import draw_latents
from keras_course.gan.model.losses import LOSSES
from keras_course.gan.model.step import METRICS, step_gradients
from keras_course.models.conventions import require_tensorflow
from keras_course.runs.mirrored import PRECISIONS

SAMPLES = 512  # latents in the batch that the statistics of the averaged generator come from


@keras.saving.register_keras_serializable(package="keras_course")
class GAN(SavedWhole):
    """Trains G and D at once on min over G, max over D of V(D, G) = E[log D(x)] + E[log(1 - D(G(z)))].

    `fit` takes batches of images in [0, 1], or (images, labels) as `load_images` gives them. Points of a plane, or
    whatever else the nets are built for, will do too, but `generate` makes images. The logs hold means over the images
    of the epoch: `value`, V(D, G) in nats; `d_real` and `d_fake`, the means of D on real and on generated images, which
    both approach 1/2 at the optimum, or (1 - s) / 2 with label smoothing s; loss and gradient norm of each net.
    One `.keras` file holds everything: both nets, both optimizers with their state, the average, the random state.

    Args:
        generator: Functional model from latents (batch, latent_dim), or [latents, labels], to images in [-1, 1].
        discriminator: Functional model from images in [-1, 1], or [images, labels], to logits (batch, 1); D = σ(logit).
        averaging: Float in [0, 1). Decay of a moving average of the generator's weights, per step, kept as
            `averaged_generator`, of which `generate` takes its images; 0 keeps none.
        num_classes: Integer >= 2, for a conditional pair; None takes it from the embedding of the labels.
        seed: Integer >= 0. Random seed for the latents of the training; None draws one, always the same after
            `keras.utils.set_random_seed`.
        name: Name of the model.

    Raises:
        ValueError: If the nets don't fit each other, or `averaging` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.gan import GAN, build_gan_discriminator, build_gan_generator
        >>> generator = build_gan_generator((8, 8, 1), latent_dim=4, hidden=(8,))
        >>> gan = GAN(generator, build_gan_discriminator((8, 8, 1), hidden=(8,)))
        >>> gan.compile("adam", "adam")
        >>> history = gan.fit(np.zeros((16, 8, 8, 1)), batch_size=8, verbose=0)
        >>> sorted(history.history)[:3], gan.generate(2).shape
        (['d_fake', 'd_real', 'discriminator_gradient_norm'], (2, 8, 8, 1))

    Source: deck, chapter 9; Goodfellow et al. (2014), arXiv:1406.2661.

    Note: `optimizer` is the generator's. A callback that changes its rate leaves the discriminator's as it is, unless
        `FollowGeneratorRate` comes after it.
    """

    made_of = ("generator", "discriminator", "averaging", "num_classes", "name")
    compiled_with = ("label_smoothing", "gradient_penalty", "precision", "run_eagerly", "steps_per_execution")

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        averaging: float = 0.0,
        num_classes: int | None = None,
        seed: int | None = None,
        name: str = "gan",
    ):
        super().__init__(name=name)
        require_tensorflow("a GAN")
        require_number("averaging", averaging, at_least=0, below=1)
        check_nets(generator, discriminator)
        self.generator = generator
        self.discriminator = discriminator
        self.averaging = averaging
        self.conditional = len(generator.inputs) == 2
        self.num_classes = class_count(generator, discriminator, num_classes) if self.conditional else None
        self.latent_dim = int(generator.inputs[0].shape[1])
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
        loss: str = "non-saturating",
        *,
        label_smoothing: float = 0.0,
        gradient_penalty: float = 10.0,
        precision: str = "float32",
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
    ) -> None:
        """Makes the model ready for `fit`.

        Args:
            generator_optimizer: Keras optimizer, or the name of one.
            discriminator_optimizer: Another one: each has the state of its own net.
            loss: "non-saturating", "minimax", "least-squares" or "wasserstein-gp", see `keras_course.gan.model.losses`.
            label_smoothing: Float in [0, 1/2), by which the target of real images is less than 1.
            gradient_penalty: Float >= 0, the weight of the gradient penalty of "wasserstein-gp".
            precision: "float32", or "bfloat16": in training all layers but those that make the output compute in it,
                with weights in float32, see `Computing`. Images are generated in float32 all the same.
            run_eagerly: Whether to run each operation by itself, for debugging.
            steps_per_execution: Integer >= 1, steps in one call of the compiled function.

        Raises:
            ValueError: If an argument is out of range, both optimizers are one object, the nets can't be made anew in
                bfloat16, or the discriminator has batch normalisation with "wasserstein-gp": the gradient at one image
                would depend on the other images.
        """
        require_choice("precision", precision, PRECISIONS)
        check_loss(loss, label_smoothing, gradient_penalty, self.discriminator)
        self.generator_optimizer, self.discriminator_optimizer = check_optimizers(
            generator_optimizer, discriminator_optimizer
        )
        self._generating, self._judging = (Computing(net, precision) for net in (self.generator, self.discriminator))
        super().compile(
            self.generator_optimizer,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=False,
            auto_scale_loss=False,
        )
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.loss_name = loss
        self.label_smoothing = label_smoothing
        self.gradient_penalty = gradient_penalty
        self.precision = precision
        self._means = StepMeans(METRICS)
        self._average = WeightAverage(self.generator, self.averaged_generator, self.averaging, self._sample)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The one metric, which holds all means."""
        return [self._means] if self.compiled else []

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Maps latents, or [latents, labels], to images in [-1, 1], by the averaged generator if there is one."""
        if self.averaged_generator is None:
            return self.generator(inputs, training=training)
        return self.averaged_generator(inputs, training=False)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Trains both nets on one batch and returns the means of the epoch so far."""
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        if images.dtype.is_integer:
            raise ValueError(f"`data` must be floats in [0, 1]. Received: {images.dtype.name}, to be divided by 255")
        real = 2.0 * tf.cast(images, "float32") - 1.0
        count, loss, clusters = tf.shape(real)[0], LOSSES[self.loss_name], clusters_of(self.generator)
        latents = keras.random.normal((count, self.latent_dim), seed=self.seed_generator)
        step = step_gradients(
            self._generating,
            self._judging,
            loss,
            real=real,
            latents=latents,
            labels=self._labels_of_batch(labels) if clusters is None else clusters.nearest(real),
            fake_labels=None if clusters is None else clusters(latents),
            label_smoothing=self.label_smoothing,
            penalty=self.gradient_penalty,
            mixture=keras.random.uniform((count,), seed=self.seed_generator) if loss.penalizes else None,
        )
        self.discriminator_optimizer.apply(step.discriminator, self.discriminator.trainable_variables)
        self.generator_optimizer.apply(step.generator, self.generator.trainable_variables)
        self._average.update(self.generator_optimizer.iterations)
        self._means.update_state(step.figures(), count)
        return self._means.result()

    def generate(self, count: int, *, seed: int = 0, labels: Labels = None, batch_size: int = 500) -> np.ndarray:
        """Draws images; the same weights and the same seed give the same images.

        Args:
            count: Integer >= 1.
            seed: Integer >= 0, of the latents.
            labels: For a conditional model the class of all images, or one per image; None takes the classes in turn.
            batch_size: Integer >= 1, images at a time.

        Returns:
            uint8 (count, height, width, channels), from the averaged generator if there is one.

        Raises:
            ValueError: If an argument is out of range.
        """
        return self.images_of(draw_latents(count, self.latent_dim, seed=seed), labels=labels, batch_size=batch_size)

    def images_of(self, latents: np.ndarray, *, labels: Labels = None, batch_size: int = 500) -> np.ndarray:
        """Computes the images of latent vectors, as `generate` does.

        Args:
            latents: float32 (count, latent_dim).
            labels: As for `generate`, like the batch size and the result.
            batch_size: Integer >= 1, images at a time.

        Raises:
            ValueError: If an argument is out of range.
        """
        require_integer("batch_size", batch_size, at_least=1)
        latents = require_array("latents", latents, ("count", self.latent_dim))
        classes = self.labels_for(len(latents), labels)
        self.settle_average()
        parts = []
        for start in range(0, len(latents), batch_size):
            members = slice(start, start + batch_size)
            inputs = latents[members] if classes is None else [latents[members], classes[members]]
            images = keras.ops.convert_to_numpy(self(inputs, training=False)).astype(np.float32)
            parts.append(np.rint(np.clip(127.5 * (np.nan_to_num(images) + 1), 0, 255)).astype(np.uint8))
        return np.concatenate(parts)

    def get_compile_config(self) -> dict[str, Any]:
        """Returns the arguments of `compile`, with the optimizers' settings."""
        return {**super().get_compile_config(), "loss": self.loss_name} if self.compiled else {}

    def settle_average(self) -> None:
        """Gives the averaged generator the batch-norm statistics of its own weights, unless it has them already.

        `generate`, `save` and the end of `fit` do it; call it before using `averaged_generator` at other times.
        """
        if self.compiled:
            self._average.settle()

    def fit(self, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        """Trains as `keras.Model.fit` does; afterwards the averaged generator is ready for use."""
        history = super().fit(*args, **kwargs)
        self.settle_average()
        return history

    def labels_for(self, count: int, labels: Labels = None) -> np.ndarray | None:
        """Returns the classes of `count` images, int32 (count,): one for all, one per image, or each in turn.

        Raises:
            ValueError: If a class is unknown, or the model is not conditional and `labels` not None.
        """
        return labels_asked_for(labels, count, self.num_classes)

    def _sample(self) -> Any:
        """Returns what the statistics of batch normalisation are measured on."""
        latents, labels = draw_latents(SAMPLES, self.latent_dim), self.labels_for(SAMPLES)
        return latents if labels is None else [latents, labels]

    def _labels_of_batch(self, labels: Any) -> Any:
        if self.conditional and labels is None:
            raise ValueError("`data` must be batches of (images, labels) for a conditional GAN. Received: images alone")
        return tf.cast(labels, "int32") if self.conditional else None
