import subprocess
import sys

import pytest

import keras_course.export


def test_every_public_name_loads():
    for name in keras_course.export.__all__:
        loaded = getattr(keras_course.export, name)
        assert getattr(loaded, "__name__", name) == name  # a task is no class
    assert dir(keras_course.export) == sorted(keras_course.export.__all__)
    with pytest.raises(AttributeError, match="no attribute 'export_pmml'"):
        _ = keras_course.export.export_pmml


def test_importing_the_package_imports_no_framework():
    code = "import sys, keras_course.export; print(sorted({'keras', 'tensorflow', 'tf2onnx'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
