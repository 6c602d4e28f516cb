"""GAN: its step against a plain two-tape implementation, its average against NumPy, saving, sampling, refusals."""

import json
from functools import cache, partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from pairs import LATENT, SHAPE, batches, conditional, dcgan, plain, same

from keras_course.callbacks import GradientNormMonitor, StepDecay
from keras_course.gan import GAN, FollowGeneratorRate, build_gan_discriminator, build_gan_generator
from keras_course.gan.model import gan as gan_model

LOSSES = {
    "non-saturating": (
        lambda real, fake: bce(1, real) + bce(0, fake),
        lambda fake: bce(1, fake),
    ),
    "minimax": (
        lambda real, fake: bce(1, real) + bce(0, fake),
        lambda fake: -bce(0, fake),
    ),
    "least-squares": (
        lambda real, fake: tf.reduce_mean((real - 1) ** 2 + (fake + 1) ** 2) / 8,
        lambda fake: tf.reduce_mean((fake - 1) ** 2) / 8,
    ),
}


def bce(label, logits):
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.fill(tf.shape(logits), float(label)), logits))


def fit(gan, data=None, **options):
    images, labels = data or batches()
    inputs = (images, labels) if gan.conditional else (images,)
    options = {"epochs": 1, "batch_size": 6, "shuffle": False, "verbose": 0, **options}
    return gan.fit(*inputs, **options)


def two_tapes(gan, images, labels, noises, loss):
    """The step of the TensorFlow DCGAN tutorial, two tapes and no more; returns its losses and both gradients."""
    discriminator_loss, generator_loss = LOSSES[loss]
    rows, norms = [], []
    for step, z in enumerate(noises):
        part = slice(6 * step, 6 * step + 6)
        x, z = tf.constant(2 * images[part] - 1), tf.constant(z)
        y = [tf.constant(labels[part], tf.int32)] if gan.conditional else []
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            fake = gan.generator([z, *y] if y else z, training=True)
            real_logits = gan.discriminator([x, *y] if y else x, training=True)
            fake_logits = gan.discriminator([fake, *y] if y else fake, training=True)
            losses = generator_loss(fake_logits), discriminator_loss(real_logits, fake_logits)
        nets = gan.generator, gan.discriminator
        gradients = [
            tape.gradient(value, net.trainable_variables)
            for tape, value, net in zip((generator_tape, discriminator_tape), losses, nets, strict=True)
        ]
        optimizers = gan.generator_optimizer, gan.discriminator_optimizer
        for optimizer, grads, net in zip(optimizers, gradients, nets, strict=True):
            optimizer.apply(grads, net.trainable_variables)
        rows.append([float(value) for value in losses])
        norms.append([[np.linalg.norm(tf.convert_to_tensor(g)) for g in grads] for grads in gradients])
    return np.array(rows), norms


@pytest.fixture
def noises(monkeypatch):
    """The latents of the steps, known to the test."""
    drawn = np.random.default_rng(7).standard_normal((3, 6, LATENT)).astype(np.float32)
    left = tf.Variable(0)

    def normal(shape, seed):
        return tf.constant(drawn)[left.assign_add(1) - 1]

    monkeypatch.setattr(gan_model.keras.random, "normal", normal)
    return drawn


@pytest.mark.parametrize(
    ("build", "loss"),
    [(plain, "minimax"), (plain, "least-squares"), (dcgan, "non-saturating"), (conditional, "non-saturating")],
)
def test_step_is_the_one_of_two_tapes(build, loss, noises):
    (images, labels), rows = batches(), []
    ours, theirs = build(), build()
    for gan in (ours, theirs):  # not Adam, which would amplify the last bit of a gradient near 0
        gan.compile(keras.optimizers.SGD(0.1, momentum=0.5), keras.optimizers.SGD(0.2, momentum=0.5), loss)
    losses, _ = two_tapes(theirs, images, labels, noises, loss)
    record = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: rows.append([logs["generator_loss"], logs["discriminator_loss"]])
    )
    fit(ours, callbacks=[record])
    means = np.cumsum(losses, axis=0) / np.arange(1, 4)[:, np.newaxis]  # logs hold the mean so far
    np.testing.assert_allclose(rows, means, rtol=1e-4)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)  # moving statistics too


def test_logs_are_means_over_images(noises):
    gan = plain()
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0), run_eagerly=True)
    images = batches()[0][:9]  # a whole batch and a half
    logs = {name: values[-1] for name, values in fit(gan, (images, None)).history.items()}
    real = keras.ops.sigmoid(gan.discriminator(2 * images - 1))
    assert logs["d_real"] == pytest.approx(float(np.mean(real)), rel=1e-5)
    assert set(logs) == set(gan_model.METRICS)


def test_label_smoothing_changes_the_loss_and_not_the_value(noises):
    gan = plain()
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0), label_smoothing=0.3, run_eagerly=True)
    images = batches()[0][:6]
    logs = {name: values[-1] for name, values in fit(gan, (images, None)).history.items()}
    real, fake = gan.discriminator(2 * images - 1), gan.discriminator(gan.generator(noises[0], training=True))
    expected = 0.7 * bce(1, real) + 0.3 * bce(0, real) + bce(0, fake)
    assert logs["discriminator_loss"] == pytest.approx(float(expected), rel=1e-5)
    assert logs["value"] == pytest.approx(-float(bce(1, real) + bce(0, fake)), rel=1e-5)


def test_gradient_norms_are_those_of_the_tapes(noises):
    images, labels = batches()
    ours, theirs = dcgan(averaging=0.9), dcgan()  # the average has no gradient, and no column
    _, norms = two_tapes(theirs, images, labels, noises, "non-saturating")
    monitor = GradientNormMonitor()
    logs = fit(ours, callbacks=[monitor]).history
    totals = np.mean([[np.linalg.norm(net) for net in step] for step in norms], axis=0)
    got = logs["generator_gradient_norm"][-1], logs["discriminator_gradient_norm"][-1]
    np.testing.assert_allclose(got, totals, rtol=1e-3)
    squares = monitor.norms**2
    for net, place in (("dcgan_generator", 0), ("dcgan_discriminator", 1)):
        columns = [column for column in squares if column.startswith(f"{net}/")]
        assert len(columns) > 2
        expected = [np.linalg.norm(step[place]) for step in norms]
        np.testing.assert_allclose(np.sqrt(squares[columns].sum(axis=1)), expected, rtol=1e-3)
    assert len(monitor.norms) == 3 and not [column for column in squares if "#" in column]
    assert set(monitor.report().index) == set(squares)


def test_average_is_numpys():
    seen, gan = [], dcgan(averaging=0.8, eager=True)
    copy = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(gan.generator.get_weights())
    )
    fit(gan, callbacks=[copy], epochs=2)
    powers = 0.8 ** np.arange(len(seen))[::-1]
    trained = [weight.trainable for weight in gan.generator.weights]
    for place, mean in enumerate(gan.averaged_generator.get_weights()):
        if trained[place]:
            expected = np.tensordot(powers / powers.sum(), np.stack([weights[place] for weights in seen]), 1)
            np.testing.assert_allclose(mean, expected, rtol=1e-4, atol=1e-6)


def test_statistics_of_the_average_fit_its_weights():
    """In training mode the averaged generator says the same of a large batch as with its own statistics."""
    gan = dcgan(averaging=0.9, adam=0.03)
    fit(gan, epochs=5)
    mean = gan.averaged_generator
    latents = np.random.default_rng(1).standard_normal((4000, LATENT), np.float32)
    inputs = keras.Model(mean.inputs, mean.get_layer("stage2_conv1_bn").input)([latents])
    axes = (0, 1, 2)
    layer = mean.get_layer("stage2_conv1_bn")
    spread = np.std(inputs, axis=axes)
    assert np.all(np.abs(layer.moving_mean - np.mean(inputs, axis=axes)) < 0.15 * spread)
    np.testing.assert_allclose(np.sqrt(layer.moving_variance), spread, rtol=0.1)
    theirs = gan.generator.get_layer("stage2_conv1_bn")
    assert not np.allclose(theirs.moving_variance, layer.moving_variance, rtol=0.01)


def test_settling_leaves_the_layers_as_they_were():
    gan = dcgan(averaging=0.9, eager=True)
    fit(gan)
    layer = gan.averaged_generator.get_layer("stage1_bn")
    assert layer.momentum == 0.9 and not layer.trainable


def test_changed_weights_are_settled_anew():
    gan, other = dcgan(averaging=0.9, eager=True), dcgan(averaging=0.9, seed=3, eager=True)
    fit(gan)
    fit(other)
    gan.set_weights(other.get_weights())
    gan.averaged_generator.get_layer("stage1_bn").moving_mean.assign(np.full(4, 9.0))
    np.testing.assert_array_equal(gan.generate(5), other.generate(5))


def test_same_seed_same_weights_and_another_seed_others():
    first, second, third = (plain(dropout=0.3) for _ in range(3))
    third.seed_generator.state.assign(np.array([99, 0]))  # other latents
    for gan in (first, second, third):
        fit(gan, epochs=2)
    assert same(first, second) and not same(first, third)


@pytest.mark.parametrize("build", [plain, conditional])
def test_file_holds_everything(build, tmp_path):
    gan = build(averaging=0.9, **({"dropout": 0.3} if build is plain else {}))
    fit(gan)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert same(loaded, gan)
    np.testing.assert_array_equal(loaded.generate(4), gan.generate(4))
    for model in (gan, loaded):
        fit(model)
    assert same(loaded, gan), "optimizers, average or random state were lost"
    assert int(loaded.generator_optimizer.iterations) == int(loaded.discriminator_optimizer.iterations) == 6
    assert json.dumps(loaded.get_compile_config()["loss"]) == '"non-saturating"'


def test_file_of_an_uncompiled_gan(tmp_path):
    gan = plain(compiled=False)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert same(loaded, gan) and not loaded.compiled
    np.testing.assert_array_equal(loaded.generate(3), gan.generate(3))


def test_generated_images_are_the_generators():
    gan = plain()
    images = gan.generate(7, seed=4, batch_size=3)
    latents = np.random.default_rng(4).standard_normal((7, LATENT), np.float32)
    expected = np.rint(127.5 * (keras.ops.convert_to_numpy(gan.generator(latents)) + 1))
    assert images.dtype == np.uint8 and images.shape == (7, *SHAPE)
    assert np.abs(images - expected).max() <= 1
    np.testing.assert_array_equal(images, gan.generate(7, seed=4))
    assert not np.array_equal(images, gan.generate(7, seed=5))


def test_labels_choose_the_class():
    gan = conditional(averaging=0.9)
    in_turn, twos = gan.generate(6), gan.generate(6, labels=2)
    np.testing.assert_array_equal(in_turn, gan.generate(6, labels=[0, 1, 2, 0, 1, 2]))
    np.testing.assert_array_equal(in_turn[2::3], twos[2::3])
    assert not np.array_equal(in_turn, twos)


def test_predict_is_the_averaged_generator():
    gan = dcgan(averaging=0.5, eager=True)
    fit(gan)
    latents = np.ones((2, LATENT), np.float32)
    np.testing.assert_allclose(gan.predict(latents, verbose=0), gan.averaged_generator(latents), atol=1e-6)


def test_wasserstein_penalty_holds_the_slope_near_one():
    """Without the penalty the critic's slope grows without bound, with it it stays near 1."""
    slopes = {}
    for penalty in (0.0, 10.0):
        gan = plain()
        gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.Adam(0.01), "wasserstein-gp", gradient_penalty=penalty)
        fit(gan, tuple(np.concatenate([part] * 60) for part in batches()))  # sixty epochs in one
        x = tf.constant(2 * batches()[0] - 1)
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(gan.discriminator(x))
        slopes[penalty] = float(tf.reduce_mean(tf.norm(tf.reshape(tape.gradient(total, x), (len(x), -1)), axis=1)))
    assert slopes[0.0] > 5 and 0.5 < slopes[10.0] < 1.5


def test_penalties_on_weights_are_part_of_what_is_minimised():
    def decayed(strength):
        keras.utils.set_random_seed(0)
        generator = build_gan_generator(SHAPE, latent_dim=LATENT, hidden=())
        inputs = keras.Input(SHAPE)
        logits = keras.layers.Dense(1, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(strength))(
            keras.layers.Flatten()(inputs)
        )
        gan = GAN(generator, keras.Model(inputs, logits), seed=0)
        gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.01), run_eagerly=True)
        fit(gan, tuple(x[:6] for x in batches()))
        return gan.discriminator.get_weights()[0]

    np.testing.assert_allclose(decayed(0.0) - decayed(5.0), 0.01 * 2 * 5.0, rtol=1e-3)


def test_points_of_the_plane_do_as_well_as_images():
    points, w, b = np.random.default_rng(0).random((12, 2), np.float32), np.array([[3.0], [-1.0]]), np.array([0.2, 0.7])
    generator = keras.Sequential([keras.Input((LATENT,)), keras.layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    generator.set_weights([np.zeros((LATENT, 2)), b])  # always the same point
    discriminator.set_weights([w])
    gan = GAN(generator, discriminator, seed=0)
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0), run_eagerly=True)
    logs = fit(gan, (points, None)).history
    d_real, d_fake = 1 / (1 + np.exp(-(2 * points - 1) @ w)), 1 / (1 + np.exp(-b @ w))
    assert logs["value"][0] == pytest.approx(np.mean(np.log(d_real)) + np.log(1 - d_fake[0]), rel=1e-5)
    assert logs["d_fake"][0] == pytest.approx(d_fake[0], rel=1e-5)


def test_one_decay_for_both_nets():
    gan = plain(adam=0.01, eager=True)
    fit(gan, epochs=3, callbacks=[StepDecay(every=1), FollowGeneratorRate()])
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(0.01 / 4)
    assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(0.02 / 4)


def test_several_steps_in_one_call_are_the_same():
    single, several = plain(), plain()
    several.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(2e-3), steps_per_execution=3)
    fit(single)
    fit(several)
    for a, b in zip(single.get_weights(), several.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def shared_optimizer():
    optimizer = keras.optimizers.Adam()
    plain(compiled=False).compile(optimizer, optimizer)


@cache
def one(build):
    """Returns a GAN that serves all that it refuses."""
    return build()


def nets(**changes):
    generator = build_gan_generator(SHAPE, latent_dim=LATENT, hidden=())
    return {"generator": generator, "discriminator": build_gan_discriminator(SHAPE, hidden=()), **changes}


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (shared_optimizer, "`discriminator_optimizer` must be an optimizer of its own"),
        (lambda: plain(compiled=False).compile("adamm", "adam"), "`generator_optimizer` must be"),
        (lambda: plain(compiled=False).compile("adam", None), "`discriminator_optimizer` must be"),
        (lambda: plain(loss="hinge"), "`loss` must be one of 'non-saturating'"),
        (lambda: plain(compiled=False).compile("adam", "adam", label_smoothing=0.5), "`label_smoothing` must be"),
        (
            lambda: plain(compiled=False).compile("adam", "adam", "wasserstein-gp", label_smoothing=0.1),
            "`label_smoothing` must be 0",
        ),
        (lambda: dcgan(loss="wasserstein-gp"), "without batch normalisation.*stage2_conv1_bn"),
        (lambda: plain(averaging=1.0), "`averaging` must be"),
        (lambda: one(plain).fit((255 * batches()[0]).astype("uint8"), verbose=0), "`data` must be floats"),
        (lambda: one(plain).images_of(np.zeros((0, LATENT))), r"`latents` must be .* of shape \(count, 5\)"),
        (lambda: one(plain).images_of(np.zeros((2, LATENT + 1))), r"`latents` must be .* of shape \(count, 5\)"),
        (lambda: GAN(**nets(generator=3)), "`generator` must be a functional"),
        (lambda: GAN(**nets(generator=build_gan_discriminator(SHAPE))), "`generator` must take latents"),
        (lambda: GAN(**nets(discriminator=build_gan_discriminator((4, 4, 1)))), "`discriminator` must take the images"),
        (
            lambda: GAN(**nets(discriminator=keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten()]))),
            "one logit",
        ),
        (lambda: GAN(conditional().generator, build_gan_discriminator(SHAPE)), "and the labels"),
        (lambda: GAN(conditional(classes=4).generator, conditional(classes=3).discriminator), "for 3 classes"),
        (
            lambda: GAN(conditional().generator, conditional().discriminator, num_classes=2),
            "num_classes=2, and .* for 3",
        ),
        (lambda: one(plain).generate(0), "`count` must be"),
        (lambda: one(plain).generate(3, labels=1), "`labels` must be None"),
        (lambda: one(conditional).generate(3, labels=3), r"`labels` must be classes in 0\.\.2"),
        (lambda: one(conditional).generate(3, labels=[0, 1]), "`labels` must be classes"),
        (lambda: one(plain).generate(3, batch_size=0), "`batch_size` must be"),
        (lambda: one(conditional).fit(batches()[0], verbose=0), "`data` must be batches of"),
    ],
)
def test_bad_arguments_are_named(act, message):
    with pytest.raises(ValueError, match=message):
        act()


@pytest.mark.parametrize("make", [plain, conditional, partial(plain, loss="wasserstein-gp")])
def test_mixed_precision_trains(make):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan = make(eager=True)
    finally:
        keras.config.set_dtype_policy("float32")
    before = gan.generator.get_weights()
    images, labels = batches()
    history = gan.fit(images, labels if gan.conditional else None, batch_size=6, verbose=0).history
    assert all(np.isfinite(figures).all() for figures in history.values())
    assert all(np.isfinite(weight).all() for weight in gan.get_weights())
    assert any((a != b).any() for a, b in zip(before, gan.generator.get_weights(), strict=True))
