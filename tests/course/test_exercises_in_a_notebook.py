"""`check` in a real notebook: a Jupyter kernel runs the cells, as a student's browser would have it do."""

import nbformat
import pytest

from keras_course.course.exercises import find_exercise

nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

IMPORTS = "import numpy as np\nfrom keras_course.course.exercises import check"
STEP = "np.subtract(weights, learning_rate * (gradient + weight_decay * weights))"
CELLS = {
    "right": f"def mine(weights, gradient, learning_rate, weight_decay):\n    return {STEP}\n"
    "print(check(mine, 'weight_decay_step'))",
    "lambda": f"mine = lambda weights, gradient, learning_rate, weight_decay: {STEP}\n"
    "print(check(mine, 'weight_decay_step'))",
    "alias": "import math as m\ndef he(normal):\n    return normal * m.sqrt(2 / len(normal))\n"
    "print(check(he, 'he_weights'))",
    "cell": "print(check(later, 'he_weights'))",  # of a function that another cell defines
    "hint": "def he(normal):\n    return normal * np.sqrt(1 / len(normal))\nprint(check(he, 'he_weights'))",
    "variable": "scale = 2.0\ndef he(normal):\n    return normal * np.sqrt(scale / len(normal))\n"
    "try: check(he, 'he_weights')\nexcept ValueError as error: print(error)",
    "closure": "def make(factor):\n    def he(normal):\n        return normal * factor\n    return he\n"
    "try: check(make(2), 'he_weights')\nexcept ValueError as error: print(error)",
    "helper": "def root(x):\n    return x**0.5\ndef he(normal):\n    return normal * root(2 / len(normal))\n"
    "try: check(he, 'he_weights')\nexcept ValueError as error: print(error)",
    "inline": "try: check(lambda normal: normal, 'he_weights')\nexcept ValueError as error: print(error)",
    "exit": "def he(normal):\n    raise SystemExit\nprint(check(he, 'he_weights'))",
    "shown": "def he(normal):\n    return normal * np.sqrt(1 / len(normal))\ncheck(he, 'he_weights')",
    "swapped": "try: check('he_weights', he)\nexcept ValueError as error: print(error)",
    "no name": "try: check(he, he)\nexcept ValueError as error: print(error)",
    "cached": "import functools\n@functools.cache\ndef he(normal):\n    return normal\n"
    "try: check(he, 'he_weights')\nexcept ValueError as error: print(error)",
    "decorated": "def traced(f):\n    return f\n@traced\ndef he(normal):\n    return normal\n"
    "try: check(he, 'he_weights')\nexcept ValueError as error: print(error)",
    "name": "try: check(mine, 'he_weigths')\nexcept ValueError as error: print(error)",
}
SAID = {
    "right": "weight_decay_step: right.",
    "lambda": "weight_decay_step: right.",
    "alias": "he_weights: right.",
    "cell": "he_weights: right.",
    "hint": "Hint: ",
    "variable": "not the notebook's 'scale'",
    "closure": "not the notebook's 'factor'",
    "helper": "not the notebook's 'root'",
    "inline": "must be a statement of its own",
    "exit": "SystemExit",
    "shown": "he_weights: not right yet (right for ",
    "swapped": "`answer` must be the function, and comes first: check(my_function, 'he_weights')",
    "no name": "`name` must be the name of an exercise: 'ridge'",
    "cached": "`answer` must have no decorator: take it off",
    "decorated": "not the notebook's 'traced'. Define it inside; a decorator, take off.",
    "name": "did you mean he_weights",
}


def text_of(output):
    """Returns what a cell printed, or what its last line shows."""
    return output.get("text", "") + output.get("data", {}).get("text/plain", "")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What each cell prints; all run in one kernel, one after the other."""
    folder = tmp_path_factory.mktemp("notebook")
    later = find_exercise("he_weights").solution.replace("def he_weights", "def later")
    cells = [IMPORTS, later, *CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}
    ).execute()
    assert list(folder.iterdir()) == []
    texts = ["".join(map(text_of, cell.outputs)) for cell in notebook.cells]
    return dict(zip(CELLS, texts[2:], strict=True))


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_gets_its_answer(outputs, cell):
    assert SAID[cell] in outputs[cell]
