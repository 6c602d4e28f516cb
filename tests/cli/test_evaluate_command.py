"""`keras-course evaluate` as a user types it."""

from pathlib import Path

import keras
import numpy as np
import pytest
from noise import write_noise

from keras_course.applications.captioning import CAPTIONING
from keras_course.applications.captioning import evaluate_on as evaluate_captioner_on
from keras_course.applications.detection import DETECTION, evaluate_on
from keras_course.applications.segmentation import evaluate_on as evaluate_segmenter_on
from keras_course.data import load_captions, load_images, load_masks, load_objects
from keras_course.evaluation import evaluate
from keras_course.export import SEGMENTATION, export_saved_model, load_saved_model
from keras_course.models import build_captioner, build_centernet, build_unet

REFERENCE = Path(__file__).parents[2] / "saved_models/lenet_digits"


def test_an_export_is_judged_on_the_test_images(course):
    code, output, errors = course(f"evaluate {REFERENCE}")
    assert (code, errors) == (0, "")
    data = load_images("digits")
    answers = load_saved_model(REFERENCE).predict(data.test_examples.images)
    right = np.mean(answers.class_id == data.test_examples.labels)
    assert f"test accuracy │ {right:.4f}" in output
    assert "on 360 test images of digits" in output
    cells = [line.split("│")[-2].strip() for line in output.splitlines() if line.startswith("│ ")]
    assert cells[-10:] == [str(count) for count in np.bincount(data.test_examples.labels)]


def test_a_run_and_its_export_get_the_same_figures(course, tmp_path, no_figures):
    write_noise("noise.npz", (8, 8, 1), ("ant", "bee", "cat"), 60)
    code, _, _ = course("train perceptron --data noise.npz --epochs 2 --decay none --run-dir run --export out")
    assert code == 0
    tables = []
    for line in ("run", "run --data noise.npz", "out/perceptron_noise --data noise.npz"):
        code, output, errors = course(f"evaluate {line}")
        assert (code, errors) == (0, "")
        tables.append(output.splitlines()[1:])
    assert tables[0] == tables[1] == tables[2]


@pytest.mark.parametrize(
    ("names", "message"),
    [(("ant", "bee"), "ant where the model has 0"), (tuple("0123456798"), "9 where the model has 8")]
    + [(tuple("01234"), "5 classes where the model has 10 classes")],
    ids=["others", "another order", "fewer"],
)
def test_data_of_other_classes_are_refused(course, names, message):
    write_noise("noise.npz", (8, 8, 1), names, 60)
    code, _, errors = course(f"evaluate {REFERENCE} --data noise.npz")
    assert code == 2
    wanted = "`--data` must have the classes of the model, in its order"
    assert errors == f"error: {wanted}. Received: --data=noise: {message}\n"


def test_an_export_gets_the_loss_of_its_network(digits_dir, tmp_path):
    data = load_images("digits", data_dir=digits_dir)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    version = export_saved_model(model, tmp_path, class_names=data.class_names)
    network, export = evaluate(model, data.test_examples), evaluate(load_saved_model(version), data.test_examples)
    np.testing.assert_allclose(export.probabilities, network.probabilities, rtol=1e-4)
    assert export.loss == pytest.approx(network.loss, rel=1e-5)
    assert export.class_names == tuple(data.class_names)


def test_a_detector_is_judged_as_from_python(course, scenes_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(scenes_dir))
    data = load_objects("digit_scenes")
    keras.utils.set_random_seed(0)
    model = build_centernet(data.input_shape, data.num_classes, width=0.0625, prior=0.5)
    export_saved_model(model, tmp_path / "detector", class_names=data.class_names, task=DETECTION)
    code, output, errors = course("evaluate detector")
    assert (code, errors) == (0, "")
    judged = evaluate_on(model, data.test_examples, data.class_names, name="digit_scenes")
    assert f"on {data.test_size} test images of digit_scenes" in output
    assert "test mAP@[.5:.95]" in output
    for figure in judged.per_class["AP"]:
        assert f"{figure:.4f}" in output


def test_a_segmenter_is_judged_as_from_python(course, scenes_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(scenes_dir))
    data = load_masks("digit_scenes")
    keras.utils.set_random_seed(0)
    model = build_unet(data.input_shape, data.num_classes, depth=1, base_filters=2, padding="same")
    export_saved_model(model, tmp_path / "segmenter", class_names=data.class_names, task=SEGMENTATION)
    code, output, errors = course("evaluate segmenter")
    assert (code, errors) == (0, "")
    judged = evaluate_segmenter_on(model, data.test_examples, data.class_names)
    assert f"on {data.test_size} test images of digit_scenes" in output
    for name, row in judged.per_class.iterrows():
        cells = [f"{name}", f"{row['IoU']:.4f}", f"{row['Dice']:.4f}", f"{row['boundary F']:.4f}"]
        assert any([cell.strip() for cell in line.split("│")[1:5]] == cells for line in output.splitlines())


def test_a_captioner_is_judged_as_from_python(course, scenes_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(scenes_dir))
    data = load_captions("digit_scenes")
    keras.utils.set_random_seed(0)
    names = [*data.class_names[:4], *sorted(data.class_names[4:])]  # not in the data's order: the model's words count
    model = build_captioner(data.input_shape, len(names), units=8, length=8, width=0.1)
    export_saved_model(model, tmp_path / "captioner", class_names=names, task=CAPTIONING)
    code, output, errors = course("evaluate captioner")
    assert (code, errors) == (0, "")
    judged = evaluate_captioner_on(model, data.test_examples, names)
    assert f"on {data.test_size} test images of digit_scenes" in output
    for name, figure in judged.summary.items():
        assert f"test {name}" in output
        assert f"{figure:.4f}" in output
