"""The ledger: published multiply-accumulates and receptive fields, counts by hand, nested and shared layers."""

import math

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from outlines import outline

from keras_course.inspection.layer_costs import ledger, ledger_totals
from keras_course.models import (
    build_captioner,
    build_centernet,
    build_fast_convnet,
    build_fcn,
    build_lenet,
    build_mlp,
    build_unet,
)
from keras_course.models.alexnet import build_alexnet
from keras_course.models.dcgan import build_dcgan_discriminator, build_dcgan_generator
from keras_course.models.googlenet import build_googlenet
from keras_course.models.layers import Attention, LookedAt
from keras_course.models.layers.grouped_convolution import GroupedConv2D
from keras_course.models.resnet import build_resnet
from keras_course.models.vgg import build_vgg

layers = keras.layers
IMAGENET = (224, 224, 3)


def chain(shape, *steps):
    image = x = keras.Input(shape, name="image")
    for step in steps:
        x = step(x)
    return keras.Model(image, x)


@pytest.mark.parametrize(
    ("build", "depth", "giga"),
    [
        (
            lambda: outline(build_alexnet, (227, 227, 3), 1000, groups=2),
            8,
            0.7244,
        ),  # 724 M in the tables of Caffe's users
        (lambda: outline(build_vgg, IMAGENET, 1000, depth=16), 16, 15.47),
        (lambda: outline(keras.applications.VGG16, weights=None), 16, 15.47),
        (lambda: outline(build_resnet, IMAGENET, 1000, depth=18), 18, 1.814),
        (lambda: outline(build_resnet, IMAGENET, 1000, depth=34), 34, 3.664),
        (lambda: outline(keras.applications.MobileNetV2, weights=None), 53, 0.3008),  # Sandler et al. 2018: 300 M
        (lambda: outline(keras.applications.Xception, weights=None), 37, 8.36),  # 36 convolutions and logits
    ],
    ids=["alexnet", "vgg16", "keras-vgg16", "resnet18", "resnet34", "keras-mobilenet", "keras-xception"],
)
def test_published_multiply_accumulates(build, depth, giga):
    totals = ledger_totals(ledger(build()))
    assert totals["multiply_accumulates"] / 1e9 == pytest.approx(giga, rel=1e-3)
    assert totals["depth"] == depth


@pytest.mark.parametrize(
    ("build", "layer", "size"),
    [  # Araujo, Norris, Sim (2019), table 1
        (lambda: outline(build_alexnet, (227, 227, 3), 1000, groups=1), "stage3_pool", 195),
        (lambda: outline(build_vgg, IMAGENET, 1000, depth=16), "stage5_pool", 212),
        (lambda: outline(build_resnet, IMAGENET, 1000, depth=50), "stage4_block3_relu", 483),
        (lambda: outline(build_resnet, IMAGENET, 1000, depth=101), "stage4_block3_relu", 1027),
        (lambda: outline(build_resnet, IMAGENET, 1000, depth=152), "stage4_block3_relu", 1507),
    ],
)
def test_published_receptive_fields(build, layer, size):
    row = ledger(build()).loc[layer]
    assert (row["receptive_field_height"], row["receptive_field_width"]) == (size, size)
    assert (row["stride_height"], row["stride_width"]) == (32, 32)


def test_the_fast_net_by_hand():
    table = ledger(build_fast_convnet((28, 28, 1), 10))
    counted = table["multiply_accumulates"]
    assert counted[counted > 0].to_dict() == {
        "stage1_conv1": 14 * 14 * 36 * 32,
        "stage1_conv2": 14 * 14 * 9 * 32 * 32,
        "stage2_conv1": 7 * 7 * 9 * 32 * 64,
        "stage2_conv2": 7 * 7 * 9 * 64 * 64,
        "stage3_conv1": 3 * 3 * 9 * 64 * 128,
        "logits": 128 * 10,
    }
    fields = table["receptive_field_height"].filter(like="stage")
    by_name = {name: fields[name] for name in ("stage1_conv1", "stage1_conv2", "stage2_conv2", "stage3_conv1")}
    assert by_name == {"stage1_conv1": 6, "stage1_conv2": 10, "stage2_conv2": 28, "stage3_conv1": 48}
    assert ledger_totals(table)["parameters"] == 141_962


def test_lenet_by_hand():
    table = ledger(build_lenet((32, 32, 1), 10))
    macs = {
        "stage1_conv1": 28 * 28 * 5 * 5 * 6,
        "stage2_conv1": 10 * 10 * 5 * 5 * 6 * 16,
        "hidden1": 400 * 120,
        "hidden2": 120 * 84,
        "logits": 84 * 10,
    }
    counted = table["multiply_accumulates"]
    assert counted[counted > 0].to_dict() == macs
    fields = table["receptive_field_height"][["image", "stage1_conv1", "stage1_pool", "stage2_conv1", "stage2_pool"]]
    assert fields.tolist() == [1, 5, 6, 14, 16]
    assert table["receptive_field_width"]["flatten":].unique().tolist() == [32]  # 16 + 4 steps of 4 pixels: all
    assert table["stride_height"][:"stage2_pool"].tolist() == [1, 1, 1, 2, 2, 2, 4]
    assert table["stride_height"]["flatten":].isna().all()
    assert table["depth"].tolist() == [0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5]
    totals = ledger_totals(table)
    assert totals["multiply_accumulates"] == sum(macs.values())
    assert totals["parameters"] == totals["trainable_parameters"] == 61_706
    assert totals["receptive_field_height"] == 32
    # 4 bytes for 32x32, twice 28x28x6, 14x14x6, twice 10x10x16, twice 5x5x16 (once flat), twice 120 and 84, and 10
    numbers = 1_024 + 2 * 4_704 + 1_176 + 2 * 1_600 + 2 * 400 + 2 * 120 + 2 * 84 + 10
    assert totals["activation_bytes"] == 4 * numbers


def test_columns():
    table = ledger(build_mlp((4, 6, 1), 3, hidden=()))
    assert table.index.tolist() == ["image", "flatten", "logits"]
    row = table.loc["logits"]
    assert row[["stride_height", "stride_width"]].isna().all()
    assert row.drop(["stride_height", "stride_width"]).to_dict() == {
        "kind": "Dense",
        "output_shape": (3,),
        "depth": 1,
        "trainable_parameters": 75,
        "non_trainable_parameters": 0,
        "multiply_accumulates": 72,
        "receptive_field_height": 4,
        "receptive_field_width": 6,
        "activation_bytes": 12,
    }


@pytest.mark.parametrize(
    ("layer", "macs"),
    [  # on 8x10 pixels with 6 channels
        (layers.Conv2D(4, (3, 5), padding="same"), 8 * 10 * 3 * 5 * 6 * 4),
        (layers.Conv2D(4, 3, strides=2, padding="same"), 4 * 5 * 9 * 6 * 4),
        (layers.Conv2D(4, 3, dilation_rate=2), 4 * 6 * 9 * 6 * 4),
        (layers.Conv2D(4, 3, groups=2, padding="same"), 8 * 10 * 9 * 3 * 4),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), 6 * 8 * 9 * 6 * 2),
        (layers.SeparableConv2D(4, 3, depth_multiplier=2), 6 * 8 * (9 * 6 * 2 + 6 * 2 * 4)),
        (layers.Conv2DTranspose(4, 4, strides=2, padding="same"), 8 * 10 * 16 * 6 * 4),
        (layers.Dense(4), 8 * 10 * 6 * 4),
        (layers.BatchNormalization(), 0),
        (layers.PReLU(), 0),
        (layers.MaxPooling2D(2), 0),
        (layers.GlobalAveragePooling2D(), 0),
        (layers.Conv2D(4, 3, data_format="channels_first", padding="same"), 10 * 6 * 9 * 8 * 4),
    ],
    ids=lambda value: value.name if isinstance(value, keras.layers.Layer) else str(value),
)
def test_multiply_accumulates_of_layers(layer, macs):
    assert ledger(chain((8, 10, 6), layer)).iloc[-1]["multiply_accumulates"] == macs


def test_frozen_weights_and_moving_statistics_are_not_trainable():
    model = chain((4, 4, 1), layers.Conv2D(2, 3, trainable=False, name="conv"), layers.BatchNormalization(name="bn"))
    table = ledger(model)
    assert table["trainable_parameters"].tolist() == [0, 0, 4]
    assert table["non_trainable_parameters"].tolist() == [0, 20, 4]
    assert ledger_totals(table)["parameters"] == model.count_params()


def test_activations_have_the_size_of_their_dtype():
    policy = "mixed_bfloat16"
    table = ledger(chain((4, 4, 1), layers.Conv2D(2, 1, dtype=policy), layers.Activation("relu", dtype="float32")))
    assert table["activation_bytes"].tolist() == [4 * 16, 2 * 32, 4 * 32]
    assert ledger(chain((5,), layers.Activation("linear", dtype="float64")))["activation_bytes"].iloc[-1] == 40


def test_layers_of_inner_models_are_flattened():
    backbone = chain((None, None, 1), layers.Conv2D(2, 3, name="conv"), layers.MaxPooling2D(name="pool"))
    backbone.name = "backbone"
    head = keras.Sequential([keras.Input((3, 5, 2)), layers.Flatten(name="flatten"), layers.Dense(4, name="dense")])
    head.name = "head"
    model = chain((8, 12, 1), backbone, head, layers.ReLU(name="relu"))
    table = ledger(model)
    assert table.index.tolist() == [
        "image",
        "backbone/conv",
        "backbone/pool",
        "head/flatten",
        "head/dense",
        "relu",
    ]
    assert table["output_shape"].tolist() == [(8, 12, 1), (6, 10, 2), (3, 5, 2), (30,), (4,), (4,)]
    assert table["receptive_field_height"].tolist() == [1, 3, 4, 8, 8, 8]
    assert table["multiply_accumulates"].tolist() == [0, 6 * 10 * 9 * 2, 0, 0, 30 * 4, 0]
    assert ledger_totals(table)["parameters"] == model.count_params()


def test_a_sequential_model_is_a_chain():
    steps = [layers.Conv2D(2, 3, name="conv"), layers.Flatten(name="flatten"), layers.Dense(3, name="logits")]
    sequential = keras.Sequential([keras.Input((8, 8, 1), name="image"), *steps])
    pd.testing.assert_frame_equal(ledger(sequential), ledger(keras.Model(sequential.inputs, sequential.outputs)))


def test_a_shared_layer_costs_twice_and_has_its_weights_once():
    conv, image = layers.Conv2D(1, 3, padding="same", name="conv"), keras.Input((8, 8, 1), name="image")
    model = keras.Model(image, conv(conv(image)))
    table = ledger(model)
    assert table.index.tolist() == ["image", "conv", "conv (call 2)"]
    assert table["trainable_parameters"].tolist() == [0, 10, 0]
    assert table["multiply_accumulates"].tolist() == [0, 576, 576]
    assert table["receptive_field_height"].tolist() == [1, 3, 5]


def test_a_branch_is_finished_before_the_next_begins():
    names = ledger(outline(build_googlenet, (32, 32, 3), 10, width=0.1)).index.tolist()
    block = [name for name in names if name.startswith("stage3_block1_")]
    assert [name.removeprefix("stage3_block1_")[:5] for name in block] == sorted(
        [name.removeprefix("stage3_block1_")[:5] for name in block], key=lambda place: (place == "conca", place)
    )
    assert names[-1] == "logits"


def test_auxiliary_heads_are_accounted_for():
    plain, heads = (
        ledger_totals(ledger(outline(build_googlenet, IMAGENET, 1000, **heads)))
        for heads in ({}, {"auxiliary_heads": True})
    )
    assert heads["depth"] == plain["depth"] == 22
    assert heads["multiply_accumulates"] > plain["multiply_accumulates"]


@pytest.mark.parametrize("shortcut", ["projection", "identity"])
def test_either_shortcut_of_resnet_has_the_same_receptive_field(shortcut):
    table = ledger(outline(build_resnet, (32, 48, 3), 10, depth=18, width=0.1, shortcut=shortcut, stem="small"))
    assert table.loc["stage4_block2_relu"][["receptive_field_height", "receptive_field_width"]].tolist() == [109, 109]


def of_rows(*steps):
    return chain((7, 5, 1), layers.Reshape((7, 5), name="rows"), *steps, layers.Dense(3, name="logits"))


RECURRENT = {
    "lstm": lambda **options: [layers.LSTM(4, return_sequences=True, **options), layers.LSTM(6, **options)],
    "gru": lambda **options: [layers.GRU(4, return_sequences=True, **options), layers.GRU(6, **options)],
    "vanilla": lambda **options: [layers.SimpleRNN(4, **options)],
    "both ways": lambda **options: [layers.Bidirectional(layers.GRU(4, **options))],
}


@pytest.mark.parametrize("kind", RECURRENT)
def test_recurrent_layers_cost_what_the_products_of_all_steps_do(kind):
    unrolled = of_rows(*RECURRENT[kind](unroll=True))
    graph = tf.function(lambda images: unrolled(images)).get_concrete_function(tf.TensorSpec((1, 7, 5, 1))).graph
    products = [operation for operation in graph.get_operations() if operation.type == "MatMul"]
    for product in products:
        assert not product.get_attr("transpose_a") and not product.get_attr("transpose_b")
    expected = sum(math.prod(product.inputs[1].shape) for product in products)  # of one row each
    model = of_rows(*RECURRENT[kind]())
    totals = ledger_totals(ledger(model))
    assert totals["multiply_accumulates"] == expected
    assert totals["parameters"] == model.count_params()
    assert totals["depth"] == len(RECURRENT[kind]()) + 1
    assert (totals["receptive_field_height"], totals["receptive_field_width"]) == (7, 5)


def test_sums_by_operators_count_as_layers_do():
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(1, 3, padding="same")(image)
    model = keras.Model(image, x * 2 + image)
    table = ledger(model)
    assert table["receptive_field_height"].tolist() == [1, 3, 3, 3]
    assert ledger_totals(table)["multiply_accumulates"] == 576


def test_what_is_broadcast_over_a_map_sees_the_whole_of_it():
    image = keras.Input((8, 8, 4))
    x = layers.Conv2D(4, 3, padding="same")(image)
    gate = layers.Dense(4)(layers.GlobalAveragePooling2D(keepdims=True)(x))
    assert ledger(keras.Model(image, layers.Multiply()([x, gate]))).iloc[-1]["receptive_field_width"] == 10


def test_a_generator_sees_no_image():
    table = ledger(build_dcgan_generator((28, 28, 1), latent_dim=5, base_filters=4))
    assert set(table["receptive_field_height"]) == {0}
    # dense 5 to 7x7x8; 16 taps from each of 7x7x8 to 4 channels and of 14x14x4 to 1
    assert ledger_totals(table)["multiply_accumulates"] == 5 * 392 + 16 * (49 * 8 * 4 + 196 * 4)


def test_the_discriminator_reads_images_through_windows():
    table = ledger(outline(build_dcgan_discriminator, (64, 64, 3)))
    fields = table.loc[[name for name in table.index if name.endswith("_conv1")], "receptive_field_height"]
    assert fields.tolist() == [4, 10, 22, 46]


def test_unet_by_hand():
    table = ledger(outline(build_unet, (20, 20, 1), 3, depth=1, base_filters=2))
    counted = table["multiply_accumulates"]
    assert counted[counted > 0].to_dict() == {
        "down1_conv1": 18 * 18 * 9 * 1 * 2,
        "down1_conv2": 16 * 16 * 9 * 2 * 2,
        "bottom_conv1": 6 * 6 * 9 * 2 * 4,
        "bottom_conv2": 4 * 4 * 9 * 4 * 4,
        "up1_upsample": 4 * 4 * 2 * 2 * 4 * 2,  # each unit from below to 2x2 units
        "up1_conv1": 6 * 6 * 9 * 4 * 2,
        "up1_conv2": 4 * 4 * 9 * 2 * 2,
        "logits": 4 * 4 * 2 * 3,
    }
    assert ledger_totals(table)["depth"] == 8


def test_a_strided_stem_by_hand():
    net = outline(build_unet, (8, 12, 3), 3, depth=1, base_filters=2, convolutions=1, padding="same", stem="strided")
    counted = ledger(net)["multiply_accumulates"]
    assert counted[counted > 0].to_dict() == {
        "stem_conv": 4 * 6 * 36 * 3 * 4,
        "up1_upsample": 4 * 6 * 2 * 2 * 4 * 2,
        "up1_conv1": 8 * 12 * 9 * (3 + 2) * 2,
        "logits": 8 * 12 * 2 * 3,
    }


def test_heads_of_a_detector_by_hand():
    table = ledger(outline(build_centernet, (32, 32, 1), 5, width=1 / 16, stem="small"))
    heads = {name: table.loc[name, "multiply_accumulates"] for name in ("heatmap_conv1", "box_conv1")}
    assert heads == dict.fromkeys(heads, 8 * 8 * 9 * 4 * 4)
    assert table.loc[["heatmap", "size", "offset"], "multiply_accumulates"].tolist() == [
        8 * 8 * 4 * outputs for outputs in (5, 2, 2)
    ]
    assert table.loc["neck8_conv1", "multiply_accumulates"] == 4 * 4 * 32 * 4
    assert table.loc["neck4_lateral", "multiply_accumulates"] == 8 * 8 * 16 * 4
    assert table.loc["neck4_conv1", "multiply_accumulates"] == 8 * 8 * 9 * 4 * 4


def test_scores_of_a_fully_convolutional_net_by_hand():
    table = ledger(outline(build_fcn, (64, 64, 1), 3, width=1 / 16, stride=16, hidden=(64,)))
    names = ("hidden1", "scores32", "scores16_upsample", "scores16", "logits")
    assert table.loc[list(names), "multiply_accumulates"].tolist() == [
        2 * 2 * 7 * 7 * 32 * 4,
        2 * 2 * 4 * 3,
        2 * 2 * 4 * 4 * 3 * 3,
        4 * 4 * 32 * 3,
        4 * 4 * 32 * 32 * 3 * 3,
    ]


def test_a_label_beside_the_image_changes_no_window():
    image, label = keras.Input((8, 8, 1), name="image"), keras.Input((), dtype="int64", name="label")
    vector = layers.Dense(64)(layers.Embedding(10, 4)(label))
    both = layers.Concatenate()([image, layers.Reshape((8, 8, 1))(vector)])
    table = ledger(keras.Model([image, label], layers.Conv2D(2, 3, name="conv")(both)))
    assert table.loc["conv", "receptive_field_height"] == 3
    assert table.loc["label", "activation_bytes"] == 8


class Swap(keras.layers.Layer):
    def call(self, inputs):
        return keras.ops.flip(inputs, axis=1)


def test_what_is_unknown_is_missing_and_so_are_the_totals():
    table = ledger(chain((8, 8, 1), layers.Conv2D(1, 3, name="conv"), Swap(name="swap"), layers.ReLU(name="relu")))
    assert table["multiply_accumulates"].isna().tolist() == [False, False, True, False]
    assert table["receptive_field_height"].isna().tolist() == [False, False, True, True]
    totals = ledger_totals(table)
    assert totals["parameters"] == 10
    assert totals[["multiply_accumulates", "receptive_field_height"]].isna().all()


class Turned(layers.Conv2D):
    def call(self, inputs):
        return super().call(keras.ops.flip(inputs, axis=1))


class Doubled(layers.Dense):
    def call(self, inputs):
        return super().call(super().call(inputs))


@pytest.mark.parametrize("layer", [Turned(1, 3), Doubled(1)], ids=["convolution", "dense"])
def test_of_subclasses_from_elsewhere_nothing_is_claimed(layer):
    row = ledger(chain((8, 8, 1), layer)).iloc[-1]
    assert row[["multiply_accumulates", "receptive_field_height"]].isna().all()


def test_subclasses_of_this_package_are_known():
    row = ledger(chain((8, 8, 4), GroupedConv2D(2, 3, groups=2))).iloc[-1]
    assert row[["multiply_accumulates", "receptive_field_height"]].tolist() == [6 * 6 * 9 * 2 * 2, 3]


def test_augmentation_is_an_identity():
    steps = (layers.RandomFlip(), layers.RandomBrightness(0.1), layers.RandomContrast(0.1), layers.Conv2D(1, 3))
    table = ledger(chain((8, 8, 1), *steps))
    assert table["multiply_accumulates"].tolist() == [0, 0, 0, 0, 6 * 6 * 9]
    assert table["receptive_field_height"].tolist() == [1, 1, 1, 1, 3]


def test_attention_counts_every_product():
    """3 words of 5 numbers look at 4 cells of 6, with 2 heads of 4 numbers each; the cells say something of 7 words."""
    words, cells, said = keras.Input((3, 5)), keras.Input((4, 6)), keras.Input((4, 7))
    seen, weights = Attention(heads=2, units=8, name="attention")(words, cells)
    table = ledger(keras.Model([words, cells, said], [seen, LookedAt(name="looked_at")(weights, said)]))
    to_heads = 3 * 5 * 8 + 4 * 6 * 8 + 4 * 6 * 8  # queries, keys, values
    of_heads = 2 * (3 * 4 * 4 + 3 * 4 * 4)  # comparisons, means of values
    assert table.loc["attention", "multiply_accumulates"] == to_heads + of_heads + 3 * 8 * 8
    assert table.loc["looked_at", "multiply_accumulates"] == 3 * 4 * 7


def test_every_layer_of_a_captioner_is_counted():
    for decoder in ("gru", "transformer"):
        table = ledger(build_captioner((32, 32, 1), 9, decoder=decoder, units=8, length=4, width=0.1))
        assert table["multiply_accumulates"].notna().all(), decoder


def test_windows_along_the_channels_are_unknown():
    table = ledger(chain((8, 8, 4), layers.Conv2D(4, 3, data_format="channels_first", name="conv")))
    assert pd.isna(table.loc["conv", "receptive_field_height"])


def test_the_model_is_left_as_it_is():
    model = build_lenet((16, 16, 1), 3)
    model.compile("adam", "mse")
    images = np.random.default_rng(0).random((2, 16, 16, 1), np.float32)
    before, config = model(images), model.get_config()
    first = ledger(model)
    pd.testing.assert_frame_equal(ledger(model), first)
    assert [layer.output.shape for layer in model.layers][-1] == (None, 3)  # raises if a layer has a second call
    assert model.get_config() == config
    assert model.compiled
    np.testing.assert_array_equal(model(images), before)
    assert np.isfinite(model.fit(images, np.zeros((2, 3)), verbose=0).history["loss"][0])


class Subclassed(keras.Model):
    def call(self, inputs):
        return inputs


@pytest.mark.parametrize(
    "model",
    [
        Subclassed(),
        keras.Sequential([keras.layers.Dense(3)]),
        chain((None, None, 1), keras.layers.Conv2D(1, 3)),
        keras.layers.Dense(3),
        None,
    ],
)
def test_models_without_a_graph_of_known_size_are_refused(model):
    with pytest.raises(ValueError, match="`model` must be a functional or built sequential .*Received: model="):
        ledger(model)
