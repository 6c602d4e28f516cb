import fcntl
import os

import pytest


@pytest.fixture(scope="module", autouse=True)
def digits_are_decoded_once(decoded_once):
    with decoded_once():
        yield


@pytest.fixture(scope="session")
def judge_dir(tmp_path_factory):
    """A data_dir for the digits, their classifier and their reference, which are made once for all processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "judge"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def digits_reference(judge_dir):
    from keras_course.gan import load_reference

    with (judge_dir / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the second process reads what the first made
        return load_reference("digits", data_dir=judge_dir)
