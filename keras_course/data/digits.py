"""The tfds data set `digits`: scikit-learn's bundled 8x8 digits, no network needed."""

import numpy as np
import tensorflow_datasets as tfds
from sklearn.datasets import load_digits

from keras_course.data.splits import stratified_split

LARGEST_VALUE = 16  # scikit-learn's pixels count the ink in 4x4 blocks of a bitmap, 0..16
TEST_SIZE = 360


class Digits(tfds.core.GeneratorBasedBuilder):
    """1,797 handwritten digits, 8x8 grey: 1,437 to train, 360 to test, stratified, always the same.

    A pixel v in 0..16 becomes round(255 v / 16), so paper stays 0 and full ink becomes 255. The
    map is one to one.

    Source: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI, its test part,
    as `sklearn.datasets.load_digits` bundles it.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description="Handwritten digits, 8x8 grey, as scikit-learn bundles them.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1)),
                    "label": tfds.features.ClassLabel(names=[str(digit) for digit in range(10)]),
                }
            ),
            supervised_keys=("image", "label"),
            homepage="https://archive.ics.uci.edu/dataset/80",
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing to download
        digits = load_digits()
        train, test = split_digits(digits.target)
        return {
            "train": self._generate_examples(digits, train),
            "test": self._generate_examples(digits, test),
        }

    def _generate_examples(self, digits, members):
        images = np.rint(digits.images * (255 / LARGEST_VALUE)).astype(np.uint8)[..., np.newaxis]
        for index in members.tolist():
            yield index, {"image": images[index], "label": int(digits.target[index])}


def split_digits(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Divides scikit-learn's digits into those to train on and those to test on, always the same.

    Args:
        labels: All of them, shape `(1797,)`.

    Returns:
        Two sorted arrays of indices.
    """
    return stratified_split(labels, TEST_SIZE / len(labels), seed=0)
