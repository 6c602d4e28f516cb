"""What the checker says: what a submission printed, names of several values, words for a result that is another."""

import pytest

from keras_course.course.exercises import Kind, Verdict, check_source, find_exercise, load_exercises
from keras_course.course.exercises.checking.verdict import SHOWN, harmless

RIDGE = find_exercise("ridge")


def check(name, source):
    return check_source(find_exercise(name), source)


def test_what_keras_and_tensorflow_write_is_not_what_the_student_prints():
    """`predict` draws a progress bar, and TensorFlow warns when inputs of five shapes were compiled for."""
    source = (
        "import keras, numpy as np\nimport warnings\n"
        "def serving_function(model):\n    def serve(images):\n"
        "        p = np.asarray(keras.ops.softmax(model.predict(images / 255)))\n"
        "        print('images:', len(images))\n        return p, p.argmax(axis=-1)\n    return serve"
    )
    verdict = check("serving_function", source)
    assert verdict.is_right
    lines = verdict.printed.splitlines()
    assert len(lines) == verdict.tried
    assert all(line.startswith("images: ") for line in lines)


def test_warnings_of_libraries_are_not_shown_but_those_of_the_student_are():
    warn = "import warnings\nwarnings.warn('mine')\n"
    library = (
        "exec(compile(\"import warnings; warnings.warn('of a library')\", 'library.py', 'exec'), {'__name__': 'lib'})\n"
    )
    verdict = check("ridge", f"import sklearn.linear_model\n{warn}{library}ridge = abs")
    assert "mine" in verdict.printed
    assert "joblib" not in verdict.printed
    assert "of a library" not in verdict.printed


def test_what_was_printed_with_the_inputs_that_are_shown():
    source = "print('read')\ndef step_decay(epoch, initial_rate, drop, every):\n    print('epoch', epoch)\n"
    source += "    return 0.0 if epoch == 7 else initial_rate * drop ** (epoch // every)"
    verdict = check("step_decay", source)
    assert verdict.fault.inputs["epoch"] == 7
    assert verdict.printed == "read\nepoch 7\n"
    assert str(verdict).endswith("With these inputs your code printed:\n    read\n    epoch 7")


def test_of_a_call_that_never_ends_is_shown_what_it_printed():
    verdict = check("ridge", "def ridge(*_):\n    import os\n    print('begun')\n    os._exit(3)")
    assert verdict.kind is Kind.ENDED
    assert verdict.printed == "begun\n"


def test_the_end_of_much_is_shown():
    verdict = Verdict(RIDGE, Kind.RIGHT, 1, 1, printed="".join(f"line {number}\n" for number in range(1000)))
    assert "Your code printed, at the end:\n    line " in str(verdict)
    assert str(verdict).endswith("    line 999")
    assert len(str(verdict)) < 2 * SHOWN


def test_control_characters_are_not_shown():
    verdict = Verdict(RIDGE, Kind.RIGHT, 1, 1, printed="\x1b[1m1/2\x1b[0m\b\b\r\x1b]0;title\x07done\t\x00\r\n")
    assert str(verdict).endswith("Your code printed:\n    done\t")
    verdict = check("ridge", "raise ValueError('\\x1b[31mred\\x07')")
    assert "ValueError: red\n" in str(verdict)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb", "a\nb"),
        ("10 %\r20 %\r", "20 %"),
        ("\x1b", ""),
        ("\x1b[", ""),
        ("\x9b1m", "1m"),
        ("é\ufffd", "é\ufffd"),
    ],
)
def test_a_text_without_what_steers_the_screen(text, shown):
    assert harmless(text) == shown


@pytest.mark.parametrize("exercise", [e for e in load_exercises() if e.results], ids=lambda exercise: exercise.name)
def test_every_value_of_several_has_a_name(exercise):
    assert all(len(exercise.expected(inputs)) == len(exercise.results) for inputs in exercise.cases)


def test_all_exercises_with_several_values_name_them():
    found = [exercise.name for exercise in load_exercises() if isinstance(exercise.expected(exercise.cases[0]), tuple)]
    assert found == [exercise.name for exercise in load_exercises() if exercise.results]


def test_one_array_instead_of_several_values():
    source = "import numpy as np\ndef lstm_step(x, hidden, *_):\n    return np.zeros(hidden.shape)"
    said = str(check("lstm_step", source))
    assert "Your result: it is one array of shape (1, 1) instead of 2 values: h' and c'." in said
    said = str(check("adam_step", "def adam_step(*_):\n    return 0"))
    assert "Your result: it is one int instead of 3 values: ω', m' and v'." in said


def test_a_value_of_several_is_named():
    said = str(check("lstm_step", "def lstm_step(x, hidden, memory, *_):\n    return hidden, memory[0]"))
    assert "your c' = [0.]" in said
    assert "Your result: of c' the shape is (1,) instead of (1, 1)." in said


def test_a_result_whose_fractions_are_cut_off_is_named():
    source = find_exercise("weight_decay_step").solution
    cut = (
        source + "\nright = weight_decay_step\ndef weight_decay_step(*inputs):\n    return right(*inputs).astype(int)\n"
    )
    assert "Your result: it holds integers: where is" in str(check("weight_decay_step", cut))


def test_a_verdict_shows_itself():
    verdict = Verdict(RIDGE, Kind.RIGHT, 3, 3)
    assert repr(verdict) == str(verdict) == "ridge: right. 3 inputs were tried."


def test_the_number_of_weights_is_called_so():
    source = find_exercise("residual_block").solution.replace("Conv2D(filters, 1", "Conv2D(filters, 2")
    assert "your number of weights = " in str(check("residual_block", source))
