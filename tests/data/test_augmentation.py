import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_course.data import IGNORE, MaskData, ObjectData, load_images
from keras_course.data.augmentation import AUGMENTATIONS, OF_SCENES, augment_batch, chosen_augmentations

IMAGES = np.random.default_rng(0).integers(1, 256, (40, 16, 12, 3), dtype=np.uint8)
HEIGHT, WIDTH, EDGE = 20, 28, 1e-3  # pixels; centres nearer to an edge may fall on either side


def augmented(images, kinds, seed=(1, 2)):
    return augment_batch({"images": tf.constant(images)}, kinds, tf.constant(seed))["images"].numpy()


def test_flip_mirrors_about_half_of_the_images():
    flipped = augmented(IMAGES, ("flip",))
    mirrored = [np.array_equal(after, before[:, ::-1]) for before, after in zip(IMAGES, flipped, strict=True)]
    untouched = [np.array_equal(after, before) for before, after in zip(IMAGES, flipped, strict=True)]
    assert all(a != b for a, b in zip(mirrored, untouched, strict=True))
    assert 8 <= sum(mirrored) <= 32  # 20 expected, standard deviation 3.2


@pytest.mark.parametrize(("kind", "margin"), [("crop", round(12 / 8)), ("shift", round(12 / 20))])
def test_crop_and_shift_move_each_image_by_up_to_an_eighth_and_a_twentieth(kind, margin):
    cropped = augmented(IMAGES, (kind,))
    padded = np.pad(IMAGES, [(0, 0), (margin, margin), (margin, margin), (0, 0)])
    shifts = []
    for before, after in zip(padded, cropped, strict=True):
        found = [
            (top, left)
            for top in range(2 * margin + 1)
            for left in range(2 * margin + 1)
            if np.array_equal(before[top : top + 16, left : left + 12], after)
        ]
        assert len(found) == 1
        shifts += found
    assert len(set(shifts)) > margin * 5
    assert {top for top, _ in shifts} == {left for _, left in shifts} == set(range(2 * margin + 1))


def test_invert_takes_the_negative_of_about_half_of_the_images():
    inverted = augmented(IMAGES, ("invert",))
    negative = [np.array_equal(after, 255 - before) for before, after in zip(IMAGES, inverted, strict=True)]
    untouched = [np.array_equal(after, before) for before, after in zip(IMAGES, inverted, strict=True)]
    assert all(a != b for a, b in zip(negative, untouched, strict=True))
    assert 8 <= sum(negative) <= 32  # 20 expected, standard deviation 3.2


def test_no_kind_changes_nothing():
    np.testing.assert_array_equal(augmented(IMAGES, ()), IMAGES)


@pytest.mark.parametrize("augment", [True, ("flip",), ["crop"]])
def test_depends_on_seed_and_epoch_alone_and_spares_the_labels(digits_dir, digits, augment):
    data = load_images(data_dir=digits_dir, augment=augment)
    first, again, later = (list(data.train_from(epoch).take(2)) for epoch in (3, 3, 4))
    for (x, y), (u, v), (plain, plain_labels) in zip(first, again, digits.train_from(3), strict=False):
        np.testing.assert_array_equal(x, u)
        np.testing.assert_array_equal(y, v)
        np.testing.assert_array_equal(y, plain_labels)
        assert not np.array_equal(x, plain)
    assert not np.array_equal(first[0][0], later[0][0])


def test_test_images_are_never_augmented(digits_dir, digits):
    data = load_images(data_dir=digits_dir, augment=True)
    for (x, _), (u, _) in zip(data.test, digits.test, strict=True):
        np.testing.assert_array_equal(x, u)


def test_scale_keeps_the_middle_and_stays_in_its_range():
    """A square about the middle stays there; the root of its area is scaled by 3/4 to 4/3."""
    images = np.zeros((200, 64, 64, 1), np.uint8)
    images[:, 22:42, 22:42] = 255
    scaled = augmented(images, ("scale",)) / 255
    sides = np.sqrt(scaled.sum(axis=(1, 2, 3)))
    assert (sides > 20 * 3 / 4 - 0.1).all()
    assert (sides < 20 * 4 / 3 + 0.1).all()
    assert np.ptp(np.log(sides)) > 0.5  # of log(16 / 9) = 0.575
    centres = (scaled.sum(axis=(2, 3)) * (np.arange(64) + 0.5)).sum(axis=1) / sides**2
    np.testing.assert_allclose(centres, 32, atol=1e-3)


def test_scaled_pixels_are_those_of_scipy():
    """Linear interpolation between the centres of pixels, black outside."""
    from scipy.ndimage import affine_transform

    moved = augment_batch(
        {"images": tf.constant(IMAGES), "boxes": tf.constant([[[2.0, 3, 10, 13]]] * 40), **one_object(40)},
        ("scale",),
        tf.constant([5, 6]),
    )
    for image, after, box in zip(IMAGES, moved["images"].numpy(), moved["boxes"].numpy()[:, 0], strict=True):
        scale = (box[2] - box[0]) / 8 if box[0] > 0 else (box[2] - 6) / 4
        middle = np.array([7.5, 5.5])  # of a 16x12 image, in indices
        for channel in range(3):
            padded = np.pad(image[..., channel].astype(float), 2)
            expected = affine_transform(
                padded, [1 / scale] * 2, offset=middle - middle / scale + 2, output_shape=(16, 12), order=1
            )
            np.testing.assert_allclose(after[..., channel], expected, atol=0.05)


def test_colour_multiplies_and_adds_within_its_range():
    images = np.full((300, 2, 2, 3), 100, np.uint8)
    images[:, 1] = 140
    coloured = augmented(images, ("colour",))
    gains = (coloured[:, 1, 0] - coloured[:, 0, 0]) / 40
    offsets = coloured[:, 0, 0] - 100 * gains
    assert 0.8 <= gains.min() < 0.85
    assert 1.2 < gains.max() <= 1.2501
    np.testing.assert_allclose(offsets, offsets[:, :1].repeat(3, axis=1), atol=1e-3)  # one for all channels
    assert np.abs(offsets).max() <= 25.001
    assert np.ptp(gains, axis=1).max() > 0.1


def one_object(batch):
    return {"class_id": tf.zeros([batch, 1], tf.int64), "is_crowd": tf.zeros([batch, 1], tf.bool)}


def filled(boxes):
    """Returns masks of 1 in a box each, 0 elsewhere."""
    x, y = np.arange(WIDTH) + 0.5, (np.arange(HEIGHT) + 0.5)[:, None]
    x_min, y_min, x_max, y_max = boxes.T[..., None, None]
    return ((x > x_min) & (x < x_max) & (y > y_min) & (y < y_max)).astype(np.uint8)


@st.composite
def boxes_in_the_image(draw):
    left, top = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
    return left, top, draw(st.integers(left + 1, WIDTH)), draw(st.integers(top + 1, HEIGHT))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(boxes_in_the_image(), min_size=8, max_size=8),
    st.lists(st.sampled_from(AUGMENTATIONS), min_size=1, unique=True),
    st.integers(0, 2**31 - 1),
)
def test_a_mask_moved_with_its_box_covers_the_moved_box(boxes, kinds, seed):
    boxes = np.float32(boxes)
    masks = filled(boxes)
    elements = {
        "images": tf.constant(masks[..., None] * np.uint8(200)),
        "masks": tf.constant(masks),
        "boxes": tf.constant(boxes[:, None]),
        **one_object(len(boxes)),
    }
    moved = {name: value.numpy() for name, value in augment_batch(elements, kinds, tf.constant([seed, 1])).items()}
    for box, mask, class_id in zip(moved["boxes"][:, 0], moved["masks"], moved["class_id"][:, 0], strict=True):
        if class_id == -1:
            assert not box.any()
            continue
        assert (box[:2] >= 0).all()
        assert (box[2:] <= [WIDTH, HEIGHT]).all()
        inner, outer = box + [EDGE, EDGE, -EDGE, -EDGE], box + [-EDGE, -EDGE, EDGE, EDGE]
        inside, outside = filled(inner[None])[0] == 1, filled(outer[None])[0] == 0
        assert (mask[inside] == 1).all()
        assert (mask[outside] != 1).all()
    if not {"scale", "colour", "invert"} & {*kinds}:
        np.testing.assert_array_equal(moved["images"][..., 0] == 200, moved["masks"] == 1)
        assert (moved["images"][moved["masks"] == IGNORE] == 0).all()


@pytest.mark.parametrize(("shown", "crowd", "kept"), [(3, 0, True), (2, 0, True), (1, 0, False), (1, 1, True)])
def test_a_box_cut_below_a_quarter_of_its_area_disappears_but_a_crowd_stays_ignored(shown, crowd, kept):
    """A box at the lower edge, of which a crop leaves 3, 2 or 1 of 8 rows."""
    batch = 200
    box, whole = [30, 56 - shown, 34, 64 - shown], [0, 0, 64, 64]
    elements = {
        "images": tf.zeros([batch, 64, 64, 1], tf.uint8),
        "boxes": tf.constant([[box, whole]] * batch, tf.float32),
        "class_id": tf.ones([batch, 2], tf.int64),
        "is_crowd": tf.fill([batch, 2], bool(crowd)),
    }
    moved = augment_batch(elements, ("crop",), tf.constant([0, 1]))
    down = moved["boxes"].numpy()[:, 1, 1]  # how far the whole image went down
    farthest = down == 8  # the margin: `shown` rows are left
    assert farthest.any()
    np.testing.assert_array_equal(moved["class_id"].numpy()[farthest, 0], 1 if kept else -1)
    np.testing.assert_array_equal(moved["is_crowd"].numpy()[farthest, 0], bool(crowd))
    expected = [[0, 64 - shown, 0, 64]] if kept else [[0, 0, 0, 0]]
    np.testing.assert_array_equal(moved["boxes"].numpy()[farthest, 0] * [0, 1, 0, 1], expected * farthest.sum())


def test_padding_stays_padding():
    elements = {
        "images": tf.zeros([30, 16, 16, 1], tf.uint8),
        "boxes": tf.zeros([30, 2, 4]),
        "class_id": tf.fill([30, 2], tf.constant(-1, tf.int64)),
        "is_crowd": tf.zeros([30, 2], tf.bool),
    }
    moved = augment_batch(elements, AUGMENTATIONS, tf.constant([3, 1]))
    assert not moved["boxes"].numpy().any()
    assert (moved["class_id"].numpy() == -1).all()


def scenes():
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (24, 16, 16, 3), dtype=np.uint8)
    boxes, class_id = [[[2, 3, 9, 14]]] * 24, [[index % 3] for index in range(24)]
    return [
        lambda **options: ObjectData.from_arrays(images, boxes, class_id, **options),
        lambda **options: MaskData.from_arrays(images, images[..., 0] // 64, **options),
    ]


@pytest.mark.parametrize("make", scenes(), ids=["objects", "masks"])
def test_epochs_of_objects_and_masks_depend_on_seed_and_epoch_alone(make):
    data = make(augment=True, batch_size=5, seed=3)
    assert data.augment == OF_SCENES
    train = data.train
    epochs = [[tf.nest.flatten(batch) for batch in train] for _ in range(3)]
    for epoch, expected in enumerate(epochs):
        for batch, again in zip(expected, data.train_from(epoch), strict=True):
            for tensor, other in zip(batch, tf.nest.flatten(again), strict=True):
                np.testing.assert_array_equal(tensor, other)
    assert not np.array_equal(epochs[0][0][0], epochs[1][0][0])
    other = next(iter(make(augment=True, batch_size=5, seed=4).train))
    assert not np.array_equal(epochs[0][0][0], tf.nest.flatten(other)[0])


def test_names_are_what_is_asked_for():
    assert chosen_augmentations(["colour", "flip"]) == ("flip", "colour")
    with pytest.raises(ValueError, match="augment.*rotate"):
        chosen_augmentations(["rotate"])
