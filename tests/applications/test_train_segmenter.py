"""A small segmenter, trained, judged as scikit-learn judges it, resumed and exported in every format."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
from onnxruntime import InferenceSession
from PIL import Image
from sklearn.metrics import jaccard_score

from keras_course import export_run, resume_run, train_recipe
from keras_course.applications.segmentation import MiddleIoU, evaluate_on, segment, train_segmenter
from keras_course.callbacks import StepDecay
from keras_course.data import ImageData, MaskData
from keras_course.export import SavedSegmenter, load_saved_model
from keras_course.models import build_lenet, build_unet

NAMES = ("background", "tall", "wide")


def scenes(count, seed):
    """Draws a bright bar, tall or wide, on dim noise of 16x16 pixels; the first row has no class."""
    rng = np.random.default_rng(seed)
    images, masks = rng.integers(0, 60, (count, 16, 16, 1), np.uint8), np.zeros((count, 16, 16), np.uint8)
    for image, mask in zip(images, masks, strict=True):
        height, width = ((10, 4), (4, 10))[kind := rng.integers(2)]
        y, x = rng.integers(0, 17 - height), rng.integers(0, 17 - width)
        image[y : y + height, x : x + width] += 120
        mask[y : y + height, x : x + width] = 1 + kind
    masks[:, 0] = 255
    return images, masks


@pytest.fixture(scope="module")
def data():
    options = {"class_names": NAMES, "name": "bars", "batch_size": 16, "augment": ("crop", "colour")}
    return MaskData.from_arrays(*scenes(160, 0), test=scenes(40, 1), **options)


def segmenter(data, num_classes=3, **options):
    keras.utils.set_random_seed(2)
    options = {"depth": 2, "base_filters": 8, "padding": "same", "batch_norm": True, "dropout": 0.0} | options
    return build_unet(data.input_shape, num_classes, **options)


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    options = {"learning_rate": 1e-2, "decay": StepDecay(drop=0.1, every=7), "weight_decay": 1e-4, "verbose": 0}
    return train_segmenter(segmenter(data), data, epochs=9, run_dir=tmp_path_factory.mktemp("run") / "run", **options)


def test_it_learns_and_writes_a_run(run, data):
    assert run.evaluation.mean_iou > 0.9
    assert {"loss", "mean_iou", "val_loss", "val_mean_iou", "learning_rate"} <= set(run.history.columns)
    config = json.loads((run.run_dir / "config.json").read_text())
    found = [config[name] for name in ("kind", "class_names", "model", "loss")]
    assert found == ["segmenter", list(NAMES), "unet", "cross-entropy+dice"]
    names = {"loss", "mean_iou", "learning_rate", "gradient_norms", "scenes", "confusion_matrix", "worst"}
    assert names == {path.stem for path in (run.run_dir / "figures").iterdir()}
    page = (run.run_dir / "report.html").read_text()
    assert f"{run.evaluation.mean_iou:.3f}" in page
    table = pd.read_csv(run.run_dir / "gradient_norms.csv", index_col="step")
    pd.testing.assert_frame_equal(table, run.gradient_norms, check_exact=False)


def test_it_is_judged_as_scikit_learn_judges(run, data):
    examples = data.test_examples
    known = examples.masks != 255
    scores = run.model.predict(examples.images / np.float32(255), verbose=0)
    pixels = examples.masks[known], scores.argmax(axis=-1)[known]
    np.testing.assert_allclose(run.evaluation.per_class["IoU"], jaccard_score(*pixels, average=None), rtol=1e-12)


def test_the_figures_of_an_epoch_are_those_of_its_weights(run, data):
    examples = data.validation_examples
    logits = run.model.predict(examples.images / np.float32(255), verbose=0)
    known = examples.masks != 255
    expected = jaccard_score(examples.masks[known], logits.argmax(axis=-1)[known], average="macro")
    np.testing.assert_allclose(run.history["val_mean_iou"].iloc[-1], expected, rtol=1e-6)
    metric = MiddleIoU(3)
    metric.update_state(examples.masks, logits)
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)


def run_onnx(version, images):
    session = InferenceSession(version / "model.onnx", providers=["CPUExecutionProvider"])
    return session.run(["class_id"], {"images": images})[0]


def run_litert(version, images):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(version / "model.tflite")).get_signature_runner("serving_default")
    return runner(images=images)["class_id"]


def run_saved_model(version, images):
    saved = load_saved_model(version)
    assert isinstance(saved, SavedSegmenter) and saved.class_names == list(NAMES)
    return saved.predict(images).class_id


FORMATS = {"saved-model": run_saved_model, "onnx": run_onnx, "litert": run_litert}


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_export_gives_the_same_masks(run, data, tmp_path, form, capsys):
    version = export_run(run.run_dir, tmp_path, format=form)
    images = data.test_examples.images
    np.testing.assert_array_equal(FORMATS[form](version, images), segment(run.model, images))


def test_an_export_is_evaluated_like_the_model(run, data, tmp_path):
    saved = load_saved_model(export_run(run.run_dir, tmp_path))
    again = evaluate_on(saved, data.test_examples, NAMES)
    pd.testing.assert_series_equal(again.summary, run.evaluation.summary)
    with pytest.raises(ValueError, match=r"`images` must be uint8 \(n, 16, 16, 1\)"):
        segment(saved, data.test_examples.images[:, :8])
    with pytest.raises(ValueError, match="`segmenter` must be a Keras model, or an export"):
        segment("model.keras", data.test_examples.images)


@pytest.mark.parametrize("loss", ["cross-entropy", "dice"])
def test_the_loss_is_a_choice(data, loss, no_figures):
    run = train_segmenter(segmenter(data), data, epochs=1, loss=loss, verbose=0)
    assert run.config["loss"] == loss
    assert 0 < run.history["loss"].iloc[0] < (1 if loss == "dice" else 2)


def test_the_middle_is_trained_and_judged_where_nothing_is_padded():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (10, 20, 20, 1), np.uint8)
    data = MaskData.from_arrays(images, (images[..., 0] > 127).astype(int))
    model = segmenter(data, 2, padding="valid", depth=1)
    run = train_segmenter(model, data, epochs=1, verbose=0)
    assert model.output_shape == (None, 4, 4, 2)
    assert run.evaluation.confusion_matrix.sum() == 4 * 4 * data.test_size
    scores = model.predict(data.test_examples.images / np.float32(255), verbose=0)
    truth = data.test_examples.masks[:, 8:12, 8:12]
    assert run.evaluation.pixel_accuracy == np.mean(scores.argmax(axis=-1) == truth)


def test_a_recipe_is_trained_and_resumed_with_the_weights_of_the_whole_run(data, tmp_path, no_figures):
    given = {"depth": 2, "base_filters": 2, "epochs": 3, "decay": "none", "verbose": 0, "seed": 4, "loss": "dice"}
    whole = train_recipe("U-Net", data, **given)
    train_recipe("unet", data, run_dir=tmp_path, **(given | {"epochs": 1}))
    resumed = resume_run(tmp_path, data=data, epochs=3, verbose=0)
    for got, want in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(got, want)
    assert len(resumed.history) == 3


@pytest.fixture
def folder(tmp_path):
    """Pictures of sizes that vary, with palette masks in which 255 is no class."""
    rng = np.random.default_rng(1)
    for name in ("images", "masks"):
        (tmp_path / "own" / name).mkdir(parents=True)
    for number in range(12):
        height, width = rng.integers(30, 60, 2)
        pixels, mask = rng.integers(0, 60, (height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
        pixels[8:20, 5:25], mask[8:20, 5:25] = (200, 180, 40), 1
        mask[:2] = 255
        Image.fromarray(pixels).save(tmp_path / "own" / "images" / f"{number}.jpg")
        palette = Image.fromarray(mask, "P")
        palette.putpalette([0, 0, 0, 255, 0, 0] + [128] * 762)
        palette.save(tmp_path / "own" / "masks" / f"{number}.png")
    (tmp_path / "own" / "class_names.txt").write_text("background\nleaf\n")
    return tmp_path / "own"


@pytest.mark.parametrize("name, options", [("unet", {"base_filters": 4}), ("fcn", {"width": 0.05})])
def test_own_pictures_are_trained_exported_and_drawn(folder, tmp_path, no_figures, name, options):
    run = train_recipe(name, folder, image_size=32, epochs=1, run_dir=tmp_path / "run", verbose=0, **options)
    saved = load_saved_model(export_run(tmp_path / "run", tmp_path / "exports"))
    assert run.data.class_names == tuple(saved.class_names) == ("background", "leaf")
    pictures = [Image.open(folder / "images" / f"{number}.jpg") for number in (0, 1)]
    masks = saved.predict(pictures, resize=True).class_id
    assert [mask.shape for mask in masks] == [picture.size[::-1] for picture in pictures]
    assert len(saved.draw(pictures[0], resize=True).axes) == 1


def test_what_does_not_fit_is_refused(data):
    with pytest.raises(ValueError, match="`model` must output logits of shape"):
        train_segmenter(build_lenet(data.input_shape, 3), data, epochs=1)
    with pytest.raises(ValueError, match="`model` must tell the 3 classes of 'bars'"):
        train_segmenter(segmenter(data, 4), data, epochs=1)
    with pytest.raises(ValueError, match="`loss` must be one of"):
        train_segmenter(segmenter(data), data, epochs=1, loss="focal")
    images = ImageData.from_arrays(np.zeros((20, 16, 16), np.uint8), np.arange(20) % 2)
    with pytest.raises(ValueError, match="`data` must be the MaskData that load_masks returns"):
        train_segmenter(segmenter(data), images, epochs=1)
    with pytest.raises(ValueError, match="`class_weight` must be left out"):
        train_recipe("unet", data, class_weight="balanced")
    with pytest.raises(ValueError, match="`model` must have logits for pixels of the images"):
        image = keras.Input(data.input_shape)
        train_segmenter(keras.Model(image, keras.layers.Conv2DTranspose(3, 2, strides=2)(image)), data, epochs=1)
    with pytest.raises(ValueError, match="`model` must output logits.* all outputs of 'unet' lie in .* sum to 1"):
        model = segmenter(data)
        hidden = keras.layers.Lambda(keras.ops.softmax)(model.output)
        train_segmenter(keras.Model(model.input, hidden, name="unet"), data, epochs=1)
    for mask, found in ((0, "all of 'background'"), (255, "all of none")):
        images, masks = np.zeros((20, 16, 16), np.uint8), np.full((20, 16, 16), mask, np.uint8)
        masks[:, :4] = 255  # as of a picture whose masks are black and white
        with pytest.raises(ValueError, match=f"`data` must have pixels of two classes to train on.*{found}"):
            train_segmenter(segmenter(data), MaskData.from_arrays(images, masks, class_names=NAMES), epochs=1)


def test_layers_compute_in_bfloat16_and_the_model_that_comes_out_in_float32(data, no_figures):
    seen = {}

    def look(logs=None):
        seen.update({layer.name: layer.compute_dtype for layer in callback.model.layers if layer.name != "image"})

    callback = keras.callbacks.LambdaCallback(on_train_begin=look)
    options = {"epochs": 3, "learning_rate": 1e-2, "verbose": 0, "loss": "dice"}
    half = train_segmenter(segmenter(data), data, precision="bfloat16", callbacks=[callback], **options)
    whole = train_segmenter(segmenter(data), data, **options)
    assert [name for name, kind in seen.items() if kind != "bfloat16"] == ["logits"]
    assert {layer.compute_dtype for layer in half.model.layers} == {"float32"}
    assert half.config["precision"] == "bfloat16"
    np.testing.assert_allclose(half.history["loss"], whole.history["loss"], rtol=0.1)
    assert not np.array_equal(half.history["loss"], whole.history["loss"])
