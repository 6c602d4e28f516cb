"""A small captioner, trained, resumed and exported in every format."""

import json
from dataclasses import replace

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_course import export_run, train_recipe
from keras_course.applications.captioning import (
    CAPTIONING,
    caption,
    caption_loss,
    captioning_task,
    evaluate_on,
    report,
    shown_words_loss,
    train_captioner,
)
from keras_course.applications.captioning.training import TaughtWords
from keras_course.callbacks import StepDecay
from keras_course.data import CaptionData, ImageData
from keras_course.evaluation import CaptionEvaluation
from keras_course.export import SavedCaptioner, export_saved_model, load_saved_model
from keras_course.models import build_captioner, build_lenet
from keras_course.runs import load_predictor

KINDS = {"tall": (6, 16), "wide": (16, 6)}  # width and height


def scenes(count, seed):
    """Draws a bright rectangle or two side by side on dim noise of 32x32 pixels, and says which from left to right."""
    rng = np.random.default_rng(seed)
    images, captions = rng.integers(0, 60, (count, 32, 32, 1), np.uint8), []
    for image in images:
        kinds = [str(kind) for kind in rng.choice([*KINDS], rng.integers(1, 3))]
        for place, kind in enumerate(kinds):
            width, height = KINDS[kind]
            x, y = 16 * place + (16 - width) // 2, int(rng.integers(0, 33 - height))
            image[y : y + height, x : x + width] = 220
        captions.append([" left of ".join(f"a {kind} one" for kind in kinds)])
    return images, captions


@pytest.fixture(scope="module")
def data():
    return CaptionData.from_arrays(*scenes(240, 0), test=scenes(40, 1), name="rectangles", batch_size=16)


def captioner(data, **options):
    keras.utils.set_random_seed(3)
    size = {"units": 32, "heads": 2, "width": 0.15, "stem": "small", "stride": 4, "length": 10}
    return build_captioner(data.input_shape, data.num_classes, **{**size, **options})


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    options = {"learning_rate": 5e-3, "decay": StepDecay(drop=0.3, every=5), "optimizer": "muon", "verbose": 0}
    return train_captioner(captioner(data), data, epochs=10, run_dir=tmp_path_factory.mktemp("run") / "run", **options)


def test_it_learns_and_writes_a_run(run):
    assert run.evaluation.exact_match > 0.8
    assert run.evaluation.commonest[1] < 0.5
    assert {"logits_loss", "not_shown_loss", "val_loss", "val_logits_loss", "learning_rate"} <= set(run.history.columns)
    config = json.loads((run.run_dir / "config.json").read_text())
    assert (config["kind"], config["class_names"][4:]) == ("captioner", list(run.data.vocabulary.tokens))
    names = {"loss", "logits_loss", "not_shown_loss", "gradient_norms", "scenes", "attention_1", "attention_2"}
    assert names <= {path.stem for path in (run.run_dir / "figures").iterdir()}
    page = (run.run_dir / "report.html").read_text()
    assert f"{run.evaluation.exact_match:.3f}" in page and "Commonest caption" in page
    table = pd.read_csv(run.run_dir / "gradient_norms.csv", index_col="step")
    pd.testing.assert_frame_equal(table, run.gradient_norms, check_exact=False)


def test_each_scene_of_the_report_has_the_true_sentence_beside_the_written_one(run):
    wrong = {0: "nonsense $", 2: "a tall one left of"}
    captions = tuple(wrong.get(index, text) for index, (text,) in enumerate(run.data.test_examples.references()))
    evaluation = CaptionEvaluation(captions, run.data.test_examples.references())
    drawings = dict(report._test_drawings(replace(run, evaluation=evaluation)))
    texts = [ax.texts[0].get_text().replace("\n", " ") for ax in drawings["scenes"]().axes[: report.SCENES]]
    plt.close()
    for index, (text,) in enumerate(run.data.test_examples.references()[: report.SCENES]):
        expected = f"written: {wrong[index]} true: {text}" if index in wrong else f"exact: {text}"
        assert texts[index] == expected


def test_greedy_captions_are_exact_where_every_word_is_the_most_probable_one(run, data):
    words = data.vocabulary.encode_sentences([own[0] for own in data.test_examples.references()], length=11)
    images = data.test_examples.images / np.float32(255)
    logits = run.model.predict([images, words[:, :-1]], verbose=0)["logits"]
    right = ((logits.argmax(axis=-1) == words[:, 1:]) | (words[:, 1:] == 0)).all(axis=1)
    np.testing.assert_array_equal(run.evaluation.exact, right)


def test_more_beams_find_captions_that_are_at_least_as_probable_on_the_whole(run, data):
    images = data.test_examples.images
    greedy, searched = (caption(run.model, images, data.class_names, beams=beams) for beams in (1, 5))
    assert searched.log_probability.sum() >= greedy.log_probability.sum() - 1e-4
    assert evaluate_on(run.model, data.test_examples, data.class_names, beams=5).exact_match > 0.8


@pytest.mark.parametrize("format", ["saved-model", "onnx", "litert"])
def test_an_export_writes_what_the_model_writes(run, data, format, tmp_path):
    version = export_run(run.run_dir, tmp_path, format=format)
    images = data.test_examples.images[:5]
    expected = caption(run.model, images, data.class_names)
    if format == "saved-model":
        found = load_saved_model(version)
        assert isinstance(found, SavedCaptioner)
        assert found.predict(images).caption == expected.caption
        assert evaluate_on(found, data.test_examples, data.class_names).summary.equals(run.evaluation.summary)
        return
    outputs = {"onnx": run_onnx, "litert": run_litert}[format](version, images)
    assert [data.vocabulary.decode(row) for row in outputs["word_id"]] == expected.caption
    np.testing.assert_allclose(outputs["attention"], expected.attention, atol=1e-4)


def run_onnx(version, images):
    from onnxruntime import InferenceSession

    session = InferenceSession(version / "model.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"images": images}), strict=True))


def run_litert(version, images):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(version / "model.tflite")).get_signature_runner("serving_default")
    return runner(images=images)


def test_an_export_has_as_many_beams_as_its_task(run, data, tmp_path):
    version = export_saved_model(run.model, tmp_path, class_names=data.class_names, task=captioning_task(beams=3))
    images = data.test_examples.images[:5]
    found = load_saved_model(version)
    assert found.predict(images).caption == caption(run.model, images, data.class_names, beams=3).caption
    with pytest.raises(ValueError, match="`beams` must be None for an export"):
        caption(found, images, data.class_names, beams=2)


def test_a_run_describes_and_draws_pictures_of_any_size(run, data):
    predictor = load_predictor(run.run_dir)
    image = data.test_examples.images[0]
    small = np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)
    assert predictor.predict(small, resize=True).caption == predictor.predict(image).caption
    figure = predictor.draw(image)
    assert [ax.get_title() for ax in figure.axes if ax.get_title()] == [*predictor.predict(image).words[0], "(end)"]


@pytest.mark.parametrize("options", [{"decoder": "transformer"}, {"attention": False}], ids=["transformer", "mean"])
def test_every_weight_of_other_decoders_learns(data, options):
    model = captioner(data, **options)
    inputs, targets = next(iter(TaughtWords(data, model).train_from(0)))
    with tf.GradientTape() as tape:
        outputs = model(inputs, training=True)
        losses = (
            caption_loss(targets["logits"], outputs["logits"]),
            shown_words_loss(targets["not_shown"], outputs["not_shown"]),
        )
        loss = tf.reduce_sum(losses)
    for variable, gradient in zip(
        model.trainable_variables, tape.gradient(loss, model.trainable_variables), strict=True
    ):
        assert gradient is not None, variable.path
        assert np.isfinite(tf.convert_to_tensor(gradient)).all()


def test_each_caption_of_an_image_is_taught_in_turn():
    images = np.arange(40, dtype=np.uint8).repeat(1024).reshape(40, 32, 32, 1)
    data = CaptionData.from_arrays(
        images, [["one", "two", "three"]] * 20 + [["four"]] * 20, validation_fraction=0.0, batch_size=4
    )
    taught = TaughtWords(data, captioner(data, length=3)).train_from(0)
    epochs = [[tuple(row) for (_, words), _ in taught for row in words.numpy().tolist()] for _ in range(2)]
    first, second = (sorted(one) for one in epochs)
    assert first != second and {row[1] for row in first} == set(range(4, 8))
    again = TaughtWords(data, captioner(data, length=3)).train_from(1)
    assert [tuple(row) for (_, words), _ in again for row in words.numpy().tolist()] == epochs[1]
    for (_, words), targets in taught.take(1):
        np.testing.assert_array_equal(words[:, 1:], targets["logits"][:, :-1])


def test_a_long_caption_is_cut_off(data):
    (_, words), targets = next(iter(TaughtWords(data, captioner(data, length=3)).train_from(0)))
    assert words.shape[1] == targets["logits"].shape[1] == 3


def test_losses_by_hand():
    rng = np.random.default_rng(0)
    logits, words = rng.normal(size=(2, 3, 6)).astype(np.float32), np.array([[4, 5, 3], [5, 3, 0]])
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    expected = [-np.log(p[0, [0, 1, 2], [4, 5, 3]]).sum(), -np.log(p[1, [0, 1], [5, 3]]).sum()]
    np.testing.assert_allclose(caption_loss(words, logits), expected, rtol=1e-5)
    shown = rng.uniform(0.1, 0.9, (2, 6))
    expected = [-np.log(shown[0, 4]) - np.log(shown[0, 5]), -np.log(1 - shown[1, 4]) - np.log(shown[1, 5])]
    np.testing.assert_allclose(shown_words_loss(words, np.log(1 - shown)), expected, rtol=1e-5)
    assert np.isfinite(shown_words_loss(words, np.zeros((2, 6)))).all()  # p = 0 of a word that is said


def test_what_does_not_fit_is_refused(data):
    with pytest.raises(ValueError, match="`data` must be the CaptionData that load_captions returns"):
        train_captioner(captioner(data), ImageData.from_arrays(scenes(20, 0)[0], [0, 1] * 10), epochs=1)
    with pytest.raises(ValueError, match="`model` must be a captioner of `build_captioner`"):
        train_captioner(build_lenet(data.input_shape, 10), data, epochs=1)
    other = build_captioner(data.input_shape, 6, units=8, heads=1, width=0.1, stem="small", stride=4)
    with pytest.raises(ValueError, match="`model` must know the 10 words"):
        train_captioner(other, data, epochs=1)
    with pytest.raises(ValueError, match="`class_names` must have a name for each of the 6 ids"):
        caption(other, data.test_examples.images, data.class_names)
    with pytest.raises(ValueError, match="`beams` must be"):
        captioning_task(0)
    assert CAPTIONING.check(other) == 6


def test_by_its_recipe_on_scenes_in_memory(data, tmp_path):
    options = {"width": 0.1, "units": 16, "stem": "small", "stride": 4, "length": 10, "verbose": 0}
    run = train_recipe("captioner", data, run_dir=tmp_path / "run", epochs=1, **options)
    assert run.config["kind"] == "captioner" and run.config["optimizer"]["name"] == "Muon"
    assert run.config["decay"]["law"] == "WarmupCosine"
