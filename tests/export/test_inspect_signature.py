"""The signature `inspect` of an export: the numbers of keras_course.inspection, without Keras, at few more bytes."""

import keras
import numpy as np
import pytest

from keras_course.export import SEGMENTATION, export_model, export_saved_model, load_saved_model
from keras_course.inspection import feature_maps, grad_cam, saliency_map
from keras_course.models import MODEL_BUILDERS

LENET = ((28, 28, 1), {})
NETS = {
    "lenet": LENET,
    "resnet18": ((32, 32, 3), {"width": 0.125}),
    "googlenet": ((32, 32, 3), {"width": 0.125}),
}


def spread(model):
    """Gives all weights that training would have made: batch normalisations with statistics, distinct logits."""
    random = np.random.default_rng(0)
    model.set_weights([weight + 0.05 * random.standard_normal(weight.shape) ** 2 for weight in model.get_weights()])
    return model


def draw(shape, count=3):
    return np.random.default_rng(1).integers(0, 256, (count, *shape), np.uint8)


@pytest.fixture(scope="module", params=NETS)
def exported(request, tmp_path_factory):
    shape, options = NETS[request.param]
    keras.utils.set_random_seed(0)
    model = spread(MODEL_BUILDERS[request.param](shape, 10, **options))
    folder = export_saved_model(model, tmp_path_factory.mktemp(request.param), inspect=True)
    return model, load_saved_model(folder), draw(shape)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * max(1, np.abs(expected).max()))


def test_it_gives_what_inspection_gives(exported):
    model, classifier, images = exported
    found, scaled = classifier.inspect(images), images / np.float32(255)
    assert len(found.maps) in range(2, 13)
    for layer, maps in found.maps.items():
        close(maps, feature_maps(model, scaled, layer))
    close(found.saliency, saliency_map(model, scaled))
    close(found.grad_cam, grad_cam(model, scaled))


def test_gradient_is_the_slope_of_the_top_logit(exported):
    model, classifier, images = exported
    one = images[:1]
    gradient, best = classifier.inspect(one).gradient[0], int(np.argmax(model(one / np.float32(255))[0]))
    step, place = 1e-2, np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    logits = []
    for sign in (-1, 1):
        moved = one / np.float32(255)
        moved[0][place] += sign * step
        logits.append(float(model(moved)[0, best]))
    assert (logits[1] - logits[0]) / (2 * step) == pytest.approx(gradient[place], rel=0.05)


def test_it_is_the_same_model_otherwise(exported, tmp_path):
    model, classifier, images = exported
    plain = load_saved_model(export_saved_model(model, tmp_path))
    np.testing.assert_array_equal(classifier.predict(images).probabilities, plain.predict(images).probabilities)
    with pytest.raises(ValueError, match="must hold an export with the signature 'inspect'"):
        plain.inspect(images)


def test_lenet_is_at_most_a_tenth_larger(tmp_path):
    def size(folder):
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    shape, _ = LENET
    model = MODEL_BUILDERS["lenet"](shape, 10)
    plain, inspecting = (export_saved_model(model, tmp_path / str(on), inspect=on) for on in (False, True))
    assert size(inspecting) <= 1.1 * size(plain)


def test_layers_come_in_the_order_of_the_network(tmp_path):
    model = MODEL_BUILDERS["lenet"]((8, 8, 1), 10)
    layers = [*load_saved_model(export_saved_model(model, tmp_path, inspect=True)).inspect(draw((8, 8, 1))).maps]
    order = [layer.name for layer in model.layers]
    assert layers == sorted(layers, key=order.index)


def test_a_network_without_convolutions_has_the_gradient_alone(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    found = load_saved_model(export_saved_model(model, tmp_path, inspect=True)).inspect(draw((4, 4, 1)))
    assert found.maps == {} and found.grad_cam is None and found.gradient.shape == (3, 4, 4, 1)


def test_images_of_any_size(tmp_path):
    layers = [keras.layers.Conv2D(4, 3, activation="relu", name="conv"), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([keras.Input((None, None, 1)), *layers, keras.layers.Dense(3)])
    found = load_saved_model(export_saved_model(model, tmp_path, inspect=True)).inspect(draw((9, 12, 1)))
    assert found.maps["conv"].shape == (3, 7, 10, 4) and found.grad_cam.shape == (3, 9, 12)


def test_it_is_for_classifiers(tmp_path):
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 1)])
    with pytest.raises(ValueError, match="`inspect` must be False for a model that is no classifier"):
        export_saved_model(model, tmp_path, task=SEGMENTATION, inspect=True)


def test_export_model_takes_the_option(tmp_path):
    model = MODEL_BUILDERS["lenet"]((8, 8, 1), 10)
    folder = export_model(model, tmp_path, "lenet", inspect=True)
    assert load_saved_model(folder).inspector is not None
