"""Submissions run in a process of their own: whatever they do, there is an answer and nothing else is touched."""

import os
import platform
import sys
from pathlib import Path

import numpy as np
import pytest

import keras_course
from keras_course.course.exercises import Kind, Limits, check_source, find_exercise
from keras_course.course.exercises.checking import messages, process, system_calls
from keras_course.course.exercises.checking.messages import Answer, Failure
from keras_course.course.exercises.checking.process import WAYS
from keras_course.course.exercises.checking.sandbox import Sandbox, Submission

PACKAGE = Path(keras_course.__file__).parent
LIMITS = Limits(call=2, total=600)
EACH = pytest.mark.parametrize("way", [*WAYS, ""], ids=[*WAYS, "audit hook"])
SHUT_IN = pytest.mark.parametrize("way", WAYS)
RUN_BODY = """
def answer(body, *inputs):
    names = {}
    exec("def call(*inputs):\\n    " + body.replace("\\n", "\\n    "), names)
    return names["call"](*inputs)
"""
SANDBOXES = {way: Sandbox(Submission(RUN_BODY, "answer"), LIMITS, ways=[way] if way else []) for way in (*WAYS, "")}


@pytest.fixture(scope="module", autouse=True)
def _close_sandboxes():
    yield
    for sandbox in SANDBOXES.values():
        sandbox.close()


def outcome_of(body, *inputs, way="namespaces"):
    """Returns what a function with that body does; processes that survive serve several tests."""
    sandbox = SANDBOXES[way]
    outcome = sandbox.call([body, *inputs])
    if way != sandbox.way:
        pytest.skip(f"no {way} here: {sandbox.reason}")
    return outcome


@EACH
def test_values_come_back_as_they_are(way):
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    outcome = outcome_of("return {'a': [inputs[0] * 2, (1, None, 'x', True)]}", array, way=way)
    (found, rest) = outcome.value["a"]
    np.testing.assert_array_equal(found, array * 2)
    assert found.dtype == np.float32
    assert rest == (1, None, "x", True)


@EACH
@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("while True: pass", "time", "loop"),
        ("try:\n    while True: pass\nexcept BaseException: pass", "time", "loop"),
        ("raise SystemExit(0)", "error", ""),
        ("raise KeyboardInterrupt", "error", ""),
        ("import os; os._exit(0)", "ended", "exit code 0"),
        ("import ctypes; ctypes.string_at(0)", "ended", "SIGSEGV"),
        ("import os; os.abort()", "ended", "SIGABRT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "error", "signal"),
        ("import os; os.kill(os.getppid(), 9)", "error", "signal"),
        ("def again(): return again()\nagain()", "error", "recursion"),
        ("print('x' * 10**7)", "output", "prints more"),
        ("import os\nwhile True: os.write(2, b'x' * 10**6)", "output", "prints more"),
        ("import numpy as np; return np.ones(10**10)", "error", "allocate"),
        ("return bytearray(10**11)", "error", ""),
        ("import os; os.fork()", "error", "another process"),
        ("import subprocess; subprocess.run(['true'])", "error", "another process"),
        ("import os; os.system('true')", "error", "another process"),
        ("import socket; socket.create_connection(('127.0.0.1', 80))", "error", "network"),
        ("import keras_course.numerics", "error", "imported"),
        ("import importlib; importlib.import_module('keras_course.course')", "error", "imported"),
        ("import os; os.closerange(3, 100)", "ended", ""),
    ],
)
def test_what_goes_wrong_is_an_answer(body, kind, words, way):
    outcome = outcome_of(body, way=way)
    assert isinstance(outcome, Failure)
    assert outcome.kind == kind
    assert words in outcome.text


HARM = {
    "write": "open(PATH, 'w').write('x')",
    "append": "open(PATH, 'a').write('x')",
    "remove": "import os; os.remove(PATH)",
    "rename": "import os; os.rename(PATH, PATH + '2')",
    "tree": "import os, shutil; shutil.rmtree(os.path.dirname(PATH))",
    "mode": "import os; os.chmod(PATH, 0)",
    "link": "import os; os.symlink(PATH, os.path.dirname(PATH) + '/link')",
    "folder": "import os; os.mkdir(os.path.dirname(PATH) + '/new')",
    "low level": "import os; os.open(PATH, os.O_RDWR | os.O_TRUNC)",
    "pathlib": "import pathlib; pathlib.Path(PATH).unlink()",
}


@EACH
@pytest.mark.parametrize("harm", HARM)
def test_nothing_outside_its_folder_is_changed(harm, way, tmp_path):
    file = tmp_path / "work" / "precious.txt"
    file.parent.mkdir()
    file.write_text("precious")
    outcome = outcome_of(f"PATH = {str(file)!r}\n{HARM[harm]}", way=way)
    assert isinstance(outcome, Failure)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["work", "work/precious.txt"]
    assert file.read_text() == "precious"
    assert file.stat().st_mode & 0o600 == 0o600


@pytest.mark.parametrize(
    "body",
    [
        "return ctypes.CDLL(None).unlink(PATH.encode())",
        "return ctypes.CDLL(None).rename(PATH.encode(), PATH.encode() + b'2')",
        "return ctypes.CDLL(None).open(PATH.encode(), 1025)",
        "return ctypes.CDLL(None).chmod(PATH.encode(), 0)",
        "lib = ctypes.CDLL(None); lib.umount2(b'/tmp', 2); return lib.unlink(PATH.encode())",
        "lib = ctypes.CDLL(None); lib.mount(None, b'/', None, 0x1020, None); return lib.unlink(PATH.encode())",
        "lib = ctypes.CDLL(None); lib.unshare(0x10020000); lib.mount(None, b'/', None, 0x1020, None);"
        " return lib.unlink(PATH.encode())",
    ],
)
@SHUT_IN
def test_namespaces_hold_where_the_audit_hook_is_passed_by(body, way):
    file = Path(sys.prefix, f"precious-{os.getpid()}.txt")  # in a place that is seen there
    file.write_text("precious")
    try:
        outcome = outcome_of(f"import ctypes\nPATH = {str(file)!r}\nassert open(PATH).read()\n{body}", way=way)
        assert outcome == Answer(-1)
        assert file.read_text() == "precious"
        assert file.stat().st_mode & 0o600 == 0o600
    finally:
        file.unlink()


@pytest.mark.parametrize(
    "body",
    [
        "return ctypes.CDLL(None).fork()",
        "return ctypes.CDLL(None).syscall(57)",  # fork of x86_64, on others another call without arguments
        "return ctypes.CDLL(None).unshare(0x10000000)",
        "return ctypes.CDLL(None).execl(b'/bin/true', b'true', None)",
    ],
    ids=["fork", "system call", "unshare", "exec"],
)
@SHUT_IN
def test_in_namespaces_no_process_starts_another(body, way):
    if platform.machine() not in system_calls.CALLS:
        pytest.skip("no filter for this machine")
    assert outcome_of(f"import ctypes\n{body}", way=way) == Answer(-1)


@EACH
def test_threads_still_start(way):
    body = "import threading\nfound = []\nthread = threading.Thread(target=found.append, args=(1,))\n"
    assert outcome_of(f"{body}thread.start(); thread.join(); return found", way=way) == Answer([1])


DEVICES = {"null", "zero", "full", "random", "urandom"}  # and, by bubblewrap, those of a terminal that isn't there
TERMINAL = {"console", "core", "fd", "ptmx", "pts", "shm", "stderr", "stdin", "stdout", "tty"}


@SHUT_IN
def test_in_namespaces_there_is_neither_package_nor_process_nor_network(way):
    def value_of(body):
        body = f"import ctypes, os, socket\nPACKAGE = {str(PACKAGE)!r}\nlib = ctypes.CDLL(None)\n{body}"
        return outcome_of(body, way=way).value

    seen = "[place for place in (PACKAGE, PACKAGE + '/numerics/perceptron.py') if os.path.isfile(place)"
    seen += " or os.path.isdir(place) and os.listdir(place)]"
    unmounted = "lib.umount2(PACKAGE.encode(), 2); lib.unshare(0x10020000); lib.umount2(PACKAGE.encode(), 2)"
    assert value_of(f"return {seen}") == []
    assert value_of(f"{unmounted}; return {seen}") == []
    assert len(value_of("return [name for name in os.listdir('/proc') if name.isdigit()]")) <= 2
    assert value_of("return socket.if_nameindex()") == [(1, "lo")]
    assert set(value_of("return os.listdir('/dev')")) <= DEVICES | TERMINAL
    variables = value_of("return dict(os.environ)")
    assert "HOME" in variables
    assert not {"USER", "SSH_AUTH_SOCK"} & set(variables)


@EACH
def test_its_own_folder_may_be_written_and_is_gone_afterwards(way):
    source = "import os\ndef answer():\n    open('a', 'w').write('b')\n    return os.getcwd(), open('a').read()\n"
    with Sandbox(Submission(source, "answer"), LIMITS, ways=[way] if way else []) as sandbox:
        folder, text = sandbox.call([]).value
    assert text == "b"
    assert not Path(folder).exists()


@EACH
def test_the_files_of_the_package_are_not_read(way):
    for path in (PACKAGE / "numerics" / "perceptron.py", Path(__file__).with_name("other_solutions.py")):
        outcome = outcome_of(f"return open({str(path)!r}).read()", way=way)
        assert isinstance(outcome, Failure)
        assert outcome.error in ("FileNotFoundError", "NotADirectoryError", "PermissionError")


@EACH
def test_what_other_students_wrote_is_not_read(way, tmp_path):
    mine, other = tmp_path / "ann" / "5_step_decay.py", tmp_path / "bob" / "5_step_decay.py"
    for path in (mine, other):
        path.parent.mkdir()
    other.write_text(find_exercise("step_decay").solution)
    mine.write_text(f"exec(open({str(other)!r}).read())")
    verdict = check_source(find_exercise("step_decay"), mine.read_text(), ways=[way] if way else [], own=[tmp_path])
    assert verdict.kind is Kind.ERROR
    assert verdict.isolated == bool(way)
    assert other.read_text() == find_exercise("step_decay").solution


def test_expected_values_are_nowhere_in_the_process():
    exercise = find_exercise("softmax_cross_entropy")
    secret = (
        "import gc\nfound = [o for o in gc.get_objects() if type(o).__name__ in ('Exercise', 'Trial', 'Verdict')]\n"
    )
    body = f"{secret}def softmax_cross_entropy(logits, labels):\n    print(found)\n    return 0.0\n"
    assert check_source(exercise, body).printed.startswith("[]")


def test_many_slow_calls_come_to_an_end():
    source = "import time\ndef answer(x):\n    time.sleep(0.4)\n    return x\n"
    with Sandbox(Submission(source, "answer"), Limits(total=1)) as sandbox:
        outcomes = [sandbox.call([number]) for number in range(5)]
    assert outcomes[0] == Answer(0)
    assert isinstance(outcomes[-1], Failure)
    assert outcomes[-1].kind == "time"


def test_a_process_that_ended_is_followed_by_another():
    source = "import os\ndef answer(x):\n    if x: os._exit(3)\n    return x\n"
    with Sandbox(Submission(source, "answer"), LIMITS) as sandbox:
        assert sandbox.call([0]) == Answer(0)
        assert sandbox.call([1]) == Failure("ended", "your code ended its process (exit code 3)")
        assert sandbox.call([0]) == Answer(0)


FORGING = """\
import os, struct
for stream in range(3, 20):
    try:
        os.write(stream, struct.pack(">Q", len(TEXT)) + TEXT)
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    "text",
    ['{"value": {"array": ["O", [1], "AAAAAAAAAAA="]}, "changed": []}', "[1, 2]", "{}", "no JSON", "[" * 10**5],
    ids=["objects", "array", "nothing", "no JSON", "nested"],
)
def test_forged_replies_are_refused(text):
    assert isinstance(outcome_of(f"TEXT = {text.encode()!r}\n{FORGING}"), Failure)


@pytest.mark.parametrize("code", [{"array": ["O", [1], ""]}, {"array": ["<f8", [2], ""]}, {"x": 1}, {"a": 1, "b": 2}])
def test_codes_that_are_no_values_are_refused(code):
    with pytest.raises(ValueError):
        messages.decode(code)


def test_an_object_comes_back_as_its_kind():
    outcome = outcome_of("return open")
    assert outcome.value == messages.Other("builtin_function_or_method")


def test_a_check_names_the_limit_where_there_are_no_namespaces():
    exercise = find_exercise("step_decay")
    verdict = check_source(exercise, exercise.solution, ways=[])
    assert verdict.kind is Kind.RIGHT
    assert "accidents, not attackers" in str(verdict).splitlines()[0]


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
@pytest.mark.parametrize("left", [["bubblewrap"], []], ids=["bubblewrap is there", "nothing is there"])
def test_where_the_system_refuses_namespaces_the_next_way_is_tried(left, monkeypatch, tmp_path):
    refusing = "import keras_course.course.exercises.checking.namespaces as n\n"
    refusing += "def refuse(*_): raise OSError(1, 'refused')\nn.enter = refuse\n"
    begin = process.BEGIN.replace("del sys.meta_path[0]", f"{refusing}del sys.meta_path[0]")
    monkeypatch.setattr(process, "BEGIN", begin)
    if not left:
        (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: refused' >&2; exit 1\n")
        (tmp_path / "bwrap").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
    exercise = find_exercise("step_decay")
    with Sandbox(Submission(exercise.solution, exercise.name)) as sandbox:
        assert sandbox.call(exercise.cases[0]) == Answer(exercise.expected(exercise.cases[0]))
    if left and not sandbox.way:
        pytest.skip(f"no bubblewrap here: {sandbox.reason}")
    assert sandbox.way == "".join(left)
    assert "refused" in sandbox.reason
    verdict = check_source(exercise, exercise.solution)
    assert verdict.is_right
    assert verdict.isolated == bool(left)
    assert ("accidents, not attackers" in str(verdict)) is not bool(left)
