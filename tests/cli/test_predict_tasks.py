"""`keras-course predict` with a detector, a segmenter and a captioner: tables and pictures in pixels of the file."""

import keras
import numpy as np
import pytest
from PIL import Image

from keras_course.applications.captioning import CAPTIONING
from keras_course.applications.detection import DETECTION
from keras_course.export import SEGMENTATION, export_saved_model, load_saved_model
from keras_course.models import build_captioner, build_centernet, build_unet


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """A detector and a segmenter of three classes, a captioner of three words, for 32x32 pixels, not trained."""
    folder = tmp_path_factory.mktemp("exports")
    keras.utils.set_random_seed(0)
    names = ["ant", "bee", "cat"]
    detector = build_centernet((32, 32, 1), 3, width=0.0625, prior=0.5)
    export_saved_model(detector, folder / "detector", class_names=names, task=DETECTION)
    segmenter = build_unet((32, 32, 1), 3, depth=1, base_filters=2, padding="same")
    export_saved_model(segmenter, folder / "segmenter", class_names=names, task=SEGMENTATION)
    words = ["<padding>", "<unknown>", "<start>", "<end>", *names]
    captioner = build_captioner((32, 32, 1), 7, units=8, length=6, width=0.1)
    export_saved_model(captioner, folder / "captioner", class_names=words, task=CAPTIONING)
    return folder


@pytest.fixture
def pictures(course, tmp_path):
    """Random pictures of two sizes in the working directory."""
    random = np.random.default_rng(0)
    for name, size in (("one.png", (32, 32)), ("wide.png", (48, 96))):
        Image.fromarray(random.integers(0, 256, size, np.uint8)).save(tmp_path / name)
    return tmp_path


def test_objects_are_listed_and_drawn(course, exports, pictures):
    code, output, errors = course(f"predict {exports}/detector one.png --threshold 0.5 --output found.png")
    assert (code, errors) == (0, "")
    image = np.asarray(Image.open(pictures / "one.png"))
    found = load_saved_model(exports / "detector").predict(image)
    shown = int(np.sum(found.scores[0, : found.count[0]] >= 0.5))
    assert shown > 0
    assert sum(name in line for line in output.splitlines() for name in ("ant", "bee", "cat")) == shown
    assert f"{found.scores[0, 0]:.4f}" in output
    assert f"{found.boxes[0, 0, 2]:.1f}" in output
    with Image.open(pictures / "found.png") as picture:
        assert min(picture.size) > 200


def test_boxes_are_in_pixels_of_the_file(course, exports, pictures):
    code, output, errors = course(f"predict {exports}/detector one.png wide.png --resize --threshold 0 --output f.png")
    assert (code, errors) == (0, "")
    with Image.open(pictures / "wide.png") as picture:
        boxes = load_saved_model(exports / "detector").predict(picture, resize=True).boxes
    assert boxes[..., 2].max() > 48  # wider than the network's image
    assert boxes.min() >= 0
    assert boxes[..., 3].max() <= 48
    assert {path.name for path in pictures.glob("f*.png")} == {"f-1.png", "f-2.png"}
    for name in ("one.png", "wide.png", "f-1.png", "f-2.png"):
        assert name in output


def test_pixels_are_counted_and_drawn(course, exports, pictures):
    code, output, errors = course(f"predict {exports}/segmenter wide.png --resize --output mask.png")
    assert (code, errors) == (0, "")
    with Image.open(pictures / "wide.png") as picture:
        mask = load_saved_model(exports / "segmenter").predict(picture, resize=True).class_id[0]
    assert mask.shape == (48, 96)
    for index, name in enumerate(("ant", "bee", "cat")):
        count = np.sum(mask == index)
        if count:
            assert f"{name}" in output
            assert f"{count:,}" in output
    assert (pictures / "mask.png").exists()


def test_pictures_are_described_and_the_words_drawn(course, exports, pictures):
    code, output, errors = course(f"predict {exports}/captioner one.png wide.png --resize --output words.png")
    assert (code, errors) == (0, "")
    captioner = load_saved_model(exports / "captioner")
    for name in ("one.png", "wide.png"):
        with Image.open(pictures / name) as picture:
            found = captioner.predict(picture, resize=True)
        assert found.caption[0] in output
        assert f"{np.exp(found.log_probability[0]):.4f}" in output
    assert {path.name for path in pictures.glob("words*")} == {"words-1.png", "words-2.png"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("predict {}/detector one.png --top 2", "`--top` is for classifiers. Received: --top=2 for a SavedDetector"),
        ("predict {}/segmenter one.png --threshold 0.2", "`--threshold` is for detectors. Received: --threshold=0.2"),
        ("predict {}/detector wide.png", "wide.png: `IMAGE` must have the shape that the model takes, (32, 32, 1)"),
        ("predict {}/segmenter one.png --output mask.jpg", "`--output` must be a file in a folder, and end in .png"),
    ],
    ids=["top", "threshold", "size", "output"],
)
def test_what_does_not_fit_is_refused(course, exports, pictures, line, message):
    code, _, errors = course(line.format(exports))
    assert code == 2
    assert message in errors
    assert not list(pictures.glob("mask*"))


def test_pictures_that_exist_are_not_drawn_over(course, exports, pictures):
    (pictures / "new-2.png").write_bytes(b"mine")
    before = {path.name: path.read_bytes() for path in pictures.glob("*.png")}
    for line, taken in (("one.png --output one.png", "one"), ("one.png wide.png --resize --output new.png", "new-2")):
        code, _, errors = course(f"predict {exports}/detector {line}")
        assert code == 2
        assert f"`--output` must be a new file: nothing is overwritten. Received: --output={taken}.png" in errors
    assert {path.name: path.read_bytes() for path in pictures.glob("*.png")} == before


def test_a_classified_picture_is_drawn(course, pictures):
    names = ["ant", "bee"]
    model = keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    export_saved_model(model, pictures / "classifier", class_names=names)
    code, _, errors = course("predict classifier one.png --output seen.png")
    assert (code, errors) == (0, "")
    assert (pictures / "seen.png").exists()
