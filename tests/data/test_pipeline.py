import keras
import numpy as np
import pytest

from keras_course.data import Examples, ImageData


def counting_data(size=50, batch_size=8, **kwargs):
    """Images whose every pixel is their index, so that the order shows."""
    images = np.broadcast_to(np.arange(size, dtype=np.uint8)[:, None, None, None], (size, 4, 4, 1)).copy()
    examples = Examples(images, np.arange(size))
    return ImageData("counting", tuple(map(str, range(size))), examples, None, examples, batch_size, **kwargs)


def order(dataset):
    return np.concatenate([labels.numpy() for _, labels in dataset])


def test_an_epoch_gives_every_example_once_with_its_label():
    for images, labels in counting_data().train:
        np.testing.assert_array_equal(np.rint(images.numpy()[:, 0, 0, 0] * 255), labels)
    np.testing.assert_array_equal(np.sort(order(counting_data().train)), np.arange(50))


def test_epochs_differ_and_are_those_of_train_from():
    data = counting_data(seed=4)
    train = data.train
    epochs = [order(train) for _ in range(4)]
    assert len({tuple(epoch) for epoch in epochs}) == 4
    for epoch, expected in enumerate(epochs):
        np.testing.assert_array_equal(order(data.train_from(epoch)), expected)


def test_seeds_differ():
    assert not np.array_equal(order(counting_data(seed=0).train), order(counting_data(seed=1).train))


def test_looking_at_a_batch_moves_no_other_iteration():
    data = counting_data()
    expected = order(data.train)
    dataset = data.train
    for _ in data.train.take(1):
        pass
    next(iter(data.train))
    np.testing.assert_array_equal(order(dataset), expected)


def test_a_part_of_an_epoch_counts_as_an_epoch():
    data = counting_data()
    dataset = data.train
    order(dataset.take(2))
    np.testing.assert_array_equal(order(dataset), order(data.train_from(1)))


def test_batches_have_the_promised_form(digits):
    for dataset in (digits.train, digits.validation, digits.test):
        for images, labels in dataset.take(1):
            assert images.dtype == np.float32
            assert labels.dtype == np.int64
            assert images.shape == (128, 8, 8, 1)
            assert labels.shape == (128,)
            assert images.numpy().min() == 0
            assert images.numpy().max() == 1


def test_pixels_are_divided_by_255_exactly(digits):
    images = np.concatenate([images.numpy() for images, _ in digits.test])
    np.testing.assert_array_equal(images, digits.test_examples.images.astype(np.float32) / 255)


@pytest.mark.parametrize(("size", "batch_size", "steps"), [(50, 8, 7), (48, 8, 6), (5, 8, 1), (5, 1, 5)])
def test_cardinality_is_known_and_right(size, batch_size, steps):
    data = counting_data(size, batch_size)
    for dataset in (data.train, data.test):
        assert int(dataset.cardinality()) == steps
        sizes = [len(labels) for _, labels in dataset]
        assert len(sizes) == steps
        assert sum(sizes) == size


def test_test_order_is_fixed():
    data = counting_data()
    np.testing.assert_array_equal(order(data.test), np.arange(50))
    np.testing.assert_array_equal(order(data.test), np.arange(50))


def test_fit_resumed_in_the_middle_ends_with_the_same_weights(digits):
    def model():
        keras.utils.set_random_seed(0)
        layers = [keras.Input(digits.input_shape), keras.layers.Flatten(), keras.layers.Dense(10)]
        model = keras.Sequential(layers)
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model

    whole, parts = model(), model()
    whole.fit(digits.train, epochs=3, verbose=0, shuffle=False)
    parts.fit(digits.train, epochs=1, verbose=0, shuffle=False)
    parts.fit(digits.train_from(1), initial_epoch=1, epochs=3, verbose=0, shuffle=False)
    for left, right in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("epoch", [-1, 1.5, True, "0"])
def test_train_from_refuses_what_is_no_epoch(epoch):
    with pytest.raises(ValueError, match="epoch"):
        counting_data().train_from(epoch)


@pytest.mark.parametrize("augment", [(), ("flip",)])
def test_nothing_tunes_while_iterators_live(augment):
    # of such an iterator the deletion can take up to a minute on one core, whenever an epoch ends
    data = counting_data(augment=augment)
    for dataset in (data.train, data.train_from(3), data.test, data.train.map(lambda *batch: batch)):
        assert dataset.options().autotune.enabled is False
