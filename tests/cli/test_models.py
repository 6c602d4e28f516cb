"""`keras-course models` as a user types it."""

import functools

import keras
import pytest

import keras_course.models
from keras_course.cli.app import main
from keras_course.cli.models import megabytes, with_prefix
from keras_course.models import CAPTIONER_BUILDERS, DETECTOR_BUILDERS, MODEL_BUILDERS, SEGMENTER_BUILDERS, build_lenet
from keras_course.models.catalogue import CATALOGUE

TABLES = (MODEL_BUILDERS, DETECTOR_BUILDERS, SEGMENTER_BUILDERS, CAPTIONER_BUILDERS)
NAMES = [name for builders in TABLES for name in builders]


@pytest.fixture(autouse=True, scope="module")
def builders_that_remember():
    """Saves time: what was built once at a size isn't built again."""
    with pytest.MonkeyPatch.context() as patch:
        for builders in TABLES:
            for name, build in builders.items():
                patch.setitem(builders, name, functools.cache(build))
        yield


@pytest.fixture
def course(capsys, monkeypatch):
    """Runs a command line on a screen of some width; returns exit code, output and errors."""

    def run(line, width=120):
        monkeypatch.setenv("COLUMNS", str(width))
        with pytest.raises(SystemExit) as end:
            main(line.split())
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return run


def lines_of(output):
    return {line.split()[0]: line.split() for line in output.splitlines() if line.strip()}


@pytest.mark.parametrize("width", [80, 120])
def test_every_builder_has_a_line_at_its_published_size(course, width):
    code, output, errors = course("models", width)
    assert (code, errors) == (0, "")
    lines = lines_of(output)
    for name in NAMES:
        height, image_width, channels = CATALOGUE[name].input_shape
        assert lines[name][1:3] == [str(CATALOGUE[name].year), f"{height}x{image_width}x{channels}"]
    # 32x32x1 to 10 classes; 5 layers with weights; 117,600 + 240,000 + 48,000 + 10,080 + 840 multiply-accumulates;
    # an image of 32x32; 16,026 numbers of 4 bytes between the layers
    assert " ".join(lines["lenet"]) == "lenet 1998 32x32x1 10 5 61,706 416.5 k 32 0.064"
    assert "keras-course train" in output
    assert "Not listed: DCGAN's two nets" in output
    assert max(map(len, output.splitlines())) <= width


def test_the_list_at_a_size_of_ones_own(course, monkeypatch):
    few = {name: MODEL_BUILDERS[name] for name in ("perceptron", "lenet")}
    monkeypatch.setattr(keras_course.models, "MODEL_BUILDERS", few)
    monkeypatch.setattr(keras_course.models, "SEGMENTER_BUILDERS", {})
    code, output, _ = course("models --input-shape 28x28x1 --classes 7")
    assert code == 0
    assert lines_of(output)["perceptron"][2:5] == ["28x28x1", "7", "1"]
    assert lines_of(output)["perceptron"][5] == f"{28 * 28 * 7 + 7:,}"


def test_those_that_cannot_take_the_size_say_why(course):
    code, output, _ = course("models --input-shape 3x3x1")
    assert code == 0
    assert lines_of(output)["perceptron"][2] == "3x3x1"
    assert "lenet: `input_shape` must be at least 4x4 pixels" in output


@pytest.mark.parametrize(("width", "kind"), [(80, False), (99, False), (100, True), (120, True)])
def test_layers_of_one_model(course, width, kind):
    code, output, errors = course("models lenet --classes 7", width)
    assert (code, errors) == (0, "")
    lines = lines_of(output)
    assert "LeCun, Bottou, Bengio, Haffner (1998)" in " ".join(output.split())
    assert "Images of 32x32x1 pixels, 7 classes; depth 5." in output
    words = ["Conv2D"] if kind else []
    assert lines["stage2_conv1"] == ["stage2_conv1", *words, "10x10x16", "2,416", "240", "k", "14", "2", "6.4", "kB"]
    assert lines["flatten"][-4:] == ["32", "-", "1.6", "kB"]
    parameters = 61_706 - 3 * 85  # three classes fewer, 84 weights and a bias each
    assert lines["total"][1] == f"{parameters:,}"
    assert f"{parameters:,} parameters: all trainable." in output
    assert max(map(len, output.splitlines())) <= width


def test_layers_of_a_net_that_is_no_classifier(course):
    code, output, _ = course("models U-Net")
    assert code == 0
    assert "Ronneberger, Fischer, Brox (2015)" in " ".join(output.split())
    assert "31,030,658 parameters: all trainable." in output
    assert lines_of(output)["logits"][2] == "388x388x2"


@pytest.mark.parametrize("name", ["LeNet", "le-net", "LE_NET"])
def test_names_are_found_in_any_case_and_with_either_dash(course, name):
    code, output, _ = course(f"models {name} --input-shape 8x8x1")
    assert code == 0
    assert output.startswith("lenet: ")


def test_windows_that_are_not_square_have_two_sides(course):
    code, output, _ = course("models mlp --input-shape 4x6x1")
    assert code == 0
    assert lines_of(output)["flatten"][-3] == "-"
    assert "4x6" in lines_of(output)["flatten"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("models lenett", "Did you mean lenet? Received: MODEL=lenett"),
        ("models lenet --input-shape 3x3x1", "at least 4x4 pixels"),
        ("models --input-shape 28", "`--input-shape` must be HEIGHTxWIDTHxCHANNELS"),
        ("models --input-shape 0x0x0", "`--input-shape` must be HEIGHTxWIDTHxCHANNELS"),
        ("models --input-shape 28x28x99999999999999999999", "at most 100,000,000 numbers in all"),
        ("models mlp --input-shape 99999999x99999999x3", "at most 100,000,000 numbers in all"),
        ("models --classes 1", "--classes=1"),
        ("models --classes 9223372036854775808", "--classes=9223372036854775808"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(course, line, message):
    code, output, errors = course(line)
    assert (code, output) == (2, "")
    assert message in " ".join(errors.split())
    assert "Traceback" not in errors


def test_every_builder_is_in_the_catalogue():
    assert set(NAMES) == set(CATALOGUE)


def test_no_weights_are_made_nor_left_to_be_made(course, monkeypatch):
    monkeypatch.setitem(MODEL_BUILDERS, "lenet", build_lenet)
    made = []
    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", lambda *args, **_: made.append(args))
    monkeypatch.setattr(keras.initializers.RandomUniform, "__call__", lambda *args, **_: made.append(args))
    assert course("models lenet")[0] == 0
    with keras.StatelessScope():  # initialises at its end what was left
        pass
    assert made == []


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "-"), (None, "?"), (840, "840"), (1_000, "1 k"), (416_520, "416.5 k"), (15_470_264_320, "15.47 G")]
    + [(999_960, "1 M"), (123_456_000_000_000, "123.5 T"), (1_234_500_000_000_000_000, "1,234,000 T")],
)
def test_numbers_have_four_digits_and_a_prefix(number, text):
    assert with_prefix(number, digits=4) == text


def test_the_prefix_is_chosen_after_rounding():
    assert [with_prefix(number, "B", digits=3) for number in (999_400, 999_700)] == ["999 kB", "1 MB"]


def test_megabytes_of_small_nets_have_three_places_and_of_large_ones_none():
    numbers = (6_312, 61_050_784, 148_480_848, 999_700_000, 1_420_000_000)
    assert [megabytes(number) for number in numbers] == ["0.006", "61.1", "148", "1,000", "1,420"]
