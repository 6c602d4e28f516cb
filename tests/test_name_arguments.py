"""Which of the known names is meant, and the messages where none is."""

import pytest

from keras_course.name_arguments import find_name


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("digits", "digits"),
        ("Fashion-MNIST", "fashion_mnist"),
        ("fashion mnist", "fashion_mnist"),
        ("ResNet-18", "resnet18"),
        ("a_b", "a_b"),
        ("ab", "ab"),
    ],
)
def test_names_are_found_in_any_case_and_with_any_separator(name, found):
    assert find_name(name, ["digits", "fashion_mnist", "resnet18", "a_b", "ab"]) == found


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lenett", "`MODEL` must be one of lenet, mlp. Did you mean lenet? Received: MODEL=lenett"),
        ("quantum", "`MODEL` must be one of lenet, mlp. Received: MODEL=quantum"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(name, message):
    with pytest.raises(ValueError) as caught:
        find_name(name, ["lenet", "mlp"], "MODEL")
    assert str(caught.value) == message


def test_a_name_that_fits_two_is_refused():
    with pytest.raises(ValueError, match="Did you mean a_b or ab"):
        find_name("A-B", ["a_b", "ab"])
