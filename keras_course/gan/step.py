"""The gradients of one training step: every forward pass once, both nets from the same passes."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from keras_course.gan.losses import GANLoss, gradient_penalty

Tensor = Any


class StepGradients(NamedTuple):
    """What one batch says to both nets.

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


def step_gradients(
    generator: keras.Model,
    discriminator: keras.Model,
    loss: GANLoss,
    real: Tensor,
    latents: Tensor,
    labels: Tensor | None = None,
    *,
    label_smoothing: float = 0.0,
    penalty: float = 10.0,
    mixture: Tensor | None = None,
) -> StepGradients:
    """Computes the gradients of both nets' losses on one batch, at the weights that both have before the step.

    Batch normalisation works in training mode, by the statistics of each pass: real images and generated ones are never
    normalised together, so none can be told by its batch.

    Args:
        generator: Maps latents, or [latents, labels], to images in [-1, 1].
        discriminator: Maps images, or [images, labels], to logits (batch, 1).
        loss: One of `LOSSES`.
        real: Float in [-1, 1], (batch, height, width, channels).
        latents: Float (batch, latent_dim).
        labels: Integer (batch,), the classes of the real images, which the generated ones get as well; None for nets
            without labels.
        label_smoothing: Float in [0, 1/2), see the losses.
        penalty: Float >= 0, the weight of the gradient penalty, where the loss has one.
        mixture: Float in [0, 1], (batch,), where the penalty is taken on each line between two images.

    Returns:
        The gradients, the losses without penalties on weights, and the logits.
    """

    def judge(images: Tensor) -> Tensor:
        return discriminator(_with(images, labels), training=True)

    with tf.GradientTape(persistent=True) as tape:
        fake = generator(_with(latents, labels), training=True)
        real_logits = judge(real)
        fake_logits = judge(fake)
        generator_loss = loss.generator(fake_logits)
        discriminator_loss = loss.discriminator(real_logits, fake_logits, label_smoothing)
        if loss.penalizes:
            discriminator_loss += penalty * gradient_penalty(judge, real, tf.stop_gradient(fake), mixture)
        goals = [_penalized(generator_loss, generator), _penalized(discriminator_loss, discriminator)]
    return StepGradients(
        _gradients(tape, goals[0], generator),
        _gradients(tape, goals[1], discriminator),
        generator_loss,
        discriminator_loss,
        real_logits,
        fake_logits,
    )


def _with(x: Tensor, labels: Tensor | None) -> Any:
    return x if labels is None else [x, labels]


def _penalized(loss: Tensor, net: keras.Model) -> Tensor:
    """Adds the penalties on weights that layers of the net ask for."""
    return loss + sum(net.losses) if net.losses else loss


def _gradients(tape: tf.GradientTape, loss: Tensor, net: keras.Model) -> list[Tensor]:
    gradients = tape.gradient(loss, net.trainable_variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return [tf.convert_to_tensor(gradient) for gradient in gradients]  # an embedding's is sparse
