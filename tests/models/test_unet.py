"""U-Net: the published counts and sizes, sizes that meet or are refused, bridges of the right pixels."""

import keras
import numpy as np
import pytest
from outlines import outline, shapes

from keras_course.models import build_unet

SMALL = {"depth": 2, "base_filters": 2, "dropout": 0.0}


@pytest.mark.parametrize(("num_classes", "count"), [(1, 31_030_593), (2, 31_030_658)])
def test_published_count(num_classes, count):
    assert outline(build_unet, (572, 572, 1), num_classes).count_params() == count


def test_published_sizes():  # figure 1 of the paper
    found = shapes(outline(build_unet, (572, 572, 1), 2))
    down = [(570, 568, 284, 64), (282, 280, 140, 128), (138, 136, 68, 256), (66, 64, 32, 512)]
    for number, (first, second, pooled, filters) in enumerate(down, start=1):
        assert found[f"down{number}_conv1"] == (first, first, filters)
        assert found[f"down{number}_conv2"] == (second, second, filters)
        assert found[f"down{number}_pool"] == (pooled, pooled, filters)
    assert found["bottom_conv2"] == (28, 28, 1024)
    up = {4: (56, 52, 512), 3: (104, 100, 256), 2: (200, 196, 128), 1: (392, 388, 64)}
    for number, (joined, second, filters) in up.items():
        assert found[f"up{number}_crop"] == (joined, joined, filters)
        assert found[f"up{number}_concatenate"] == (joined, joined, 2 * filters)
        assert found[f"up{number}_conv2"] == (second, second, filters)
    assert found["logits"] == (388, 388, 2)


def meets(size, depth):
    """Tells whether Keras's own layers make maps of even size of it all the way down, and leave some on the way up."""
    try:
        for _ in range(depth):
            for _ in range(2):
                size = keras.layers.Conv2D(1, 3).compute_output_shape((1, size, size, 1))[1]
            if size % 2:
                return False
            size = keras.layers.MaxPooling2D().compute_output_shape((1, size, size, 1))[1]
        for _ in range(depth + 1):
            for _ in range(2):
                size = keras.layers.Conv2D(1, 3).compute_output_shape((1, size, size, 1))[1]
            size *= 2
    except ValueError:
        return False
    return size > 0


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_sizes_that_do_not_meet_are_refused_and_the_nearest_named(depth):
    sizes = range(1, 110)
    good = [size for size in sizes if meets(size, depth)]
    for size in sizes:
        options = {"depth": depth, "base_filters": 1}
        if size in good:
            assert outline(build_unet, (size, good[-1], 1), 1, **options).output_shape[1] > 0
        elif size < good[-1]:
            near = [max((one for one in good if one < size), default=None), min(one for one in good if one > size)]
            text = " and ".join(str(one) for one in near if one is not None)
            with pytest.raises(ValueError, match=rf"`input_shape` .*\(nearest to {size}: {text}\)"):
                build_unet((size, good[-1], 1), 1, **options)


def test_same_padding_gives_logits_of_every_pixel():
    assert outline(build_unet, (24, 40, 3), 5, depth=3, base_filters=2, padding="same").output_shape[1:] == (24, 40, 5)
    with pytest.raises(ValueError, match=r"a multiple of 8 \(nearest to 30: 24 and 32; nearest to 7: 8\)"):
        build_unet((30, 7, 3), 5, depth=3, padding="same")


def test_bridges_carry_the_pixels_in_the_middle():
    """With kernels that pass on the middle of their window, the first bridge's channels are the image's middle."""
    model = build_unet((44, 52, 1), 1, **SMALL)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel = np.zeros(layer.kernel.shape, "float32")
            kernel[layer.kernel_size[0] // 2, layer.kernel_size[1] // 2] = np.eye(*kernel.shape[2:])
            layer.kernel.assign(kernel)
    images = np.random.default_rng(0).random((1, 44, 52, 1), np.float32)
    rows, columns = model.output_shape[1:3]
    top, left = (44 - rows) // 2, (52 - columns) // 2
    np.testing.assert_allclose(model(images), images[:, top : top + rows, left : left + columns])


@pytest.mark.parametrize("depth", [1, 2])
def test_a_strided_stem_halves_the_image_and_hands_it_to_the_last_bridge(depth):
    options = {"depth": depth, "base_filters": 2, "padding": "same", "batch_norm": True, "convolutions": (1, 2)}
    model = outline(build_unet, (16, 24, 3), 5, stem="strided", **options)
    stem = model.get_layer("stem_conv")
    assert (stem.kernel.shape, stem.strides, stem.output.shape[1:]) == ((6, 6, 3, 4), (2, 2), (8, 12, 4))
    image, _ = model.get_layer("up1_concatenate").input
    assert image is model.input
    names = [layer.name for layer in model.layers if layer.weights and not layer.name.endswith("_bn")]
    down = {1: ["bottom_conv2"], 2: ["down2_conv2", "bottom_conv1", "bottom_conv2"]}[depth]
    up = [*(["up2_upsample", "up2_conv1", "up2_conv2"] * (depth - 1)), "up1_upsample", "up1_conv1", "logits"]
    assert names == ["stem_conv", *down, *up]
    assert model.output_shape[1:] == (16, 24, 5)


def test_a_strided_stem_needs_padding():
    with pytest.raises(ValueError, match="`padding` must be 'same' with a strided stem. Received: padding='valid'"):
        build_unet((44, 44, 1), 2, stem="strided", **SMALL)


def test_options_reach_the_layers():
    model = outline(build_unet, (16, 16, 1), 3, depth=1, base_filters=4, padding="same", batch_norm=True, dropout=0.25)
    assert [layer.name for layer in model.layers] == [
        "image",
        *(f"down1_conv{number}{part}" for number in (1, 2) for part in ("", "_bn", "_relu")),
        *("down1_dropout", "down1_pool"),
        *(f"bottom_conv{number}{part}" for number in (1, 2) for part in ("", "_bn", "_relu")),
        *("bottom_dropout", "up1_upsample", "up1_concatenate"),
        *(f"up1_conv{number}{part}" for number in (1, 2) for part in ("", "_bn", "_relu")),
        "logits",
    ]
    assert {layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)} == {0.25}
    assert model.get_layer("bottom_conv1").filters == 8


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"input_shape": (8, 8)}, "input_shape"),
        ({"num_classes": 0}, "num_classes"),
        ({"depth": 0}, "depth"),
        ({"base_filters": 0}, "base_filters"),
        ({"base_filters": 10**9}, "base_filters"),
        ({"padding": "full"}, "padding"),
        ({"stem": "small"}, "stem"),
        ({"dropout": 1}, "dropout"),
    ],
)
def test_bad_arguments_are_named(options, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build_unet(**{"input_shape": (44, 44, 1), "num_classes": 2, **SMALL, **options})


def test_convolutions_are_counted_at_each_size_on_both_ways():
    model = outline(build_unet, (16, 16, 1), 3, depth=2, base_filters=2, padding="same", convolutions=(1, 2, 3))
    names = [
        layer.name for layer in model.layers if isinstance(layer, keras.layers.Conv2D) and layer.kernel_size[0] > 1
    ]
    counts = {stage: sum(stage in name and "conv" in name for name in names) for stage in ("1_", "2_", "bottom")}
    assert counts == {"1_": 2, "2_": 4, "bottom": 3}
    even = outline(build_unet, (16, 16, 1), 3, depth=2, base_filters=2, padding="same", convolutions=(2, 2, 2))
    assert (
        even.get_config() == outline(build_unet, (16, 16, 1), 3, depth=2, base_filters=2, padding="same").get_config()
    )
    # 30 - 2 = 28, 14 - 4 = 10, 5 - 2 = 3, 6 - 4 = 2, 4 - 2 = 2
    assert outline(build_unet, (30, 30, 1), 3, **SMALL, convolutions=(1, 2, 1)).output_shape[1:3] == (2, 2)


def test_the_last_count_holds_for_all_smaller_sizes():
    short, long = (
        outline(build_unet, (16, 16, 1), 3, depth=3, base_filters=2, padding="same", convolutions=counts).get_config()
        for counts in ((1, 2), (1, 2, 2, 2))
    )
    assert short == long


@pytest.mark.parametrize("convolutions", [10**9, 0, 1.5, "2", (), (1, 2, 0), (1, 2, 3, 4), None])
def test_convolutions_are_one_number_or_one_for_each_size(convolutions):
    with pytest.raises(ValueError, match=r"`convolutions` must be .*convolutions="):
        build_unet((16, 16, 1), 3, depth=2, padding="same", convolutions=convolutions)
