"""What of the package a submission may import: the functions that its exercise names, none of what it asks for."""

import sys

import pytest

from keras_course.course.exercises import Kind, check_source, load_exercises
from keras_course.course.exercises.checking.process import WAYS
from keras_course.course.exercises.checking.sources import CHILD, homes_of, sources_of

EXERCISES = {exercise.name: exercise for exercise in load_exercises()}
LENDING = [name for name, exercise in EXERCISES.items() if exercise.imports]
EACH = pytest.mark.parametrize("ways", [WAYS[:1], WAYS[1:], ()], ids=["namespaces", "bubblewrap", "audit hook"])
SUBMISSIONS = {
    "non_max_suppression": """\
import numpy as np
from keras_course.numerics.boxes import box_iou

def non_max_suppression(boxes, scores, threshold):
    kept = []
    for new in np.argsort(-scores):
        if not kept or box_iou(boxes[[new]], boxes[kept]).max() <= threshold:
            kept.append(int(new))
    return kept
""",
    "cross_correlation": """\
import numpy as np
import keras_course.numerics.convolution as convolution

def cross_correlation(image, kernel, stride, padding):
    image = np.pad(image, [(0, 0), (padding, padding), (padding, padding)])
    sizes = zip(image.shape[1:], kernel.shape[2:])
    rows, columns = (convolution.output_size(*pair, stride=stride) for pair in sizes)
    result = np.empty((len(kernel), rows, columns))
    for j, i in np.ndindex(rows, columns):
        window = image[:, j * stride :, i * stride :][:, : kernel.shape[2], : kernel.shape[3]]
        result[:, j, i] = (kernel * window).sum(axis=(1, 2, 3))
    return result
""",
    "convolution_matrix": """\
import numpy as np
from keras_course.numerics.convolution import output_size

def convolution_matrix(kernel, height, width):
    rows = []
    for i in range(output_size(height, kernel.shape[0])):
        for j in range(output_size(width, kernel.shape[1])):
            image = np.zeros((height, width))
            image[i : i + kernel.shape[0], j : j + kernel.shape[1]] = kernel
            rows.append(image.ravel())
    return np.array(rows)
""",
    "lstm_step": """\
import numpy as np
from keras_course.numerics.activations import sigmoid, tanh

def lstm_step(x, hidden, memory, weights, recurrent, bias):
    i, f, g, o = np.split(x @ weights + hidden @ recurrent + bias, 4, axis=1)
    memory = sigmoid(f) * memory + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(memory), memory
""",
    "two_layer_forward": """\
from keras_course.numerics import activations

def two_layer_forward(x, weights_1, bias_1, weights_2, bias_2):
    return activations.relu(x @ weights_1 + bias_1) @ weights_2 + bias_2
""",
    "two_layer_backward": """\
from keras_course.numerics.activations import relu, relu_derivative

def two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    sums = x @ weights_1 + bias_1
    back = output_gradient @ weights_2.T * relu_derivative(sums)
    return x.T @ back, back.sum(axis=0), relu(sums).T @ output_gradient, output_gradient.sum(axis=0)
""",
}


def check(name, source, ways):
    verdict = check_source(EXERCISES[name], source, ways=ways)
    if ways and not verdict.isolated:
        pytest.skip(f"no {ways[0]} here")
    return verdict


def asked_of_the_package(exercise):
    """Returns the functions of the package that the checker calls itself for what is right, as (module, name)."""
    found = set()

    def notice(frame, event, _):
        caller = frame.f_back and frame.f_back.f_globals.get("__name__", "")
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("keras_course.numerics") and caller.endswith("_check"):
            found.add((module, frame.f_code.co_name))

    sys.setprofile(notice)
    try:
        for inputs in exercise.cases:
            exercise.expected(inputs)
    finally:
        sys.setprofile(None)
    return found


def test_every_exercise_that_lends_is_tried_here():
    assert set(LENDING) == SUBMISSIONS.keys()


@EACH
@pytest.mark.parametrize("name", LENDING)
def test_what_an_exercise_names_may_be_imported(name, ways):
    verdict = check(name, SUBMISSIONS[name], ways)
    assert verdict.is_right, str(verdict)


@pytest.mark.parametrize("name", LENDING)
def test_what_is_lent_has_nothing_of_what_is_asked(name):
    oracle = asked_of_the_package(EXERCISES[name])
    assert oracle
    homes = [home for _, home in homes_of(EXERCISES[name].imports)]
    assert not {module for module, _ in oracle} & sources_of([CHILD, *homes]).keys()


@pytest.mark.parametrize("name", LENDING)
def test_the_stub_names_what_may_be_imported(name):
    task = EXERCISES[name].text.partition("import numpy")[0]
    for public in EXERCISES[name].imports:
        package, _, own = public.rpartition(".")
        assert f"`{own}`" in task
        assert f"`{package}`" in task
    others = [exercise for exercise in EXERCISES.values() if "may import" in exercise.text]
    assert {exercise.name for exercise in others} == set(LENDING)


REACHING = {
    "the oracle": "from keras_course.numerics.boxes import non_max_suppression",
    "its module": "import keras_course.numerics.boxes.suppression",
    "a neighbour": "from keras_course.numerics.boxes.overlap import generalized_box_iou",
    "the package": "import keras_course; keras_course.numerics.boxes.non_max_suppression",
    "the checker": "import keras_course.course.exercises",
    "by name": "import importlib; importlib.import_module('keras_course.numerics.boxes.suppression')",
    "from the finder": "import sys; sys.meta_path.pop(0); import keras_course.numerics.boxes.suppression",
    "its exercise": "from keras_course.numerics.convolution import output_size",
    "the tests": "import sys; sys.path[:0] = [PLACE]; import other_solutions",
}


@EACH
@pytest.mark.parametrize("way_in", REACHING)
def test_nothing_else_may_be_imported(way_in, ways, request):
    source = f"PLACE = {str(request.path.parent)!r}\n{REACHING[way_in]}\ndef non_max_suppression(*_): return [0]"
    verdict = check("non_max_suppression", source, ways)
    assert verdict.kind is Kind.ERROR, str(verdict)
    assert verdict.fault.outcome.error in ("ImportError", "ModuleNotFoundError", "AttributeError", "PermissionError")


@EACH
def test_no_function_of_what_is_asked_is_anywhere_in_the_process(ways):
    source = """\
import gc, sys, types
places = [vars(module) for module in sys.modules.values()]
places += [value.__globals__ for value in gc.get_objects() if isinstance(value, types.FunctionType)]
print(sorted({name for place in places for name in place if "suppression" in str(name) or "iou" in str(name)}))
def non_max_suppression(*_): return [0]
"""
    assert check("non_max_suppression", source, ways).printed == "['box_iou', 'generalized_box_iou', 'paired_iou']\n"


def test_a_module_that_needs_a_whole_package_does_not_travel():
    with pytest.raises(ValueError, match="can't travel"):
        sources_of(["keras_course.course.exercises.checking.catalogue", "keras_course.cli.exercise"])
