"""One training step of GANimation: the gradients of both nets from shared forward passes, and its figures."""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from keras_course.adversarial import gradient_penalty
from keras_course.applications.ganimation.losses import LossWeights, mean_difference, total_variation, units_loss
from keras_course.models import blend

Tensor = Any
Outputs = dict[str, Any]

NETS = ("generator", "discriminator")
METRICS = (
    *(f"{net}_{figure}" for figure in ("loss", "gradient_norm") for net in NETS),
    *("distance", "penalty", "real_units", "fake_units", "cycle", "attention"),
)


class Batch(NamedTuple):
    """What a step is computed from.

    Attributes:
        images: Float in [-1, 1], (batch, height, width, channels).
        units: Float (batch, num_units), of the images.
        wanted: Float (batch, num_units), what they are asked to become.
        noise: Float (2, batch, height, width, channels), added to what the discriminator sees: the images, and the
            changed ones.
        mixture: Float in [0, 1], (batch,), where the penalty is taken on each line between two images.
    """

    images: Tensor
    units: Tensor
    wanted: Tensor
    noise: Tensor
    mixture: Tensor


class StepGradients(NamedTuple):
    """What a step gives.

    Attributes:
        generator: The gradient of each trainable variable of the generator.
        discriminator: The gradient of each trainable variable of the discriminator.
        figures: Scalars, in the order of `METRICS`.
    """

    generator: list[Tensor]
    discriminator: list[Tensor]
    figures: tuple[Tensor, ...]


def step_gradients(
    generator: keras.Model, discriminator: keras.Model, batch: Batch, weights: LossWeights
) -> StepGradients:
    """Computes the gradients of both nets' losses on one batch, at the weights that both have before the step.

    The changed images are made once, for both nets; what the discriminator says of them too.

    Args:
        generator: As `build_ganimation_generator` makes it.
        discriminator: As `build_ganimation_discriminator` makes it.
        batch: What the step is computed from.
        weights: Of the losses.

    Returns:
        The gradients, and the figures.

    Source: Pumarola et al. (2018), section 4.2.
    """
    images, units = batch.images, batch.units
    with tf.GradientTape(persistent=True) as tape:
        made = generator([images, batch.wanted], training=True)
        changed = blend(made, images)
        sources, asked = changed, units
        if weights.keep:  # in one pass: the changed images back, and the images as they are
            sources, asked = tf.concat([changed, images], 0), tf.tile(units, (2, 1))
        again = generator([sources, asked], training=True)
        returned = blend(again, sources)
        seen = images + batch.noise[0], changed + batch.noise[1]
        real, fake = (discriminator(x, training=True) for x in seen)
        lost, told = _critic_loss(discriminator, batch, (real, fake), (seen[0], tf.stop_gradient(seen[1])), weights)
        goal, wanted = _generator_loss(batch, made, again, returned, fake, weights=weights)
    for_generator = tape.gradient(goal, generator.trainable_variables)
    for_discriminator = tape.gradient(lost, discriminator.trainable_variables)
    norms = [tf.linalg.global_norm(gradients) for gradients in (for_generator, for_discriminator)]
    return StepGradients(for_generator, for_discriminator, (goal, lost, *norms, *told, *wanted))


def critic_gradients(
    generator: keras.Model, discriminator: keras.Model, batch: Batch, weights: LossWeights
) -> list[Tensor]:
    """Computes the gradients of the discriminator's loss alone, for its steps between those of the generator.

    Args:
        generator: As for `step_gradients`.
        discriminator: As for `step_gradients`.
        batch: What the step is computed from.
        weights: Of the losses.
    """
    changed = blend(generator([batch.images, batch.wanted], training=True), batch.images)
    seen = batch.images + batch.noise[0], changed + batch.noise[1]
    with tf.GradientTape() as tape:
        outputs = tuple(discriminator(x, training=True) for x in seen)
        lost, _ = _critic_loss(discriminator, batch, outputs, seen, weights)
    return tape.gradient(lost, discriminator.trainable_variables)


def regression_gradients(discriminator: keras.Model, batch: Batch, weights: LossWeights) -> tuple[list[Tensor], Tensor]:
    """Computes the gradients of the error of the units on real images alone, and that error: for the head start.

    Args:
        discriminator: As for `step_gradients`.
        batch: What the step is computed from.
        weights: Of the losses.
    """
    with tf.GradientTape() as tape:
        error = units_loss(discriminator(batch.images + batch.noise[0], training=True)["units"], batch.units)
        lost = weights.real_units * error
    variables = [variable.value for variable in discriminator.trainable_variables]  # the critic's head gets zeros
    return tape.gradient(lost, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO), error


def _generator_loss(
    batch: Batch, made: Outputs, again: Outputs, returned: Tensor, fake: Outputs, *, weights: LossWeights
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Returns what the generator minimises, and the figures "fake_units", "cycle" and "attention"."""
    count = tf.shape(batch.images)[0]
    units, cycle = units_loss(fake["units"], batch.wanted), mean_difference(batch.images, returned[:count])
    masks = tf.concat([made["attention"], again["attention"]], 0)
    kept = tf.reduce_mean(masks)
    loss = (
        weights.units * units
        - weights.adversarial * tf.reduce_mean(fake["critic"])
        + weights.cycle * cycle
        + weights.attention * kept
        + weights.sparsity * (1 - kept)
        + weights.smoothness * total_variation(masks)
    )
    if weights.keep:
        loss += weights.keep * mean_difference(batch.images, returned[count:])
    return loss, (units, cycle, tf.reduce_mean(made["attention"]))


def _critic_loss(
    discriminator: keras.Model,
    batch: Batch,
    outputs: tuple[Outputs, Outputs],
    seen: tuple[Tensor, Tensor],
    weights: LossWeights,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Returns what the discriminator minimises, and the figures "distance", "penalty" and "real_units"."""
    real, fake = outputs
    distance = tf.reduce_mean(real["critic"]) - tf.reduce_mean(fake["critic"])
    units = units_loss(real["units"], batch.units)

    def judge(images: Tensor) -> Tensor:
        return tf.reduce_mean(discriminator(images, training=True)["critic"], axis=(1, 2, 3))

    penalty = gradient_penalty(judge, *seen, batch.mixture)
    loss = weights.real_units * units - distance + weights.gradient_penalty * penalty
    return loss, (distance, penalty, units)
