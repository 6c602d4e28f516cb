"""A training step of `GANimation` against a plain one, and a film of 60 frames against the network alone."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.clock import alternate
from benchmarks.table import Row
from keras_course.applications.ganimation import GANIMATION_RECIPES, GANimation, LossWeights, export_animator
from keras_course.data.faces import UNITS, draw_face, draw_identity
from keras_course.export import SavedAnimator, load_saved_model
from keras_course.models.layers import InstanceNormalization, ModulatedNormalization

ROUNDS, COMPARED, FRAMES = 30, 3, 60
BAR, CLOSE, FILM_BAR = 0.85, 1e-5, 1.3
SIDE = 48


def run() -> list[Row]:
    """Trains both ways in turn, a step each, and compares the losses of the first steps; then makes films."""
    images, units = faces(GANIMATION_RECIPES["ganimation"].batch_size)
    ours, theirs = steps(images, units)
    losses = np.array([[ours(), theirs()] for _ in range(COMPARED)])
    difference = float(np.max(np.abs(losses[:, 0] - losses[:, 1]) / np.maximum(1, np.abs(losses[:, 1]))))
    ratio, *seconds = alternate(ours, theirs, rounds=ROUNDS)
    pairs = "; ".join(f"{a[0]:.5f}, {a[1]:.5f} against {b[0]:.5f}, {b[1]:.5f}" for a, b in losses)
    film, *film_seconds = alternate(*films(images[0]), rounds=ROUNDS)
    return [
        Row(
            f"GANimation step over a plain one, {SIDE}x{SIDE}, batch {len(images)}, the recipe's nets",
            f"{ratio:.3f} ({1000 * seconds[0]:.0f} ms against {1000 * seconds[1]:.0f} ms, median of {ROUNDS} pairs)",
            f"<= {BAR}",
            ratio <= BAR,
        ),
        Row(
            f"losses of the first {COMPARED} steps, same weights and noise: generator, discriminator",
            f"{pairs}; difference at most {difference:.1e} of 1 or of the loss, whichever is larger",
            f"<= {CLOSE}",
            difference <= CLOSE,
        ),
        Row(
            f"a film of {FRAMES} frames over the network alone on {FRAMES} images, one batch each",
            f"{film:.3f} ({1000 * film_seconds[0]:.0f} ms against {1000 * film_seconds[1]:.0f} ms; the way back is not "
            "computed anew)",
            f"<= {FILM_BAR}",
            film <= FILM_BAR,
        ),
    ]


def faces(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws training faces, uint8 (count, SIDE, SIDE, 3), with their units."""
    drawn = [draw_identity("train", index) for index in range(count)]
    images = np.stack([draw_face(identity, units) for identity, units, _ in drawn])
    resized = tf.image.resize(images, (SIDE, SIDE), antialias=True).numpy()
    return np.rint(resized).astype(np.uint8), np.float32([units for _, units, _ in drawn])


def steps(images: np.ndarray, units: np.ndarray) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Returns a step of ours and a plain one, which return the losses of generator and discriminator."""
    recipe = replace(GANIMATION_RECIPES["ganimation"], head_start=0, critic_steps=1, averaging=0.0)
    keras.utils.set_random_seed(0)
    model = recipe.build((SIDE, SIDE, 3), len(UNITS), seed=1)
    model.make_train_function()
    batch = tf.constant(images, tf.float32) / 255, tf.constant(units)
    iterator = iter(tf.data.Dataset.from_tensors(batch).repeat())
    generator = keras.models.clone_model(model.generator, clone_function=_usual)
    discriminator = keras.models.clone_model(model.discriminator)
    generator.set_weights(model.generator.get_weights())
    discriminator.set_weights(model.discriminator.get_weights())
    plain = plain_step(generator, discriminator, recipe.loss_weights, recipe)
    source = iter(tf.data.Dataset.from_tensors(batch).repeat())

    def ours() -> list[float]:
        model.reset_metrics()
        logs = model.train_function(iterator)
        return [float(logs["generator_loss"]), float(logs["discriminator_loss"])]

    return ours, lambda: [float(loss) for loss in plain(*next(source))]


def _usual(layer: Any) -> Any:
    """Returns Keras's own instance normalisation in the place of ours."""
    if isinstance(layer, ModulatedNormalization):
        return UsualModulation(layer.epsilon, layer.kernel.shape, name=layer.name)
    if isinstance(layer, InstanceNormalization):
        return keras.layers.GroupNormalization(groups=-1, epsilon=layer.epsilon, name=layer.name)
    return type(layer).from_config(layer.get_config())


class UsualModulation(keras.layers.Layer):
    """Normalisation and modulation as one writes them with Keras's layers."""

    def __init__(self, epsilon: float, shape: Any, **options: Any):
        super().__init__(**options)
        self.normalization = keras.layers.GroupNormalization(groups=-1, epsilon=epsilon)
        self.told = keras.layers.Dense(shape[1])
        self.size = shape[0]

    def build(self, input_shape):
        """Makes the weights."""
        self.normalization.build(input_shape[0])
        self.told.build((None, self.size))

    def call(self, inputs):
        """Normalises and modulates."""
        maps, vectors = inputs
        scale, shift = keras.ops.split(self.told(vectors), 2, axis=-1)
        return self.normalization(maps) * (1 + scale[:, None, None]) + shift[:, None, None]


def plain_step(generator: Any, discriminator: Any, weights: LossWeights, recipe: Any) -> Any:
    """Returns a compiled step as one writes it down: each pass where it is needed, a tape for each net."""
    optimizers = [keras.optimizers.Adam(rate, beta_1=recipe.beta_1) for rate in _rates(recipe)]
    for optimizer, net in zip(optimizers, (generator, discriminator), strict=True):
        optimizer.build(net.trainable_variables)
    seed, mean = keras.random.SeedGenerator(1), tf.reduce_mean

    def change(images, units):
        made = generator([images, units], training=True)
        attention = made["attention"]
        return (1 - attention) * made["colour"] + attention * images, attention

    def critic_loss(images, units, wanted, noise, mixture):
        fake = tf.stop_gradient(change(images, wanted)[0])
        real, seen = discriminator(images + noise[0], training=True), discriminator(fake + noise[1], training=True)
        share = mixture[:, None, None, None]
        between = share * (images + noise[0]) + (1 - share) * (fake + noise[1])
        with tf.GradientTape() as tape:
            tape.watch(between)
            total = tf.reduce_sum(mean(discriminator(between, training=True)["critic"], axis=(1, 2, 3)))
        slope = tf.sqrt(tf.reduce_sum(tape.gradient(total, between) ** 2, axis=(1, 2, 3)))
        loss = mean(seen["critic"]) - mean(real["critic"]) + weights.real_units * mean((real["units"] - units) ** 2)
        return loss + weights.gradient_penalty * mean((slope - 1) ** 2)

    def generator_loss(images, units, wanted, noise):
        fake, first = change(images, wanted)
        seen = discriminator(fake + noise[1], training=True)
        returned, second = change(fake, units)
        loss = weights.units * mean((seen["units"] - wanted) ** 2) - weights.adversarial * mean(seen["critic"])
        loss += weights.cycle * mean(tf.abs(images - returned))
        masks = [first, second]
        if weights.keep:
            same, third = change(images, units)
            loss += weights.keep * mean(tf.abs(images - same))
            masks.append(third)
        attention = tf.concat(masks, 0)
        loss += weights.attention * mean(attention) + weights.sparsity * (1 - mean(attention))
        down, across = attention[:, 1:] - attention[:, :-1], attention[:, :, 1:] - attention[:, :, :-1]
        return loss + weights.smoothness * (mean(down**2) + mean(across**2))

    @tf.function
    def step(images, units):
        images = 2 * images - 1
        noise = recipe.noise * keras.random.normal((2, *images.shape), seed=seed)
        mixture = keras.random.uniform((images.shape[0],), seed=seed)
        wanted = tf.roll(units, 1, axis=0)
        with tf.GradientTape() as tape:
            lost = critic_loss(images, units, wanted, noise, mixture)
        for_critic = tape.gradient(lost, discriminator.trainable_variables)
        with tf.GradientTape() as tape:
            goal = generator_loss(images, units, wanted, noise)
        for_generator = tape.gradient(goal, generator.trainable_variables)
        optimizers[1].apply_gradients(zip(for_critic, discriminator.trainable_variables, strict=True))
        optimizers[0].apply_gradients(zip(for_generator, generator.trainable_variables, strict=True))
        return goal, lost

    return step


def _rates(recipe: Any) -> tuple[float, float]:
    return recipe.generator_rate, recipe.discriminator_rate


def films(face: np.ndarray) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Returns what makes a film, and what runs the network alone on as many images."""
    keras.utils.set_random_seed(0)
    model: GANimation = GANIMATION_RECIPES["ganimation"].build((SIDE, SIDE, 3), len(UNITS))
    with tempfile.TemporaryDirectory() as folder:
        animator = load_saved_model(export_animator(model, folder, "faces", unit_names=UNITS))
    if not isinstance(animator, SavedAnimator):
        raise TypeError(f"a SavedAnimator was exported. Read: {type(animator).__name__}")
    images = tf.constant(np.repeat(face[np.newaxis], FRAMES, axis=0))
    units = tf.constant(np.random.default_rng(0).random((FRAMES, len(UNITS)), np.float32))

    def alone() -> Any:
        return animator.function(images=images, units=units)["changed"].numpy()

    return lambda: animator.animate(face, {"smile": 1, "raised_brows": 0.5}, frames=FRAMES), alone
