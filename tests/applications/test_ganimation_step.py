"""One step of GANimation: gradients equal those of passes run anew, losses equal the paper's formulas in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_course.applications.ganimation import (
    GANimation,
    LossWeights,
    MaskAlarm,
    UnitGrid,
    evaluate_faces,
    mean_difference,
    total_variation,
    touched_regions,
    units_loss,
)
from keras_course.applications.ganimation.step import (
    METRICS,
    Batch,
    critic_gradients,
    regression_gradients,
    step_gradients,
)
from keras_course.data import FaceExamples, TrueFaces
from keras_course.models import blend, build_ganimation_discriminator, build_ganimation_generator

SHAPE, UNITS = (16, 16, 3), 2
WEIGHTS = LossWeights(
    adversarial=0.7,
    gradient_penalty=7,
    real_units=5,
    units=3,
    cycle=2,
    attention=0.3,
    sparsity=0.2,
    smoothness=0.4,
    keep=0.6,
)


def nets(seed=0, **options):
    keras.utils.set_random_seed(seed)
    options = {"base_filters": 3, "blocks": 1, "kernel_size": 3, "modulate": True, "skips": True} | options
    generator = build_ganimation_generator(SHAPE, UNITS, **options)
    return generator, build_ganimation_discriminator(SHAPE, UNITS, base_filters=3, depth=3)


def model(*, averaging=0.0, seed=0, **options):
    made = GANimation(*nets(seed), averaging=averaging, seed=5)
    made.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in (2e-3, 4e-3)), loss_weights=WEIGHTS, **options)
    return made


def batch(count=4, seed=1):
    random = np.random.default_rng(seed)
    images, noise = random.uniform(-1, 1, (count, *SHAPE)), random.normal(0, 0.1, (2, count, *SHAPE))
    units = random.random((count, UNITS))
    parts = images, units, np.roll(units, 1, axis=0), noise, random.random(count)
    return Batch(*(tf.constant(part, tf.float32) for part in parts))


def plain_losses(generator, discriminator, given, weights):
    """The two losses with every pass where it is needed, in the paper's order."""
    images, units, wanted, noise, mixture = given
    masks = []

    def changed(faces, asked):
        made = generator([faces, asked], training=True)
        masks.append(made["attention"])
        return (1 - made["attention"]) * made["colour"] + made["attention"] * faces

    fake = tf.stop_gradient(changed(images, wanted))
    masks.clear()
    share = mixture[:, None, None, None]
    between = share * (images + noise[0]) + (1 - share) * (fake + noise[1])
    with tf.GradientTape() as tape:
        tape.watch(between)
        critic = tf.reduce_sum(tf.reduce_mean(discriminator(between)["critic"], axis=(1, 2, 3)))
    slopes = tf.norm(tf.reshape(tape.gradient(critic, between), (len(images), -1)), axis=1)
    real, seen = discriminator(images + noise[0]), discriminator(fake + noise[1])
    critic_loss = (
        tf.reduce_mean(seen["critic"])
        - tf.reduce_mean(real["critic"])
        + weights.gradient_penalty * tf.reduce_mean((slopes - 1) ** 2)
        + weights.real_units * tf.reduce_mean((real["units"] - units) ** 2)
    )
    fake = changed(images, wanted)
    seen = discriminator(fake + noise[1])
    returned, same = changed(fake, units), changed(images, units)
    if not weights.keep:
        masks.pop()
    attention = tf.concat(masks, 0)
    variation = tf.reduce_mean((attention[:, 1:] - attention[:, :-1]) ** 2)
    variation += tf.reduce_mean((attention[:, :, 1:] - attention[:, :, :-1]) ** 2)
    generator_loss = (
        -weights.adversarial * tf.reduce_mean(seen["critic"])
        + weights.units * tf.reduce_mean((seen["units"] - wanted) ** 2)
        + weights.cycle * tf.reduce_mean(tf.abs(returned - images))
        + weights.keep * tf.reduce_mean(tf.abs(same - images))
        + weights.attention * tf.reduce_mean(attention)
        + weights.sparsity * (1 - tf.reduce_mean(attention))
        + weights.smoothness * variation
    )
    return generator_loss, critic_loss


@pytest.mark.parametrize("weights", [WEIGHTS, LossWeights(keep=0.0)], ids=["all", "published"])
def test_gradients_equal_those_of_passes_run_anew(weights):
    (generator, discriminator), given = nets(), batch()
    with tf.GradientTape(persistent=True) as tape:
        losses = plain_losses(generator, discriminator, given, weights)
    step = step_gradients(generator, discriminator, given, weights)
    figures = dict(zip(METRICS, step.figures, strict=True))
    expected = [
        tape.gradient(loss, net.trainable_variables)
        for loss, net in zip(losses, (generator, discriminator), strict=True)
    ]
    for name, loss, got, want in zip(("generator", "discriminator"), losses, step[:2], expected, strict=True):
        np.testing.assert_allclose(figures[f"{name}_loss"], loss, rtol=1e-5)
        np.testing.assert_allclose(figures[f"{name}_gradient_norm"], tf.linalg.global_norm(want), rtol=1e-4)
        for ours, theirs in zip(got, want, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5 * np.abs(theirs).max() + 1e-7)
    for ours, theirs in zip(critic_gradients(generator, discriminator, given, weights), expected[1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5 * np.abs(theirs).max() + 1e-7)


def test_head_start_learns_the_units_and_leaves_critic_and_generator_alone():
    ganimation, given = model(head_start=2), batch(8)
    before = [weight.numpy() for weight in ganimation.weights]
    critic = ganimation.discriminator.get_layer("critic").kernel
    gradients, error = regression_gradients(ganimation.discriminator, given, WEIGHTS)
    seen = ganimation.discriminator(given.images + given.noise[0])["units"]
    np.testing.assert_allclose(error, np.mean((seen - given.units) ** 2), rtol=1e-5)
    assert len(gradients) == len(ganimation.discriminator.trainable_variables)
    first = ganimation.train_on_batch((given.images + 1) / 2, given.units, return_dict=True)
    assert first["generator_loss"] == 0
    changed = {
        id(weight) for weight, old in zip(ganimation.weights, before, strict=True) if (weight.numpy() != old).any()
    }
    assert changed
    assert not changed & {id(weight) for weight in (*ganimation.generator.weights, critic)}
    for _ in range(2):
        ganimation.train_on_batch((given.images + 1) / 2, given.units)
    assert (ganimation.generator.weights[0].numpy() != before[0]).any()
    assert int(ganimation.generator_optimizer.iterations) == 1


def test_each_critic_step_has_its_part_of_the_batch_and_no_batch_is_too_small():
    ganimation = model(critic_steps=3)
    for count in (9, 7, 2, 1):
        given = batch(count)
        logs = ganimation.train_on_batch((given.images + 1) / 2, given.units, return_dict=True)
        assert all(np.isfinite(value) for value in logs.values())
    assert int(ganimation.discriminator_optimizer.iterations) == 12
    assert int(ganimation.generator_optimizer.iterations) == 4


def test_average_of_the_weights_changes_the_faces():
    ganimation, given = model(averaging=0.5), batch()
    for _ in range(3):
        ganimation.train_on_batch((given.images + 1) / 2, given.units)
    kernels = [net.weights[0].numpy() for net in (ganimation.generator, ganimation.averaged_generator)]
    assert (kernels[0] != kernels[1]).any()
    faces = np.random.default_rng(0).integers(0, 256, (3, *SHAPE), dtype=np.uint8)
    changed, masks = ganimation.change_and_mask(faces, np.ones((3, UNITS)))
    x = faces / np.float32(127.5) - 1
    made = ganimation.averaged_generator([x, np.ones((3, UNITS), np.float32)])
    expected = np.rint(np.clip((np.asarray(blend(made, x)) + 1) * 127.5, 0, 255))
    np.testing.assert_allclose(changed, expected, atol=1)
    np.testing.assert_allclose(masks, made["attention"][..., 0], atol=1e-5)


def test_losses_are_those_of_the_formulas():
    random = np.random.default_rng(3)
    one, other, masks = random.random((4, 3)), random.random((4, 3)), random.random((2, 5, 6, 1))
    np.testing.assert_allclose(units_loss(one, other), ((one - other) ** 2).mean(), rtol=1e-5)
    np.testing.assert_allclose(mean_difference(one, other), np.abs(one - other).mean(), rtol=1e-5)
    expected = (np.diff(masks, axis=1) ** 2).mean() + (np.diff(masks, axis=2) ** 2).mean()
    np.testing.assert_allclose(total_variation(masks), expected, rtol=1e-5)


@pytest.mark.parametrize(("bias", "kind"), [(20.0, "the mask is shut"), (-20.0, "the mask is open"), (0.0, None)])
def test_alarm_rings_when_the_mask_is_shut_or_open(bias, kind):
    generator, discriminator = nets()
    outputs = dict(generator.output)
    logit = keras.layers.Lambda(lambda x: keras.ops.sigmoid(0 * x + bias))(outputs["attention"])
    broken = keras.Model(generator.input, {**outputs, "attention": logit})
    ganimation = GANimation(broken, discriminator)
    ganimation.compile("adam", "adam")
    faces = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), dtype=np.uint8)
    alarm = MaskAlarm(faces, np.random.default_rng(1).random((4, UNITS)))
    alarm.set_model(ganimation)
    logs = [{}, {}]
    for epoch in range(2):
        alarm.on_epoch_end(epoch, logs[epoch])
    assert [finding.kind for finding in alarm.findings] == ([] if kind is None else [kind])
    assert [one["collapse"] for one in logs] == ([0, 0] if kind is None else [0, 1])


def test_alarm_ends_a_training_whose_weights_are_not_finite():
    ganimation = model()
    faces = np.zeros((2, *SHAPE), np.uint8)
    alarm = MaskAlarm(faces, np.zeros((2, UNITS)))
    alarm.set_model(ganimation)
    kernel = ganimation.generator.weights[0]
    kernel.assign(np.full(kernel.shape, np.nan))
    alarm.on_epoch_end(0, {})
    assert ganimation.stop_training
    assert alarm.explain(None).startswith("epoch 1: weight ")


def test_grid_has_each_unit_once_at_one_and_all_at_zero():
    class Told:
        def change(self, images, units):
            self.units = units
            return np.full(images.shape, 9, np.uint8)

    told, own = Told(), np.array([[0.2, 0.3], [0.4, 0.5]], np.float32)
    grid = UnitGrid("unused", np.zeros((2, *SHAPE), np.uint8), own)
    pictures = grid.changed(told)
    np.testing.assert_allclose(told.units[:3], [[1, 0.3], [0.2, 1], [0, 0]])
    np.testing.assert_allclose(told.units[3:], [[1, 0.5], [0.4, 1], [0, 0]])
    assert [int(picture.max()) for picture in pictures] == [0, 9, 9, 9, 0, 9, 9, 9]


class Judge:
    """Sees the mean of the red pixels as the unit."""

    def units_of(self, images):
        return images[..., :1].mean(axis=(1, 2)) / 255


class Painter:
    """Paints the left half: grey where a unit is asked for, else black."""

    def change_and_mask(self, images, units):
        changed, masks = images.copy(), np.ones(images.shape[:3], np.float32)
        changed[:, :, :8], masks[:, :, :8] = np.rint(255 * units)[:, :, None, None], 0
        return changed, masks


def test_evaluation_compares_with_the_truth():
    faces, units = np.zeros((3, *SHAPE), np.uint8), np.zeros((3, 1), np.float32)
    truth = faces.copy()
    truth[:, :, :4] = 255
    true = TrueFaces(faces, units, np.full((3, 1), 0.2, np.float32), truth, FaceExamples(faces, units))
    found = evaluate_faces(Painter(), true, Judge())
    edit = (0.8 * 4 + 0.2 * 4) / 16  # white where 0.2 is painted, and 0.2 beside it where nothing changes
    np.testing.assert_allclose(found.table["error"], [edit, 0.25, 0, 0])
    np.testing.assert_allclose(found.table["units"], [0.1, 0.2, 0, 0.05], atol=1e-6)
    np.testing.assert_allclose(found.ratio, edit / 0.25)
    np.testing.assert_allclose(found.outside, 0.2 * 3 / 11)  # of the columns 5 to 15, three are painted
    np.testing.assert_allclose([found.iou, found.kept, found.keep], [0.5, 0.5, 0])
    assert found.table.loc["truth", "ssim"] == 1


def test_touched_pixels_are_above_two_per_cent_and_grown_by_one():
    faces, truth = np.full((1, 5, 5, 3), 100, np.uint8), np.full((1, 5, 5, 3), 100, np.uint8)
    truth[0, 2, 2, 1], truth[0, 0, 0] = 94, 105  # 6 levels are 2.35 %, 5 are 1.96 %
    touched, grown = touched_regions(faces, truth)
    assert np.argwhere(touched[0]).tolist() == [[2, 2]]
    assert grown[0].sum() == 9
    assert grown[0, 1:4, 1:4].all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LossWeights(cycle=-1), "`cycle` must be"),
        (lambda: GANimation(nets()[1], nets()[1]), "`generator` must be"),
        (lambda: GANimation(nets()[0], build_ganimation_discriminator(SHAPE, 3, depth=2)), "of 2 units"),
        (lambda: GANimation(*nets(), averaging=1), "`averaging` must be"),
        (lambda: model(critic_steps=0), "`critic_steps` must be"),
        (lambda: model(noise=-1), "`noise` must be"),
        (lambda: model(head_start=-1), "`head_start` must be"),
        (lambda: model().change(np.zeros((1, 8, 8, 3), np.uint8), [[0, 0]]), "`images` must be"),
        (lambda: model().change(np.zeros((1, *SHAPE), np.uint8), [[0, 2]]), r"`units` must be in \[0, 1\]"),
        (lambda: model().change(np.zeros((2, *SHAPE), np.uint8), [[0, 1]]), r"of shape \(2, 2\)"),
    ],
)
def test_arguments_out_of_range_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
