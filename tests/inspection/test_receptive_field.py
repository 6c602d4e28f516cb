"""The receptive fields of the ledger against measurement: where the gradient of a unit is not zero."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from keras_course.inspection.layer_costs import ledger
from keras_course.models import build_centernet, build_fcn, build_lenet, build_unet
from keras_course.models.alexnet import build_alexnet
from keras_course.models.googlenet import build_googlenet, inception_block
from keras_course.models.resnet import build_resnet
from keras_course.models.vgg import build_vgg

layers = keras.layers


def measurable(model, layer):
    """Returns the net up to a layer with nothing in it that could be zero by chance.

    Activations become the identity, maxima means, weights positive; a bias or a norm changes no gradient's support.
    """

    def clone(old):
        config = old.get_config()
        if isinstance(old, layers.MaxPooling2D):
            return layers.AveragePooling2D.from_config(config)
        if "activation" in config:
            config["activation"] = "linear"
        return layers.Identity(name=old.name) if isinstance(old, layers.Dropout) else type(old).from_config(config)

    until = keras.Model(model.inputs, model.get_layer(layer).output)
    linear = keras.models.clone_model(until, clone_function=clone)
    for old in linear.layers:
        for weight in old.trainable_weights:
            if "kernel" in weight.name:
                weight.assign(np.full(weight.shape, 2 / np.sqrt(np.prod(weight.shape[:-1]))))
    return linear


def windows(model, units):
    """Returns first and last row and column of the image on which units of a map depend, (unit, axis, end)."""
    image = tf.ones((1, *model.inputs[0].shape[1:]))

    # The graph leaves out the gradient of the filters, which nobody asks for: that of 1x1 convolutions with a stride
    # and fewer than four channels crashes in oneDNN (TensorFlow 2.21).
    @tf.function
    def gradient(row, column):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(image)
            value = tf.reduce_sum(model(image)[0, row, column])
        return tf.reduce_sum(tf.abs(tape.gradient(value, image)[0]), axis=-1)

    found = []
    for unit in units:
        seen = gradient(*map(tf.constant, unit)).numpy()
        assert np.all(np.isfinite(seen))
        found.append([[np.flatnonzero(seen.sum(axis=1 - axis))[end] for end in (0, -1)] for axis in (0, 1)])
    return np.array(found)


def check(model, layer=None):
    """Compares the ledger with what three units in the middle of a map depend on, each below and right of the last.

    Behind upsampling two units next to each other may see windows of different size; the ledger has the larger.
    """
    layer = layer or model.layers[-1].name
    row = ledger(model).loc[layer]
    height, width, _ = row["output_shape"]
    found = windows(measurable(model, layer), [(height // 2 + step, width // 2 + step) for step in (-1, 0, 1)])
    sizes = (found[..., 1] - found[..., 0] + 1).max(axis=0)
    np.testing.assert_array_equal(sizes, [row["receptive_field_height"], row["receptive_field_width"]])
    strides = [[row["stride_height"]] * 2, [row["stride_width"]] * 2]
    np.testing.assert_array_equal(found[2] - found[0], 2 * np.array(strides, float))


def chain(shape, *steps):
    """Returns a model of some layers one after the other."""
    image = x = keras.Input(shape)
    for step in steps:
        x = step(x)
    return keras.Model(image, x)


@pytest.mark.parametrize(
    ("build", "layer", "size"),
    [
        (lambda: build_lenet((40, 40, 1), 10), "stage2_pool", 16),
        (lambda: build_lenet((40, 40, 1), 10, stem="small"), "stage2_pool", 16),
        (lambda: build_alexnet((259, 259, 3), 10, width=0.05), "stage3_pool", 195),
        # 3x3 and pools: 3, 4; 8, 10; 18, 26, 30; 46, 62, 70; 102, 134, 150
        (lambda: build_vgg((224, 224, 1), 10, depth=11, width=0.02), "stage5_pool", 150),
        # small stem 3; stage 1 adds 4 x 2, stage 2 adds 2 + 3 x 4, stage 3 4 + 3 x 8, stage 4 8 + 3 x 16
        (lambda: build_resnet((144, 144, 1), 10, depth=18, width=0.02, stem="small"), "stage4_block2_relu", 109),
        # small stem 3; stage 1 adds 3 x 2, stage 2 adds 4 x 4
        (lambda: build_resnet((64, 64, 1), 10, depth=50, width=0.02, stem="small"), "stage2_block4_relu", 25),
        (lambda: build_resnet((160, 160, 1), 10, depth=18, width=0.02, shortcut="identity"), "stage2_block2_relu", 99),
        (lambda: build_googlenet((128, 128, 1), 10, width=0.05), "stage3_block2_concatenate", 91),
    ],
)
def test_builders(build, layer, size):
    model = build()
    assert ledger(model).loc[layer, "receptive_field_height"] == size
    check(model, layer)


@pytest.mark.parametrize(
    ("build", "layers", "period"),
    [
        (lambda: build_unet((76, 92, 1), 1, depth=2, base_filters=1), ["up2_concatenate", "logits"], 4),
        (lambda: build_unet((96, 96, 1), 1, depth=2, base_filters=1, padding="same"), ["logits"], 4),
        (
            lambda: build_unet((96, 96, 1), 1, depth=2, base_filters=1, padding="same", stem="strided"),
            ["up2_concatenate", "logits"],
            4,
        ),
        (
            lambda: build_centernet((256, 256, 1), 1, width=0.02, stem="small", stride=2),
            ["neck4_add", "heatmap", "size", "offset"],
            4,
        ),
        (lambda: build_fcn((384, 384, 1), 1, backbone="vgg11", width=0.02, hidden=(), stride=16), ["logits"], 32),
    ],
    ids=["unet", "unet-same", "unet-strided", "centernet", "fcn"],
)
def test_nets_that_go_up_again(build, layers, period):
    """Units next to each other see windows of different size, but those a period apart don't; the largest counts."""
    model = build()
    table = ledger(model)
    for layer in layers:
        row = table.loc[layer]
        units = [(row["output_shape"][0] // 2 + unit,) * 2 for unit in range(-period // 2, period // 2 + 1)]
        found = windows(measurable(model, layer), units)
        sizes = (found[..., 1] - found[..., 0] + 1).max(axis=0)
        np.testing.assert_array_equal(sizes, [row["receptive_field_height"], row["receptive_field_width"]])
        strides = np.array([[row["stride_height"]] * 2, [row["stride_width"]] * 2], float)
        np.testing.assert_array_equal(found[-1] - found[0], period * strides)


def test_inception_block_sees_what_its_widest_path_sees():
    image = keras.Input((20, 24, 2))
    model = keras.Model(image, inception_block(image, (1, 2, 2, 3, 3, 1), name="block"))
    assert ledger(model).iloc[-1]["receptive_field_width"] == 5
    check(model)


@pytest.mark.parametrize(
    "steps",
    [
        [layers.Conv2D(2, (3, 5), dilation_rate=(4, 2))],
        [layers.Conv2D(2, (1, 4), strides=(3, 2), padding="same"), layers.Conv2D(1, (2, 1))],
        [layers.Conv2D(4, 3, groups=2, padding="same"), layers.AveragePooling2D((2, 3), strides=(1, 2))],
        [layers.DepthwiseConv2D(3, strides=2, padding="same"), layers.SeparableConv2D(3, 5, padding="same")],
        [layers.Conv2D(1, 3, strides=2), layers.Conv2DTranspose(1, 4, strides=2, padding="same"), layers.Conv2D(1, 3)],
        [layers.ZeroPadding2D(((3, 0), (0, 2))), layers.Conv2D(1, 5), layers.Cropping2D(((2, 1), (0, 3)))],
        [layers.Conv2D(1, 3), layers.Dense(3), layers.BatchNormalization(), layers.ReLU()],
    ],
    ids=["dilated", "strided", "grouped", "separable", "transposed", "framed", "in-place"],
)
def test_layers(steps):
    check(chain((41, 53, 2), *steps))


def test_paths_of_one_sum_that_look_to_different_sides_make_one_window():
    image = keras.Input((20, 20, 1))
    left, right = (layers.ZeroPadding2D(((0, 0), pad))(layers.Conv2D(1, 3)(image)) for pad in ((6, 0), (0, 6)))
    model = keras.Model(image, layers.Add()([left, right]))
    check(model)
    assert ledger(model).iloc[-1][["receptive_field_height", "receptive_field_width"]].tolist() == [3, 9]


def drawn(kind, *args, **options):
    """Draws the arguments of a layer that is built in the test: Keras draws a seed for each."""
    return st.builds(partial, st.just(kind), *args, **options)


PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))
PADDINGS = st.sampled_from(["same", "valid"])
ONE = st.just(1)
WINDOWS = st.one_of(
    drawn(layers.Conv2D, ONE, PAIRS, strides=PAIRS, padding=PADDINGS),
    drawn(layers.Conv2D, ONE, PAIRS, dilation_rate=PAIRS, padding=PADDINGS),
    drawn(layers.DepthwiseConv2D, PAIRS, strides=st.integers(1, 2), padding=PADDINGS),
    drawn(layers.AveragePooling2D, PAIRS, strides=st.one_of(st.none(), PAIRS), padding=PADDINGS),
    drawn(layers.ZeroPadding2D, st.tuples(PAIRS, PAIRS)),
    drawn(layers.Cropping2D, st.tuples(PAIRS, PAIRS)),
    drawn(layers.Conv2DTranspose, ONE, PAIRS, dilation_rate=PAIRS, padding=PADDINGS),
)
TWICE = st.tuples(st.integers(1, 2), st.integers(1, 2))  # one axis or both
UPSAMPLINGS = st.one_of(
    drawn(layers.Conv2DTranspose, ONE, st.integers(1, 4), strides=TWICE, padding=PADDINGS),
    drawn(layers.UpSampling2D, TWICE, interpolation=st.sampled_from(["nearest", "bilinear"])),
)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(
    before=st.lists(WINDOWS, min_size=1, max_size=3),
    up=st.lists(UPSAMPLINGS, max_size=1),
    after=st.lists(WINDOWS, max_size=2),
)
def test_random_stacks(before, up, after):
    try:
        model = chain((90, 100, 1), *(step() for step in [*before, *up, *after]))
    except ValueError:  # strided or cropped until nothing was left
        assume(False)
    row = ledger(model).iloc[-1]
    assume(min(row["output_shape"][:2]) >= 8)  # then the windows in the middle don't reach over the border
    assume(max(row["receptive_field_height"], row["receptive_field_width"]) <= 40)
    try:
        check(model)
    except IndexError:  # a transposed convolution whose stride exceeds its kernel leaves units that see nothing
        assume(False)
    except tf.errors.InvalidArgumentError as error:  # TensorFlow's kernel for some processors refuses these
        assert "do not yet support dilation rates larger than 1" in str(error)
        assume(False)
