"""ImageNet weights: the same logits as keras.applications from its own file layout, without the network."""

import inspect
import urllib.error
import urllib.request

import keras
import numpy as np
import pytest
from published_vgg import published_net, published_preprocessing, write_weights

from keras_course.export import export_saved_model, load_saved_model
from keras_course.models import imagenet_weights, vgg
from keras_course.models.imagenet_weights import IMAGENET_MEAN, load_imagenet_weights
from keras_course.models.vgg import build_vgg

UNITS = 8  # instead of 4,096 in the hidden layers, where they take part: a file of 60 MB instead of 550


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    def refuse(request, **options):
        raise urllib.error.URLError("no network in tests")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return tmp_path / "home"


@pytest.fixture
def narrow_classifier(monkeypatch):
    monkeypatch.setitem(vgg.HIDDEN_UNITS, "imagenet", UNITS)


def images(size, count=2):
    return np.random.default_rng(1).random((count, size, size, 3), np.float32)


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, atol=1e-4 * np.abs(expected).max())


def test_whole_net_has_the_logits_of_keras_applications(narrow_classifier, keras_home, monkeypatch):
    reference = published_net(16, 224, UNITS)
    write_weights(reference, "vgg16_weights_tf_dim_ordering_tf_kernels.h5", keras_home, monkeypatch)
    model = build_vgg((224, 224, 3), 1000, mean_color=IMAGENET_MEAN)
    load_imagenet_weights(model)
    assert_close(model(images(224, 1)), np.asarray(reference(published_preprocessing(images(224, 1)))))

    other = build_vgg((224, 224, 3), 5)
    before = other.get_layer("logits").get_weights()
    load_imagenet_weights(other)
    for name in ("stage5_conv3", "hidden1", "hidden2"):
        np.testing.assert_array_equal(other.get_layer(name).kernel, model.get_layer(name).kernel)
    for expected, actual in zip(before, other.get_layer("logits").get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize(
    ("depth", "size", "ours", "theirs"),
    [(16, 32, "stage5_pool", "block5_pool"), (19, 28, "stage2_pool", "block2_pool")],  # at 7 pixels their pooling drops
)
def test_other_sizes_take_the_convolutions_alone(depth, size, ours, theirs, narrow_classifier, keras_home, monkeypatch):
    reference = published_net(depth, None)
    write_weights(reference, f"vgg{depth}_weights_tf_dim_ordering_tf_kernels_notop.h5", keras_home, monkeypatch)
    model = build_vgg((size, size, 3), 10, depth=depth, mean_color=IMAGENET_MEAN)
    hidden = model.get_layer("hidden1").kernel.numpy()
    for _ in range(2):  # loading again changes nothing
        load_imagenet_weights(model)
        features = keras.Model(model.input, model.get_layer(ours).output)
        expected = keras.Model(reference.input, reference.get_layer(theirs).output)
        assert_close(features(images(size)), np.asarray(expected(published_preprocessing(images(size)))))
    np.testing.assert_array_equal(model.get_layer("hidden1").kernel, hidden)
    last = {16: "conv3", 19: "conv4"}[depth]
    np.testing.assert_array_equal(
        model.get_layer(f"stage5_{last}").kernel, reference.get_layer(f"block5_{last}").kernel
    )


def test_without_mean_color_the_net_differs_at_the_padding_only(narrow_classifier, keras_home, monkeypatch):
    reference = published_net(16, 32)
    write_weights(reference, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", keras_home, monkeypatch)
    model = build_vgg((32, 32, 3), 10)
    load_imagenet_weights(model)
    actual = np.asarray(model.get_layer("stage1_conv1")(images(32)))
    published = reference.get_layer("block1_conv1")
    expected = np.asarray(
        keras.ops.conv(published_preprocessing(images(32)), published.kernel, padding="same") + published.bias
    )
    assert_close(actual[:, 1:-1, 1:-1], expected[:, 1:-1, 1:-1])
    assert np.abs(actual - expected)[:, 0].max() > 1


def test_export_takes_raw_images(narrow_classifier, keras_home, monkeypatch, tmp_path):
    reference = published_net(16, 32, UNITS, classes=10)
    write_weights(
        keras.Model(reference.input, reference.get_layer("block5_pool").output),
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        keras_home,
        monkeypatch,
    )
    model = build_vgg((32, 32, 3), 10, mean_color=IMAGENET_MEAN)
    load_imagenet_weights(model)
    for name, source in {"hidden1": "fc1", "hidden2": "fc2", "logits": "predictions"}.items():
        model.get_layer(name).set_weights(reference.get_layer(source).get_weights())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    raw = (images(32) * 255).astype("uint8")
    np.testing.assert_array_equal(loaded(raw / np.float32(255)), model(raw / np.float32(255)))
    expected = keras.ops.softmax(reference(keras.applications.vgg16.preprocess_input(raw.astype("float32"))))
    probabilities = load_saved_model(export_saved_model(loaded, tmp_path)).predict(raw).probabilities
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)


def test_without_file_and_network_the_error_names_file_and_folder(narrow_classifier, keras_home):
    with pytest.raises(FileNotFoundError) as error:
        load_imagenet_weights(build_vgg((32, 32, 3), 1000))
    first, second = str(error.value).splitlines()
    name = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    assert str(keras_home / "models" / name) in first
    assert "no network in tests" in first
    assert f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{name}" in second
    assert f"into the folder {keras_home / 'models'}" in second


def test_damaged_file_is_named_and_left_alone(narrow_classifier, keras_home):
    path = keras_home / "models" / "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half a download")
    model = build_vgg((32, 32, 3), 1000, depth=19)
    with pytest.raises(ValueError, match="MD5 sum 253f8cb515780f3b799900260a226db6.*Received: .*" + path.name):
        load_imagenet_weights(model)
    assert path.read_bytes() == b"half a download"


@pytest.mark.parametrize(
    "model",
    [
        lambda: build_vgg((32, 32, 3), 10, depth=11),
        lambda: build_vgg((32, 32, 3), 10, width=0.5),
        lambda: build_vgg((32, 32, 3), 10, batch_norm=True),
        lambda: build_vgg((28, 28, 1), 10),
        lambda: "vgg16",
    ],
)
def test_other_models_are_refused(model, narrow_classifier):
    with pytest.raises(ValueError, match="`model` must be a VGG-16 or VGG-19 .*Received: model='vgg1"):
        load_imagenet_weights(model())


def test_checksums_are_those_of_keras_applications():
    for module in (keras.applications.vgg16, keras.applications.vgg19):
        source = inspect.getsource(inspect.getmodule(inspect.unwrap(module.preprocess_input)))
        for name, checksum in imagenet_weights.CHECKSUMS.items():
            if name.startswith(module.__name__.rpartition(".")[2]):
                assert f'"{name}"' in source
                assert f'file_hash="{checksum}"' in source
