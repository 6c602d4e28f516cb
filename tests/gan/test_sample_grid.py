"""SampleGrid: the pictures and the film that it leaves."""

import io

import numpy as np
import pytest
from pairs import SHAPE, batches, conditional, plain
from PIL import Image

from keras_course.gan import InterpolationGrid, SampleGrid, draw_latents, make_gif
from keras_course.visualization.image_grid import draw_grid


def test_training_leaves_a_picture_an_epoch_and_a_film(tmp_path):
    gan = plain(eager=True)
    grid = SampleGrid(tmp_path / "samples", rows=2, columns=3, every=2, film=tmp_path / "film.gif")
    gan.fit(batches()[0], batch_size=6, epochs=4, verbose=0, callbacks=[grid])
    assert [path.name for path in sorted((tmp_path / "samples").iterdir())] == [
        *("epoch_001.png", "epoch_002.png", "epoch_004.png")
    ]
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 3
        last = film.seek(2) or np.asarray(film.convert("L"))
    with Image.open(tmp_path / "samples/epoch_004.png") as picture:
        np.testing.assert_allclose(last, np.asarray(picture), atol=3)
    now = draw_grid(gan.generate(6, seed=0), columns=3)
    page = Image.open(tmp_path / "samples/epoch_004.png")
    np.testing.assert_array_equal(np.asarray(page)[-now.height :, : now.width], np.asarray(now))


def test_pictures_of_an_earlier_training_belong_to_the_film(tmp_path):
    for epoch, shade in ((9, 0), (10, 100), (101, 200)):
        Image.new("L", (30, 30), shade).save(tmp_path / f"epoch_{epoch:03d}.png")
    (tmp_path / "epoch_x.png").write_bytes(b"")
    with Image.open(make_gif(tmp_path, tmp_path / "film.gif")) as film:
        shades = [film.seek(frame) or film.convert("L").getpixel((5, 5)) for frame in range(film.n_frames)]
        durations = [film.seek(frame) or film.info["duration"] for frame in range(film.n_frames)]
    assert shades == [0, 100, 200]
    assert durations == [600, 600, 2000]


def test_film_without_pictures_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="`directory` must hold pictures"):
        make_gif(tmp_path, tmp_path / "film.gif")


def test_columns_are_classes(tmp_path):
    gan = conditional()
    images = SampleGrid(tmp_path, rows=2, columns=4).images(gan)
    np.testing.assert_array_equal(images, gan.generate(8, labels=[0, 1, 2, 0] * 2))
    images = SampleGrid(tmp_path, rows=1, columns=2, labels=1).images(gan)
    np.testing.assert_array_equal(images, gan.generate(2, labels=1))


def test_paths_lead_from_one_latent_vector_to_another(tmp_path):
    gan = plain()
    images = InterpolationGrid(tmp_path, rows=2, columns=4, seed=3).images(gan)
    assert images.shape == (8, *SHAPE)
    np.testing.assert_array_equal(images[[0, 3, 4, 7]], gan.images_of(draw_latents(4, gan.latent_dim, seed=3)))
    asked = conditional()
    ends = asked.images_of(draw_latents(4, asked.latent_dim), labels=[0, 0, 1, 1])
    np.testing.assert_array_equal(InterpolationGrid(tmp_path, rows=2, columns=2).images(asked), ends)
    with pytest.raises(ValueError, match="`columns` must be"):
        InterpolationGrid(tmp_path, columns=1)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_grid_enlarges_small_images_and_keeps_their_pixels(channels, mode):
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8, channels), np.uint8)
    picture = draw_grid(images, columns=3)
    assert (picture.mode, picture.size) == (mode, (3 * 40 + 2 * 2, 2 * 40 + 2))  # 8 pixels, five times
    pixels = np.asarray(picture).reshape(82, 124, channels)
    np.testing.assert_array_equal(pixels[42::5, 42:82:5], images[4])
    assert np.all(pixels[42:, 84:] == 255)
    with io.BytesIO() as buffer:
        draw_grid(images, caption="a caption that is wider than the grid of one column", columns=1).save(buffer, "png")
        assert Image.open(buffer).width > 300


@pytest.mark.parametrize("options", [{"rows": 0}, {"columns": 1.5}, {"every": 0}, {"seed": -1}])
def test_bad_arguments_are_named(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must be"):
        SampleGrid("nowhere", **options)


def test_images_that_are_no_numbers_are_grey():
    gan = plain()
    gan.generator.get_layer("pixels").bias.assign(np.full(np.prod(SHAPE), np.nan))
    assert set(np.unique(gan.generate(2))) <= {127, 128}


def test_a_directory_below_a_file_is_named(tmp_path):
    (tmp_path / "file").touch()
    grid = SampleGrid(tmp_path / "file/below", rows=1, columns=1)
    grid.set_model(plain())
    with pytest.raises(ValueError, match="`directory` must lead through folders"):
        grid.on_epoch_end(0)
