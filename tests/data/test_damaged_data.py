"""Flipped bits and truncations of prepared data and mirrors: an error of one line, or the images that were written."""

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import zipfile

import numpy as np
import pytest
import tensorflow_datasets as tfds
from synthetic import SyntheticBuilder

from keras_course.data import decoding, load_images
from keras_course.data.decoding import decode_split, find_columns
from keras_course.data.integrity import check_original

TRIALS = 200


def damaged(content, kind, seed):
    """Yields `TRIALS` copies of a file's content, each with one flipped bit, or cut off somewhere."""
    random = np.random.default_rng(seed)
    for _ in range(TRIALS):
        place = int(random.integers(len(content)))
        if kind == "cut":
            yield content[:place]
        else:
            copy = bytearray(content)
            copy[place] ^= 1 << int(random.integers(8))
            yield bytes(copy)


@pytest.mark.parametrize("kind", ["flip", "cut"])
def test_prepared_records(tmp_path, kind, monkeypatch):
    class Few(SyntheticBuilder, skip_registration=True):
        SPLITS = {"train": 4}

    builder = Few(data_dir=tmp_path)
    builder.download_and_prepare()
    columns = find_columns("few", builder.info)
    shape = builder.info.features["image"].shape
    batches = decoding.batches_of(builder, "train", columns, shape)
    monkeypatch.setattr(decoding, "batches_of", lambda *_: batches)  # each pass reads the files anew

    def read():
        return decode_split(builder, "train", columns, shape)

    right = read()
    (file,) = tmp_path.rglob("*.tfrecord*")
    for content in damaged(file.read_bytes(), kind, 6):
        file.write_bytes(content)
        try:
            answer = read()
        except ValueError as error:
            assert "\n" not in str(error)
            assert f"{file.parent} is damaged; remove that folder and load" in str(error)
        else:
            np.testing.assert_array_equal(answer.images, right.images)
            np.testing.assert_array_equal(answer.labels, right.labels)


def zipped(content):
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/data.bin", content)
        return buffer.getvalue()


def tarred(content, mode):
    with io.BytesIO() as buffer:
        with tarfile.open(fileobj=buffer, mode=f"w:{mode}") as archive:
            member = tarfile.TarInfo("a/data.bin")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        return buffer.getvalue()


def npz(content):
    with io.BytesIO() as buffer:
        np.savez(buffer, data=np.frombuffer(content, np.uint8))
        return buffer.getvalue()


def untarred(content):
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return archive.extractfile("a/data.bin").read()


def unzipped(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("a/data.bin")


MIRRORED = {
    "images.gz": (gzip.compress, gzip.decompress),
    "images.tar.gz": (lambda content: tarred(content, "gz"), untarred),
    "images.tgz": (lambda content: tarred(content, "gz"), untarred),
    "images.tar.bz2": (lambda content: tarred(content, "bz2"), untarred),
    "images.bz2": (bz2.compress, bz2.decompress),
    "images.xz": (lzma.compress, lzma.decompress),
    "images.zip": (zipped, unzipped),
    "images.npz": (npz, lambda content: np.load(io.BytesIO(content))["data"].tobytes()),
}


@pytest.mark.parametrize("kind", ["flip", "cut"])
@pytest.mark.parametrize("name", MIRRORED)
def test_mirrored_files(tmp_path, name, kind):
    """What passes the check decompresses to what was packed."""
    pack, unpack = MIRRORED[name]
    right = np.random.default_rng(0).integers(0, 50, 400, np.uint8).tobytes()
    file, refused = tmp_path / name, 0
    for content in damaged(pack(right), kind, 7):
        file.write_bytes(content)
        try:
            check_original(file)
        except ValueError as error:
            refused += 1
            assert "\n" not in str(error) and str(file) in str(error)
        else:
            assert unpack(content) == right
    assert refused > TRIALS / 2


def test_mirrored_files_without_a_checksum_are_compared_with_that_of_tfds(tmp_path):
    """SVHN's .mat files: tfds knows length and SHA-256 of the originals."""
    from keras_course.data.integrity import check_known

    file = tmp_path / "a.mat"
    file.write_bytes(b"right")
    known = tfds.download.checksums.UrlInfo(
        checksum="c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", size=5, filename="a.mat"
    )
    with pytest.raises(ValueError, match=f"`mirror` has a damaged file: {file} .*SHA-256"):
        check_known(file, known)


@pytest.mark.parametrize("name", ["dataset_info.json", "features.json"])
@pytest.mark.parametrize("content", ["", "[]", "{}", "null", "no JSON", '{"splits": 3}', "\x00\xff"])
def test_damaged_descriptions_of_prepared_data(digits_dir, tmp_path, name, content):
    shutil.copytree(digits_dir, tmp_path / "data")
    file = tmp_path / "data/digits/1.0.0" / name
    file.write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=r"digits/1\.0\.0 is damaged; remove that folder and load") as caught:
        load_images("digits", data_dir=tmp_path / "data")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sums", [True, False])
@pytest.mark.parametrize("name", ["dataset_info.json", "features.json", "label.labels.txt", "records"])
def test_prepared_data_that_lack_a_file(digits_dir, tmp_path, name, sums):
    shutil.copytree(digits_dir, tmp_path / "data")
    folder = tmp_path / "data/digits/1.0.0"
    if not sums:
        (folder / "sha256.json").unlink(missing_ok=True)
    for file in folder.iterdir():
        if file.name == name or name == "records" and "train.tfrecord" in file.name:
            file.unlink()
    try:
        data = load_images("digits", data_dir=tmp_path / "data")
    except ValueError as error:
        assert "\n" not in str(error) and str(folder) in str(error)
    else:
        assert data.class_names == tuple("0123456789")


def test_a_class_name_with_a_flipped_bit_is_no_answer(digits_dir, tmp_path):
    shutil.copytree(digits_dir, tmp_path / "data")
    file = tmp_path / "data/digits/1.0.0/label.labels.txt"
    file.write_text(file.read_text().replace("7", "6"))
    with pytest.raises(ValueError, match=r"digits/1\.0\.0 is damaged; remove that folder and load"):
        load_images("digits", data_dir=tmp_path / "data")


def test_data_prepared_by_tfds_itself_are_read(digits_dir, tmp_path):
    shutil.copytree(digits_dir, tmp_path / "data")
    (tmp_path / "data/digits/1.0.0/sha256.json").unlink(missing_ok=True)
    assert load_images("digits", data_dir=tmp_path / "data").test_size == 360
