"""CenterNet: its heads, how they start, its way back up."""

import keras
import numpy as np
import pytest
from outlines import outline, shapes

from keras_course.models import build_centernet

SMALL = {"width": 0.0625}


@pytest.mark.parametrize("stride", [2, 4, 8, 32])
def test_heads_are_named_and_have_one_cell_per_stride(stride):
    model = outline(build_centernet, (64, 96, 3), 5, stride=stride, **SMALL)
    assert {name: tuple(output.shape) for name, output in model.output.items()} == {
        "heatmap": (None, 64 // stride, 96 // stride, 5),
        "size": (None, 64 // stride, 96 // stride, 2),
        "offset": (None, 64 // stride, 96 // stride, 2),
    }
    assert next(iter(model.output)) == "heatmap"
    for name in model.output:
        assert model.get_layer(name).activation is keras.activations.linear
    assert not model.compiled
    assert model.name == "centernet_resnet18"


@pytest.mark.parametrize("prior", [0.01, 0.1])
def test_every_class_starts_with_the_prior_probability(prior):
    keras.utils.set_random_seed(0)
    model = build_centernet((64, 64, 1), 5, prior=prior, **SMALL)
    images = np.random.default_rng(0).random((2, 64, 64, 1), np.float32)
    probabilities = keras.ops.sigmoid(model(images, training=True)["heatmap"])  # before the first step
    np.testing.assert_allclose(probabilities, prior, rtol=0.15)


def test_the_way_up_joins_the_maps_of_each_size():
    model = outline(build_centernet, (64, 64, 1), 5, **SMALL)
    found = shapes(model)
    assert found["neck32_conv1"] == (2, 2, 4)
    for stride, stage in ((16, 3), (8, 2), (4, 1)):
        lateral = model.get_layer(f"neck{stride}_lateral").input
        assert lateral is model.get_layer(f"stage{stage}_block2_relu").output
        assert found[f"neck{stride}_add"] == (64 // stride, 64 // stride, 4)


def test_width_scales_every_channel_count_but_the_heads():
    narrow, wide = (outline(build_centernet, (64, 64, 1), 5, width=width) for width in (0.25, 0.5))
    for one, other in zip(narrow.layers, wide.layers, strict=True):
        if isinstance(one, keras.layers.Conv2D) and one.name not in ("heatmap", "size", "offset"):
            assert 2 * one.filters == other.filters


def test_heads_are_computed_in_float32_under_half_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = outline(build_centernet, (32, 32, 1), 5, stem="small", **SMALL)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {output.dtype for output in model.output.values()} == {"float32"}
    assert model.get_layer("neck4_conv1").compute_dtype == "bfloat16"


def test_saved_file_gives_the_same_maps_without_custom_objects(tmp_path):
    model = build_centernet((32, 32, 1), 2, backbone="vgg11", **SMALL)
    images = np.random.default_rng(0).random((2, 32, 32, 1), np.float32)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")(images)
    for name, output in model(images).items():
        np.testing.assert_array_equal(loaded[name], output)


@pytest.mark.parametrize("prior", [0, 1, "rare"])
def test_bad_prior_is_named(prior):
    with pytest.raises(ValueError, match="`prior` must be .*Received: prior="):
        build_centernet((64, 64, 1), 2, prior=prior, **SMALL)


def test_stages_beyond_the_coarsest_map_are_left_out():
    whole, small = (build_centernet((64, 64, 1), 3, width=0.125, coarsest=coarsest) for coarsest in (None, 8))
    names = [{layer.name for layer in model.layers} for model in (whole, small)]
    assert any(name.startswith("stage4") for name in names[0])
    assert {name[:6] for name in names[1] if name.startswith("stage")} == {"stage1", "stage2"}
    model = build_centernet((40, 56, 1), 3, width=0.125, coarsest=8, stem="imagenet")
    assert model.output["heatmap"].shape[1:3] == (10, 14)
    with pytest.raises(ValueError, match="`coarsest` must be"):
        build_centernet((64, 64, 1), 3, width=0.125, coarsest=2)
