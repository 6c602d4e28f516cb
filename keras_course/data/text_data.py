"""A text in memory, divided by documents, with its three splits as tf.data."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_course.arguments import require_integer, require_sequence
from keras_course.data.in_memory import LARGEST_BATCH
from keras_course.data.pipeline import Elements, evaluation_dataset, training_dataset
from keras_course.data.vocabulary import START, Vocabulary

PARTS = ("train_documents", "validation_documents", "test_documents")


class Document(NamedTuple):
    """A piece of text that is trained, validated or tested on as a whole.

    Attributes:
        name: Of a module or a file, for tables.
        text: Its text.

    Example:
        >>> from keras_course.data import Document
        >>> Document("glob", "Filename globbing utility.").name
        'glob'
    """

    name: str
    text: str


@dataclass(frozen=True, eq=False, repr=False)
class TextData:
    """Holds a text and hands it out as `tf.data.Dataset` of windows, for a model that predicts the next token.

    `train`, `validation` and `test` give `(tokens, next_tokens)`, int32 `(batch, length)` each: ids of `vocabulary`,
    and the same one token later. The documents of a part follow each other, a `START` in front of each, and are cut
    into windows of `length` tokens; fewer that are left at the end are not used. The order of the windows in epoch k
    depends on `seed` and k alone.

    Args:
        name: The text's name.
        vocabulary: Of the training documents.
        train_documents: What is trained on.
        validation_documents: What is validated on; may be empty.
        test_documents: What is tested on.
        length: Integer >= 1, tokens per window, default 64.
        batch_size: Integer >= 1, windows per batch, default 64.
        seed: Integer in [0, 2**32), of the order, default 0.
        source: Where the text comes from, as `TextSource.describe` says, or `None`.

    Raises:
        ValueError: If a part has too little text for one window, or a setting is out of range.

    Example:
        >>> from keras_course.data import Document, TextData, Vocabulary
        >>> some = (Document("one", "banana"), Document("two", "ananas"))
        >>> data = TextData("fruit", Vocabulary.from_texts(["banana"], "characters"), some, (), some, length=6)
        >>> data
        TextData(name='fruit', tokens='characters', vocabulary=7, train_size=12, validation_size=0, test_size=12)
        >>> data.test.element_spec[0].shape
        TensorShape([None, 6])
    """

    name: str
    vocabulary: Vocabulary
    train_documents: tuple[Document, ...]
    validation_documents: tuple[Document, ...]
    test_documents: tuple[Document, ...]
    length: int = 64
    batch_size: int = 64
    seed: int = 0
    source: Mapping[str, Any] | None = None

    def __post_init__(self):
        require_integer("length", self.length, at_least=1)
        require_integer("batch_size", self.batch_size, at_least=1, at_most=LARGEST_BATCH)
        require_integer("seed", self.seed, at_least=0, at_most=2**32 - 1)
        if not isinstance(self.vocabulary, Vocabulary):
            raise ValueError(f"`vocabulary` must be a Vocabulary. Received: a {type(self.vocabulary).__name__}")
        for part in PARTS:
            require_documents(part, getattr(self, part))
        for part, stream in self._streams.items():
            if len(stream) <= self.length and (len(stream) or part == PARTS[0]):
                raise ValueError(
                    "`length` must leave a window and the token after it of each part, or `source` hold more text. "
                    f"Received: length={self.length} for {part} of {len(stream)} tokens"
                )

    @property
    def train_size(self) -> int:
        """The number of training tokens."""
        return self._size("train_documents")

    @property
    def validation_size(self) -> int:
        """The number of validation tokens, 0 without any."""
        return self._size("validation_documents")

    @property
    def test_size(self) -> int:
        """The number of test tokens."""
        return self._size("test_documents")

    @property
    def train(self) -> tf.data.Dataset:
        """The training batches, from epoch 0 on."""
        return self.train_from(0)

    def train_from(self, epoch: int) -> tf.data.Dataset:
        """Gives the training batches from `epoch` on, as an uninterrupted run would see them there.

        Args:
            epoch: Integer >= 0. The epoch of the first iteration.

        Returns:
            Dataset of known cardinality.

        Raises:
            ValueError: If `epoch` is negative or no integer.
        """
        require_integer("epoch", epoch, at_least=0)
        return training_dataset(
            self._windows("train_documents"),
            _shifted,
            batch_size=self.batch_size,
            seed=self.seed,
            first_epoch=epoch,
        )

    @functools.cached_property
    def validation(self) -> tf.data.Dataset | None:
        """The validation batches in the order of the text, or `None` if there are no validation documents."""
        return self._evaluated("validation_documents") if self.validation_documents else None

    @functools.cached_property
    def test(self) -> tf.data.Dataset:
        """The test batches in the order of the text."""
        return self._evaluated("test_documents")

    def settings(self) -> dict[str, Any]:
        """Returns what makes a run on this text, JSON-serialisable."""
        return {
            "data": self.name,
            "tokens": self.vocabulary.kind,
            "class_names": list(self.vocabulary.names),
            **{f"{part}_size": getattr(self, f"{part}_size") for part in ("train", "validation", "test")},
            "length": self.length,
            "batch_size": self.batch_size,
            "data_seed": self.seed,
            **({} if self.source is None else {"source": dict(self.source), "data_digest": self.source.get("digest")}),
        }

    @functools.cached_property
    def _streams(self) -> dict[str, NDArray[np.int32]]:
        return {part: stream_of(getattr(self, part), self.vocabulary) for part in PARTS}

    def _size(self, part: str) -> int:
        return len(self._streams[part]) - len(getattr(self, part))

    def _windows(self, part: str) -> Elements:
        stream = self._streams[part]
        starts = np.arange((len(stream) - 1) // self.length) * self.length
        with tf.device("CPU"):
            return {"windows": tf.constant(stream[starts[:, np.newaxis] + np.arange(self.length + 1)])}

    def _evaluated(self, part: str) -> tf.data.Dataset:
        return evaluation_dataset(self._windows(part), _shifted, batch_size=self.batch_size)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(name={self.name!r}, tokens={self.vocabulary.kind!r}, "
            f"vocabulary={len(self.vocabulary)}, train_size={self.train_size}, "
            f"validation_size={self.validation_size}, test_size={self.test_size})"
        )


def require_documents(name: str, documents: Any) -> None:
    """Raises a ValueError unless an argument is a sequence of documents.

    Args:
        name: The argument's name, for the message.
        documents: The value received.
    """
    require_sequence(name, documents)
    for document in documents:
        if not (isinstance(document, Document) and isinstance(document.text, str)):
            raise ValueError(f"`{name}` must be Documents, each with a text. Received: {document!r:.100} among them")


def stream_of(documents: Sequence[Document], vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Returns the ids of documents one after the other, `START` in front of each.

    Args:
        documents: In their order.
        vocabulary: Whose ids they get.

    Returns:
        Shape (tokens,), where tokens counts those of the text and one for each document.

    Example:
        >>> from keras_course.data import Document, Vocabulary
        >>> stream_of([Document("one", "ab"), Document("two", "b")], Vocabulary("characters", ("a", "b")))
        array([2, 4, 5, 2, 5], dtype=int32)
    """
    parts = [part for document in documents for part in (np.array([START], np.int32), vocabulary.encode(document.text))]
    return np.concatenate([np.zeros(0, np.int32), *parts])


def _shifted(elements: Elements) -> tuple[tf.Tensor, tf.Tensor]:
    return elements["windows"][:, :-1], elements["windows"][:, 1:]
