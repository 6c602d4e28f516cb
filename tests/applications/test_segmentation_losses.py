"""What a segmenter minimises, against scikit-learn, NumPy in float64 and finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax
from sklearn.metrics import log_loss

from keras_course.applications.segmentation import cross_entropy_dice_loss, dice_loss, pixel_cross_entropy
from keras_course.models import build_unet

LOSSES = [pixel_cross_entropy, dice_loss, cross_entropy_dice_loss]
every_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)


@pytest.fixture
def batch():
    """Three images: all four classes, two of them, and none at all; with ignored pixels."""
    random = np.random.default_rng(0)
    masks = random.integers(0, 4, (3, 5, 6))
    masks[1] %= 2
    masks[:2, 2, :4] = 255
    masks[2] = 255
    return masks, random.normal(0, 2, (3, 5, 6, 4)).astype(np.float32)


def test_cross_entropy_is_that_of_scikit_learn_on_the_known_pixels(batch):
    for mask, logits, found in zip(*batch, pixel_cross_entropy(*batch), strict=True):
        known = mask != 255
        probabilities = softmax(logits[known].astype(float), axis=-1)
        expected = log_loss(mask[known], probabilities, labels=range(4)) if known.any() else 0.0
        assert float(found) == pytest.approx(expected, rel=1e-5)


def test_dice_by_hand(batch):
    for mask, logits, found in zip(*batch, dice_loss(*batch), strict=True):
        known = mask != 255
        probabilities = softmax(logits[known].astype(float), axis=-1)
        coefficients = []
        for label in np.unique(mask[known]):
            truth, p = mask[known] == label, probabilities[:, label]
            coefficients.append(2 * p[truth].sum() / (p.sum() + truth.sum()))
        expected = 1 - np.mean(coefficients) if coefficients else 0.0
        assert float(found) == pytest.approx(expected, abs=1e-5)


def test_dice_of_masks_that_are_sure_is_that_of_sets():
    masks = np.array([[[0, 0, 1, 1]]])
    predicted = np.array([[[0, 1, 1, 1]]])
    logits = 100 * np.eye(3, dtype=np.float32)[predicted]
    # |A and B| = 1 of 2 + 1 background pixels, and 2 of 2 + 3 of class 1; class 2 is nowhere
    assert float(dice_loss(masks, logits)[0]) == pytest.approx(1 - (2 / 3 + 4 / 5) / 2, abs=1e-6)
    assert float(dice_loss(predicted, logits)[0]) == pytest.approx(0, abs=1e-6)


def test_the_sum_is_the_sum(batch):
    expected = np.asarray(pixel_cross_entropy(*batch)) + np.asarray(dice_loss(*batch))
    np.testing.assert_allclose(cross_entropy_dice_loss(*batch), expected, rtol=1e-6)


def gradient_of(loss, masks, logits):
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        total = tf.reduce_sum(loss(masks, logits))
    return tape.gradient(total, logits).numpy()


@every_loss
def test_gradients_are_those_of_finite_differences(batch, loss):
    masks, logits = batch
    gradient = gradient_of(loss, masks, logits).ravel()
    step = 1e-2
    for index in np.random.default_rng(0).choice(gradient.size, 20, replace=False):
        low, high = (logits.copy(), logits.copy())
        low.reshape(-1)[index] -= step
        high.reshape(-1)[index] += step
        difference = (np.sum(loss(masks, high)) - np.sum(loss(masks, low))) / (2 * step)
        assert gradient[index] == pytest.approx(difference, rel=2e-2, abs=2e-4)


@every_loss
def test_ignored_pixels_have_no_influence(batch, loss):
    masks, logits = batch
    assert not gradient_of(loss, masks, logits)[masks == 255].any()
    other = np.where((masks == 255)[..., np.newaxis], 50.0, logits).astype(np.float32)
    np.testing.assert_allclose(loss(masks, other), loss(masks, logits), rtol=1e-6)
    assert float(loss(masks, logits)[2]) == 0


@every_loss
def test_a_mean_over_parts_of_a_batch_is_that_of_the_batch(batch, loss):
    masks, logits = batch
    parts = [loss(masks[part], logits[part]) for part in (slice(0, 1), slice(1, 3))]
    np.testing.assert_allclose(np.concatenate(parts), loss(masks, logits), rtol=1e-6)


@every_loss
def test_of_a_larger_mask_the_middle_counts(batch, loss):
    masks, logits = batch
    frame = np.pad(masks, ((0, 0), (2, 2), (3, 3)), constant_values=1)
    np.testing.assert_array_equal(loss(frame, logits), loss(masks, logits))


def test_they_train_a_compiled_model_on_the_middle_of_the_masks():
    keras.utils.set_random_seed(0)
    model = build_unet((20, 20, 1), 2, depth=1, base_filters=4, dropout=0.0)
    model.compile(keras.optimizers.Adam(1e-2), loss=cross_entropy_dice_loss)
    images = np.random.default_rng(0).random((4, 20, 20, 1), np.float32)
    masks = (images[..., 0] > 0.5).astype(np.int64)
    before = model.evaluate(images, masks, verbose=0)
    model.fit(images, masks, epochs=20, verbose=0)
    assert model.evaluate(images, masks, verbose=0) < 0.8 * before
