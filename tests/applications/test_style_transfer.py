"""Style transfer: the losses against NumPy and finite differences, the descent, resuming in a second process."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_course.applications.pictures import unit_picture
from keras_course.applications.style_transfer import content_loss, gram_matrix, style_loss, transfer_style
from keras_course.applications.style_transfer import pictures as made_ready
from keras_course.applications.style_transfer.film import FRAMES, Film
from keras_course.applications.style_transfer.objective import StyleFeatures, StyleObjective

LAYERS = {"content_layers": ["stage2_conv1"], "style_layers": ["stage1_conv1", "stage2_conv1"]}


def build(dtype="float32", activation="relu", seed=0):
    """Returns a small net of two stages with random weights."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((None, None, 3), dtype=dtype),
            keras.layers.Conv2D(4, 3, padding="same", activation=activation, name="stage1_conv1", dtype=dtype),
            keras.layers.MaxPooling2D(name="stage1_pool", dtype=dtype),
            keras.layers.Conv2D(5, 3, padding="same", activation=activation, name="stage2_conv1", dtype=dtype),
        ],
        name="two_stages",
    )


@pytest.fixture(scope="module")
def net():
    return build()


@pytest.fixture
def pair():
    """Two pictures: a coloured ramp, and random rectangles."""
    rows, columns = np.mgrid[0:1:24j, 0:1:20j]
    random = np.random.default_rng(3)
    style = np.kron(random.integers(0, 256, (6, 8, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    return np.uint8(255 * np.stack([rows, columns, 1 - rows], axis=-1)), style


def test_gram_matrix_is_the_mean_of_outer_products():
    maps = np.random.default_rng(0).normal(size=(2, 5, 7, 3))
    expected = np.einsum("bhwi,bhwj->bij", maps, maps) / 35
    np.testing.assert_allclose(gram_matrix(maps), expected, rtol=1e-12)


def test_losses_are_their_formulas():
    random = np.random.default_rng(0)
    maps, target = random.normal(size=(2, 3, 4, 5)), random.normal(size=(1, 3, 4, 5))
    expected = [np.sum((one - target[0]) ** 2) / np.sum(target**2) for one in maps]
    np.testing.assert_allclose(content_loss(maps, target), expected, rtol=1e-12)
    gram, style, start = (np.stack([a + a.T for a in random.normal(size=(n, 4, 4))]) for n in (3, 1, 3))
    expected = [np.sum((a - style[0]) ** 2) / np.sum((b - style[0]) ** 2) for a, b in zip(gram, start, strict=True)]
    np.testing.assert_allclose(style_loss(gram, style, start), expected, rtol=1e-12)


def test_losses_of_dead_layers_and_of_equal_pictures_are_zero():
    nothing = np.zeros((1, 2, 2, 3))
    assert float(content_loss(nothing, nothing)[0]) == 0
    assert float(style_loss(*[np.zeros((1, 3, 3))] * 3)[0]) == 0
    gram = np.eye(3)[np.newaxis]
    assert float(style_loss(gram, gram, gram)[0]) == 0


@pytest.mark.parametrize("large", [False, True], ids=["kept", "computed again"])
def test_gradient_equals_finite_differences(monkeypatch, large):
    if large:
        monkeypatch.setattr("keras_course.applications.style_transfer.objective.FEW_PIXELS", 1)
    random = np.random.default_rng(0)
    content, style, picture = random.random((3, 12, 10, 3))
    features = StyleFeatures(build("float64", "tanh"), **LAYERS)
    objective = StyleObjective(features, content, style, (1.5, 0.7, 0.2))
    _, gradient = objective.losses_and_gradient(picture)
    for _ in range(5):
        direction, step = random.normal(size=picture.shape), 1e-6
        after, before = (
            objective.weighted(objective.losses_and_gradient(picture + s * direction)[0]) for s in (step, -step)
        )
        np.testing.assert_allclose((after - before) / (2 * step), np.sum(gradient * direction), rtol=1e-7)


def test_losses_are_those_written_out_in_tensorflow(net, pair):
    content, style = (one / np.float32(255) for one in pair)
    picture = np.random.default_rng(1).random(content.shape, np.float32)
    objective = StyleObjective(StyleFeatures(net, **LAYERS), content, style, (1, 1, 1))
    parts = keras.Model(net.inputs[0], [net.get_layer(name).output for name in ("stage1_conv1", "stage2_conv1")])
    ours, theirs, styled = ([np.asarray(m[0]) for m in parts(one[np.newaxis])] for one in (picture, content, style))

    def gram(maps):
        return tf.einsum("hwi,hwj->ij", maps, maps) / (maps.shape[0] * maps.shape[1])

    shares = [
        np.sum((gram(a) - gram(s)) ** 2) / np.sum((gram(c) - gram(s)) ** 2)
        for a, c, s in zip(ours, theirs, styled, strict=True)
    ]
    expected = [np.sum((ours[1] - theirs[1]) ** 2) / np.sum(theirs[1] ** 2), np.mean(shares)]
    np.testing.assert_allclose(objective.losses_and_gradient(picture)[0][:2], expected, rtol=1e-4)


def test_losses_of_the_content_itself(net, pair):
    content, style = (one / np.float32(255) for one in pair)
    objective = StyleObjective(StyleFeatures(net, **LAYERS), content, style, (1, 1, 1))
    np.testing.assert_allclose(objective.losses_and_gradient(content)[0], [0, 1, 1], atol=1e-6)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_loss_falls_and_the_picture_is_the_content_repainted(net, pair, optimizer):
    made = transfer_style(*pair, features=net, **LAYERS, optimizer=optimizer, steps=60)
    assert (made.image.shape, made.image.dtype) == (pair[0].shape, np.uint8)
    assert len(made.losses) <= 60 and made.losses["loss"].iloc[-1] < 0.6 * made.losses["loss"].iloc[0]
    assert list(made.losses.columns[:4]) == ["content", "style", "total_variation", "loss"]
    np.testing.assert_allclose(made.losses["loss"], made.losses.iloc[:, :3] @ [1, 1, 0.01], rtol=1e-5)


def test_final_loss_is_that_of_the_picture(net, pair):
    made = transfer_style(*pair, features=net, **LAYERS, steps=50)
    content, style = (one / np.float32(255) for one in pair)
    style = made_ready.resized(style, 19, 25)  # as many pixels as the content
    objective = StyleObjective(StyleFeatures(net, **LAYERS), content, style, (1, 1, 0.01))
    loss = objective.weighted(objective.losses_and_gradient(made.image / np.float32(255))[0])
    assert abs(loss - made.losses["loss"].iloc[-1]) < 0.01


def test_bfloat16_comes_as_far_down(net, pair):
    exact, half = (
        transfer_style(*pair, features=net, **LAYERS, steps=40, precision=p) for p in ("float32", "bfloat16")
    )
    assert np.any(exact.losses.to_numpy()[:, :4] != half.losses.to_numpy()[:, :4])
    content, style = (one / np.float32(255) for one in pair)
    objective = StyleObjective(StyleFeatures(net, **LAYERS), content, made_ready.resized(style, 19, 25), (1, 1, 0.01))
    losses = [
        objective.weighted(objective.losses_and_gradient(one.image / np.float32(255))[0]) for one in (exact, half)
    ]
    assert losses[1] < 1.02 * losses[0]


@pytest.mark.parametrize(("has_it", "chosen"), [(True, "bfloat16"), (False, "float32")])
def test_bfloat16_is_taken_where_the_processor_has_it_for_nets_like_vgg(net, monkeypatch, has_it, chosen):
    monkeypatch.setattr("keras_course.training.precision.multiplies_bfloat16", lambda: has_it)
    other = keras.Sequential([net, keras.layers.BatchNormalization(name="last")])
    assert StyleFeatures(net, **LAYERS, precision="auto").precision == chosen
    assert StyleFeatures(other, ["last"], ["last"], "auto").precision == "float32"
    assert StyleFeatures(net, **LAYERS).precision == "float32"
    assert StyleFeatures(build("float64", "tanh"), **LAYERS, precision="auto").precision == "float32"


def test_total_variation_smooths(net, pair):
    rough, smooth = (transfer_style(*pair, features=net, **LAYERS, total_variation=w, steps=40) for w in (0, 1))
    variation = [np.abs(np.diff(made.image.astype(int), axis=0)).mean() for made in (rough, smooth)]
    assert variation[1] < variation[0]


def test_content_without_style_is_the_content(net, pair):
    made = transfer_style(*pair, features=net, **LAYERS, style_weight=0, total_variation=0, steps=3)
    np.testing.assert_array_equal(made.image, pair[0])


def test_noise_depends_on_the_seed_alone(net, pair):
    images = [
        transfer_style(*pair, features=net, **LAYERS, start="noise", seed=seed, steps=5).image for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(images[0], images[1])
    assert (images[0] != images[2]).any()


def test_colours_are_kept():
    random = np.random.default_rng(0)
    content, picture = 0.3 + 0.4 * random.random((2, 6, 5, 3), np.float32)
    kept = made_ready.with_colors_of(picture, content)
    to_yiq = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])
    found, ours, theirs = (one @ to_yiq.T for one in (kept, picture, content))
    inside = ((kept > 0) & (kept < 1)).all(axis=-1)
    np.testing.assert_allclose(found[inside][:, 0], ours[inside][:, 0], atol=1e-5)
    np.testing.assert_allclose(found[inside][:, 1:], theirs[inside][:, 1:], atol=5e-3)  # rounded coefficients


def test_from_coarse_to_fine(net):
    random = np.random.default_rng(0)
    content, style = random.integers(0, 256, (2, 150, 260, 3), dtype=np.uint8)
    seen = []
    made = transfer_style(
        content,
        style,
        features=net,
        **LAYERS,
        steps=3,
        callback=lambda step, image, losses: seen.append((step, image.shape)),
    )
    assert list(zip(made.losses["height"], made.losses["width"], strict=True)) == [(75, 130)] + [(150, 260)] * 3
    assert seen == [(1, (75, 130, 3)), *((n, (150, 260, 3)) for n in (2, 3, 4))]


def test_pyramid_has_the_sizes_that_are_large_enough():
    assert made_ready.pyramid(192, 256, 3) == [(96, 128), (192, 256)]
    assert made_ready.pyramid(32, 32, 3) == [(32, 32)]
    assert made_ready.pyramid(512, 512, 2) == [(256, 256), (512, 512)]


@pytest.mark.parametrize(
    ("image_size", "expected"), [(None, (24, 20)), (12, (12, 10)), ((8, 9), (8, 9)), (48, (48, 40))], ids=repr
)
def test_image_size(net, pair, image_size, expected):
    made = transfer_style(*pair, features=net, **LAYERS, image_size=image_size, steps=1)
    assert made.image.shape == (*expected, 3)


def test_pictures_of_every_form_are_understood():
    grey = np.random.default_rng(0).integers(0, 256, (4, 5), dtype=np.uint8)
    rgb = np.stack([grey] * 3, axis=-1)
    expected = unit_picture("content", rgb)
    opaque = np.concatenate([rgb, np.full((4, 5, 1), 255, np.uint8)], axis=-1)
    for same in (grey, grey[..., np.newaxis], opaque, rgb / 255.0, Image.fromarray(rgb)):
        np.testing.assert_allclose(unit_picture("content", same), expected, atol=1e-6)
    opaque[..., 3] = 0
    assert (unit_picture("content", opaque) == 1).all()


def transfer_in(folder, optimizer, stop):
    """Runs a transfer over two sizes, with a checkpoint every other step, whose process ends without a word."""
    content, style = np.random.default_rng(5).integers(0, 256, (2, 130, 140, 3), dtype=np.uint8)

    def callback(step, image, losses):
        if step == stop:
            os._exit(9)

    how = {"optimizer": optimizer, "run_dir": folder, "resume": stop is None, "callback": callback}
    return transfer_style(content, style, features=build(), **LAYERS, steps=10, **how).image


PROGRAM = """
import sys
from keras_course.applications.style_transfer import progress
from tests.applications.test_style_transfer import transfer_in

progress.SEGMENT = 2
transfer_in(sys.argv[1], sys.argv[2], int(sys.argv[3]))
"""


@pytest.mark.parametrize(("optimizer", "stop"), [("lbfgs", 9), ("adam", 3)])  # at the full size, at the coarse one
def test_killed_and_resumed_to_the_bit(tmp_path, monkeypatch, optimizer, stop):
    monkeypatch.setattr("keras_course.applications.style_transfer.progress.SEGMENT", 2)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "killed"), optimizer, str(stop)]
    killed = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert killed.returncode == 9, killed.stderr[-2000:]
    assert not (tmp_path / "killed" / "picture.png").exists()
    whole = transfer_in(tmp_path / "whole", optimizer, stop=99)
    np.testing.assert_array_equal(transfer_in(tmp_path / "killed", optimizer, stop=None), whole)
    with Image.open(tmp_path / "killed" / "picture.png") as image:
        np.testing.assert_array_equal(np.asarray(image), whole)
    assert (tmp_path / "killed" / "film.gif").read_bytes() == (tmp_path / "whole" / "film.gif").read_bytes()


def test_film_has_evenly_spaced_pictures_from_first_to_last(tmp_path):
    film, count = Film(most_side=16), 300
    for level in range(count):
        film.add(np.full((20, 40, 3), level * 255 // count, np.uint8))
    with Image.open(film.write(tmp_path / "film.gif", np.full((20, 40, 3), 255, np.uint8))) as shown:
        assert shown.size == (16, 8) and FRAMES // 2 <= shown.n_frames <= FRAMES + 1
        levels = [shown.seek(frame) or shown.convert("L").getpixel((3, 3)) for frame in range(shown.n_frames)]
        seconds = [shown.seek(frame) or shown.info["duration"] for frame in range(shown.n_frames)]
    steps = np.diff(levels[:-1])
    assert levels[0] == 0 and levels[-1] == 255 and steps.min() > 0 and steps.max() - steps.min() <= 1
    assert seconds[-1] > 10 * seconds[0]


def test_run_folder_is_refused_unless_it_is_the_same_transfer(tmp_path, net, pair):
    transfer_style(*pair, features=net, **LAYERS, steps=2, run_dir=tmp_path / "run")
    with pytest.raises(ValueError, match="`run_dir` must be a new or empty folder"):
        transfer_style(*pair, features=net, **LAYERS, steps=2, run_dir=tmp_path / "run")
    with pytest.raises(ValueError, match="content_weight was 1.0, now 2.0"):
        transfer_style(
            *pair, features=net, **LAYERS, steps=2, content_weight=2.0, run_dir=tmp_path / "run", resume=True
        )
    with pytest.raises(ValueError, match="features_digest"):
        transfer_style(*pair, features=build(seed=1), **LAYERS, steps=2, run_dir=tmp_path / "run", resume=True)
    with pytest.raises(ValueError, match="style_digest"):
        transfer_style(pair[0], pair[0], features=net, **LAYERS, steps=2, run_dir=tmp_path / "run", resume=True)


GREY_NET = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3, name="stage1_conv1")])
PICTURE = np.zeros((8, 8, 3), np.uint8)
BAD = {
    "1x1 content": ({"content": np.zeros((1, 1, 3), np.uint8)}, "`content` must be large enough"),
    "1x1 style": ({"style": np.zeros((1, 1, 3), np.uint8), "image_size": 1}, "`content` must be large enough"),
    "no pixels": ({"content": np.zeros((0, 4, 3), np.uint8)}, "`content` must be a picture"),
    "16 bits": ({"content": np.zeros((8, 8, 3), np.uint16)}, "`content` must be a picture.*uint16"),
    "two channels": ({"style": np.zeros((8, 8, 2), np.uint8)}, r"`style` must be a picture.*\(8, 8, 2\)"),
    "a batch": ({"style": np.zeros((1, 8, 8, 3), np.uint8)}, "`style` must be a picture"),
    "floats in 0..255": ({"content": np.full((8, 8, 3), 200.0)}, r"`content` must be a picture.*\[200, 200\]"),
    "NaN": ({"content": np.full((8, 8, 3), np.nan)}, "`content` must be a picture"),
    "a text": ({"content": "cat.png"}, "`content` must be a picture"),
    "nothing": ({"style": None}, "`style` must be a picture"),
    "huge": ({"image_size": 100_000}, "`image_size` must be None"),
    "size of three": ({"image_size": (8, 8, 3)}, "`image_size` must be None"),
    "size 0": ({"image_size": 0}, "`image_size` must be None"),
    "size as text": ({"image_size": "8"}, "`image_size` must be None"),
    "unknown content layer": ({"content_layers": ["stage9_conv1"]}, "`content_layers` must name a layer"),
    "unknown style layer": ({"style_layers": ["stage1_conv7"]}, "`style_layers` must name a layer.*did you mean"),
    "no layers": ({"style_layers": []}, "`style_layers` must be a sequence"),
    "a net of grey images": ({"features": GREY_NET}, "`features` must take RGB"),
    "a net without such layers": (
        {
            "features": keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3, name="a")]),
            "style_layers": None,
        },
        "`style_layers` must be a sequence of at least 1|must name a layer",
    ),
    "negative weight": ({"content_weight": -1}, "`content_weight` must be a finite number >= 0"),
    "weight NaN": ({"style_weight": float("nan")}, "`style_weight` must be a finite number"),
    "all weights 0": ({"content_weight": 0, "style_weight": 0, "total_variation": 0}, "must be > 0"),
    "no steps": ({"steps": 0}, "`steps` must be an integer >= 1"),
    "no levels": ({"levels": 0}, "`levels` must be an integer >= 1"),
    "optimizer": ({"optimizer": "sgd"}, "`optimizer` must be one of 'lbfgs', 'adam'"),
    "precision": ({"precision": "half"}, "`precision` must be one of.*Received: precision='half'"),
    "start": ({"start": "grey"}, "`start` must be one of"),
    "colours": ({"keep_colors": 1}, "`keep_colors` must be True or False"),
    "seed": ({"seed": -1}, "`seed` must be an integer >= 0"),
    "nothing to resume": ({"resume": True}, "`resume` needs the folder"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(net, case):
    changes, message = BAD[case]
    arguments = {"content": PICTURE, "style": PICTURE, "features": net, **LAYERS, **changes}
    with pytest.raises(ValueError, match=f"(?s){message}"):
        transfer_style(arguments.pop("content"), arguments.pop("style"), **arguments)
