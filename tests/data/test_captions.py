"""Captions from arrays, CSV files and tfds data sets: words, divisions, several captions, and what is refused."""

import numpy as np
import pytest
from PIL import Image
from synthetic import prepare

from keras_course.data import CaptionData, CaptionExamples, load_captions, open_captions
from keras_course.runs.description import data_settings

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1), np.uint8)


def test_arrays_become_words_between_start_and_end():
    captions = [["A cat.", "a  pet"]] + ["a dog"] * 19
    data = CaptionData.from_arrays(IMAGES, captions, test=(IMAGES[:2], [["a cat", "a fox"], "a dog"]), batch_size=2)
    assert data.vocabulary.tokens[:2] == ("a", "dog")
    images, words = next(iter(data.test))
    assert images.dtype == "float32" and words.dtype == "int32"
    texts = [[data.vocabulary.decode(row) for row in own] for own in words.numpy()]
    assert texts == [["a cat", "a \N{REPLACEMENT CHARACTER}"], ["a dog", ""]]
    assert data.test_examples.references() == [["a cat", "a fox"], ["a dog"]]
    assert words.numpy()[1, 1].sum() == 0  # a caption that is lacking is padding alone


def test_rare_words_are_unknown():
    captions = ["a cat"] * 10 + ["a dog"] * 9 + ["a yak"]
    data = CaptionData.from_arrays(IMAGES, captions, minimum_count=2)
    assert data.vocabulary.tokens == ("a", "cat", "dog")


def test_a_resized_image_keeps_its_captions_and_a_run_tells_other_captions_apart():
    data = CaptionData.from_arrays(IMAGES, ["a cat", "a dog"] * 10)
    assert data.resized(16).train_examples.captions.tolist() == data.train_examples.captions.tolist()
    other = CaptionData.from_arrays(IMAGES, ["a dog", "a cat"] * 10)
    assert data_settings(data)["labels"] != data_settings(other)["labels"]
    assert data_settings(data)["data_digest"] != data_settings(other)["data_digest"]


@pytest.mark.parametrize(
    ("captions", "message"),
    [
        (["a cat"] * 19, "an entry per image"),
        ([3] * 20, "image 0: a picture must have at least one caption"),
        ([""] * 20, "image 0: a caption must be a string"),
        ([[]] * 20, "image 0: a picture must have at least one caption"),
    ],
    ids=["too few", "numbers", "empty", "none"],
)
def test_captions_that_are_none_are_refused(captions, message):
    with pytest.raises(ValueError, match=message):
        CaptionData.from_arrays(IMAGES, captions)


def test_examples_and_names_are_checked():
    examples = CaptionExamples(IMAGES, np.array([["a cat"]] * 20, object))
    with pytest.raises(ValueError, match="`class_names` must be words after <padding>"):
        CaptionData("pets", ("a", "cat"), examples, None, examples)
    names = ("<padding>", "<unknown>", "<start>", "<end>", "a")
    loud = CaptionExamples(IMAGES, np.array([["A  cat"]] * 20, object))
    with pytest.raises(ValueError, match="image 0: captions must be in lower case"):
        CaptionData("pets", names, loud, None, examples)


@pytest.fixture
def folder(tmp_path):
    for index in range(10):
        Image.fromarray(IMAGES[index, ..., 0]).save(tmp_path / f"{index}.png")
    rows = [f'{index}.png,"A cat, number {index}"\n{index}.png,a pet' for index in range(10)]
    (tmp_path / "captions.csv").write_text("image,caption\n" + "\n".join(rows))
    return tmp_path


def test_a_csv_of_pictures_and_sentences(folder):
    for name in (folder, folder / "captions.csv", str(folder / "captions.csv")):
        data = load_captions(name, validation_fraction=0)
        assert (data.train_size, data.test_size, data.input_shape) == (8, 2, (8, 8, 1))
        assert data.source["kind"] == "folder"
    known = {tuple(own) for own in [*data.train_examples.references(), *data.test_examples.references()]}
    assert known == {(f"a cat, number {index}", "a pet") for index in range(10)}


def test_a_csv_file_of_a_spreadsheet(folder):
    table = folder / "captions.csv"
    pairs = [f'{index}.png,"A cat,\r\nnumber\u2028{index}"' for index in range(10)]
    table.write_bytes("\r\n".join(["\ufeffPicture,Caption", *pairs, ""]).encode())
    data = load_captions(table, validation_fraction=0)
    captions = [*data.train_examples.captions[:, 0], *data.test_examples.captions[:, 0]]
    assert sorted(captions) == [f"a cat, number {index}" for index in range(10)]


def test_a_csv_file_in_the_working_directory(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert load_captions("captions.csv").train_size == 7


def test_pictures_without_captions_are_ignored_with_a_warning(folder):
    Image.fromarray(IMAGES[0, ..., 0]).save(folder / "other.png")
    with pytest.warns(UserWarning, match=r"ignored pictures without captions: other\.png"):
        open_captions(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cat,dog\n", "the first line must be picture,caption"),
        ("picture,caption\n1.png\n", "row 2 must have a picture and a caption"),
        ("picture,caption\nyak.png,a yak\n", "no picture 'yak.png'"),
        ("picture,caption\n../1.png,a cat\n", "no picture"),
        ("picture,caption\n1.png,\n", "row 2: a caption must be"),
        ("picture,caption\n", "at least one picture"),
        ('picture,caption\n1.png,"a cat\n', "not CSV"),
    ],
    ids=["columns", "cells", "picture", "outside", "caption", "nothing", "quote"],
)
def test_a_table_that_is_wrong_is_refused(folder, text, message):
    (folder / "captions.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        open_captions(folder)
    (folder / "captions.csv").unlink()
    with pytest.raises(ValueError, match=r"`name` must be a folder with captions\.csv"):
        open_captions(folder)


def test_digit_scenes_have_the_captions_of_their_grammar(digits_dir):
    data = load_captions("digit_scenes", data_dir=digits_dir)
    assert (data.train_size, data.validation_size, data.test_size) == (3600, 400, 1000)
    assert len(data.vocabulary) == 27 and data.num_classes == 27
    assert all(text.split()[1].startswith("digit") for (text,) in data.test_examples.references())
    assert open_captions("digit_scenes", data_dir=digits_dir).augmentations == ("shift", "colour")


def test_a_data_set_without_captions_is_refused(digits_dir):
    with pytest.raises(ValueError, match="`name` must be a data set of 8-bit images with captions"):
        load_captions("digits", data_dir=digits_dir)


def test_coco_captions_as_tfds_describes_them(tmp_path):
    def row(index, texts):
        captions = [{"id": index, "text": text} for text in texts]
        pixels = np.full((24, 48, 3), index, np.uint8)
        return {"image": pixels, "image/filename": "a.jpg", "image/id": index, "objects": [], "captions": captions}

    rows = [row(index, ["A red bus .", "A bus\n"][: 1 + index % 2]) for index in range(10)]
    folder = prepare("coco_captions", tmp_path, {"train": rows, "test": [row(1, ["A blue bus"])]})
    data = load_captions("coco_captions", data_dir=folder, image_size=32, validation_fraction=0)
    assert (data.train_size, data.test_size, data.input_shape) == (10, 1, (32, 32, 3))
    assert sorted(map(len, data.train_examples.references())) == [1] * 5 + [2] * 5
    assert set(data.vocabulary.tokens) == {"a", "red", "bus", "."}
    assert data.test_examples.references() == [["a blue bus"]]
    assert data.test_examples.letterbox(0).original == (24, 48)
