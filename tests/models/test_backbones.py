"""Classifiers as backbones of CenterNet and FCN: which maps, whose weights, which sizes."""

import keras
import numpy as np
import pytest
from outlines import outline

from keras_course.models import MODEL_BUILDERS, build_centernet, build_fcn, build_resnet, build_vgg
from keras_course.models.backbones import BACKBONES, backbone_maps

SHARED = {"width": 0.0625, "stem": "auto"}


def test_every_resnet_and_vgg_is_a_backbone():
    assert set(BACKBONES) == {name for name in MODEL_BUILDERS if name.startswith(("resnet", "vgg"))}


@pytest.mark.parametrize(
    ("backbone", "stem", "ends"),
    [
        (
            "vgg11",
            "imagenet",
            {32: "stage5_pool", 16: "stage4_pool", 8: "stage3_pool", 4: "stage2_pool", 2: "stage1_pool"},
        ),
        (
            "resnet18",
            "imagenet",
            {
                32: "stage4_block2_relu",
                16: "stage3_block2_relu",
                8: "stage2_block2_relu",
                4: "stage1_block2_relu",
                2: "stem_conv1_relu",
            },
        ),
        ("resnet50", "small", {8: "stage4_block3_relu", 4: "stage3_block6_relu", 2: "stage2_block4_relu"}),
    ],
)
def test_maps_are_the_last_of_their_size(backbone, stem, ends):
    _, maps = outline(backbone_maps, backbone, (64, 96, 1), 3, stride=2, width=0.0625, stem=stem)
    assert {stride: one._keras_history.operation.name for stride, one in maps.items()} == ends
    assert list(maps) == sorted(maps, reverse=True)
    for stride, one in maps.items():
        assert one.shape[1:3] == (64 // stride, 96 // stride)


@pytest.mark.parametrize("name", ["resnet18", "vgg11"])
def test_a_backbone_by_name_is_the_classifier_without_its_head(name):
    image, maps = backbone_maps(name, (64, 64, 3), 3, stride=2, **SHARED)
    classifier = MODEL_BUILDERS[name]((64, 64, 3), 3, width=0.0625)
    ends = [classifier.get_layer(one._keras_history.operation.name).output for one in maps.values()]
    ours, theirs = keras.Model(image, list(maps.values())), keras.Model(classifier.input, ends)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    ours.set_weights(theirs.get_weights())
    images = np.random.default_rng(0).random((2, 64, 64, 3), np.float32)
    for got, want in zip(ours(images), theirs(images), strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    "make",
    [
        lambda: build_resnet((32, 32, 3), 5, depth=18, width=0.0625, stem="imagenet", shortcut="identity"),
        lambda: build_vgg((32, 32, 3), 5, depth=11, width=0.0625, batch_norm=True, mean_color=(0.5, 0.25, 0.0)),
    ],
    ids=["resnet18", "vgg11"],
)
@pytest.mark.parametrize("build", [build_centernet, build_fcn], ids=["centernet", "fcn"])
def test_a_classifier_lends_its_weights_at_another_size_and_is_left_as_it_is(make, build):
    classifier = make()
    random = np.random.default_rng(0)
    for weight in classifier.weights:
        weight.assign(random.uniform(0.1, 0.9, weight.shape))
    before, config = classifier.get_weights(), classifier.get_config()
    model = build((64, 96, 3), 2, backbone=classifier, width=0.0625, stride=8)
    last = max(layer.name for layer in classifier.layers if layer.name.startswith("stage"))
    images = random.random((1, 64, 96, 3), np.float32)
    part = keras.Model(model.input, model.get_layer(last).output)
    larger = keras.models.clone_model(
        keras.Model(classifier.input, classifier.get_layer(last).output), input_tensors=keras.Input((64, 96, 3))
    )
    larger.set_weights(keras.Model(classifier.input, classifier.get_layer(last).output).get_weights())
    np.testing.assert_array_equal(part(images), larger(images))
    assert not {id(layer) for layer in model.layers} & {id(layer) for layer in classifier.layers}
    assert classifier.get_config() == config
    for weight, value in zip(classifier.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
    assert model.name.endswith(classifier.name)


@pytest.mark.parametrize("build", [build_centernet, build_fcn], ids=["centernet", "fcn"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (64, 64)}, "`input_shape` must be"),
        ({"input_shape": (40, 64, 1), "stem": "imagenet"}, r"a multiple of 32 \(nearest to 40: 32 and 64\)"),
        ({"input_shape": (16, 20, 1), "stem": "small"}, r"a multiple of 8 \(nearest to 20: 16 and 24\)"),
        ({"num_classes": 0}, "`num_classes` must be"),
        ({"backbone": "lenet"}, "`backbone` must be .*Received: backbone='lenet'"),
        ({"backbone": keras.Sequential(name="mine")}, "`backbone` must be .*Received: backbone='mine'"),
        ({"stride": 3}, "`stride` must be one of 2, 4, 8, 16, 32. Received: stride=3"),
        ({"stride": 16, "stem": "small"}, "`stride` must be one of 2, 4, 8. Received: stride=16"),
        ({"stem": "tiny"}, "`stem` must be"),
        ({"width": 0}, "`width` must be"),
    ],
)
def test_bad_arguments_are_named(build, options, message):
    arguments = {"input_shape": (64, 64, 1), "num_classes": 2, "backbone": "resnet18", "width": 0.0625}
    with pytest.raises(ValueError, match=message):
        build(**arguments | options)


def test_a_classifier_for_other_channels_is_refused():
    classifier = outline(build_resnet, (32, 32, 1), 5, depth=18, width=0.0625)
    with pytest.raises(ValueError, match="for images of 3 channels. Received: backbone='resnet18' with inputs of"):
        build_centernet((64, 64, 3), 2, backbone=classifier)
