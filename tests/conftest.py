"""Quiet TensorFlow, figures without a screen, none left open; tests shared out among processes."""

import contextlib
import gc
import os

os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest  # noqa: E402


def pytest_collection_modifyitems(items):
    """Puts the tutorials last, of which the longest comes first: the short ones at the end fill the gaps."""
    items.sort(key=lambda item: item.path.name == "test_tutorials.py")


def pytest_collection_finish():
    """Spares the garbage collector, time and again, the million objects of the libraries, which stay."""
    gc.freeze()
    gc.set_threshold(2_000)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keeps the tests of a file, which share fixtures, in one process of pytest-xdist; each tutorial has its own.

    With pytest 9.2 the groups of pytest-xdist 3.8 (`--dist loadgroup`) have no effect.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFileOrTutorial(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file, _, name = nodeid.partition("::")
            return name.partition("[")[2] if file.endswith("test_tutorials.py") else file

    config.option.loadscopereorder = False  # the order is that of `pytest_collection_modifyitems`
    return ByFileOrTutorial(config, log)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import sys

    if "matplotlib.pyplot" in sys.modules:  # tests that draw nothing don't pay for the import
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def no_figures(monkeypatch):
    """Spares runs the drawing of the figures on their pages, which are empty files, where nobody looks at them."""
    monkeypatch.setattr("keras_course.runs.page.draw_png", lambda draw: b"")


@pytest.fixture(scope="session")
def decoded_once():
    """Within its `with`, images of a data set are decoded once in a test session; who asks again gets copies."""
    from keras_course.data import tfds_source

    decode, known = tfds_source.decode_split, {}

    def decode_split(builder, split, columns, shape):
        key = builder.data_dir, split, columns, shape
        if key not in known:
            known[key] = decode(builder, split, columns, shape)
        return type(known[key])(*(part if part is None else part.copy() for part in known[key]))

    @contextlib.contextmanager
    def patched():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tfds_source, "decode_split", decode_split)
            yield

    return patched


@pytest.fixture(scope="session")
def digits_dir(tmp_path_factory):
    """A data_dir with `digits` prepared, for all tests that only read it."""
    from keras_course.data import load_images

    folder = tmp_path_factory.mktemp("digits")
    load_images(data_dir=folder)
    return folder


@pytest.fixture(scope="session")
def scenes_dir(tmp_path_factory):
    """A data_dir with the first 90 training and 30 test scenes of `digit_scenes` prepared."""
    from keras_course.data import digit_scenes, load_objects

    folder = tmp_path_factory.mktemp("scenes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digit_scenes, "SCENES", {"train": 90, "test": 30})
        load_objects("digit_scenes", data_dir=folder)
    return folder


@pytest.fixture(scope="session")
def classifier_config(digits_dir):
    """What a run of a classifier on the digits, light on dark, writes into its `config.json`."""
    from functools import partialmethod

    import keras

    from keras_course import train_recipe

    with pytest.MonkeyPatch.context() as patch:  # no graph, which takes longer than three steps
        patch.setattr(keras.Model, "compile", partialmethod(keras.Model.compile, run_eagerly=True))
        return train_recipe("perceptron", data_dir=digits_dir, epochs=1, batch_size=500, verbose=0).config


@pytest.fixture(scope="session")
def faces_dir(tmp_path_factory):
    """A data_dir with the first 60 training, 20 test and 40 judging faces of `schematic_faces` prepared."""
    from keras_course.data import load_faces, schematic_faces

    folder = tmp_path_factory.mktemp("faces")
    with pytest.MonkeyPatch.context() as patch:
        for name, size in {"TRAIN": 60, "TEST": 20, "JUDGE": 40}.items():
            patch.setattr(schematic_faces, name, size)
        load_faces("schematic_faces", data_dir=folder)
    return folder
