"""Vocabularies: tokens to ids and back."""

import json

import numpy as np
import pytest

from keras_course.data import Vocabulary, join_tokens, split_text
from keras_course.data.vocabulary import END, PADDING, START, UNKNOWN

SENTENCES = ["three digits: a small seven left of a two, above a large nine", "one digit: an eight"]


@pytest.mark.parametrize("sentence", [*SENTENCES, "don't (ever) use well-known [tricks]!", "one\ntwo", "50% of it."])
def test_words_join_to_the_text_that_was_split(sentence):
    assert join_tokens(split_text(sentence)) == sentence


def test_characters_keep_every_text():
    text = "a\tb\n\n  c\r\x00é\U0001f600"
    vocabulary = Vocabulary.from_texts([text], "characters")
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert len(vocabulary) == 4 + len(set(text))


def test_sentences_stand_between_start_and_end_before_padding():
    vocabulary = Vocabulary.from_texts(SENTENCES)
    rows = vocabulary.encode_sentences(SENTENCES, length=20)
    assert rows.dtype == np.int32 and rows.shape == (2, 20)
    assert rows[:, 0].tolist() == [START, START]
    assert rows[1, 6:].tolist() == [END] + [PADDING] * 13
    assert [vocabulary.decode(row) for row in rows] == SENTENCES


def test_what_training_texts_lack_is_unknown():
    vocabulary = Vocabulary.from_texts(["b b a", "c c"], minimum_count=2)
    assert vocabulary.tokens == ("b", "c")
    assert vocabulary.encode("c a").tolist() == [5, UNKNOWN]
    assert Vocabulary.from_texts(["b b a", "c c"], max_tokens=1).tokens == ("b",)


def test_order_does_not_depend_on_that_of_the_texts():
    assert Vocabulary.from_texts(SENTENCES) == Vocabulary.from_texts(SENTENCES[::-1])


def test_a_file_holds_all_tokens_with_their_ids(tmp_path):
    vocabulary = Vocabulary("characters", ("\n", "\u2028", '"', "\ud800", "é"))
    vocabulary.save(tmp_path / "vocabulary.json")
    assert Vocabulary.load(tmp_path / "vocabulary.json") == vocabulary
    assert json.loads((tmp_path / "vocabulary.json").read_text())["tokens"].index("é") == vocabulary.encode("é")[0]


def test_an_empty_text_has_no_tokens():
    vocabulary = Vocabulary("words", ())
    assert vocabulary.encode("").shape == (0,)
    assert vocabulary.decode([]) == ""
    assert vocabulary.encode_sentences(["", "new"]).tolist() == [[START, END, PADDING], [START, UNKNOWN, END]]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Vocabulary("letters", ("a",)), "`kind` must be one of 'characters', 'words'"),
        (lambda: Vocabulary("words", ("a", "b", "a")), "'a' twice"),
        (lambda: Vocabulary("words", ("a", "")), "non-empty strings. Received: '' among them"),
        (lambda: Vocabulary("words", ("a",)).decode([5]), r"integers in \[0, 4\]"),
        (lambda: Vocabulary("words", ("a",)).decode([[4]]), r"shape \(tokens,\)"),
        (lambda: Vocabulary("words", ("a",)).encode_sentences(["a a"], length=3), "length=3 for one of 2 tokens"),
        (lambda: Vocabulary.from_texts(["a"], minimum_count=0), "`minimum_count` must be an integer >= 1"),
        (lambda: Vocabulary("words", "abc"), "`tokens` must be a sequence. Received: tokens='abc'"),
        (lambda: Vocabulary.from_texts("abc"), "`texts` must be several texts. Received: texts='abc'"),
        (lambda: Vocabulary("words", ("a",)).encode_sentences("a"), "`sentences` must be a sequence"),
        (lambda: Vocabulary("words", ("a",)).encode(3), "`text` must be a string. Received: text=3"),
    ],
    ids=["kind", "twice", "empty", "id", "rows", "length", "count", "tokens", "texts", "sentences", "text"],
)
def test_wrong_arguments_are_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_a_file_of_something_else_is_no_vocabulary(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"Vocabulary.save wrote. Received: path='.*list.json'"):
        Vocabulary.load(tmp_path / "list.json")
    (tmp_path / "tokens.json").write_text('{"kind": "words", "tokens": ["a", "b", "c", "d", "e"]}')
    with pytest.raises(ValueError, match=r"Vocabulary.save wrote. Received: path='.*tokens.json'"):
        Vocabulary.load(tmp_path / "tokens.json")
    with pytest.raises(FileNotFoundError, match=r"`path` must be .*Received: path='.*none.json'"):
        Vocabulary.load(tmp_path / "none.json")
