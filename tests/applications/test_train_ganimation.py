"""A small GANimation: trained, judged after its last epoch, resumed to the bit, exported in every format."""

import json

import keras
import numpy as np
import pandas as pd
import pytest
from onnxruntime import InferenceSession

from keras_course import export_run, resume_run, train_recipe
from keras_course.applications.ganimation import (
    GANIMATION_RECIPES,
    GANimation,
    GANimationRecipe,
    LossWeights,
    by_name,
    train_ganimation,
    training,
)
from keras_course.callbacks import StepDecay
from keras_course.data import FaceData, load_faces, load_true_faces
from keras_course.export import SavedAnimator, load_saved_model
from keras_course.runs.engine import NonFiniteLossError

TINY = GANimationRecipe(
    epochs=2,
    image_size=16,
    batch_size=20,
    head_start=2,
    critic_steps=2,
    generator={"base_filters": 3, "blocks": 1, "kernel_size": 3, "modulate": True, "skips": True},
    discriminator={"base_filters": 4, "depth": 3},
)


def faces(count=40, seed=0):
    random = np.random.default_rng(seed)
    images, units = random.integers(0, 256, (count, 16, 16, 3), dtype=np.uint8), random.random((count, 2))
    return FaceData.from_arrays(images, units, unit_names=["smile", "blink"], name="noise", batch_size=8)


def built(data, seed=3, **options):
    keras.utils.set_random_seed(seed)
    return GANimationRecipe(**{**vars(TINY), **options}).build(data.input_shape, data.num_classes, seed=seed)


@pytest.fixture(scope="module")
def run(faces_dir, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(GANIMATION_RECIPES, "ganimation", TINY)
        return train_recipe(
            "ganimation", run_dir=tmp_path_factory.mktemp("run") / "run", data_dir=faces_dir, seed=1, verbose=0
        )


def test_a_recipe_leaves_a_run_that_the_truth_judges(run):
    names = {path.name for path in run.run_dir.iterdir()}
    assert {"config.json", "history.csv", "evaluation.csv", "samples.gif", "report.html", "model.keras"} <= names
    config = json.loads((run.run_dir / "config.json").read_text())
    assert (config["kind"], config["data"], config["epochs"]) == ("ganimation", "schematic_faces", 2)
    assert config["class_names"] == ["smile", "open_mouth", "raised_brows", "closed_eyes"]
    assert {"generator_gradient_norm", "discriminator_gradient_norm", "collapse", "attention"} <= {*run.history}
    table = pd.read_csv(run.run_dir / "evaluation.csv", index_col=0)
    pd.testing.assert_frame_equal(table, run.evaluation.table, check_exact=False)
    page = (run.run_dir / "report.html").read_text()
    assert f"{run.evaluation.ratio:.3g}" in page
    assert page.count("data:image/png;base64,") == 6 + 2
    assert run.verdict in page


def test_doing_nothing_has_the_error_that_numpy_computes(run):
    true = run.truth
    error = np.abs(true.images.astype(int) - true.truth).mean() / 255
    np.testing.assert_allclose(run.evaluation.table.loc["nothing", "error"], error)


def test_nothing_of_the_truth_is_looked_at_before_the_last_epoch(faces_dir, monkeypatch, no_figures):
    data = load_faces(data_dir=faces_dir, image_size=16, batch_size=20)
    true, looks = load_true_faces(data_dir=faces_dir, image_size=16), []
    model = built(data)
    assert not hasattr(data, "truth")
    monkeypatch.setattr(training, "load_unit_regressor", lambda *given, **options: None)
    monkeypatch.setattr(training, "evaluate_faces", lambda *given: looks.append(int(model.optimizer.iterations)))
    train_ganimation(model, data, epochs=2, truth=true, verbose=0)
    steps = 2 * len(data.train)
    assert looks == [steps - 2]  # after all, of which the head start takes two
    reached = [np.asarray(x).tobytes() for batch in data.train for x in batch]
    assert not any(image.tobytes() in reached for image in true.truth)


def test_other_faces_are_trained_without_being_judged(no_figures):
    assert by_name.truth_of(faces()) is None
    run = train_ganimation(built(faces()), faces(), epochs=1, verbose=0)
    assert run.evaluation is None


def test_a_head_start_that_takes_the_whole_training_is_told(no_figures, caplog):
    data = faces()
    for start, told in ((1000, True), (0, False)):
        caplog.clear()
        train_ganimation(built(data, head_start=start), data, epochs=1, verbose=0)
        assert ("the generator stays as it is" in caplog.text) == told


def same(one, other):
    return all((a.numpy() == b.numpy()).all() for a, b in zip(one.variables, other.variables, strict=True))


def test_run_in_two_parts_equals_run_in_one(tmp_path, no_figures):
    def train(epochs, seed, **options):
        decay = StepDecay(drop=0.5, every=2)
        return train_ganimation(built(faces(), seed), faces(), epochs=epochs, decay=decay, verbose=0, **options)

    whole = train(4, 3, run_dir=tmp_path / "whole")
    train(2, 3, run_dir=tmp_path / "parts")
    parts = train(4, 9, run_dir=tmp_path / "parts", resume=True)
    assert same(whole.model, parts.model)
    for role in ("generator_optimizer", "discriminator_optimizer"):
        for ours, theirs in zip(
            getattr(whole.model, role).variables, getattr(parts.model, role).variables, strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)
    tables = [one.history.drop(columns="seconds") for one in (whole, parts)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    assert (tmp_path / "whole/samples.gif").read_bytes() == (tmp_path / "parts/samples.gif").read_bytes()


def test_a_recorded_run_goes_on(tmp_path, monkeypatch, faces_dir, no_figures):
    monkeypatch.setitem(GANIMATION_RECIPES, "ganimation", TINY)
    train_recipe("ganimation", run_dir=tmp_path, data_dir=faces_dir, verbose=0)
    with pytest.raises(ValueError, match="`epochs` must stay 2"):
        resume_run(tmp_path, epochs=3, data_dir=faces_dir, verbose=0)
    assert len(resume_run(tmp_path, data_dir=faces_dir, verbose=0).history) == 2


def test_a_saved_model_comes_back_whole(run, tmp_path):
    loaded = keras.models.load_model(run.run_dir / "model.keras")
    assert isinstance(loaded, GANimation)
    assert same(loaded, run.model)
    assert loaded.loss_weights == vars(TINY.loss_weights)
    assert (loaded.critic_steps, loaded.head_start, loaded.noise) == (2, 2, TINY.noise)


def test_a_loss_that_is_not_finite_ends_the_run(tmp_path, no_figures):
    data = faces()
    model = built(data, head_start=0, generator_rate=1e30, loss_weights=LossWeights())
    with pytest.raises(NonFiniteLossError):
        train_ganimation(model, data, epochs=5, run_dir=tmp_path, verbose=0)
    assert (tmp_path / "report.html").exists()


def run_onnx(version, images, units):
    session = InferenceSession(version / "model.onnx", providers=["CPUExecutionProvider"])
    return session.run(["changed"], {"images": images, "units": units})[0]


def run_litert(version, images, units):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(version / "model.tflite")).get_signature_runner("serving_default")
    return runner(images=images, units=units)["changed"]


def run_saved_model(version, images, units):
    saved = load_saved_model(version)
    assert isinstance(saved, SavedAnimator)
    assert saved.unit_names == ["smile", "open_mouth", "raised_brows", "closed_eyes"]
    return saved.change(images, units)


FORMATS = {"saved-model": run_saved_model, "onnx": run_onnx, "litert": run_litert}


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_export_makes_the_same_faces(run, tmp_path, form, capsys):
    version = export_run(run.run_dir, tmp_path, format=form)
    images, units = run.truth.images[:5], run.truth.wanted[:5]
    found = FORMATS[form](version, images, units).astype(int)
    np.testing.assert_allclose(found, run.model.change(images, units), atol=1)


def test_a_film_goes_there_and_back_in_one_batch(run, tmp_path):
    saved = load_saved_model(export_run(run.run_dir, tmp_path))
    seen = []

    def counting(**given):
        seen.append(given["units"].numpy())
        return saved.function(**given)

    animator = SavedAnimator(saved.path, counting, saved.image_shape, saved.unit_names)
    film = animator.animate(run.truth.images[0], {"smile": 1, "brows": 0.5}, start={"closed": 0.4}, frames=8)
    (units,) = seen
    np.testing.assert_allclose(units[:, 0], [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(units[:, 2], [0, 0.125, 0.25, 0.375, 0.5])
    np.testing.assert_allclose(units[:, [1, 3]], [[0, 0.4]] * 5, atol=1e-7)
    assert len(film) == 8
    for one, other in ((1, 7), (2, 6), (3, 5)):
        np.testing.assert_array_equal(film[one], film[other])
    assert len(animator.animate(run.truth.images[0], {"smile": 1}, frames=5)) == 5


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ({"grin": 1}, "`units` must name units out of smile, open_mouth"),
        ({"e": 1}, "Received: 'e'"),
        ({"smile": 1.5}, r"`units` must be in \[0, 1\]. Received: smile=1.5"),
    ],
)
def test_units_that_are_none_are_refused(run, units, message):
    saved = SavedAnimator(run.run_dir, None, (16, 16, 3), list(run.config["class_names"]))
    with pytest.raises(ValueError, match=message):
        saved.animate(run.truth.images[0], units)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda data, model: train_ganimation(data, data, epochs=1), "`model` must be a compiled GANimation"),
        (lambda data, model: train_ganimation(model, None, epochs=1), "`data` must be the FaceData"),
        (lambda data, model: train_ganimation(model, data, epochs=1, truth=1), "`truth` must be TrueFaces"),
        (lambda data, model: train_ganimation(model, data.resized(20), epochs=1), "`model` must be for images"),
        (lambda data, model: GANimationRecipe(epochs=0), "`epochs` must be"),
        (lambda data, model: train_recipe("ganimation", data, width=2, verbose=0), "`width` must be left out"),
    ],
)
def test_arguments_that_do_not_fit_are_named(call, message):
    data = faces()
    with pytest.raises(ValueError, match=message):
        call(data, built(data))
