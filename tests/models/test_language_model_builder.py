"""The recurrent language model: sizes of its parts."""

import numpy as np
import pytest

from keras_course.models import build_language_model

GATES = {
    "gru": lambda n, m: 3 * n * (n + m + 2),
    "lstm": lambda n, m: 4 * n * (n + m + 1),
    "vanilla": lambda n, m: n * (n + m + 1),
}


@pytest.mark.parametrize("cell", list(GATES))
def test_parameters_are_those_of_the_formulas(cell):
    model = build_language_model(50, cell=cell, units=12, layers=2, embedding=7)
    recurrent = GATES[cell](12, 7) + GATES[cell](12, 12)
    assert model.count_params() == 50 * 7 + recurrent + 50 * 13


def test_a_token_depends_on_those_before_it_alone():
    model = build_language_model(20, units=6)
    ids = np.arange(10)[np.newaxis] % 20
    changed = np.where(np.arange(10) == 6, 19, ids)
    same = np.isclose(model(ids), model(changed)).all(axis=-1)[0]
    np.testing.assert_array_equal(same[:6], True)
    assert not same[6:].any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"cell": "rnn"},
        {"units": 0},
        {"layers": 0},
        {"embedding": 0},
        {"dropout": 1},
        {"ngrams": 1},
        {"ngram_dropout": 1},
        {"vocabulary_size": 1},
    ],
)
def test_wrong_arguments_are_named(wrong):
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be"):
        build_language_model(**{"vocabulary_size": 9, **wrong})
