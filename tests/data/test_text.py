"""Texts: docstrings, files and folders, divided by documents and cut into windows."""

import glob
import itertools

import numpy as np
import pytest

from keras_course.data import Document, TextData, Vocabulary, load_text, open_text
from keras_course.data.docstrings import docstrings_of


@pytest.fixture(scope="module")
def data():
    return load_text("docstrings")


@pytest.fixture
def folder(tmp_path):
    for number in range(20):
        file = tmp_path / f"part{number % 3}" / f"{number}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"Text number {number} is here.\n" * 5, encoding="utf-8")
    return tmp_path


def names(documents):
    return [document.name for document in documents]


def test_docstrings_are_those_that_python_shows(data):
    text = next(d.text for d in open_text().documents if d.name == "glob")
    assert text.split("\n\n\n")[0] == glob.__doc__
    assert 1e6 < data.train_size + data.validation_size + data.test_size < 2e6


def test_docstrings_of_classes_functions_and_modules_are_found_once_cleaned():
    method = b'    async def f(self):\n        """F."""\n'
    source = b'"""Module."""\nclass A:\n    """Class.\n\n    More.\n    """\n' + method + b'x = "no"\n'
    assert docstrings_of(source) == ["Module.", "Class.\n\nMore.", "F."]
    assert docstrings_of(b"def (:") == [] == docstrings_of(b"\0")


def test_no_module_is_in_two_parts_and_the_test_does_not_depend_on_the_seed(data):
    parts = [names(getattr(data, f"{part}_documents")) for part in ("train", "validation", "test")]
    assert all(not set(one) & set(other) for one, other in itertools.combinations(parts, 2))
    other = load_text("docstrings", seed=1)
    assert names(other.test_documents) == parts[2] and names(other.validation_documents) != parts[1]
    sizes = np.array([data.train_size, data.validation_size, data.test_size])
    assert sizes[2] / sizes.sum() == pytest.approx(0.2, abs=0.02)


def test_windows_are_the_text_and_the_same_one_token_later(data):
    tokens, following = (np.concatenate(part) for part in zip(*data.validation.as_numpy_iterator(), strict=True))
    assert tokens.shape[1] == 64 and tokens.dtype == np.int32
    text = "".join(document.text for document in data.validation_documents)
    shown = data.vocabulary.decode(tokens.ravel())  # starts of documents are not shown
    assert text.startswith(shown.replace("\N{REPLACEMENT CHARACTER}", "")[:100])
    np.testing.assert_array_equal(following.ravel()[:-1], tokens.ravel()[1:])


def test_an_epoch_has_every_window_once_in_an_order_of_its_own(data):
    def windows(epoch):
        batches = itertools.islice(data.train_from(epoch).as_numpy_iterator(), len(data.train))
        return np.concatenate([tokens for tokens, _ in batches])

    first, second = windows(0), windows(1)
    assert (first != second).any()
    np.testing.assert_array_equal(np.unique(first, axis=0), np.unique(second, axis=0))
    continued = data.train_from(0).repeat(2).skip(len(data.train)).as_numpy_iterator()
    np.testing.assert_array_equal(next(continued)[0], second[: data.batch_size])


def test_what_only_validation_and_test_have_is_unknown():
    train, test = (Document("train", "abab" * 9),), (Document("test", "abc" * 9),)
    data = TextData("abc", Vocabulary.from_texts([train[0].text], "characters"), train, (), test, length=5)
    assert data.validation is None
    assert 1 in next(data.test.as_numpy_iterator())[0]


def test_files_of_a_folder_stay_whole(folder):
    data = load_text(folder, tokens="words", length=4, batch_size=2)
    found = [*data.train_documents, *data.validation_documents, *data.test_documents]
    assert sorted(names(found)) == sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.txt"))
    assert len(data.test_documents) == 4 and data.vocabulary.kind == "words"
    assert data.source["path"] == str(folder)


def test_a_single_file_is_cut_at_ends_of_lines(tmp_path):
    text = "".join(f"line {number}\n" for number in range(1000))
    (tmp_path / "lines.txt").write_text(text)
    source = open_text(tmp_path / "lines.txt")
    assert len(source.documents) == 50
    assert "".join(document.text for document in source.documents) == text
    assert all(document.text.endswith("\n") for document in source.documents)


def test_a_byte_order_mark_is_not_text(tmp_path):
    (tmp_path / "one.txt").write_text("banana", encoding="utf-8-sig")
    assert open_text(tmp_path).documents == (Document("one.txt", "banana"),)


def test_the_digest_knows_every_character(folder):
    before = open_text(folder).describe()["digest"]
    (folder / "part0" / "0.txt").write_text("other")
    assert open_text(folder).describe()["digest"] != before


def test_texts_that_cannot_be_read_or_divided_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="`source` must be 'docstrings', a .txt file or a folder"):
        open_text(tmp_path / "none.txt")
    with pytest.raises(FileNotFoundError, match="must hold text in .txt files"):
        open_text(tmp_path)
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    with pytest.raises(ValueError, match="must be UTF-8. Received: .*latin.txt"):
        open_text(tmp_path)
    (tmp_path / "latin.txt").write_text("one line")
    with pytest.raises(ValueError, match="none of 1 can be held out"):
        load_text(tmp_path)
    (tmp_path / "more.txt").write_text("another line")
    with pytest.raises(ValueError, match="none of 1 can be held out"):
        load_text(tmp_path)
    with pytest.raises(ValueError, match="`length` must leave a window .* length=64 for train_documents"):
        load_text(tmp_path, validation_fraction=0)


def test_texts_are_no_documents():
    with pytest.raises(ValueError, match="`train_documents` must be Documents, each with a text. Received: 'ab'"):
        TextData("ab", Vocabulary("characters", ("a", "b")), ("ab",), (), ("ab",), length=1)


@pytest.mark.parametrize(
    "wrong", [{"tokens": "letters"}, {"length": 0}, {"validation_fraction": 1}, {"seed": -1}, {"batch_size": 0}]
)
def test_wrong_settings_are_named(wrong):
    with pytest.raises(ValueError, match=f"`{next(iter(wrong))}` must be"):
        load_text("docstrings", **wrong)
