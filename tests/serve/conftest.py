"""The models that the server's tests share, and a server of them."""

import pytest
from served import HalfPlusThree, Sensors, serving, small_convnet, write_version

from keras_course.export import export_saved_model


@pytest.fixture(scope="session")
def classifier(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "shapes"
    names = ["dot", "line", "ring"]
    export_saved_model(small_convnet(), folder, class_names=names, polarity="light on dark", inspect=True)
    return folder


@pytest.fixture(scope="session")
def half_plus_three(tmp_path_factory):
    return write_version(HalfPlusThree(), tmp_path_factory.mktemp("toys") / "half_plus_three", 123)


@pytest.fixture(scope="session")
def sensors(tmp_path_factory):
    return write_version(Sensors(), tmp_path_factory.mktemp("toys") / "sensors", 1)


@pytest.fixture(scope="session")
def address(classifier, half_plus_three, sensors):
    with serving([classifier, half_plus_three, sensors]) as address:
        yield address


@pytest.fixture(scope="session")
def models(address):
    return f"{address}/v1/models"
