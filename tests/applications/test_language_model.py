"""Language models: evaluation and writing against plain loops over Keras's own model, training, resuming, exports."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from scipy.special import log_softmax, softmax

from keras_course import export_run, resume_run, train_recipe
from keras_course.applications.language_model import (
    evaluate_text,
    export_language_model,
    text_writer,
    train_language_model,
)
from keras_course.applications.language_model.chain import first_states, next_logits
from keras_course.applications.language_model.graph_text import encoder, joiner
from keras_course.applications.language_model.sampling import drawn
from keras_course.data import Document, TextData, Vocabulary
from keras_course.data.vocabulary import START
from keras_course.export import SavedWriter, load_saved_model
from keras_course.models import build_language_model

WORDS = "one two three four five six".split()


def counting(count, seed):
    """Returns a text that counts on from anywhere: each word follows from the one before it."""
    starts = np.random.default_rng(seed).integers(0, len(WORDS), count)
    return "".join(" ".join(WORDS[(start + k) % 6] for k in range(12)) + "\n" for start in starts)


@pytest.fixture(scope="module")
def data():
    parts = [tuple(Document(f"{part} {k}", counting(25, 10 * part + k)) for k in range(4)) for part in range(3)]
    letters = Vocabulary.from_texts([document.text for document in parts[0]], "characters")
    return TextData("counting", letters, *parts, length=32, batch_size=8)


def model_of(data, **options):
    keras.utils.set_random_seed(3)
    return build_language_model(len(data.vocabulary), **{"units": 24, "embedding": 8, **options})


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "run"
    options = {"learning_rate": 2e-2, "verbose": 0}
    return train_language_model(
        model_of(data, dropout=0.1, ngrams=3, ngram_dropout=0.3), data, epochs=4, run_dir=folder, **options
    )


def losses_by_hand(model, ids):
    """Returns the loss of each token after two STARTs, by Keras's model on the whole text."""
    logits = tf.function(model)(tf.constant([[START, START, *ids[:-1]]])).numpy()[0, 1:]
    return -np.take_along_axis(log_softmax(logits.astype(np.float64), axis=-1), ids[:, np.newaxis], axis=-1)[:, 0]


def test_it_learns_to_count_and_writes_a_run(run, data):
    assert run.evaluation.nats_per_token < 0.5 < run.history["loss"].iloc[0]
    assert {"loss", "val_loss", "learning_rate", "seconds"} <= set(run.history.columns)
    config = json.loads((run.run_dir / "config.json").read_text())
    assert (config["kind"], config["tokens"]) == ("language-model", "characters")
    assert config["class_names"][4:] == list(data.vocabulary.tokens)
    assert config["optimizer"]["global_clipnorm"] == 1.0
    page = (run.run_dir / "report.html").read_text()
    assert f"{run.evaluation.nats_per_token:.4f} nats per character" in page and "What it writes" in page
    assert "recurrent1" in run.gradient_norms.columns


@pytest.mark.parametrize(
    "options",
    [{"cell": "gru"}, {"cell": "lstm"}, {"ngrams": 4}],
    ids=["gru", "lstm", "n-grams"],
)
def test_evaluation_is_that_of_the_whole_text_at_once(data, options):
    model = model_of(data, layers=2, **options)
    long = Document("long", counting(40, 5)[:1800])  # these models forget sooner than a window's context begins
    judged = evaluate_text(model, data.vocabulary, [Document("empty", ""), long])
    expected = losses_by_hand(model, data.vocabulary.encode(long.text))
    np.testing.assert_allclose(judged.losses[1], expected, atol=2e-4)
    assert judged.losses[0].size == 0


@pytest.mark.parametrize("cell", ["gru", "lstm", "vanilla"])
def test_a_step_after_another_gives_the_logits_of_the_whole_text(data, cell):
    model = model_of(data, cell=cell, layers=2, ngrams=3, dropout=0.2)
    ids = np.stack([data.vocabulary.encode("one two three"), data.vocabulary.encode("four five six")])
    states, logits = first_states(model, 2), []
    for column in ids.T:
        step, states = next_logits(model, tf.constant(column), states)
        logits.append(step)
    np.testing.assert_allclose(np.stack(logits, axis=1), model(ids, training=False), atol=1e-5)


def test_greedy_writing_is_a_plain_loop(run, data):
    prompt = "two three"
    ids = [START, *data.vocabulary.encode(prompt)]
    for _ in range(25):
        logits = keras.ops.convert_to_numpy(run.model(np.array([ids])))[0, -1]
        ids.append(4 + int(np.argmax(logits[4:])))
    written = text_writer(run.model, data.vocabulary).write(prompt, length=25, temperature=0)
    assert prompt + written == data.vocabulary.decode(ids)
    assert written.startswith(" four five")


def test_prompts_of_different_lengths_in_one_batch_are_read_apart(run, data):
    function = text_writer(run.model, data.vocabulary).function
    prompts, asked = ["", "six", "one two three"], {"length": 9, "temperature": 0.0, "top_p": 1.0, "seed": 0}
    asked = {name: tf.constant(value) for name, value in asked.items()}
    together = function(prompt=tf.constant(prompts), **asked)["text"].numpy()
    apart = [function(prompt=tf.constant([prompt]), **asked)["text"].numpy()[0] for prompt in prompts]
    assert together.tolist() == apart


def test_draws_have_the_probabilities_of_temperature_and_nucleus():
    logits = np.float32([9, 9, 9, 9, 2.0, 1.0, 0.5, -1.0])  # the four special ones are never drawn
    count, temperature = 20_000, 0.7
    for top_p, kept in ((1.0, 4), (0.8, 2), (1e-6, 1), (1e-50, 1)):  # the last is 0 in float32
        p = softmax(logits[4:].astype(np.float64) / temperature)
        p[kept:] = 0
        assert kept == 4 or p.sum() >= top_p > p[: kept - 1].sum()
        args = (tf.constant(temperature), tf.constant(top_p, tf.float32), tf.constant([5, 0]))
        got = np.bincount(drawn(tf.tile(logits[np.newaxis], (count, 1)), *args), minlength=8)
        assert not got[:4].any() and not got[4 + kept :].any()
        assert stats.chisquare(got[4 : 4 + kept], count * p[:kept] / p.sum()).pvalue > 1e-3 or kept == 1


@pytest.mark.parametrize("temperature", [1e9, np.inf])
def test_no_temperature_draws_what_is_no_token(temperature):
    logits = tf.zeros((2000, 8))
    got = drawn(logits, tf.constant(temperature, tf.float32), tf.constant(1.0), tf.constant([5, 0]))
    np.testing.assert_array_equal(np.bincount(got, minlength=8) > 0, np.arange(8) >= 4)


def test_a_seed_gives_its_text_again(run, data):
    writer = text_writer(run.model, data.vocabulary)
    texts = [writer.write("one", length=60, temperature=1.5, top_p=1.0, seed=seed) for seed in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("kind", ["characters", "words"])
def test_the_graph_reads_and_joins_as_the_vocabulary_does(kind):
    texts = [
        "",
        "It's a (well-known) [trick]: 50% of d'été, isn't it?\n\nYes!",
        "x_1 = f(2, 3)\t# naïve — новый 1.5e3",
        "\n ",
    ]
    vocabulary = Vocabulary.from_texts(texts[1:2], kind)
    read = encoder(vocabulary)(tf.constant(texts)).to_list()
    assert read == [vocabulary.encode(text).tolist() for text in texts]
    known = vocabulary.encode(texts[1])
    assert joiner(vocabulary)(tf.constant([known])).numpy()[0].decode() == vocabulary.decode(known)


def test_the_export_writes_what_the_model_writes(run, data, tmp_path):
    version = export_run(run.run_dir, tmp_path, name="counting")
    writer = load_saved_model(version)
    assert isinstance(writer, SavedWriter) and writer.vocabulary == data.vocabulary
    options = {"length": 40, "temperature": 0.9, "top_p": 0.9, "seed": 4}
    assert writer.write("one ", **options) == text_writer(run.model, data.vocabulary).write("one ", **options)
    assert json.loads((version / "assets" / "vocabulary.json").read_text())["kind"] == "characters"


def test_a_run_that_was_interrupted_ends_with_the_same_weights(run, data, tmp_path):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    options = {"epochs": 4, "learning_rate": 2e-2, "run_dir": tmp_path / "run", "verbose": 0}
    with pytest.raises(KeyboardInterrupt):
        train_language_model(
            model_of(data, dropout=0.1, ngrams=3, ngram_dropout=0.3), data, callbacks=[Interrupt()], **options
        )
    again = train_language_model(model_of(data, dropout=0.1, ngrams=3, ngram_dropout=0.3), data, resume=True, **options)
    for ours, theirs in zip(again.model.get_weights(), run.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_recipe_trains_on_files_by_words_and_goes_on(tmp_path):
    text = tmp_path / "text"
    text.mkdir()
    for number in range(12):
        (text / f"{number}.txt").write_text(counting(10, number))
    small = {"units": 8, "length": 10, "tokens": "words", "decay": "none", "verbose": 0}
    run = train_recipe("language-model", text, run_dir=tmp_path / "run", epochs=1, **small)
    assert run.config["recipe"]["data"] == str(text) and run.config["tokens"] == "words"
    assert len(resume_run(tmp_path / "run", epochs=2, verbose=0).history) == 2
    writer = load_saved_model(export_run(tmp_path / "run", tmp_path / "exports"))
    assert set(writer.write("one", length=6).split()) <= set(WORDS)


def test_models_and_options_that_do_not_fit_are_named(data):
    letters = Vocabulary("characters", ("a", "b"))
    with pytest.raises(ValueError, match="a logit for each of the 6 ids"):
        text_writer(model_of(data), letters)
    with pytest.raises(ValueError, match="`vocabulary` must be a Vocabulary with tokens"):
        text_writer(build_language_model(4, units=4), Vocabulary("characters", ()))
    with pytest.raises(ValueError, match="`documents` must be Documents"):
        evaluate_text(model_of(data), data.vocabulary, ["one two"])
    for documents in ([], [Document("empty", "")]):
        with pytest.raises(ValueError, match="`documents` must have a token"):
            evaluate_text(model_of(data), data.vocabulary, documents)
    classifier = keras.Sequential([keras.Input((8,)), keras.layers.Dense(len(letters))])
    with pytest.raises(ValueError, match="`model` must be a language model"):
        train_language_model(classifier, data, epochs=1)
    with pytest.raises(ValueError, match="TextData that load_text returns"):
        train_language_model(model_of(data), "docstrings", epochs=1)
    with pytest.raises(ValueError, match="`clip_norm` must be a finite number > 0"):
        train_language_model(model_of(data), data, epochs=1, clip_norm=0)
    with pytest.raises(ValueError, match="`length` must be left out: the text is loaded already"):
        train_recipe("language-model", data, length=3)
    with pytest.raises(ValueError, match="`channels` must be left out: a text has none"):
        train_recipe("language-model", "docstrings", channels=1)


@pytest.mark.parametrize(
    "wrong", [{"prompt": 3}, {"length": 0}, {"temperature": -1}, {"top_p": 0}, {"top_p": 1.1}, {"seed": -1}],
    ids=["prompt", "length", "temperature", "no nucleus", "large nucleus", "seed"],
)  # fmt: skip
def test_what_a_writer_cannot_do_is_named(run, data, wrong):
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be"):
        text_writer(run.model, data.vocabulary).write(**wrong)


def test_an_export_of_another_vocabulary_is_refused(data, tmp_path):
    with pytest.raises(ValueError, match="a logit for each"):
        export_language_model(model_of(data), tmp_path, vocabulary=Vocabulary("characters", ("a",)))
    assert not list(tmp_path.iterdir())
