"""`use_ema`: the model ends with the averaged weights, however often the training was interrupted, and is judged so."""

import keras
import numpy as np
import pytest

from keras_course.data import load_images
from keras_course.models import build_mlp
from keras_course.training import train_classifier

pytestmark = pytest.mark.usefixtures("no_report")


@pytest.fixture(scope="module")
def data(digits_dir):
    return load_images("digits", batch_size=256, data_dir=digits_dir)


def train(data, **options):
    keras.utils.set_random_seed(5)
    model = build_mlp(data.input_shape, data.num_classes, hidden=(16,), dropout=0.3)
    optimizer = keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9)
    return train_classifier(model, data, optimizer=optimizer, verbose=0, **{"epochs": 3, **options})


@pytest.fixture(scope="module")
def whole(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keras_course.training.classifier.write_report", lambda *_, **__: None)
        return train(data)


def averages_by_hand(data, epochs):
    """Trains with Keras alone, and returns what Adam has as averages."""
    from keras_course.runs.seeds import EpochSeeds

    keras.utils.set_random_seed(5)
    model = build_mlp(data.input_shape, data.num_classes, hidden=(16,), dropout=0.3)
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    averages = [np.zeros(v.shape) for v in model.trainable_variables]

    class Average(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            first = int(optimizer.iterations) == 1
            for i, variable in enumerate(model.trainable_variables):
                averages[i] = variable.numpy() if first else 0.9 * averages[i] + 0.1 * variable.numpy()

    seeds, loss = [EpochSeeds(0), Average()], []
    model.fit(data.train_from(0), epochs=epochs, shuffle=False, callbacks=seeds, verbose=0)
    model.set_weights(averages)
    loss.append(model.evaluate(data.validation, verbose=0))
    return averages, loss[-1]


def test_the_model_ends_with_the_averages_and_is_validated_with_them(data, whole):
    averages, loss = averages_by_hand(data, 3)
    for value, expected in zip(whole.model.trainable_variables, averages, strict=True):
        np.testing.assert_allclose(value.numpy(), expected, atol=1e-5)
    assert whole.history["val_loss"].iloc[-1] == pytest.approx(loss, rel=1e-4)


@pytest.mark.parametrize("parts", [(3, 3), (2, 3)], ids=str)
def test_interrupted_after_a_checkpoint_it_ends_with_the_same_averages(data, whole, parts, tmp_path, monkeypatch):
    class KilledError(Exception):
        pass

    def kill(*_, **__):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("keras_course.training.states.BestWeights.restore", kill)  # right behind the last epoch
        with pytest.raises(KilledError):
            train(data, epochs=parts[0], run_dir=tmp_path / "run")
    run = train(data, epochs=parts[1], run_dir=tmp_path / "run", resume=True)
    for value, expected in zip(run.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)


def test_patience_keeps_the_averages_of_the_best_epoch(data):
    run = train(data, epochs=3, patience=3)
    loss = run.model.evaluate(data.validation, verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(run.history["val_loss"].min(), rel=1e-4)
    averages, _ = averages_by_hand(data, run.best_epoch + 1)
    for value, expected in zip(run.model.trainable_variables, averages, strict=True):
        np.testing.assert_allclose(value.numpy(), expected, atol=1e-5)
