"""Vocabularies: the tokens of a text, characters or words, and their ids."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keras_course.arguments import require_choice, require_integer, require_sequence
from keras_course.data.tokens import KINDS, Kind, join_tokens, split_text
from keras_course.files import write_file
from keras_course.name_arguments import require_path

PADDING, UNKNOWN, START, END = range(4)  # ids, in front of those of the tokens
SPECIAL_NAMES = ("<padding>", "<unknown>", "<start>", "<end>")
SPECIALS = len(SPECIAL_NAMES)
SHOWN_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows, and their ids.

    Ids 0 to 3 are padding, unknown, start and end (`PADDING`, `UNKNOWN`, `START`, `END`); the tokens follow.

    Args:
        kind: "characters" or "words".
        tokens: The known tokens in the order of their ids, the first of which is 4.

    Raises:
        ValueError: If `kind` is unknown, or a token is empty, no string, or there twice.

    Example:
        >>> from keras_course.data import Vocabulary
        >>> words = Vocabulary.from_texts(["a small seven", "a nine"])
        >>> words.tokens, len(words)
        (('a', 'nine', 'seven', 'small'), 8)
        >>> words.encode("a large nine")
        array([4, 1, 5], dtype=int32)
    """

    kind: Kind
    tokens: tuple[str, ...]

    def __post_init__(self):
        require_choice("kind", self.kind, KINDS)
        require_sequence("tokens", self.tokens)
        object.__setattr__(self, "tokens", tuple(self.tokens))
        for token in self.tokens:
            if not isinstance(token, str) or not token:
                raise ValueError(f"`tokens` must be non-empty strings. Received: {token!r} among them")
        if len(self._ids) < len(self.tokens):
            twice = next(token for token, count in Counter(self.tokens).items() if count > 1)
            raise ValueError(f"`tokens` must differ from each other. Received: {twice!r} twice")

    @classmethod
    def from_texts(
        cls, texts: Iterable[str], kind: Kind = "words", *, minimum_count: int = 1, max_tokens: int | None = None
    ) -> "Vocabulary":
        """Collects the tokens of texts, the most frequent first; those of one frequency in the order of the alphabet.

        Args:
            texts: The training texts, and no others: what validation and test have beyond them is unknown.
            kind: "characters" or "words".
            minimum_count: Integer >= 1. Rarer tokens are left out.
            max_tokens: Integer >= 1, the most that are kept; None keeps all.

        Returns:
            The vocabulary.

        Raises:
            ValueError: If an argument is out of range.

        Example:
            >>> from keras_course.data import Vocabulary
            >>> Vocabulary.from_texts(["abba", "a"], "characters").tokens
            ('a', 'b')
        """
        require_integer("minimum_count", minimum_count, at_least=1)
        if max_tokens is not None:
            require_integer("max_tokens", max_tokens, at_least=1)
        if isinstance(texts, str) or not isinstance(texts, Iterable):
            raise ValueError(f"`texts` must be several texts. Received: texts={texts!r:.100}")
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(split_text(text, kind))
        ordered = sorted(counts, key=lambda token: (-counts[token], token))
        return cls(kind, tuple(token for token in ordered if counts[token] >= minimum_count)[:max_tokens])

    def __len__(self) -> int:
        """The number of ids, those of padding, unknown, start and end among them."""
        return SPECIALS + len(self.tokens)

    def encode(self, text: str) -> NDArray[np.int32]:
        """Returns the ids of a text's tokens, without start and end.

        Args:
            text: Any text; tokens that are not in the vocabulary become `UNKNOWN`.

        Returns:
            Shape (tokens,).
        """
        return np.array([self._ids.get(token, UNKNOWN) for token in split_text(text, self.kind)], np.int32)

    def encode_sentences(self, sentences: Sequence[str], *, length: int | None = None) -> NDArray[np.int32]:
        """Returns the ids of sentences, each between `START` and `END`, filled up with `PADDING`.

        Args:
            sentences: n of them.
            length: Integer >= 2, of the rows; a longer sentence is an error. None takes that of the longest.

        Returns:
            Shape (n, length).

        Raises:
            ValueError: If `sentences` are not strings, or one has more than `length` - 2 tokens.

        Example:
            >>> from keras_course.data import Vocabulary
            >>> Vocabulary("words", ("a", "nine")).encode_sentences(["a nine", "nine"])
            array([[2, 4, 5, 3],
                   [2, 5, 3, 0]], dtype=int32)
        """
        require_sequence("sentences", sentences)
        encoded = [self.encode(sentence) for sentence in sentences]
        longest = max((len(ids) for ids in encoded), default=0) + 2
        if length is not None:
            require_integer("length", length, at_least=2)
            if longest > length:
                raise ValueError(
                    f"`length` must hold each sentence with start and end. Received: length={length} for one of "
                    f"{longest - 2} tokens"
                )
        rows = np.full((len(encoded), length or longest), PADDING, np.int32)
        rows[:, 0] = START
        for row, ids in zip(rows, encoded, strict=True):
            row[1 : len(ids) + 1], row[len(ids) + 1] = ids, END
        return rows

    def words_of(self, ids: ArrayLike) -> list[str]:
        """Returns the tokens of ids up to the first `END`; `START` and `PADDING` are left out.

        Args:
            ids: Integers of shape (tokens,).

        Returns:
            The tokens; an unknown one is a replacement character.

        Raises:
            ValueError: If an id is not one of this vocabulary.

        Example:
            >>> from keras_course.data import Vocabulary
            >>> Vocabulary("words", ("a", "nine")).words_of([2, 4, 5, 3, 0])
            ['a', 'nine']
        """
        array = np.asarray(ids)
        if (
            array.ndim != 1
            or array.size
            and (array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= len(self))
        ):
            raise ValueError(
                f"`ids` must be integers in [0, {len(self) - 1}] of shape (tokens,). Received: ids={ids!r}"
            )
        ends = np.flatnonzero(array == END)
        shown = array[: ends[0]] if len(ends) else array
        return [self._shown[k] for k in shown if k not in (START, PADDING)]

    def decode(self, ids: ArrayLike) -> str:
        """Returns the text of ids, see `words_of` and `join_tokens`.

        Example:
            >>> from keras_course.data import Vocabulary
            >>> Vocabulary("characters", ("a", "b")).decode([5, 4, 1, 5])
            'ba�b'
        """
        return join_tokens(self.words_of(ids), self.kind)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the vocabulary as JSON, whose `tokens` start with the four special ones.

        Raises:
            ValueError: If `path` is not a path.
        """
        write_file(require_path("path", path), self.to_json().encode())

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Vocabulary":
        """Reads what `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it does not hold a vocabulary.

        Example:
            >>> import tempfile
            >>> from pathlib import Path
            >>> from keras_course.data import Vocabulary
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     Vocabulary("words", ("a", "nine")).save(Path(folder) / "vocabulary.json")
            ...     Vocabulary.load(Path(folder) / "vocabulary.json")
            Vocabulary(kind='words', tokens=('a', 'nine'))
        """
        file = require_path("path", path)
        if not file.is_file():
            raise FileNotFoundError(f"`path` must be a file that Vocabulary.save wrote. Received: path={str(path)!r}")
        try:
            read = json.loads(file.read_text("utf-8"))
            if tuple(read["tokens"][:SPECIALS]) != SPECIAL_NAMES:
                raise ValueError(f"no {', '.join(SPECIAL_NAMES)} in front of the tokens")
            return cls(read["kind"], tuple(read["tokens"][SPECIALS:]))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"`path` must be a file that Vocabulary.save wrote. Received: path={str(path)!r}"
            ) from error

    def to_json(self) -> str:
        """Returns what `save` writes: `{"kind": ..., "tokens": [...]}`, where a token's place is its id."""
        return json.dumps({"kind": self.kind, "tokens": self.names}, indent=1) + "\n"

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each id: "<padding>", "<unknown>", "<start>" and "<end>", then the tokens."""
        return (*SPECIAL_NAMES, *self.tokens)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.tokens, start=SPECIALS)}

    @cached_property
    def _shown(self) -> tuple[str, ...]:
        return ("", SHOWN_UNKNOWN, "", "", *self.tokens)
