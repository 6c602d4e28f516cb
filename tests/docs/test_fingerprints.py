"""A tutorial is executed again when code that it reaches has changed, and only then."""

import pytest

FILES = {
    "keras_course/__init__.py": "",
    "keras_course/models/__init__.py": "from keras_course.models.mlp import mlp as mlp\n"
    "from keras_course.models.vgg import vgg as vgg\n",
    "keras_course/models/mlp.py": 'from keras_course.numerics import norm\ndef mlp():\n    "Builds."\n    return 1\n',
    "keras_course/models/vgg.py": "def vgg():\n    return 2\n",
    "keras_course/numerics/__init__.py": "",
    "keras_course/numerics/norm.py": "NORM = 3\n",
    "keras_course/numerics/table.csv": "1,2\n",
    "tutorials/01_a/record.csv": "3\n",
    "tutorials/01_a/other.csv": "4\n",
}
SCRIPT = 'from keras_course.models import mlp\nprint(mlp(), open("record.csv").read())\n'


@pytest.fixture
def tree(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def fingerprint_of(tree):
    from docs import fingerprint

    for cached in (fingerprint._tree, fingerprint._code, fingerprint._content):
        cached.cache_clear()
    return fingerprint.fingerprint(SCRIPT, tree)


@pytest.mark.parametrize(
    ("name", "old", "new", "matters"),
    [
        ("keras_course/models/mlp.py", "return 1", "return 4", True),
        ("keras_course/numerics/norm.py", "3", "4", True),  # through another module
        ("keras_course/numerics/table.csv", "1", "5", True),
        ("tutorials/01_a/record.csv", "3", "5", True),
        ("keras_course/models/mlp.py", "Builds", "Makes", False),
        ("keras_course/models/mlp.py", "return 1", "return 1  # one", False),
        ("keras_course/models/vgg.py", "2", "4", False),
        ("keras_course/models/__init__.py", "import vgg as vgg", "import vgg as VGG", False),
        ("tutorials/01_a/other.csv", "4", "5", False),
    ],
)
def test_what_matters_changes_the_fingerprint(tree, name, old, new, matters):
    before = fingerprint_of(tree)
    path = tree / name
    path.write_text(path.read_text().replace(old, new))
    assert (fingerprint_of(tree) != before) is matters


def test_what_a_tutorial_shows_is_reached():
    from docs.fingerprint import ROOT, reached
    from docs.reading import load_tutorials

    shown = {tutorial.path: reached(tutorial.source) for tutorial in load_tutorials()}
    convolution = ROOT / "keras_course/numerics/convolution"
    assert convolution in {path.parent for path in shown["05_convolutional_networks/1_convolution.py"]}
    assert convolution not in {path.parent for path in shown["01_linear_regression/2_ridge.py"]}
    assert all(shown.values())
