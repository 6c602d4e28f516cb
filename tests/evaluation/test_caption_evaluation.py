"""Captions judged: BLEU against sacrebleu, exact match and words by hand."""

import numpy as np
import pytest
from sacrebleu.metrics import BLEU

from keras_course.evaluation import CaptionEvaluation

WORDS = "a cat dog sits on the mat and looks".split()


def random_corpora(count):
    """Yields captions and references, short and long, empty captions and ties in length included."""
    rng = np.random.default_rng(0)

    def sentence(least, most):
        return " ".join(rng.choice(WORDS, rng.integers(least, most + 1)))

    for _ in range(count):
        images, longest = rng.integers(1, 7), rng.integers(1, 9)
        references = [[sentence(1, longest) for _ in range(rng.integers(1, 4))] for _ in range(images)]
        captions = [
            own[0] if rng.random() < 0.2 else sentence(0 if rng.random() < 0.1 else 1, longest) for own in references
        ]
        yield captions, references


def by_sacrebleu(captions, references, order):
    """Returns BLEU in [0, 1]; sacrebleu wants a stream of references for the first, the second ... of each caption."""
    streams = [[own[k] if k < len(own) else None for own in references] for k in range(max(map(len, references)))]
    return BLEU(max_ngram_order=order, tokenize="none").corpus_score(captions, streams).score / 100


def test_bleu_is_sacrebleus_corpus_bleu():
    for captions, references in random_corpora(200):
        summary = CaptionEvaluation(captions, references).summary
        for order in (1, 2, 3, 4):
            assert summary[f"BLEU-{order}"] == pytest.approx(by_sacrebleu(captions, references, order), abs=1e-6)


def test_resampled_bleu_is_sacrebleus_of_the_images_drawn():
    captions, references = next(pair for pair in random_corpora(50) if len(pair[0]) > 4)
    evaluation = CaptionEvaluation(captions, references)
    drawn = [0, 0, 3, 1]
    weights = np.bincount(drawn, minlength=len(captions))[np.newaxis].astype(float)
    expected = by_sacrebleu([captions[k] for k in drawn], [references[k] for k in drawn], 2)
    assert evaluation._figures(weights)["BLEU-2"][0] == pytest.approx(expected, abs=1e-6)


def test_exact_match_and_words_by_hand():
    references = [["one digit: a two", "one digit: a large two"], ["two digits: a six left of a one"]]
    evaluation = CaptionEvaluation(["One digit:  a large two", "one digit: a six"], references)
    assert evaluation.exact.tolist() == [True, False]
    assert evaluation.exact_match == 0.5
    # the second: ":", "a" and "six" are right of nine words
    assert evaluation.token_hits.tolist() == [[6, 6], [3, 9]]
    assert evaluation.summary["token accuracy"] == pytest.approx(9 / 15)
    assert evaluation.commonest[1] == 0.5
    assert evaluation.per_image["exact"].tolist() == [True, False]


def test_the_commonest_caption_of_several_is_the_first():
    references = [[f"cat {k}" for k in range(20)], ["a dog", "a dog"]]
    assert CaptionEvaluation(["cat 1", "a dog"], references).commonest == ("cat 0", 0.5)


def test_an_interval_holds_its_figure_and_narrows_with_more_images():
    references = [["a cat"], ["a dog"], ["a cat"], ["the mat"]]
    captions = ["a cat", "a cat", "a cat", "the mat"]
    few, many = (CaptionEvaluation(captions * k, references * k).interval(resamples=300) for k in (5, 50))
    for table in (few, many):
        assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    assert (many["high"] - many["low"])["exact match"] < (few["high"] - few["low"])["exact match"] / 2


def test_captions_are_strings():
    for captions, references in (([3], [["a"]]), (["a"], [[None]])):
        with pytest.raises(ValueError, match="`captions` and `references` must be strings. Received: "):
            CaptionEvaluation(captions, references)


@pytest.mark.parametrize(
    ("captions", "references"), [([], []), (["a"], []), (["a"], [[]])], ids=["none", "lacking", "without reference"]
)
def test_what_cannot_be_judged_is_refused(captions, references):
    with pytest.raises(ValueError, match="`captions` must be"):
        CaptionEvaluation(captions, references)
