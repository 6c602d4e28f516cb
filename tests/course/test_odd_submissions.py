"""What students hand in by accident: strange files, strange definitions, strange results. Each has its answer."""

import subprocess
import sys

import pytest

from keras_course.course.exercises import Kind, check_source, find_exercise

EXERCISE = find_exercise("momentum_step")
DEFINE = "def momentum_step(parameters, gradient, velocity, learning_rate, momentum):\n"
STEP = f"{DEFINE}    v = momentum * velocity + learning_rate * gradient\n    p = parameters - v\n"
ANSWER = f"{STEP}    return p, v\n"
LAMBDA = "lambda p, g, v, l, m: (p - (m * v + l * g), m * v + l * g)"


def check(source):
    verdict = check_source(EXERCISE, source)
    str(verdict).encode()  # half of a surrogate pair would fail
    return verdict


@pytest.mark.parametrize(
    "source",
    [
        f"\ufeff{ANSWER}",
        ANSWER.replace("\n", "\r\n"),
        f"# -*- coding: latin-1 -*-  é\n{ANSWER}",
        f"from dataclasses import dataclass\n@dataclass\nclass A:\n    x: 'int'\n{ANSWER}",
        f"import pickle, inspect\n{ANSWER}pickle.dumps(momentum_step)\ninspect.getsource(momentum_step)",
        f"if __name__ == '__main__':\n    raise ValueError\n{ANSWER}",
        f"{EXERCISE.text}\n\n{ANSWER}",
        f"momentum_step = {LAMBDA}",
        f"class A:\n    def f(self, *args):\n        return ({LAMBDA})(*args)\nmomentum_step = A().f",
        f"class A:\n    def __call__(self, *args):\n        return ({LAMBDA})(*args)\nmomentum_step = A()",
        f"class momentum_step:\n    def __new__(cls, *args):\n        return ({LAMBDA})(*args)",
        f"from functools import cache, partial\nmomentum_step = partial({LAMBDA})",
        ANSWER.replace("momentum):", "momentum, nesterov=False):"),
        f"{STEP}    return [p.tolist(), v.tolist()]",
        f"import numpy as np\n{STEP}    return np.stack([p, v])",
        f"import numpy as np\n{STEP}    return np.longdouble(p), np.float32(v)",
        f"import numpy as np\n{STEP}    return np.ma.array(p), np.asfortranarray(v)",
        f"from collections import namedtuple\nR = namedtuple('R', 'p v')\n{STEP}    return R(p, v)",
        f"import pandas as pd\n{STEP}    return pd.DataFrame(p) if p.ndim == 2 else pd.Series(p), v",
        f"import jax.numpy as jnp\n{STEP}    return jnp.asarray(p), jnp.asarray(v)",
        f"import sys\nsys.stdin.read()\n{ANSWER}",
        f"import os\nos.close(1), os.close(2)\n{ANSWER}",
        f"import os\nos.write(1, bytes([255, 254, 0]))\n{ANSWER}",
        f"import atexit, time\natexit.register(time.sleep, 100)\n{ANSWER}",
        f"import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\n{ANSWER}",
        f"import warnings\nwarnings.simplefilter('error')\n{ANSWER}",
        f"parameters = 1\n{STEP}    parameters[...] = parameters.copy()\n    return p, v",
    ],
)
def test_an_unusual_answer_that_is_right_is_right(source):
    verdict = check(source)
    assert verdict.is_right, str(verdict)


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (f"async {ANSWER}", Kind.WRONG, "a coroutine: is there an `async`?"),
        (f"{STEP}    yield p\n    yield v", Kind.WRONG, "a generator: is there a `yield`?"),
        ("class momentum_step:\n    def __init__(self, *_): pass", Kind.WRONG, "an object of type momentum_step"),
        (f"{STEP}    return p * float('nan'), v", Kind.WRONG, "nan"),
        (f"{STEP}    return p + 0j, v", Kind.WRONG, "an array of complex128"),
        (f"{STEP}    return p.astype(object), v", Kind.WRONG, "an array of object"),
        (f"{STEP}    return {{1, 2}}", Kind.WRONG, "an object of type set"),
        (f"{STEP}    return {{'p': p, 'v': v}}", Kind.WRONG, "one dict instead of 2"),
        (f"{STEP}    return p, v, v", Kind.WRONG, "3 values instead of 2"),
        (f"{STEP}    return str(p), v", Kind.WRONG, "a str"),
        (f"{STEP}    return print, v", Kind.WRONG, "builtin_function"),
        (f"{STEP}    return b'p', b'v'", Kind.WRONG, "bytes"),
        (f"import numpy as np\n{STEP}    return np.datetime64('2020-01-01'), v", Kind.WRONG, "datetime64"),
        (f"{STEP}    return True, False", Kind.WRONG, "shape is ()"),
        (f"{STEP}    return [[p]], v", Kind.WRONG, "shape is"),
        (f"{DEFINE}    pass", Kind.WRONG, "is there a `return`?"),
        (f"{DEFINE}    return '\\ud800', 1", Kind.WRONG, "a str"),
        (f"{DEFINE}    x = []\n    x.append(x)\n    return x", Kind.ERROR, "nested too deeply"),
        (f"{DEFINE}    return 10**5000, 1", Kind.ERROR, "can't be read"),
        (f"import numpy as np\n{DEFINE}    return np.zeros(10**8), 1", Kind.ERROR, "an array of shape (100000000,)"),
        (f"{DEFINE}    return [0] * 10**7", Kind.ERROR, "a list of 10000000 values"),
        (
            f"class A:\n    def __array__(self, *_, **__): raise SystemExit\n{DEFINE}    return A()",
            Kind.ERROR,
            "can't be",
        ),
        (
            f"class D(dict):\n    def items(self): raise KeyboardInterrupt\n{DEFINE}    return D()",
            Kind.ERROR,
            "can't be",
        ),
        (f"{DEFINE}    raise ValueError('\\ud800')", Kind.ERROR, "ValueError: ?"),
        (
            f"class E(Exception):\n    def __str__(self): 1 / 0\n{DEFINE}    raise E",
            Kind.ERROR,
            "E: its text can't be read",
        ),
        (f"E = type('E' * 10**6, (Exception,), {{}})\n{DEFINE}    raise E", Kind.ERROR, "EEE"),
        (f"{DEFINE}    raise ExceptionGroup('several', [ValueError()])", Kind.ERROR, "several"),
        (f"{DEFINE}    breakpoint()", Kind.ERROR, "BdbQuit"),
        ("input('name? ')", Kind.ERROR, "EOFError"),
        ("return 3", Kind.ERROR, "line 1: return 3"),
        (f"{DEFINE}\tx = 1\n        return x", Kind.ERROR, "TabError"),
        (f"%matplotlib inline\n{ANSWER}", Kind.ERROR, "line 1: %matplotlib inline"),
        ('{"cells": [{"cell_type": "code"}]}', Kind.ERROR, "defines no `momentum_step`"),
        (ANSWER.replace("momentum_step", "momentum_Step"), Kind.ERROR, "but a `momentum_Step`"),
        ("def momentum_step(parameters):\n    return 1", Kind.ERROR, "TypeError"),
        (ANSWER.replace("momentum):", "momentum, *, k):"), Kind.ERROR, "keyword-only"),
        ("momentum_step = 'later'", Kind.ERROR, "not callable"),
        ("import nothing_of_that_name", Kind.ERROR, "ModuleNotFoundError"),
        (f"{ANSWER}\0", Kind.ERROR, "null"),
        ("x = " + "(" * 5000 + ")" * 5000, Kind.ERROR, "nested"),
        (f"import sys\nsys.settrace(lambda *_: 1 / 0)\n{ANSWER}", Kind.ERROR, "ZeroDivisionError"),
        (f"f = open('big', 'wb')\nfor _ in range(2000): f.write(bytes(10**6))\n{ANSWER}", Kind.ERROR, "File too large"),
        (f"import signal, time\nsignal.alarm(1)\n{DEFINE}    time.sleep(3)", Kind.ENDED, "SIGALRM"),
        (f"import numpy as np\nnp.asarray = np.ndarray = int\n{ANSWER}", Kind.ENDED, "ended its process"),
        (f"{ANSWER}\n{EXERCISE.text}", Kind.UNFINISHED, "not written yet"),
        (f"{DEFINE}    velocity.shape = (-1,)\n    return 1", Kind.WRONG, "one int instead of 2"),
    ],
)
def test_what_is_strange_is_named(source, kind, words):
    verdict = check(source)
    assert verdict.kind is kind, str(verdict)
    assert words in str(verdict)


def test_what_libraries_write_at_their_start_is_not_what_the_student_prints():
    exercise = find_exercise("decay_callback")
    verdict = check_source(exercise, "print('mine')\ndef decay_callback(*_):\n    return 3")
    assert verdict.printed == "mine\n"


def test_what_libraries_write_at_their_start_is_not_on_the_screen(tmp_path):
    """The checker imports them too, to compare a wrong answer with typical mistakes."""
    code = "from keras_course.course.exercises import *; exercise = find_exercise('decay_callback')\n"
    code += "source = exercise.solution.replace('(1 +', '(2 +')\n"
    code += "print(check_source(exercise, source).kind)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert result.stdout in ("wrong\n", "mistake\n")
    assert result.stderr == ""
