"""Both nets in bfloat16: what their layers compute, what a step learns, what is saved."""

import random
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from pairs import LATENT, SHAPE, batches, conditional, dcgan, image_data, plain, same

from keras_course import resume_run, train_recipe
from keras_course.adversarial import Computing
from keras_course.gan import GAN_RECIPES, train_gan
from keras_course.gan.model.losses import LOSSES
from keras_course.gan.model.step import step_gradients

UNIT = 2**-8  # of numbers with eight significant bits
ADAM = keras.optimizers.Adam


def half(gan, **options):
    gan.compile(ADAM(1e-3), ADAM(2e-3), precision="bfloat16", **options)
    return gan


def net(**options):
    """A hidden layer whose rounding shows, and one that makes the output."""
    return keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(1, kernel_initializer="ones", name="hidden", **options),
            keras.layers.Dense(1, kernel_initializer="ones", name="output"),
        ]
    )


def test_hidden_layers_round_and_the_last_does_not():
    third = np.array([[1 / 3]], np.float32)
    rounded = tf.cast(tf.cast(third, tf.bfloat16), tf.float32).numpy()
    np.testing.assert_array_equal(Computing(net(), "float32")(third), third)
    np.testing.assert_array_equal(Computing(net(), "bfloat16")(third), rounded)
    one = net()
    one.get_layer("output").set_weights([third, np.zeros(1, np.float32)])
    np.testing.assert_array_equal(Computing(one, "bfloat16")(np.ones((1, 1), np.float32)), third)


@pytest.mark.parametrize("make", [dcgan, conditional])
def test_step_learns_the_same_up_to_rounding(make):
    """Gradients and moving averages of one step in both precisions, from equal weights."""
    images, labels = batches(1, size=64)
    found = []
    for precision in ("float32", "bfloat16"):
        gan = make()
        nets = [Computing(one, precision) for one in (gan.generator, gan.discriminator)]
        step = step_gradients(
            *nets,
            LOSSES["non-saturating"],
            real=tf.constant(2 * images - 1),
            latents=tf.random.stateless_normal((64, LATENT), (1, 2)),
            labels=tf.constant(labels) if gan.conditional else None,
        )
        moved = [variable.numpy() for one in nets for variable in one.net.non_trainable_variables]
        found.append(([np.ravel(one) for one in (*step.generator, *step.discriminator)], moved))
    whole, rough = (np.concatenate(gradients) for gradients, _ in found)
    assert not np.array_equal(whole, rough)
    assert whole @ rough / np.linalg.norm(whole) / np.linalg.norm(rough) > 0.999
    for one, other in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_allclose(other, one, rtol=2 * UNIT, atol=UNIT)


def test_dropout_takes_its_random_numbers_on():
    gan = half(plain(compiled=False, dropout=0.5), run_eagerly=True)
    states = [layer.seed_generator.state for layer in gan.discriminator.layers if hasattr(layer, "seed_generator")]
    before = [state.numpy() for state in states]
    gan.fit(batches(1)[0], batch_size=6, verbose=0)
    assert states and not any((state.numpy() == old).all() for state, old in zip(states, before, strict=True))


def test_penalty_on_the_gradient_has_its_gradient():
    real, latents = tf.constant(2 * batches(1)[0] - 1), tf.random.stateless_normal((6, LATENT), (1, 2))
    given = {"real": real, "latents": latents, "mixture": tf.fill([6], 0.5)}
    found = []
    for precision in ("float32", "bfloat16"):
        gan = plain(compiled=False)
        nets = [Computing(one, precision) for one in (gan.generator, gan.discriminator)]
        with_it, without = (
            step_gradients(*nets, LOSSES["wasserstein-gp"], **given, penalty=weight).discriminator
            for weight in (10.0, 0.0)
        )
        found.append(np.concatenate([np.ravel(a - b) for a, b in zip(with_it, without, strict=True)]))
    whole, rough = found
    assert np.linalg.norm(whole) > 0
    assert whole @ rough / np.linalg.norm(whole) / np.linalg.norm(rough) > 0.99


def test_penalties_on_weights_and_activations_count():
    one = net(kernel_regularizer=keras.regularizers.L2(0.5), activity_regularizer=keras.regularizers.L2(0.25))
    computing = Computing(one, "bfloat16")
    computing(np.full((1, 1), 2, np.float32), training=True)
    assert sum(map(float, computing.losses)) == 0.5 * 1 + 0.25 * 4


def test_random_numbers_of_the_caller_stay():
    gan = plain(compiled=False)
    random.seed(3)
    expected = random.random()
    random.seed(3)
    half(gan)
    assert random.random() == expected


def test_everything_that_is_kept_is_in_float32(tmp_path, no_figures):
    gan = half(dcgan(averaging=0.5))
    run = train_gan(gan, image_data(), epochs=2, verbose=0, run_dir=tmp_path / "run")
    loaded = keras.models.load_model(run.run_dir / "model.keras")
    assert run.config["precision"] == loaded.precision == "bfloat16"
    assert same(loaded, gan)
    assert {variable.dtype for variable in gan.variables if "float" in variable.dtype} == {"float32"}
    policies = {layer.dtype_policy.name for one in (gan.generator, gan.averaged_generator) for layer in one.layers}
    assert policies == {"float32"}
    np.testing.assert_array_equal(loaded.generate(4), gan.generate(4))


def test_recipe_says_it_and_a_resumed_run_keeps_it(tmp_path, no_figures, monkeypatch):
    monkeypatch.setattr("keras_course.training.precision.multiplies_bfloat16", lambda: True)
    assert GAN_RECIPES["dcgan"].precision == "bfloat16"
    monkeypatch.setitem(GAN_RECIPES, "mlp", replace(GAN_RECIPES["mlp"], precision="bfloat16", small=None))
    options = {"epochs": 1, "scores": False, "verbose": 0}
    run = train_recipe("gan", "digits", run_dir=tmp_path, **options)
    assert run.model.precision == run.config["precision"] == run.config["recipe"]["precision"] == "bfloat16"
    monkeypatch.setattr("keras_course.training.precision.multiplies_bfloat16", lambda: False)  # on another machine
    assert resume_run(tmp_path, verbose=0).config["precision"] == "bfloat16"
    with pytest.raises(ValueError, match="precision was 'bfloat16', now 'float32'"):
        train_recipe("gan", "digits", run_dir=tmp_path, resume=True, **{**options, "precision": "float32"})


@pytest.mark.parametrize("precision", ["float16", None, 16])
def test_other_precisions_are_refused(precision):
    with pytest.raises(ValueError, match=r"`precision` must be.*'float32', 'bfloat16'"):
        plain(compiled=False).compile("adam", "adam", precision=precision)


def test_nets_that_cant_be_made_anew_are_refused_by_name():
    class Own(keras.layers.Layer):
        def __init__(self, function, **options):
            super().__init__(**options)
            self.function = function

        def call(self, x):
            return self.function(x)

    gan = plain(compiled=False)
    gan.discriminator = keras.Sequential([keras.Input(SHAPE), Own(abs), keras.layers.Flatten(), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="`precision` needs a model whose layers can be made anew"):
        half(gan)
    assert not gan.compiled and gan.metrics == []
