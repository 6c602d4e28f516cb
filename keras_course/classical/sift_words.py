"""A bag of visual words: how often an image shows each kind of SIFT keypoint."""

from functools import partial
from typing import Any, NamedTuple, Self

import numpy as np
from skimage.feature import SIFT
from skimage.transform import resize
from sklearn.cluster import MiniBatchKMeans
from sklearn.utils import check_random_state

from keras_course.arguments import require_integer
from keras_course.classical.images import ImageTransformer, grey_images, image_batch

BATCH = 100  # images, about a second
LENGTH = 128  # numbers in a descriptor


class Keypoints(NamedTuple):
    """What SIFT finds in one image of k keypoints.

    positions: float of shape (k, 2), row and column in pixels of the image. sigmas: float (k,), blur of the scale, in
    pixels. angles: float (k,), radians, the gradient points cos(angle) rows down and sin(angle) columns to the right.
    descriptors: uint8 (k, 128).

    Example:
        >>> import numpy as np
        >>> from keras_course.classical import SIFTWords
        >>> images = np.random.default_rng(0).random((3, 16, 16, 1))
        >>> first = SIFTWords(words=2, smallest_side=32, random_state=0).fit(images).keypoints(images)[0]
        >>> len(first.positions) == len(first.descriptors), first.descriptors.shape[1]
        (True, 128)
    """

    positions: np.ndarray
    sigmas: np.ndarray
    angles: np.ndarray
    descriptors: np.ndarray


class SIFTWords(ImageTransformer):
    """Describes an image by the share of its SIFT keypoints that belong to each word of a vocabulary.

    `fit` finds the keypoints of the images and clusters their descriptors with mini-batch k-means; the centres are the
    words. `transform` gives each keypoint to the nearest word. An image without keypoints gives zeros. The
    position of a word in the image is discarded.

    Args:
        words: Integer >= 1. Size of the vocabulary.
        smallest_side: Integer >= 8, pixels. Images with a smaller shorter side are enlarged to it (bilinear), because
            SIFT finds nothing in a few pixels; 64 gives a digit of 8x8 about eight keypoints, a picture of
            Fashion-MNIST 27.
        max_descriptors: Integer >= 1. At most this many descriptors, drawn at random, are clustered.
        random_state: Seed, generator or None, of that draw and of k-means.
        n_jobs: Processes, as everywhere in scikit-learn; None is 1, -1 all cores.
        progress: Whether to show a bar.

    Attributes:
        vocabulary_: float32 of shape (words, 128), the centres.

    Example:
        >>> import numpy as np
        >>> from keras_course.classical import SIFTWords
        >>> images = np.random.default_rng(0).random((3, 16, 16, 1))
        >>> shares = SIFTWords(words=2, smallest_side=32, random_state=0).fit_transform(images)
        >>> shares.shape, shares.sum(axis=1)
        ((3, 2), array([1., 1., 1.], dtype=float32))

    Source: deck, chapter 3, "Standard procedure"; Lowe 2004 (SIFT), Csurka et al. 2004 (bag of words).
    """

    def __init__(
        self,
        words: int = 200,
        *,
        smallest_side: int = 64,
        max_descriptors: int = 100_000,
        random_state: Any = None,
        n_jobs: int | None = None,
        progress: bool = False,
    ):
        self.words = words
        self.smallest_side = smallest_side
        self.max_descriptors = max_descriptors
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.progress = progress

    def fit(self, images: np.ndarray, y: Any = None) -> Self:
        """Makes the vocabulary, see `ImageTransformer`.

        Raises:
            ValueError: If a setting is out of range, or the images have fewer keypoints than there are words.
        """
        self._fit(images)
        return self

    def fit_transform(self, images: np.ndarray, y: Any = None) -> np.ndarray:
        """Does `fit`, then `transform`, and looks for the keypoints once."""
        return self._histograms(self._fit(images))

    def transform(self, images: np.ndarray) -> np.ndarray:
        """Returns float32 shares of shape (n, words); each row sums to 1, or is 0 without keypoints.

        Raises:
            ValueError: If `images` have another shape than those of `fit`, or pixels out of range.
        """
        return self._histograms(self._descriptors(self._checked(images)))

    def keypoints(self, images: np.ndarray) -> list[Keypoints]:
        """Finds the keypoints of each image.

        Args:
            images: As for `transform`.

        Returns:
            The keypoints, image by image.
        """
        work = partial(find_keypoints, smallest_side=self.smallest_side)
        batches = self._map(work, self._checked(images), batch_size=BATCH)
        return [keypoints for batch in batches for keypoints in batch]

    def _fit(self, images: np.ndarray) -> list[np.ndarray]:
        require_integer("words", self.words, at_least=1)
        require_integer("smallest_side", self.smallest_side, at_least=8)
        require_integer("max_descriptors", self.max_descriptors, at_least=1)
        super().fit(images)
        descriptors = self._descriptors(image_batch(images))
        random = check_random_state(self.random_state)
        sample = np.concatenate(descriptors)
        if len(sample) > self.max_descriptors:
            sample = sample[random.choice(len(sample), self.max_descriptors, replace=False)]
        if len(sample) < self.words:
            raise ValueError(
                f"`words` must be at most the number of keypoints, {len(sample)} in {len(descriptors)} images. "
                f"Received: words={self.words}"
            )
        self.kmeans_ = MiniBatchKMeans(self.words, n_init=3, batch_size=4096, random_state=random)
        self.kmeans_.fit(sample.astype(np.float32))
        self.vocabulary_ = self.kmeans_.cluster_centers_
        self._n_features_out = self.words
        return descriptors

    def _descriptors(self, images: np.ndarray) -> list[np.ndarray]:
        return [keypoints.descriptors for keypoints in self.keypoints(images)]

    def _histograms(self, descriptors: list[np.ndarray]) -> np.ndarray:
        counts = np.array([len(found) for found in descriptors])
        histograms = np.zeros((len(descriptors), len(self.vocabulary_)), np.float32)
        if counts.sum():
            words = self.kmeans_.predict(np.concatenate(descriptors).astype(np.float32))
            np.add.at(histograms, (np.repeat(np.arange(len(counts)), counts), words), 1)
        return histograms / np.maximum(counts, 1)[:, np.newaxis].astype(np.float32)


def find_keypoints(images: np.ndarray, *, smallest_side: int) -> list[Keypoints]:
    """Finds the SIFT keypoints of each image with scikit-image.

    Args:
        images: uint8 in 0..255 or float in [0, 1], of shape (n, height, width, channels); colours become grey.
        smallest_side: Integer >= 1, pixels, to which images with a smaller shorter side are enlarged.

    Returns:
        The keypoints of each image, none in an image without contrast.
    """
    pixels = grey_images(images)
    height, width = pixels.shape[1:]
    scale = max(1.0, smallest_side / min(height, width))
    size = (round(scale * height), round(scale * width))
    return [_keypoints_of(resize(image, size, order=1) if scale > 1 else image, scale) for image in pixels]


def _keypoints_of(image: np.ndarray, scale: float) -> Keypoints:
    sift: Any = SIFT()  # its attributes are None until something is found
    try:
        sift.detect_and_extract(image)
    except RuntimeError:  # scikit-image's word for "no keypoint"
        return Keypoints(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros((0, LENGTH), np.uint8))
    # Pixel centres: an enlarged image has its first at half a pixel of its own, not of the original.
    positions = (sift.positions + 0.5) / scale - 0.5
    return Keypoints(positions, sift.sigmas / scale, sift.orientations, sift.descriptors)
