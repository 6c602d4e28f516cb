"""Quiet TensorFlow, figures without a screen, none left open."""

import os

os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest  # noqa: E402


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Keeps the tests of a file, which share fixtures, in one process of pytest-xdist; each tutorial has its own."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        file = item.path.relative_to(config.rootpath)
        group = item.callspec.id if item.get_closest_marker("tutorial") else file
        item.add_marker(pytest.mark.xdist_group(str(group)))


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import sys

    if "matplotlib.pyplot" in sys.modules:  # tests that draw nothing don't pay for the import
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def digits_dir(tmp_path_factory):
    """A data_dir with `digits` prepared, for all tests that only read it."""
    from keras_course.data import load_images

    folder = tmp_path_factory.mktemp("digits")
    load_images(data_dir=folder)
    return folder
