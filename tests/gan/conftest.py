import pytest


@pytest.fixture(scope="session")
def judge_dir(tmp_path_factory):
    """A data_dir for the digits, their classifier and their reference, which are made once."""
    return tmp_path_factory.mktemp("judge")


@pytest.fixture(scope="session")
def digits_reference(judge_dir):
    from keras_course.gan import load_reference

    return load_reference("digits", data_dir=judge_dir)
