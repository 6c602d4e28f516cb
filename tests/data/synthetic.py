"""Synthetic data sets: mirrors in the true formats, and tfds builders for the corner cases."""

import gzip
import io
import struct
import tarfile

import numpy as np
import tensorflow_datasets as tfds

TRAIN, TEST = 60, 20  # images of the synthetic MNIST family


def idx_bytes(array):
    """Encodes a uint8 array as an idx file."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_mnist_mirror(folder, seed=0):
    """Writes the four files of the MNIST family and returns the arrays in them, by file name."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    arrays = {}
    for part, size in (("train", TRAIN), ("t10k", TEST)):
        arrays[f"{part}-images-idx3-ubyte.gz"] = random.integers(0, 256, (size, 28, 28), dtype=np.uint8)
        arrays[f"{part}-labels-idx1-ubyte.gz"] = (np.arange(size) % 10).astype(np.uint8)
    for name, array in arrays.items():
        (folder / name).write_bytes(gzip.compress(idx_bytes(array)))
    return arrays


CIFAR_CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def write_cifar_mirror(folder, records=20, leave_out=()):
    """Writes cifar-10-binary.tar.gz with `records` images a file and returns the records by file name."""
    random = np.random.default_rng(1)
    folder.mkdir(parents=True)
    contents = {}
    for name in [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]:
        batch = random.integers(0, 256, (records, 3073), dtype=np.uint8)
        batch[:, 0] = np.arange(records) % 10
        contents[name] = batch
    with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz") as archive:
        files = {name: batch.tobytes() for name, batch in contents.items()}
        files["batches.meta.txt"] = "\n".join([*CIFAR_CLASSES, ""]).encode()
        for name, data in files.items():
            if name not in leave_out:
                member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return contents


class SyntheticBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Images from a function of the split, without files."""

    VERSION = tfds.core.Version("1.0.0")
    SPLITS = {"train": 30, "test": 10}
    SHAPE = (12, 10, 3)

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=self.SHAPE),
                    "label": tfds.features.ClassLabel(names=["left", "right"]),
                }
            ),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(size) for split, size in self.SPLITS.items()}

    def _generate_examples(self, size):
        random = np.random.default_rng(size)
        for index in range(size):
            yield index, {"image": self.picture(index, random), "label": index % 2}

    def picture(self, index, random):
        return random.integers(0, 256, self.SHAPE, dtype=np.uint8)


class SyntheticColour(SyntheticBuilder):
    """Colour images of one size."""


class SyntheticTransparent(SyntheticBuilder):
    """Colour images with an alpha channel."""

    SHAPE = (12, 10, 4)


class SyntheticTwoChannels(SyntheticBuilder):
    """Images that are neither grey nor in colour."""

    SHAPE = (12, 10, 2)


class SyntheticTrainOnly(SyntheticBuilder):
    """No test split."""

    SPLITS = {"train": 50}


class SyntheticValidationOnly(SyntheticBuilder):
    """A validation split in place of a test split."""

    SPLITS = {"train": 50, "validation": 14}


class SyntheticTestOnly(SyntheticBuilder):
    """No train split."""

    SPLITS = {"test": 14}


class SyntheticVarying(SyntheticBuilder):
    """Images of varying size."""

    SHAPE = (None, None, 3)

    def picture(self, index, random):
        return np.full((5 + index % 4, 6 + index % 3, 3), 10 * index % 256, np.uint8)


class SyntheticText(SyntheticBuilder):
    """No images at all."""

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict({"text": tfds.features.Text(), "score": np.float32})
        )


class SyntheticUnlabelledTest(SyntheticBuilder):
    """A test split that hides its labels, as competitions do."""

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(30), "test": self._without_labels()}

    def _without_labels(self):
        for index, example in self._generate_examples(10):
            yield index, {**example, "label": -1}


def prepare(name, folder, examples):
    """Prepares a data set of tfds as its builder would, with the given examples by split."""
    real = tfds.builder(name, data_dir=folder)

    class Filled(type(real), skip_registration=True):
        def _split_generators(self, dl_manager):
            return {split: iter(enumerate(rows)) for split, rows in examples.items()}

        def _generate_examples(self):
            raise NotImplementedError

    Filled.name = real.name
    builder = Filled(data_dir=folder, config=real.builder_config, version=str(real.version))
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(try_download_gcs=False))
    return folder
