"""train_gan: what it leaves behind, repeats, resumes and refuses."""

import json
import re
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from pairs import conditional, dcgan, image_data, plain, same
from PIL import Image

from keras_course.callbacks import ExponentialDecay
from keras_course.gan import GAN_RECIPES, GANRecipe, ReferenceClassifier, make_reference, train_gan
from keras_course.gan.model.clusters import clusters_of
from keras_course.gan.model.gan import METRICS
from keras_course.gan.training.report import write_gan_report
from keras_course.models import build_mlp
from keras_course.runs import NonFiniteLossError

FILES = {"config.json", "history.csv", "scorecard.csv", "model.keras", "checkpoint.npz", "report.html"}
FOLDERS = {"figures", "samples", "samples.gif"}


@pytest.fixture(scope="module")
def data():
    return image_data()


@pytest.fixture(scope="module")
def reference(data):
    keras.utils.set_random_seed(0)
    model = build_mlp(data.input_shape, data.num_classes, hidden=(4,))
    return make_reference(data, ReferenceClassifier(model, data.name, data.class_names, 0.5))


def train(gan, data, **options):
    return train_gan(gan, data, **{"epochs": 2, "verbose": 0, "score_count": 8, **options})


@pytest.fixture(scope="module")
def finished(data, reference, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    options = {"epochs": 3, "decay": ExponentialDecay(decay_rate=0.5), "reference": reference, "score_every": 2}
    return train(conditional(averaging=0.9), data, run_dir=folder, **options)


def test_run_folder_holds_what_it_should(finished):
    assert {path.name for path in finished.run_dir.iterdir()} == FILES | FOLDERS
    figures = {path.stem for path in (finished.run_dir / "figures").iterdir()}
    assert figures == {"discriminator", "value", "losses", "gradients", "learning_rate", "scores", "class_shares"}
    assert len(list((finished.run_dir / "samples").iterdir())) == 3
    with Image.open(finished.run_dir / "samples.gif") as film:
        assert film.n_frames == 3


def test_the_page_of_a_critic_speaks_of_no_probability_and_no_optimum(finished, tmp_path):
    config = finished.config | {"loss": "wasserstein-gp", "label_smoothing": 0.0}
    page = write_gan_report(replace(finished, config=config, run_dir=tmp_path)).read_text()
    text = re.sub(r"<[^>]+>|[A-Za-z0-9+/=]{200,}", " ", page)
    for untrue in ("probability", "an image is real", "always tell", "V(D, G)", "1.386", "optimum of both"):
        assert untrue not in text
    assert not (tmp_path / "figures/value.png").exists()
    assert "critic" in text and "Wasserstein" in text


def test_tables_on_disk_are_those_of_the_run(finished):
    history = pd.read_csv(finished.run_dir / "history.csv", index_col="epoch")
    pd.testing.assert_frame_equal(history, finished.history, check_index_type=False)
    assert set(history) == {*METRICS, "collapse", "learning_rate", "seconds"}
    scores = pd.read_csv(finished.run_dir / "scorecard.csv", index_col="epoch")
    pd.testing.assert_frame_equal(scores, finished.scorecard)
    assert list(scores.index) == [1, 2], "each second epoch and the last"
    assert 0 <= scores["agreement"].iloc[-1] <= 1


def test_both_rates_follow_the_decay(finished):
    rates = 1e-3 * np.exp(-0.5 * np.arange(3))
    np.testing.assert_allclose(finished.history["learning_rate"], rates, rtol=1e-5)
    assert float(finished.model.discriminator_optimizer.learning_rate) == pytest.approx(2 * rates[-1], rel=1e-5)


def test_config_says_what_made_the_run(finished):
    config = json.loads((finished.run_dir / "config.json").read_text())
    assert (config["loss"], config["averaging"], config["conditional"], config["seed"]) == (
        *("non-saturating", 0.9, True, 0),
    )
    assert config["generator_optimizer"]["learning_rate"] == 0.001
    assert config["discriminator_optimizer"]["learning_rate"] == 0.002
    assert config["decay"] == {"law": "ExponentialDecay", "initial_rate": 0.001, "decay_rate": 0.5}


def test_saved_model_is_the_trained_one(finished):
    loaded = keras.models.load_model(finished.run_dir / "model.keras")
    assert same(loaded, finished.model)
    np.testing.assert_array_equal(loaded.generate(3), finished.model.generate(3))


def test_report_shows_the_run(finished):
    page = (finished.run_dir / "report.html").read_text()
    for text in ("conditional_dcgan_generator on noise", finished.verdict, "Epoch 1.", "Epoch 3.", "Fréchet distance"):
        assert text in page
    assert page.count("data:image/png;base64,") == 7 + 3
    assert "http" not in page


def test_run_in_two_parts_equals_run_in_one(data, reference, tmp_path, no_figures):
    def options(name):
        return {"decay": ExponentialDecay(decay_rate=0.3), "reference": reference, "run_dir": tmp_path / name}

    whole = train(dcgan(averaging=0.9, eager=True), data, epochs=2, score_every=1, **options("whole"))
    train(dcgan(averaging=0.9, eager=True), data, epochs=1, score_every=1, **options("parts"))
    parts = train(
        dcgan(averaging=0.9, eager=True, seed=9), data, epochs=2, score_every=1, resume=True, **options("parts")
    )
    assert same(whole.model, parts.model)
    for ours, theirs in zip(
        whole.model.generator_optimizer.variables, parts.model.generator_optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    columns = {"columns": "seconds"}
    pd.testing.assert_frame_equal(whole.history.drop(**columns), parts.history.drop(**columns), check_exact=True)
    pd.testing.assert_frame_equal(whole.scorecard, parts.scorecard, check_exact=True)
    films = [(tmp_path / name / "samples.gif").read_bytes() for name in ("whole", "parts")]
    assert films[0] == films[1]
    again = train(
        dcgan(averaging=0.9, eager=True, seed=8), data, epochs=2, score_every=1, resume=True, **options("parts")
    )
    assert same(again.model, whole.model), "a finished run trains no more"


def test_seed_makes_the_run(data):
    runs = [train(plain(dropout=0.3, eager=True), data, seed=seed, epochs=1) for seed in (1, 1, 2)]
    assert same(runs[0].model, runs[1].model) and not same(runs[0].model, runs[2].model)


def test_without_a_folder_nothing_is_written(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = train(plain(eager=True), data, epochs=1)
    assert run.run_dir is None and run.scorecard.empty
    assert not list(tmp_path.iterdir())


def test_collapse_is_remembered_across_a_resume(data, tmp_path, no_figures):
    def hopeless():
        gan = plain()
        gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.Adam(0.05), run_eagerly=True)
        gan.generator.get_layer("pixels").bias.assign(np.full(64, 30.0))  # white, whatever z
        return gan

    whole = train(hopeless(), data, epochs=2)
    train(hopeless(), data, epochs=1, run_dir=tmp_path / "parts")
    parts = train(hopeless(), data, epochs=2, run_dir=tmp_path / "parts", resume=True)
    assert "one image" in {finding.kind for finding in whole.findings}
    assert parts.findings == whole.findings
    assert parts.verdict.startswith("collapsed: ")
    assert parts.verdict in (tmp_path / "parts/report.html").read_text()


def test_nan_is_named_and_leaves_a_report(data, tmp_path):
    gan = plain()
    gan.compile(keras.optimizers.SGD(np.inf), "adam", run_eagerly=True)
    with pytest.raises(NonFiniteLossError, match="epoch 1: .* is NaN or infinite"):
        train(gan, data, run_dir=tmp_path / "run")
    written = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"report.html", "config.json"} <= written
    assert not {"model.keras", "checkpoint.npz"} & written
    assert "collapsed: NaN from epoch 1" in (tmp_path / "run/report.html").read_text()


def test_resume_with_other_settings_is_refused(finished, data):
    with pytest.raises(ValueError, match="averaging was 0.9, now 0.0"):
        train(conditional(), data, run_dir=finished.run_dir, resume=True, decay=ExponentialDecay(decay_rate=0.5))
    with pytest.raises(ValueError, match="`run_dir` must be a new or empty folder"):
        train(conditional(), data, run_dir=finished.run_dir)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": keras.Sequential()}, "`model` must be a compiled"),
        ({"model": plain(compiled=False)}, "`model` must be a compiled"),
        ({"model": conditional(classes=4)}, "`model` must be built for the 3 classes"),
        ({"data": 3}, "`data` must be the ImageData"),
        ({"epochs": 0}, "`epochs` must be"),
        ({"seed": -1}, "`seed` must be"),
        ({"score_every": 0}, "`score_every` must be"),
        ({"score_count": 3}, "`score_count` must be"),
        ({"decay": 0.5}, "`decay` must be"),
        ({"reference": "digits"}, "`reference` must be a Reference"),
        ({"resume": True}, "`resume` needs the folder"),
    ],
)
def test_bad_arguments_are_named(data, options, message):
    arguments = {"model": plain(), "data": data, **options}
    with pytest.raises(ValueError, match=message):
        train(arguments.pop("model"), arguments.pop("data"), **arguments)


@pytest.mark.parametrize("name", GAN_RECIPES)
def test_recipes_fit_their_nets_and_losses(name):
    recipe = GAN_RECIPES[name].for_data(1_000)
    assert recipe == GAN_RECIPES[name].small == recipe.for_data(1_000)
    assert recipe.epochs > GAN_RECIPES[name].epochs
    assert GAN_RECIPES[name].for_data(60_000) == GAN_RECIPES[name]
    gan = recipe.build((8, 8, 1), loss="wasserstein-gp", seed=0)
    assert (gan.loss_name, gan.label_smoothing, gan.averaging) == ("wasserstein-gp", 0.0, recipe.averaging)
    assert recipe.make_decay(10).rate(10) == pytest.approx(recipe.generator_rate / recipe.decay_factor)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"architecture": "dgcan"}, "`architecture` must be"),
        ({"decay": "never"}, "`decay` must be"),
        ({"epochs": 0}, "`epochs` must be"),
        ({"averaging": 1}, "`averaging` must be"),
        ({"generator_rate": -1}, "`generator_rate` must be"),
        ({"discriminator_rate": 0}, "`discriminator_rate` must be"),
        ({"beta_1": 2}, "`beta_1` must be"),
        ({"label_smoothing": 3}, "`label_smoothing` must be"),
        ({"decay_factor": 0}, "`decay_factor` must be"),
    ],
)
def test_bad_recipes_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        GANRecipe(**{"architecture": "dcgan", "epochs": 1, **settings})


def test_cosine_of_a_recipe_rises_for_a_twentieth_and_ends_at_its_factor():
    recipe = GANRecipe("dcgan", epochs=20, decay="cosine", decay_factor=20)
    decay, middle = recipe.make_decay(20), 1 + 19 / 2
    expected = np.array([1 / 25, 1, (1 + 1 / 20) / 2, 1 / 20]) * recipe.generator_rate
    np.testing.assert_allclose([decay.rate(epoch) for epoch in (0, 1, middle, 20)], expected, rtol=1e-6)


def test_recipe_with_classes_is_for_large_data_of_a_conditional_gan():
    recipe = GAN_RECIPES["dcgan"]
    assert recipe.for_data(60_000, conditional=True) == recipe.with_classes != recipe
    assert recipe.for_data(1_000, conditional=True) == recipe.small, "which has no other for classes"
    assert GAN_RECIPES["mlp"].for_data(60_000, conditional=True) == GAN_RECIPES["mlp"]


def test_a_recipe_without_labels_has_clusters_and_one_with_them_has_none():
    recipe = GANRecipe("dcgan", epochs=1, clusters=5, base_filters=2, discriminator_filters=2)
    assert clusters_of(recipe.build((8, 8, 1)).generator).num_clusters == 5
    assert clusters_of(recipe.build((8, 8, 1), 3).generator) is None


def test_late_decay_is_one_step_after_two_thirds():
    recipe = GAN_RECIPES["dcgan"].for_data(60_000, conditional=True)
    assert [recipe.make_decay(6).rate(epoch) for epoch in (0, 3, 4, 5)] == pytest.approx([1e-3, 1e-3, 2e-4, 2e-4])
    assert recipe.make_decay(1).rate(0) == pytest.approx(1e-3)


def test_recipe_of_a_conditional_gan():
    gan = GAN_RECIPES["dcgan"].build((8, 8, 1), 4)
    assert gan.conditional and gan.num_classes == 4
    with pytest.raises(ValueError, match="`num_classes` must be None"):
        GAN_RECIPES["mlp"].build((8, 8, 1), 4)
    with pytest.raises(ValueError, match="`loss` must be one of"):
        GAN_RECIPES["mlp"].build((8, 8, 1), loss="hinge")
