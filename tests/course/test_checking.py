"""What the checker says of unforeseen mistakes, code that fails and functions of a notebook; what it keeps."""

import contextlib
import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest

from keras_course.course.exercises import (
    Kind,
    Progress,
    Verdict,
    check,
    check_file,
    check_source,
    class_results,
    exercise_of,
    find_exercise,
    load_exercises,
    read_progress,
    record,
    results_csv,
    start,
)
from keras_course.course.exercises.checking.judging import judge
from keras_course.course.exercises.checking.values import difference

SCALE = 2.0  # a variable of this module, as a notebook has some


def verdict_of(name, answer):
    exercise = find_exercise(name)
    return judge(exercise, partial(exercise.attempt, answer))


def test_an_unknown_mistake_gets_the_smallest_counter_example():
    def answer(epoch, initial_rate, drop, every):
        return initial_rate * drop ** (epoch // every) if epoch < 7 else 0.0

    found = verdict_of("step_decay", answer)
    assert found.kind is Kind.WRONG
    assert found.fault.inputs["epoch"] == 7
    assert "epoch = 7" in str(found)
    assert "your result = 0" in str(found)


def test_a_shape_that_is_wrong_is_named():
    found = verdict_of("momentum_step", lambda *inputs: (inputs[0].ravel(), inputs[2].ravel()))
    assert found.kind is Kind.WRONG
    assert "shape is" in found.fault.way


def test_a_forgotten_return_is_named():
    assert "`return`" in str(verdict_of("he_weights", lambda normal: None))


def test_an_input_that_is_changed_is_named():
    def answer(parameters, gradient, velocity, learning_rate, momentum):
        velocity = velocity.astype(float) if velocity.dtype.kind == "i" else velocity
        velocity *= momentum
        velocity += learning_rate * gradient
        return parameters - velocity, velocity

    found = verdict_of("momentum_step", answer)
    assert found.kind is Kind.CHANGED
    assert "changes `velocity` in place" in str(found)


def test_integers_that_are_cut_off_are_noticed():
    def answer(weights, gradient, learning_rate, weight_decay):
        result = np.zeros_like(weights)
        result[...] = weights - learning_rate * (gradient + weight_decay * weights)
        return result

    found = verdict_of("weight_decay_step", answer)
    assert (found.kind, found.right) == (Kind.WRONG, found.tried - 1)
    assert found.fault.inputs["weights"].dtype.kind == "i"


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (
            "def step_decay(epoch, initial_rate, drop, every):\n    raise NotImplementedError",
            Kind.UNFINISHED,
            "not written",
        ),
        ("def step_decay(epoch, initial_rate, drop, every:\n    return 1", Kind.ERROR, "line 1"),
        ("def step_decay(epoch):\n    return 1", Kind.ERROR, "TypeError"),
        ("def other(epoch):\n    return 1", Kind.ERROR, "defines no `step_decay`"),
        ("step_decay = 3", Kind.ERROR, "not callable"),
        ("def step_decay(*_):\n    return 1 / 0", Kind.ERROR, "line 2: return 1 / 0"),
        ("def step_decay(*_):\n    print('seen')\n    return 0", Kind.WRONG, "seen"),
        ("import os\nos._exit(4)", Kind.ENDED, "exit code 4"),
        ("", Kind.ERROR, "defines no"),
        ("\0", Kind.ERROR, "null"),
    ],
    ids=["stub", "syntax", "arguments", "name", "number", "exception", "prints", "exits", "empty", "null"],
)
def test_code_that_fails_is_told_where(source, kind, words):
    found = check_source(find_exercise("step_decay"), source)
    assert found.kind is kind
    assert words in str(found)


@pytest.mark.parametrize(
    ("value", "expected", "way"),
    [
        (1, 1.0, None),
        (np.float32(1), 1.0, None),
        ([[1], [2]], np.array([[1.0], [2.0]]), None),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), None),
        ((1.0, 2.0), (1.0, 2.0), None),
        ([1.0, 2.0], (1.0, 2.0), None),
        (np.array([np.inf]), np.array([-np.inf]), "another value"),
        (1.0001, 1.0, "another value"),
        ([[1], [2, 3]], np.ones((2, 2)), "different lengths"),
        ("1", 1.0, "a str"),
        (1.0, "1", "another value"),
        ("1", (1.0,), "one str instead of 1"),
        (2.0, 2, "instead of an integer"),
        ((1.0,), (1.0, 2.0), "it is 1 value instead of 2 values"),
        (np.ones((2, 3)), (np.ones((2, 3)), np.ones((2, 3))), "one array of shape (2, 3) instead of 2 values"),
        (np.ones(3), (1.0, 2.0), "one array of shape (3,) instead of 2 values"),
        (np.ones(2), (1.0, 1.0), None),
        (np.array([1, 0]), np.array([1.9, 0.5]), "it holds integers"),
        (np.array([1, 3]), np.array([1.9, 0.5]), "another value"),
        ((1, 2.0), (1.5, 2.0), "value 1 of 2 holds integers"),
        (1.0, (1.0, 2.0), "one float instead of 2"),
        ((1.0, np.ones(2)), (1.0, np.ones(1)), "of value 2 of 2 the shape"),
        ({"a": 1}, {"b": 1}, "no dict of b"),
        (np.array(["a"]), np.ones(1), "no array of numbers"),
    ],
)
def test_values_are_compared_as_a_teacher_would(value, expected, way):
    found = difference(value, expected, 1e-5)
    assert found is None if way is None else way in found


def step_of_notebook(weights, gradient, learning_rate, weight_decay):
    return np.subtract(weights, learning_rate * (gradient + weight_decay * weights))


def test_a_function_goes_with_its_imports():
    assert check(step_of_notebook, "weight_decay_step").is_right


def test_a_variable_of_the_notebook_is_refused_by_name():
    def answer(normal):
        return normal * SCALE

    with pytest.raises(ValueError, match="'SCALE'"):
        check(answer, "he_weights")
    factor = 2.0
    with pytest.raises(ValueError, match="'factor'"):
        check(lambda normal: normal * factor, "he_weights")


def test_a_name_that_is_nowhere_is_refused():
    def answer(normal):
        return normal * undefined  # noqa: F821

    with pytest.raises(ValueError, match="'undefined'"):
        check(answer, "he_weights")


@pytest.mark.parametrize("name", ["he_weigths", "weights", "", "../x"])
def test_an_exercise_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match="`name` must be an exercise"):
        find_exercise(name)


def test_a_similar_name_is_offered():
    with pytest.raises(ValueError, match="did you mean he_weights"):
        find_exercise("he_weigths")


def test_a_file_is_found_by_its_name(tmp_path):
    assert exercise_of(tmp_path / "1_least_squares.py").name == "least_squares"
    assert exercise_of(tmp_path / "least_squares.py").name == "least_squares"
    with pytest.raises(ValueError, match="`path` must be a file with the name of its exercise, such as ridge.py"):
        exercise_of(tmp_path / "mine.py")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "ridge.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError):
        check_file(tmp_path / "ridge.py")


def test_work_is_never_overwritten(tmp_path):
    exercise = find_exercise("ridge")
    path = start(exercise, tmp_path)
    path.write_text("# my work")
    with pytest.raises(ValueError, match="there already"):
        start(exercise, tmp_path)
    assert path.read_text() == "# my work"


def test_progress_counts_checks_of_work(tmp_path):
    exercise = find_exercise("ridge")
    assert record(Verdict(exercise, Kind.UNFINISHED, 0), tmp_path) == Progress()
    assert record(Verdict(exercise, Kind.WRONG, 0), tmp_path) == Progress(1)
    assert not Progress(2).sees_solution
    assert Progress(3).sees_solution
    assert record(Verdict(exercise, Kind.RIGHT, 9, 9), tmp_path) == Progress(2, right=True)
    assert record(Verdict(exercise, Kind.WRONG, 0), tmp_path) == Progress(3, right=True)
    assert read_progress(tmp_path) == {"ridge": Progress(3, right=True)}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"ridge": 3}', '{"ridge": {"checks": "x", "right": true}}', "\xff"])
def test_a_damaged_progress_file_is_named_and_kept(tmp_path, text):
    file = tmp_path / "progress.json"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match="progress.json is damaged"):
        record(Verdict(find_exercise("ridge"), Kind.RIGHT, 0), tmp_path)
    assert file.read_text(encoding="latin-1") == text


def add(folder, name):
    for _ in range(10):
        record(Verdict(find_exercise(name), Kind.WRONG, 0), folder)


def test_two_checks_at_the_same_time_both_count(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=add, args=(tmp_path, name)) for name in ("ridge", "ridge", "dropout")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert read_progress(tmp_path) == {"ridge": Progress(20), "dropout": Progress(10)}


@pytest.mark.skipif(sys.platform != "linux", reason="looks for children in /proc")
def test_a_killed_check_leaves_work_and_progress_and_no_process(tmp_path):
    exercise = find_exercise("step_decay")
    record(Verdict(exercise, Kind.WRONG, 0), tmp_path)
    path = start(exercise, tmp_path)
    path.write_text("print('begun', flush=True)\nwhile True:\n    pass\n# step_decay")
    code = f"from keras_course.course.exercises import *; check_file({str(path)!r})"
    process = subprocess.Popen([sys.executable, "-c", code])
    children = []
    end = time.monotonic() + 60
    while not children and time.monotonic() < end:
        time.sleep(0.1)
        with contextlib.suppress(OSError), open(f"/proc/{process.pid}/task/{process.pid}/children") as stream:
            children = stream.read().split()
    time.sleep(1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert "while True" in path.read_text()
    assert read_progress(tmp_path) == {"step_decay": Progress(1)}
    while any(os.path.exists(f"/proc/{child}") for child in children) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(os.path.exists(f"/proc/{child}") for child in children)


def test_a_class_is_a_table_of_students_and_exercises(tmp_path):
    ridge, decay = find_exercise("ridge"), find_exercise("step_decay")
    start(ridge, tmp_path / "ann").write_text(ridge.solution)
    start(decay, tmp_path / "ann").write_text(decay.solution)
    start(decay, tmp_path / "bob").write_text(decay.solution.replace("epoch //", "(epoch + 1) //"))
    (tmp_path / "=1+1").mkdir()
    (tmp_path / "=1+1" / "2_ridge.py").write_bytes(b"\xff")
    results = list(class_results(tmp_path))
    assert [tuple(row)[:4] for row in results] == [
        ("=1+1", "ridge", "error", ""),
        ("=1+1", "step_decay", "missing", ""),
        ("ann", "ridge", "right", ""),
        ("ann", "step_decay", "right", ""),
        ("bob", "ridge", "missing", ""),
        ("bob", "step_decay", "mistake", "epochs_from_one"),
    ]
    rows = list(csv.DictReader(results_csv(results).splitlines()))
    assert rows[0]["student"] == "'=1+1"
    assert rows[2]["right"] == "1.000"


def test_a_folder_without_submissions_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one sub-folder per student"):
        list(class_results(tmp_path))


def test_naming_the_exercises_needs_the_standard_library_alone():
    code = (
        "import sys; from keras_course.course.exercises import load_exercises; print(len(load_exercises()));"
        "print(sorted({'keras', 'tensorflow', 'numpy', 'hypothesis'} & set(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.split("\n")[:2] == [str(len(load_exercises())), "[]"]


def test_without_hypothesis_the_extra_is_named():
    code = (
        "import sys; sys.modules['hypothesis'] = None; from keras_course.course.exercises import *\n"
        "try: check_source(find_exercise('ridge'), 'ridge = 0')\nexcept ValueError as error: print(error)"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "keras_course[exercises]" in output


def test_checking_leaves_no_files_of_hypothesis(tmp_path):
    code = "from keras_course.course.exercises import *; print(check_source(find_exercise('ridge'), 'ridge = 0').kind)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert output.stdout == "error\n"
    assert list(tmp_path.iterdir()) == []


def test_what_was_checked_last_is_kept_and_does_not_count_again(tmp_path):
    first, second = (Verdict(find_exercise("ridge"), Kind.WRONG, 0, digest=digest) for digest in "ab")
    assert [record(verdict, tmp_path).checks for verdict in (first, first, second, first, first)] == [1, 1, 2, 3, 3]
    assert read_progress(tmp_path) == {"ridge": Progress(3, last="a")}


def test_progress_is_plain_json(tmp_path):
    record(Verdict(find_exercise("ridge"), Kind.RIGHT, 0), tmp_path)
    assert json.loads((tmp_path / "progress.json").read_text()) == {"ridge": {"checks": 1, "right": True}}
