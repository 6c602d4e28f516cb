"""`keras-course train language-model` on one's own texts, and `keras-course write` with what it exports."""

import numpy as np
import pytest
from PIL import Image

from keras_course.export import SavedWriter, load_saved_model

OPTIONS = "--units 8 --epochs 1 --batch-size 8"


@pytest.fixture(scope="module")
def trained(shared):
    """Trains on a folder of texts and exports; returns the working directory and what was printed."""
    texts = shared.folder / "texts"
    texts.mkdir()
    random = np.random.default_rng(0)
    for number in range(10):
        words = random.choice(["ant", "bee", "cat"], 300)
        (texts / f"{number}.txt").write_text(" ".join(words))
    Image.new("L", (8, 8)).save(shared.folder / "picture.png")
    code, output, errors = shared(f"train language-model --data texts/ {OPTIONS} --run-dir run --export exports")
    assert (code, errors) == (0, "")
    return shared.folder, output


def test_training_says_on_what_and_how_well(trained):
    folder, output = trained
    assert "texts: " in output and " characters, 10 documents" in output
    assert "test nats per token" in output and "test perplexity" in output
    assert "keras-course write exports/language-model_texts/1 --prompt" in output
    assert (folder / "run" / "report.html").is_file()


def test_what_is_written_is_what_the_export_writes(trained, shared):
    folder, _ = trained
    writer = load_saved_model(folder / "exports" / "language-model_texts")
    assert isinstance(writer, SavedWriter)
    line = "write exports/language-model_texts --prompt 'ant bee' --length 30 --temperature 0.5 --top-p 0.9 --seed 3"
    code, output, errors = shared(line)
    assert (code, errors) == (0, "")
    expected = "ant bee" + writer.write("ant bee", length=30, temperature=0.5, top_p=0.9, seed=3)
    assert output == expected + "\n"
    assert set(output) <= set("antbeecat \n")


def test_a_run_goes_on_for_longer_without_a_decay(shared, trained):
    code, _, errors = shared(f"train language-model --data texts/ {OPTIONS} --decay none --run-dir longer")
    assert (code, errors) == (0, "")
    code, output, errors = shared("train --run-dir longer --resume --epochs 2")
    assert (code, errors) == (0, "")
    assert "2, weights of epoch 2" in output


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("write exports/language-model_texts --top-p 0", "`--top-p` must be a finite number > 0 and <= 1"),
        ("train language-model --data texts/ --channels 1", "`--channels` must be left out: a text has none"),
        ("train language-model --data nothing/", "`--data` must be 'docstrings', a .txt file or a folder"),
        ("train perceptron --tokens words", "`--tokens` must be left out"),
        ("predict exports/language-model_texts picture.png", "`write` for language models"),
        ("evaluate exports/language-model_texts", "which writes text"),
    ],
    ids=["top-p", "channels", "data", "classifier", "predict", "evaluate"],
)
def test_wrong_lines_are_told(trained, shared, line, said):
    code, output, errors = shared(line)
    assert code == 2 and said in errors, errors
