"""One training step: the gradients of both nets from the same forward passes, and the means of its figures."""

from typing import Any, NamedTuple, TypeAlias

import keras
import tensorflow as tf

from keras_course.adversarial import Computing, gradient_penalty
from keras_course.gan.model.losses import GANLoss, value

Tensor = Any
Net: TypeAlias = keras.Model | Computing

ZERO = tf.UnconnectedGradients.ZERO
NETS = ("generator", "discriminator")
METRICS = ("value", "d_real", "d_fake", *(f"{net}_{figure}" for figure in ("loss", "gradient_norm") for net in NETS))


class StepGradients(NamedTuple):
    """What both nets learn from one batch.

    Attributes:
        generator: The gradient of each trainable variable of the generator.
        discriminator: The gradient of each trainable variable of the discriminator.
        generator_loss: Scalar.
        discriminator_loss: Scalar, the gradient penalty included.
        real_logits: (batch, 1).
        fake_logits: (batch, 1).
    """

    generator: list[Tensor]
    discriminator: list[Tensor]
    generator_loss: Tensor
    discriminator_loss: Tensor
    real_logits: Tensor
    fake_logits: Tensor

    def figures(self) -> tuple[Tensor, ...]:
        """Computes the figures that `METRICS` names, one scalar each."""
        return (
            value(self.real_logits, self.fake_logits),
            *(tf.reduce_mean(tf.sigmoid(logits)) for logits in (self.real_logits, self.fake_logits)),
            self.generator_loss,
            self.discriminator_loss,
            *(tf.linalg.global_norm(gradients) for gradients in (self.generator, self.discriminator)),
        )


def step_gradients(
    generator: Net,
    discriminator: Net,
    loss: GANLoss,
    *,
    real: Tensor,
    latents: Tensor,
    labels: Tensor | None = None,
    fake_labels: Tensor | None = None,
    label_smoothing: float = 0.0,
    penalty: float = 10.0,
    mixture: Tensor | None = None,
) -> StepGradients:
    """Computes the gradients of both nets' losses on one batch, at the weights that both have before the step.

    Batch normalisation works in training mode, by the statistics of each pass: real images and generated ones are never
    normalised together, so the batch gives no image away.

    Args:
        generator: Maps latents, or [latents, labels], to images in [-1, 1]; a model, or `Computing` of one.
        discriminator: Maps images, or [images, labels], to logits (batch, 1), likewise.
        loss: One of `LOSSES`.
        real: Float in [-1, 1], (batch, height, width, channels).
        latents: Float (batch, latent_dim).
        labels: Integer (batch,), the classes of the real images; None for nets without labels.
        fake_labels: Integer (batch,), those of the generated ones where the generator draws them itself; None takes
            `labels`, which the generator then gets.
        label_smoothing: Float in [0, 1/2), see the losses.
        penalty: Float >= 0, the weight of the gradient penalty, where the loss has one.
        mixture: Float in [0, 1], (batch,), where the penalty is taken on each line between two images.

    Returns:
        The gradients, the losses without penalties on weights, and the logits.
    """

    def judge(images: Tensor, labels: Tensor | None = labels) -> Tensor:
        return discriminator(_with(images, labels), training=True)

    inputs = _with(latents, labels if fake_labels is None else None)

    with tf.GradientTape(persistent=True) as tape:
        fake = tf.cast(generator(inputs, training=True), real.dtype)  # bfloat16 where the nets are
        real_logits = judge(real)
        fake_logits = judge(fake, labels if fake_labels is None else fake_labels)
        generator_loss = loss.generator(fake_logits)
        discriminator_loss = loss.discriminator(real_logits, fake_logits, label_smoothing)
        if loss.penalizes:
            discriminator_loss += penalty * gradient_penalty(judge, real, tf.stop_gradient(fake), mixture)
        discriminator_goal = _penalized(discriminator_loss, discriminator)
        penalties = _penalized(tf.zeros(()), generator)
    for_discriminator = tape.gradient(discriminator_goal, discriminator.trainable_variables, None, ZERO)
    through_images = tape.gradient(generator_loss, fake)
    for_generator = tape.gradient([fake, penalties], generator.trainable_variables, [through_images, None], ZERO)
    return StepGradients(
        [tf.convert_to_tensor(gradient) for gradient in for_generator],  # an embedding's is sparse
        [tf.convert_to_tensor(gradient) for gradient in for_discriminator],
        generator_loss,
        discriminator_loss,
        real_logits,
        fake_logits,
    )


def _with(x: Tensor, labels: Tensor | None) -> Any:
    return x if labels is None else [x, labels]


def _penalized(loss: Tensor, net: Net) -> Tensor:
    """Adds the penalties on weights that layers of the net ask for."""
    return loss + sum(net.losses) if net.losses else loss
