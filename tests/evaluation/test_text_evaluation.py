"""Perplexity and its interval."""

import numpy as np
import pytest
from scipy import stats

from keras_course.evaluation import TextEvaluation


def evaluation(documents=30, tokens=200, seed=0):
    rng = np.random.default_rng(seed)
    means = rng.normal(1.5, 0.2, documents)
    losses = tuple(np.abs(rng.normal(mean, 0.3, tokens)) for mean in means)
    return TextEvaluation(tuple(f"document {k}" for k in range(documents)), losses)


def test_perplexity_of_a_known_distribution_is_that_of_its_entropy():
    p = np.array([0.5, 0.25, 0.25])
    losses = np.repeat(-np.log(p), (2, 1, 1))
    assert TextEvaluation(("one",), (losses,)).nats_per_token == pytest.approx(stats.entropy(p))
    assert TextEvaluation(("one",), (losses,)).perplexity == pytest.approx(np.exp(stats.entropy(p)))


def test_tokens_count_alike_whatever_their_document():
    uneven = TextEvaluation(("long", "short"), (np.ones(9), np.full(1, 11.0)))
    assert uneven.nats_per_token == pytest.approx(2.0)
    assert uneven.per_document.index.tolist() == ["short", "long"]
    assert uneven.num_tokens == 10


def test_losses_may_be_lists():
    assert TextEvaluation(("one", "two"), ([1.0, 2.0], [])).nats_per_token == 1.5


def test_documents_of_one_name_are_told_apart():
    twice = TextEvaluation(("one", "one"), (np.ones(2), np.full(3, 2.0)))
    assert twice.per_document["tokens"].tolist() == [3, 2]


def test_the_interval_is_that_of_scipys_bootstrap_over_documents():
    judged = evaluation()
    means = np.array([one.mean() for one in judged.losses])  # of documents of one length
    ours = judged.interval(resamples=4000).loc["nats per token"]
    theirs = stats.bootstrap((means,), np.mean, n_resamples=4000, method="percentile", rng=1).confidence_interval
    np.testing.assert_allclose([ours["low"], ours["high"]], theirs, atol=0.01)
    perplexities = judged.interval(resamples=4000).loc["perplexity"]
    np.testing.assert_allclose(perplexities, np.exp(ours), rtol=1e-3)


def test_empty_documents_change_nothing():
    judged = evaluation()
    with_empty = TextEvaluation((*judged.names, "empty"), (*judged.losses, np.zeros(0)))
    assert with_empty.interval().equals(judged.interval())
    assert with_empty.per_document.equals(judged.per_document)


@pytest.mark.parametrize(
    ("names", "losses", "message"),
    [
        (("one",), (), "1 names and 0 arrays"),
        (("one",), (np.zeros(0),), "not all of them empty"),
        (("one",), (np.array([-1.0]),), "`losses` must be >= 0"),
        (("one",), (np.array([np.nan]),), "`losses` must be finite"),
        (("one",), (np.ones((2, 2)),), r"`losses` must be .*\(tokens,\)"),
    ],
    ids=["names", "empty", "negative", "nan", "rows"],
)
def test_wrong_losses_are_named(names, losses, message):
    with pytest.raises(ValueError, match=message):
        TextEvaluation(names, losses)
