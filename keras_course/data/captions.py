"""Sentences about images: one or several of each image, of one number by padding."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_course.arguments import require_sequence
from keras_course.data.letterbox import Letterbox
from keras_course.data.objects import letterbox_of
from keras_course.data.pixels import check_images
from keras_course.data.tokens import split_text
from keras_course.data.vocabulary import SPECIAL_NAMES, SPECIALS, Vocabulary

NO_CAPTION = ""  # padding
KEEPING_CAPTIONS = ("shift", "colour")  # augmentations that make no sentence wrong: others cut or mirror what it tells


class CaptionExamples(NamedTuple):
    """Images with sentences about them, `max_captions` at most; an image with fewer has empty strings behind them.

    Attributes:
        images: uint8 in 0..255, shape `(n, height, width, channels)`.
        captions: Strings (dtype object), shape `(n, max_captions)`, as `checked_captions` returns them.
        sizes: int64, shape `(n, 2)`: height and width of the original pictures, or `None` if those are the images.

    Example:
        >>> import numpy as np
        >>> from keras_course.data import CaptionExamples
        >>> captions = np.array([["one digit: a two"]], object)
        >>> CaptionExamples(np.zeros((1, 8, 8, 1), np.uint8), captions).references()
        [['one digit: a two']]
    """

    images: np.ndarray
    captions: np.ndarray
    sizes: np.ndarray | None = None

    def references(self) -> list[list[str]]:
        """Returns the captions of each image without padding."""
        return [[caption for caption in row if caption != NO_CAPTION] for row in self.captions.tolist()]

    def letterbox(self, index: int) -> Letterbox:
        """Returns where image `index` has the original picture."""
        return letterbox_of(self.images, self.sizes, index)


def plain_caption(text: str) -> str:
    """Returns a sentence in lower case, with single spaces.

    Example:
        >>> plain_caption("A  cat on a mat. ")
        'a cat on a mat.'
    """
    return " ".join(text.lower().split())


def checked_captions(name: str, captions: Any) -> list[str]:
    r"""Returns the captions of one picture as they are trained on: in lower case, with single spaces.

    Args:
        name: The picture, for the message: `"kitchen.jpg"`.
        captions: A string, or a sequence of strings.

    Raises:
        ValueError: If there is none, or one is not a string or has no word.

    Example:
        >>> checked_captions("kitchen.jpg", ["A  cat on a mat.\n"])
        ['a cat on a mat.']
    """
    rows = [captions] if isinstance(captions, str) else captions
    if not isinstance(rows, Sequence | np.ndarray) or not len(rows):
        raise ValueError(f"{name}: a picture must have at least one caption. Received: {captions!r:.100}")
    found = []
    for row in rows:
        text = plain_caption(row) if isinstance(row, str) else ""
        if not split_text(text):
            raise ValueError(f"{name}: a caption must be a string with at least one word. Received: {row!r:.100}")
        found.append(text)
    return found


def padded_captions(captions: Sequence[Sequence[str]]) -> np.ndarray:
    """Stacks the captions of several images, with padding up to the most that one of them has.

    Example:
        >>> padded_captions([["a cat", "a pet"], ["a dog"]]).tolist()
        [['a cat', 'a pet'], ['a dog', '']]
    """
    stacked = np.full((len(captions), max(map(len, captions), default=1)), NO_CAPTION, object)
    for row, own in zip(stacked, captions, strict=True):
        row[: len(own)] = own
    return stacked


def vocabulary_of(names: Sequence[str]) -> Vocabulary:
    """Returns the vocabulary of words whose `Vocabulary.names` are the classes of a captioner.

    Raises:
        ValueError: If `names` do not start with the special ones, or a word occurs twice.

    Example:
        >>> vocabulary_of(("<padding>", "<unknown>", "<start>", "<end>", "a", "cat")).tokens
        ('a', 'cat')
    """
    require_sequence("class_names", names)
    if tuple(names[:SPECIALS]) != SPECIAL_NAMES:
        raise ValueError(
            f"`class_names` must be words after {', '.join(SPECIAL_NAMES)}. Received: class_names={list(names)!r:.100}"
        )
    return Vocabulary("words", tuple(names[SPECIALS:]))


def check_caption_examples(name: str, examples: CaptionExamples, shape: tuple[int, ...], num_classes: int) -> None:
    """Raises unless examples are images of one shape, each with a caption at least.

    Args:
        name: The argument's name, for the message.
        examples: The images and captions.
        shape: `(height, width, channels)` that the images must have.
        num_classes: Size of the vocabulary; a word that is not in it is an unknown one.

    Raises:
        ValueError: If images or captions are not as `CaptionExamples` says.
    """
    check_images(name, examples.images, shape)
    captions = np.asarray(examples.captions)
    if captions.ndim != 2 or len(captions) != len(examples.images) or captions.dtype != object:
        raise ValueError(
            f"`{name}` must hold captions (n, max_captions), of dtype object, of {len(examples.images)} images. "
            f"Received: {captions.dtype}, shape {captions.shape}"
        )
    for index, row in enumerate(examples.references()):
        if checked_captions(f"`{name}`, image {index}", row) != row:
            raise ValueError(
                f"`{name}`, image {index}: captions must be in lower case, with single spaces. Received: {row!r:.100}"
            )
