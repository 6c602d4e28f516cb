import pytest

from keras_course.data import load_images

BAD_ARGUMENTS = [
    ({"name": "no_such_data_set"}, "name='no_such_data_set'"),
    ({"name": "fashion-mnits"}, "Did you mean 'fashion_mnist'"),
    ({"name": "digit"}, "Did you mean 'digits'"),
    ({"name": ""}, "name=''"),
    ({"name": "huggingface:mnist"}, "name='huggingface:mnist'"),
    ({"name": None}, "name=None"),
    ({"name": 3}, "name=3"),
    ({"name": "x" * 5000}, "name='xxx"),
    ({"name": "emnist/no_such_configuration"}, "emnist/no_such_configuration"),
    ({"name": "mnist:9.9.9"}, "mnist:9.9.9"),
    ({"name": "imdb_reviews"}, "image-classification"),
    ({"name": "coco/2017"}, "image-classification"),
    ({"batch_size": 0}, "batch_size=0"),
    ({"batch_size": -4}, "batch_size=-4"),
    ({"batch_size": 2.5}, "batch_size=2.5"),
    ({"batch_size": True}, "batch_size=True"),
    ({"validation_fraction": 1}, "validation_fraction=1"),
    ({"validation_fraction": -0.1}, "validation_fraction=-0.1"),
    ({"validation_fraction": float("nan")}, "validation_fraction=nan"),
    ({"validation_fraction": "a tenth"}, "validation_fraction='a tenth'"),
    ({"image_size": 0}, "image_size=0"),
    ({"image_size": (8,)}, r"image_size=\(8,\)"),
    ({"image_size": (8, -8)}, r"image_size=\(8, -8\)"),
    ({"image_size": "8x8"}, "image_size='8x8'"),
    ({"image_size": 8.0}, "image_size=8.0"),
    ({"image_size": 100_000}, "image_size=1093 would fit"),
    ({"seed": -1}, "seed=-1"),
    ({"seed": 2**32}, "seed=4294967296"),
    ({"seed": None}, "seed=None"),
    ({"augment": "flip"}, "augment='flip'"),
    ({"augment": ["rotate"]}, "augment="),
    ({"mirror": "/no/such/folder"}, "mirror='/no/such/folder'"),
    ({"mirror": __file__}, "test_bad_input.py"),
    ({"data_dir": __file__}, "test_bad_input.py"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_ARGUMENTS, ids=lambda value: str(value)[:50])
def test_bad_argument_is_named_with_its_value(digits_dir, arguments, message):
    with pytest.raises(ValueError, match=message):
        load_images(**{"data_dir": digits_dir, "download": False} | arguments)


def test_mirror_without_the_data_set_names_the_folder_it_looked_for(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Looked for: .*/fashion_mnist, .*/fashion-mnist"):
        load_images("fashion_mnist", data_dir=tmp_path / "tfds", mirror=tmp_path)


def test_environment_that_names_no_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_COURSE_MIRROR", str(tmp_path / "gone"))
    with pytest.raises(ValueError, match="KERAS_COURSE_MIRROR must name an existing folder"):
        load_images("mnist", data_dir=tmp_path / "tfds")


def test_data_dir_of_the_environment_is_respected(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    load_images()
    assert (tmp_path / "digits/1.0.0/dataset_info.json").is_file()


def test_data_dir_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="`data_dir` must be writable"):
        load_images(data_dir=tmp_path / "file/below")


@pytest.mark.parametrize("name", ["data [course]", "a*b?", "50 %"])
def test_data_dir_with_the_characters_of_patterns_is_a_folder_like_any_other(tmp_path, name):
    one, again = (load_images(data_dir=tmp_path / name) for _ in range(2))
    assert repr(one) == repr(again)
    assert [path.name for path in (tmp_path / name).iterdir()] == ["digits"]


def test_settings_are_checked_before_anything_is_prepared(tmp_path):
    with pytest.raises(ValueError, match="image_size=0"):
        load_images(data_dir=tmp_path / "data", image_size=0)
    assert not (tmp_path / "data").exists()
