"""A folder has one owner, whatever number of processes want it at once, and none once the owner is dead."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keras_course.files import private_folder, write_file, write_next_version
from keras_course.locks import InUseError, claimed, is_claimed

ROUNDS, PROCESSES = 50, 8

RUN_FOLDER = """
import sys
from keras_course.runs import RunFolder
print("ready", flush=True)
for line in sys.stdin:
    try:
        folder = RunFolder(line.strip(), {"kind": "own"}, resume=False)
        print("got it", flush=True)
    except ValueError as error:
        print(error, flush=True)
"""
# Each process asks for each folder when told to, and keeps what it gets until it is told to go on.
CLAIMS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from keras_course.locks import claimed
for line in sys.stdin:
    try:
        with claimed(Path(line.strip()), "run_dir"):
            print("got it", flush=True)
            sys.stdin.readline()
    except ValueError as error:
        print(error, flush=True)
        sys.stdin.readline()
    print("done", flush=True)
"""

LOOKS = """
import sys
from keras_course.locks import is_claimed
folder = sys.argv[1]
is_claimed(folder)
print("ready", flush=True)
while True:
    is_claimed(folder)
"""


@pytest.fixture
def start():
    """Starts Python processes with pipes, and ends them."""
    started = []

    def run(code, *arguments):
        command = [sys.executable, "-c", code, *map(str, arguments)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        started.append(subprocess.Popen(command, **pipes))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def tell(processes, text):
    """Sends a line to all processes, then reads a line of each."""
    for process in processes:
        process.stdin.write(f"{text}\n")
        process.stdin.flush()
    return [process.stdout.readline().strip() for process in processes]


def test_two_runs_in_one_new_folder_at_once(tmp_path, start):
    processes = [start(RUN_FOLDER) for _ in range(2)]
    for process in processes:
        process.stdout.readline()
    answers = tell(processes, tmp_path / "run")
    assert answers.count("got it") == 1
    (refused,) = [answer for answer in answers if answer != "got it"]
    assert refused.startswith("`run_dir` must be ")
    assert f"Received: run_dir={str(tmp_path / 'run')!r}" in refused


def test_a_folder_has_one_owner_in_fifty_rounds_of_eight_processes(tmp_path, start):
    processes = [start(CLAIMS) for _ in range(PROCESSES)]
    for number in range(ROUNDS):
        answers = tell(processes, tmp_path / f"run {number}")
        assert answers.count("got it") == 1, answers
        refused = [answer for answer in answers if answer != "got it"]
        assert all(answer.startswith("`run_dir` must be a folder that no other process uses") for answer in refused)
        assert tell(processes, "go on") == ["done"] * PROCESSES
    assert not list(tmp_path.iterdir())  # nothing was written into them


def test_a_folder_that_a_refused_process_made_is_removed_by_its_owner(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()

    def claim_in_vain():
        with pytest.raises(InUseError), claimed(folder, "run_dir"):
            pass

    with claimed(folder, "run_dir"), ThreadPoolExecutor(1) as other, monkeypatch.context() as patch:
        patch.setattr("keras_course.locks.make_folder", lambda *_: [folder])  # it was the first to get so far
        other.submit(claim_in_vain).result()
    assert not folder.exists()


def test_an_empty_folder_that_was_there_stays(tmp_path):
    with claimed(tmp_path, "run_dir"):
        pass
    assert tmp_path.is_dir()


def test_each_of_eight_processes_gets_a_numbered_run_folder_of_its_own(tmp_path, start):
    code = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from keras_course.runs.kinds import next_run_dir
for line in sys.stdin:
    with next_run_dir(Path(line.strip()), "lenet-digits") as folder:
        (folder / "config.json").write_text("{}")
        print(folder, flush=True)
        sys.stdin.readline()
    print("done", flush=True)
"""
    processes = [start(code) for _ in range(PROCESSES)]
    for number in range(ROUNDS):
        folders = tell(processes, tmp_path / f"runs {number}")
        assert len(set(folders)) == PROCESSES
        assert tell(processes, "go on") == ["done"] * PROCESSES
        assert sorted(map(str, (tmp_path / f"runs {number}").glob("*"))) == sorted(folders)


def test_a_claim_dies_with_its_process(tmp_path, start):
    owner, heir = start(CLAIMS), start(CLAIMS)
    assert tell([owner], tmp_path / "run") == ["got it"]
    (answer,) = tell([heir], tmp_path / "run")
    assert f"in use by process {owner.pid} " in answer
    tell([heir], "go on")
    assert is_claimed(tmp_path / "run")
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert (tmp_path / "run/.lock").exists() and not is_claimed(tmp_path / "run")
    assert tell([heir], tmp_path / "run") == ["got it"]


def test_a_file_of_a_live_process_stays_and_that_of_a_dead_one_goes(tmp_path, start):
    """A process stops in the middle of writing a file; another writes the same file, before and after it is killed."""
    code = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from keras_course.files import write_file
os.fsync = lambda number: (print("writing", flush=True), sys.stdin.readline())
write_file(Path(sys.argv[1]), b"mine")
"""
    process = start(code, tmp_path / "history.csv")
    assert process.stdout.readline() == "writing\n"
    left = [path for path in tmp_path.iterdir() if path.name.startswith(".history.csv.")]
    assert len(left) == 1
    write_file(tmp_path / "history.csv", b"other")
    assert left[0].exists()
    process.send_signal(signal.SIGKILL)
    process.wait()
    write_file(tmp_path / "history.csv", b"third")
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


def test_what_was_killed_before_it_held_its_lock_is_removed_too(tmp_path):
    for name in (".tmp-dead", ".x-preparing-dead"):
        (tmp_path / name).mkdir()
    write_next_version(tmp_path, lambda folder: (folder / "a").write_text("a"))
    with private_folder(tmp_path, ".x-preparing-"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_makers_and_cleaners_at_once_do_not_meet(tmp_path, start):
    code = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from keras_course.files import private_folder
for number in range(100):
    with private_folder(Path(sys.argv[1]), ".work-") as folder:
        (folder / "a").write_text("a")
        assert (folder / "a").read_text() == "a"
print("whole")
"""
    processes = [start(code, tmp_path / "root") for _ in range(4)]
    (tmp_path / "root").mkdir()
    assert [process.stdout.readline() for process in processes] == ["whole\n"] * 4
    assert not (tmp_path / "root").exists() or not list((tmp_path / "root").iterdir())


def test_a_file_system_without_locks_is_told_once(tmp_path, monkeypatch, caplog):
    import errno
    import os

    from keras_course import locks

    def unsupported(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(locks.fcntl, "flock", unsupported)
    locks.warn_once.cache_clear()
    (tmp_path / "b").mkdir()
    (tmp_path / "b/.work-alive").mkdir()
    for name in ("a", "b", "b"):
        with locks.claimed(tmp_path / name, "run_dir"), private_folder(tmp_path / name, ".work-"):
            assert write_file(tmp_path / name / "file", b"x").read_bytes() == b"x"
    assert len(caplog.records) == 1
    assert "No locks available" in caplog.text and "one process at a time" in caplog.text
    assert (tmp_path / "b/.work-alive").is_dir()  # who knows


def test_a_system_without_locks_is_told_once(tmp_path, monkeypatch, caplog):
    from keras_course import locks

    monkeypatch.setattr(locks, "fcntl", None)
    locks.warn_once.cache_clear()
    for _ in range(2):
        with locks.claimed(tmp_path / "run", "run_dir"):
            write_file(tmp_path / "run" / "file", b"x")
            assert locks.is_claimed(tmp_path / "run")
        assert not locks.is_claimed(tmp_path / "run")
        assert [path.name for path in Path(tmp_path / "run").iterdir()] == ["file"]
    assert len(caplog.records) == 1


def test_a_folder_is_claimed_while_others_look_whether_it_is(tmp_path, start):
    lookers = [start(LOOKS, tmp_path / "run") for _ in range(2)]
    assert [looker.stdout.readline().strip() for looker in lookers] == ["ready", "ready"]
    for _ in range(100):
        with claimed(tmp_path / "run", "run_dir"):
            assert is_claimed(tmp_path / "run")
    assert not is_claimed(tmp_path / "run")


def test_claims_of_one_thread_nest(tmp_path):
    import threading

    from keras_course.locks import claimed

    errors = []

    def other():
        try:
            with claimed(tmp_path / "run", "run_dir"):
                pass
        except ValueError as error:
            errors.append(str(error))

    with claimed(tmp_path / "run", "run_dir"):
        with claimed(tmp_path / "x/../run", "run_dir"):
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(errors) == 1
    other()
    assert len(errors) == 1
