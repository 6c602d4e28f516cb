"""DCGAN's nets: published counts, maps, weights, normalisation, saving, and what they refuse."""

import keras
import numpy as np
import pytest
from outlines import outline

from keras_course.models.dcgan import build_dcgan_discriminator, build_dcgan_generator


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


# c channels, base 64, latent 100, 4x4 kernels (16 taps), no bias; each batch norm has a scale and a shift a channel
GENERATOR_COUNTS = {
    # dense 100 to 7x7x128; 128 to 64, 64 to c; batch norm of 128, 64
    28: lambda c: 100 * 6_272 + 16 * (128 * 64 + 64 * c) + 2 * (128 + 64),
    # dense 100 to 4x4x256; 256 to 128 to 64 to c; batch norm of 256, 128, 64
    32: lambda c: 100 * 4_096 + 16 * (256 * 128 + 128 * 64 + 64 * c) + 2 * (256 + 128 + 64),
    # dense 100 to 4x4x512; 512 to 256 to 128 to 64 to c; batch norm of 512, 256, 128, 64
    64: lambda c: 100 * 8_192 + 16 * (512 * 256 + 256 * 128 + 128 * 64 + 64 * c) + 2 * (512 + 256 + 128 + 64),
}
DISCRIMINATOR_COUNTS = {
    # c to 64 to 128; batch norm of 128 only; dense 7x7x128 to 1
    28: lambda c: 16 * (c * 64 + 64 * 128) + 2 * 128 + 6_272,
    # c to 64 to 128 to 256; batch norm of 128, 256; dense 4x4x256 to 1
    32: lambda c: 16 * (c * 64 + 64 * 128 + 128 * 256) + 2 * (128 + 256) + 4_096,
    # c to 64 to 128 to 256 to 512; batch norm of 128, 256, 512; dense 4x4x512 to 1
    64: lambda c: 16 * (c * 64 + 64 * 128 + 128 * 256 + 256 * 512) + 2 * (128 + 256 + 512) + 8_192,
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [28, 32, 64])
def test_counts(size, channels):
    generator = outline(build_dcgan_generator, (size, size, channels))
    discriminator = outline(build_dcgan_discriminator, (size, size, channels))
    assert trainable(generator) == GENERATOR_COUNTS[size](channels)
    assert trainable(discriminator) == DISCRIMINATOR_COUNTS[size](channels)
    # moving means and variances: as many as scales and shifts
    channels_of_maps = sum(64 * 2**i for i in range({28: 2, 32: 3, 64: 4}[size]))
    assert generator.count_params() - trainable(generator) == 2 * channels_of_maps


def test_published_counts():
    assert trainable(outline(build_dcgan_generator, (64, 64, 3))) == 3_576_704
    assert trainable(outline(build_dcgan_discriminator, (64, 64, 3))) == 2_765_568


@pytest.mark.parametrize(
    ("size", "maps"),
    [
        (28, [(7, 128), (14, 64), (28, 1)]),
        (32, [(4, 256), (8, 128), (16, 64), (32, 1)]),
        (64, [(4, 512), (8, 256), (16, 128), (32, 64), (64, 1)]),
    ],
)
def test_generator_doubles_its_maps_and_the_discriminator_halves_them(size, maps):
    generator = outline(build_dcgan_generator, (size, size, 1))
    stages = [layer for layer in generator.layers if layer.name.endswith(("_reshape", "_conv1"))]
    assert [layer.output.shape[1:] for layer in stages] == [(side, side, filters) for side, filters in maps]
    discriminator = outline(build_dcgan_discriminator, (size, size, 1))
    stages = [layer for layer in discriminator.layers if layer.name.endswith("_conv1")]
    expected = [(side, side, filters) for side, filters in reversed(maps[:-1])]
    assert [layer.output.shape[1:] for layer in stages] == expected


def test_extra_stage_adds_a_map_of_the_images_size_and_a_halving():
    generator = build_dcgan_generator((28, 28, 1), extra_stage=True)
    maps = [layer.output.shape[1:] for layer in generator.layers if layer.name.endswith(("_reshape", "_conv1"))]
    assert maps == [(7, 7, 128), (14, 14, 64), (28, 28, 32), (28, 28, 1)]
    # 128 to 64 to 32 by 16 taps each, 32 to 1 by 9; batch norm of 128, 64, 32
    assert trainable(generator) == 100 * 6_272 + 16 * (128 * 64 + 64 * 32) + 9 * 32 + 2 * (128 + 64 + 32)
    discriminator = build_dcgan_discriminator((28, 28, 1), extra_stage=True)
    maps = [layer.output.shape[1:] for layer in discriminator.layers if layer.name.endswith("_conv1")]
    assert maps == [(14, 14, 64), (7, 7, 128), (4, 4, 256)]
    assert trainable(discriminator) == 16 * (64 + 64 * 128 + 128 * 256) + 2 * (128 + 256) + 4 * 4 * 256
    narrow = build_dcgan_generator((8, 8, 3), base_filters=1, extra_stage=True)
    assert narrow.output_shape == (None, 8, 8, 3)


def test_layers_of_the_generator():
    names = [layer.name for layer in build_dcgan_generator((28, 28, 1)).layers]
    assert names == [
        *("latent", "stage1_dense", "stage1_reshape", "stage1_bn", "stage1_relu"),
        *("stage2_conv1", "stage2_conv1_bn", "stage2_conv1_relu", "stage3_conv1", "image"),
    ]


def test_layers_of_the_discriminator():
    names = [layer.name for layer in build_dcgan_discriminator((28, 28, 1)).layers]
    assert names == [
        *("image", "stage1_conv1", "stage1_conv1_leaky_relu"),
        *("stage2_conv1", "stage2_conv1_bn", "stage2_conv1_leaky_relu", "flatten", "logits"),
    ]


def test_activations_and_normalisation_are_the_papers():
    generator, discriminator = build_dcgan_generator((28, 28, 1)), build_dcgan_discriminator((28, 28, 1))
    assert generator.layers[-1].activation is keras.activations.tanh
    assert discriminator.layers[-1].activation is keras.activations.linear
    slopes = [x.negative_slope for x in discriminator.layers if isinstance(x, keras.layers.LeakyReLU)]
    assert slopes == pytest.approx([0.2, 0.2])
    norms = [layer for layer in generator.layers + discriminator.layers if "_bn" in layer.name]
    assert {(layer.momentum, layer.epsilon) for layer in norms} == {(0.9, 1e-5)}


@pytest.mark.parametrize("build", [build_dcgan_generator, build_dcgan_discriminator])
def test_weights_are_normal_with_a_standard_deviation_of_a_fiftieth(build):
    keras.utils.set_random_seed(0)
    kernels = [layer.kernel.numpy().ravel() for layer in build((64, 64, 3)).layers if hasattr(layer, "kernel")]
    for kernel in kernels:
        # 5 standard errors of the mean and of the standard deviation; a kernel has at least 3072 weights
        assert abs(kernel.mean()) < 5 * 0.02 / np.sqrt(kernel.size)
        assert abs(kernel.std() - 0.02) < 5 * 0.02 / np.sqrt(2 * kernel.size)
    weights = np.concatenate(kernels)
    assert np.mean(np.abs(weights) > 0.04) == pytest.approx(0.0455, abs=1e-3)  # not cut at two standard deviations


def test_two_layers_of_one_shape_have_weights_of_their_own():
    first, second = (build_dcgan_generator((28, 28, 1), 3, 2).get_layer("stage2_conv1").kernel for _ in range(2))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [28, 32, 64])
def test_images_in_and_out(size, channels):
    generator = build_dcgan_generator((size, size, channels), latent_dim=7, base_filters=2)
    latent = 50 * np.random.default_rng(0).standard_normal((5, 7), np.float32)
    images = generator(latent, training=True)
    assert images.shape == (5, size, size, channels)
    assert keras.ops.max(keras.ops.abs(images)) <= 1
    logits = build_dcgan_discriminator((size, size, channels), base_filters=2)(images)
    assert logits.shape == (5, 1)
    assert logits.dtype == "float32"


def test_every_pixel_gets_as_many_contributions():
    """No chequerboard: behind a constant map and a constant kernel the middle of the image is constant."""
    generator = build_dcgan_generator((28, 28, 1), latent_dim=1, base_filters=1)
    for layer in generator.layers:
        if hasattr(layer, "kernel"):
            layer.kernel.assign(np.full(layer.kernel.shape, 0.01))
    image = generator(np.ones((1, 1), np.float32))[0, 4:-4, 4:-4, 0]
    np.testing.assert_allclose(image, image[0, 0])
    assert image[0, 0] > 0


@pytest.mark.parametrize("build", [build_dcgan_generator, build_dcgan_discriminator])
def test_saved_file_loads_without_custom_objects(build, tmp_path):
    model = build((28, 28, 1), base_filters=2)
    model.save(tmp_path / "model.keras")
    x = np.random.default_rng(0).standard_normal((2, *model.input.shape[1:]), np.float32)
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "model.keras")(x), model(x))


def test_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        generator = build_dcgan_generator((28, 28, 1), 5, 2)
        discriminator = build_dcgan_discriminator((28, 28, 1), 2)
    finally:
        keras.config.set_dtype_policy("float32")
    logits = discriminator(generator(np.ones((2, 5), np.float32)))
    assert logits.dtype == "float32"
    assert generator.output.dtype == "bfloat16"
    assert {weight.dtype for weight in generator.weights + discriminator.weights} == {"float32"}
    assert np.all(np.isfinite(keras.ops.convert_to_numpy(keras.ops.cast(logits, "float32"))))


def test_building_leaves_the_state_of_numpy_alone_and_compiles_nothing():
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    assert not build_dcgan_generator((28, 28, 1), 3, 2).compiled
    assert not build_dcgan_discriminator((28, 28, 1), 2).compiled
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("shape", [(48, 48, 1), (28, 32, 1), (28, 28), (28, 28, 2), (28.5, 28.5, 1), 28, None, "28"])
@pytest.mark.parametrize("build", [build_dcgan_generator, build_dcgan_discriminator])
def test_other_shapes_are_refused_with_the_sizes_accepted(build, shape):
    with pytest.raises(ValueError, match="`image_shape` must be .* 28x28, 32x32, 64x64 .*Received: image_shape="):
        build(shape)


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda: build_dcgan_generator((28, 28, 1), latent_dim=0), "latent_dim"),
        (lambda: build_dcgan_generator((28, 28, 1), latent_dim=1.5), "latent_dim"),
        (lambda: build_dcgan_generator((28, 28, 1), base_filters=0), "base_filters"),
        (lambda: build_dcgan_discriminator((28, 28, 1), base_filters="64"), "base_filters"),
    ],
)
def test_bad_arguments_are_named(build, name):
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        build()
