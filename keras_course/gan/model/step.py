"""The gradients of one training step: every forward pass once, both nets from the same passes."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from keras_course.gan.model.losses import GANLoss, gradient_penalty

Tensor = Any

ZERO = tf.UnconnectedGradients.ZERO
SMALLEST_SLOPE = 1e-9  # of the discriminator's loss in a logit, times the images: float32 has room for the rest below
# Layers that treat each image by itself.
APART = (
    keras.layers.InputLayer,
    keras.layers.Dense,
    keras.layers.Conv2D,
    keras.layers.Activation,
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.Dropout,
    keras.layers.SpatialDropout2D,
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.LayerNormalization,
    keras.layers.Embedding,
    keras.layers.Add,
    keras.layers.Dot,
    keras.layers.Concatenate,
)


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
        fake = tf.cast(generator(_with(latents, labels), training=True), real.dtype)  # bfloat16 in mixed precision
        real_logits = judge(real)
        fake_logits = judge(fake)
        generator_loss = loss.generator(fake_logits)
        discriminator_loss = loss.discriminator(real_logits, fake_logits, label_smoothing)
        if loss.penalizes:
            discriminator_loss += penalty * gradient_penalty(judge, real, tf.stop_gradient(fake), mixture)
        discriminator_goal = _penalized(discriminator_loss, discriminator)
        penalties = _penalized(tf.zeros(()), generator)
    if judges_apart(discriminator):
        backward = _once_through_the_discriminator
    else:
        backward = _twice_through_the_discriminator
    pass_back = backward(tape, fake, fake_logits, generator_loss, discriminator_goal, discriminator)
    gradients = tape.gradient([fake, penalties], generator.trainable_variables, [pass_back.images, None], ZERO)
    return StepGradients(
        [tf.convert_to_tensor(gradient) for gradient in gradients],  # an embedding's is sparse
        pass_back.discriminator,
        generator_loss,
        discriminator_loss,
        real_logits,
        fake_logits,
    )


def judges_apart(discriminator: keras.Model) -> bool:
    """Tells whether the logit of an image depends on no other image of its batch, as far as the layers are known."""
    layers = list(discriminator._flatten_layers(include_self=False))
    models = [discriminator, *(layer for layer in layers if isinstance(layer, keras.Model))]
    operations = [operation for model in models for operation in getattr(model, "operations", [])]
    if not all(isinstance(operation, keras.layers.Layer) for operation in operations):
        return False  # keras.ops between the layers may mix images
    return all(
        type(layer) in APART and not getattr(layer, "activity_regularizer", None)
        for layer in layers
        if not isinstance(layer, keras.Model)
    )


class _PassBack(NamedTuple):
    """Gradients of the discriminator's variables, and those of the generator's loss in the generated images."""

    discriminator: list[Tensor]
    images: Tensor


def _twice_through_the_discriminator(tape, fake, logits, generator_loss, discriminator_goal, discriminator):
    """Takes each loss back by itself."""
    gradients = tape.gradient(discriminator_goal, discriminator.trainable_variables, None, ZERO)
    return _PassBack([tf.convert_to_tensor(x) for x in gradients], tape.gradient(generator_loss, fake))


def _once_through_the_discriminator(tape, fake, logits, generator_loss, discriminator_goal, discriminator):
    """Takes the discriminator's loss back to the generated images and makes the generator's gradient of it.

    Where each image has its logit to itself, both losses reach it by the slope of that logit, dL/dx = dL/dl dl/dx, so
    one gradient is the other times the ratio of their dL/dl. Where that would divide by next to nothing, because the
    discriminator is too sure of an image, each loss is taken back by itself.
    """
    slopes = tape.gradient(generator_loss, logits), tape.gradient(discriminator_goal, logits)
    variables = discriminator.trainable_variables
    *gradients, through = tape.gradient(discriminator_goal, [*variables, fake], None, ZERO)
    safe = tf.reduce_all(tf.abs(slopes[1]) * tf.cast(tf.size(logits), logits.dtype) > SMALLEST_SLOPE)
    shape = [-1] + [1] * (len(fake.shape) - 1)
    images = tf.cond(
        safe,
        lambda: tf.reshape(slopes[0] / slopes[1], shape) * through,
        lambda: tape.gradient(generator_loss, fake),
    )
    return _PassBack([tf.convert_to_tensor(x) for x in gradients], images)


def _with(x: Tensor, labels: Tensor | None) -> Any:
    return x if labels is None else [x, labels]


def _penalized(loss: Tensor, net: keras.Model) -> Tensor:
    """Adds the penalties on weights that layers of the net ask for."""
    return loss + sum(net.losses) if net.losses else loss
