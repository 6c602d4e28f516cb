"""The entrance of language models: docstrings, a file or a folder of text -> `TextData`."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.data.docstrings import standard_library_docstrings
from keras_course.data.splits import HELD_OUT_FOR_TEST
from keras_course.data.text_data import Document, TextData
from keras_course.data.tokens import KINDS, Kind
from keras_course.data.vocabulary import Vocabulary
from keras_course.name_arguments import require_path

DOCSTRINGS = "docstrings"
KEPT_FOR_TEST = "a fifth of the text, whole documents, kept from training"
SECTIONS = 50  # of a single file


@dataclass(frozen=True)
class TextSource:
    """A text before it is divided; `open_text` makes one.

    Attributes:
        name: The text's name, as figures and exports show it.
        documents: What stays together when the text is divided.
        path: Of the file or folder, or None.

    Example:
        >>> from keras_course.data import open_text
        >>> source = open_text("docstrings")
        >>> source.name, len(source.documents) > 100
        ('docstrings', True)
    """

    name: str
    documents: tuple[Document, ...]
    path: str | None = None

    def describe(self) -> dict[str, Any]:
        """Returns where the text comes from, JSON-serialisable, with sixteen hexadecimal digits of all of it."""
        digest = hashlib.sha256("\0".join(part for document in self.documents for part in document).encode())
        return {
            "kind": DOCSTRINGS if self.path is None else "text",
            "name": self.name,
            "path": self.path,
            "test": KEPT_FOR_TEST,
            "digest": digest.hexdigest()[:16],
        }

    def train_size(self, validation_fraction: float = 0.1) -> int:
        """Computes the number of characters that `load` leaves to train on, with the seed 0."""
        return sum(len(document.text) for document in self._divided(validation_fraction, 0)[0])

    def load(
        self,
        *,
        tokens: Kind = "characters",
        length: int = 64,
        batch_size: int = 64,
        validation_fraction: float = 0.1,
        minimum_count: int = 2,
        max_tokens: int | None = None,
        seed: int = 0,
    ) -> TextData:
        """Divides the text, see `load_text`."""
        require_choice("tokens", tokens, KINDS)
        require_integer("seed", seed, at_least=0, at_most=2**32 - 1)
        train, validation, test = self._divided(validation_fraction, seed)
        texts = [document.text for document in train]
        vocabulary = Vocabulary.from_texts(texts, tokens, minimum_count=minimum_count, max_tokens=max_tokens)
        return TextData(
            self.name,
            vocabulary,
            train,
            validation,
            test,
            length=length,
            batch_size=batch_size,
            seed=seed,
            source=self.describe(),
        )

    def _divided(self, validation_fraction: float, seed: int) -> tuple[tuple[Document, ...], ...]:
        """Returns what is trained, validated and tested on."""
        require_number("validation_fraction", validation_fraction, at_least=0, below=1)
        rest, test = held_out(self.documents, HELD_OUT_FOR_TEST, "test")
        return (*held_out(rest, validation_fraction, f"validation {seed}"), test)


def load_text(
    source: str | os.PathLike = DOCSTRINGS,
    *,
    tokens: Kind = "characters",
    length: int = 64,
    batch_size: int = 64,
    validation_fraction: float = 0.1,
    minimum_count: int = 2,
    max_tokens: int | None = None,
    seed: int = 0,
) -> TextData:
    """Loads a text as windows of tokens, for a model that predicts the next one.

    The text is divided by documents, so that what is tested on is new as a whole: modules of Python's standard library
    with their submodules, the files of a folder, or fifty sections of a single file. A fifth is kept for the test,
    always the same; the validation documents are taken from the rest.

    Args:
        source: "docstrings", those of the standard library's sources, about 1.5 million characters that every machine
            has (nothing is imported, tests are left out); or a .txt file, or a folder with some at any depth, UTF-8.
        tokens: "characters", or "words" as `split_text` finds them.
        length: Integer >= 1, tokens per window, default 64.
        batch_size: Integer >= 1, windows per batch, default 64.
        validation_fraction: Float in [0, 1), share of the text that is not for the test, default 0.1.
        minimum_count: Integer >= 1, default 2. Tokens that are rarer in the training documents are unknown.
        max_tokens: Integer >= 1, the most that are kept; None keeps all.
        seed: Integer in [0, 2**32). Chooses the validation documents and, together with the epoch, the order.

    Returns:
        The text in memory.

    Raises:
        ValueError: If an argument is out of range, a file is not UTF-8, or the text can't be divided.
        FileNotFoundError: If there is no such file, or no .txt file in the folder.

    Example:
        >>> from keras_course.data import load_text
        >>> data = load_text("docstrings", length=32)
        >>> tokens, next_tokens = next(iter(data.train))
        >>> tuple(tokens.shape), bool((tokens[:, 1:] == next_tokens[:, :-1]).numpy().all())
        ((64, 32), True)

    Source: deck, chapter 10, the recurrent networks that it did not show.
    """
    return open_text(source).load(
        tokens=tokens,
        length=length,
        batch_size=batch_size,
        validation_fraction=validation_fraction,
        minimum_count=minimum_count,
        max_tokens=max_tokens,
        seed=seed,
    )


def open_text(source: str | os.PathLike = DOCSTRINGS) -> TextSource:
    """Reads a text.

    Args:
        source: As for `load_text`.

    Returns:
        The text in documents.

    Raises:
        ValueError: If a file is not UTF-8.
        FileNotFoundError: If there is no such file, or no .txt file in the folder.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from keras_course.data import open_text
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "one.txt").write_text("banana")
        ...     open_text(folder).documents
        (Document(name='one.txt', text='banana'),)
    """
    if source == DOCSTRINGS:
        return TextSource(DOCSTRINGS, standard_library_docstrings())
    path = require_path("source", source)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.txt") if file.is_file())
        documents = tuple(Document(file.relative_to(path).as_posix(), _read(file)) for file in files)
    elif path.is_file():
        documents = _sections(path.stem, _read(path))
    else:
        raise FileNotFoundError(
            f"`source` must be 'docstrings', a .txt file or a folder with some. Received: source={str(source)!r}, "
            "which is none of them"
        )
    documents = tuple(document for document in documents if document.text)
    if not documents:
        raise FileNotFoundError(f"`source` must hold text in .txt files. Received: source={str(source)!r} without any")
    return TextSource(path.resolve().stem, documents, str(path))


def held_out(
    documents: Sequence[Document], fraction: float, salt: str
) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """Divides documents in two, by a hash of their names.

    Args:
        documents: At least two, unless `fraction` is 0.
        fraction: Float in [0, 1), of the characters that are held out at most; but one document always is.
        salt: Decides, with the names, which.

    Returns:
        `(kept, held_out)`, each in the order of `documents`.

    Raises:
        ValueError: If there are too few documents.

    Example:
        >>> from keras_course.data import Document
        >>> kept, held = held_out([Document(name, "text") for name in "abcde"], 0.2, "test")
        >>> len(kept), len(held)
        (4, 1)
    """
    if not fraction:
        return tuple(documents), ()
    if len(documents) < 2:
        raise ValueError(
            f"`source` must hold more documents, such as files or lines: none of {len(documents)} can be held out"
        )
    sizes = {document.name: len(document.text) for document in documents}
    room, chosen = fraction * sum(sizes.values()), set()
    for name in sorted(sizes, key=lambda name: hashlib.sha256(f"{salt} {name}".encode()).digest()):
        if sizes[name] <= room:
            chosen.add(name)
            room -= sizes[name]
    chosen = chosen or {min(sizes, key=lambda name: (sizes[name], name))}
    return tuple(d for d in documents if d.name not in chosen), tuple(d for d in documents if d.name in chosen)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")  # a mark in front is none of the text
    except UnicodeDecodeError as error:
        raise ValueError(f"`source` must be UTF-8. Received: {file} ({error.reason} at byte {error.start})") from error


def _sections(name: str, text: str) -> tuple[Document, ...]:
    """Cuts a text at ends of lines into `SECTIONS` pieces of about the same length."""
    lines, ends, size = text.splitlines(keepends=True), [], 0
    for line in lines:
        size += len(line)
        ends.append(size)
    pieces: dict[int, list[str]] = {}
    for line, end in zip(lines, ends, strict=True):
        pieces.setdefault((end - 1) * SECTIONS // max(1, size), []).append(line)
    return tuple(Document(f"{name} {number + 1}", "".join(piece)) for number, piece in sorted(pieces.items()))
