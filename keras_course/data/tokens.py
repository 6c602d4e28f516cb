"""Texts to tokens, characters or words, and back."""

import re
from collections.abc import Iterable
from typing import Literal

from keras_course.arguments import require_choice

Kind = Literal["characters", "words"]

KINDS: tuple[Kind, ...] = ("characters", "words")
WORD = re.compile(r"\w+(?:['’-]\w+)*|\n|[^\w\s]")  # a word, a line break, or another mark
NO_SPACE_BEFORE, NO_SPACE_AFTER = frozenset(".,:;!?)]}%\n"), frozenset("([{\n")


def split_text(text: str, kind: Kind = "words") -> list[str]:
    """Splits a text into tokens.

    Args:
        text: Any text.
        kind: "characters", or "words": runs of letters and digits, with hyphens and apostrophes inside; every other
            mark and every line break is a token of its own, and spaces are dropped.

    Returns:
        The tokens in order.

    Raises:
        ValueError: If `text` is not a string or `kind` is unknown.

    Example:
        >>> from keras_course.data import split_text
        >>> split_text("two digits: a six, left of a one")
        ['two', 'digits', ':', 'a', 'six', ',', 'left', 'of', 'a', 'one']
    """
    require_choice("kind", kind, KINDS)
    if not isinstance(text, str):
        raise ValueError(f"`text` must be a string. Received: text={text!r:.100}")
    return list(text) if kind == "characters" else WORD.findall(text)


def join_tokens(tokens: Iterable[str], kind: Kind = "words") -> str:
    """Writes tokens as a text; words get spaces between them but none inside brackets or before a mark.

    Args:
        tokens: As `split_text` gives them.
        kind: "characters" or "words".

    Returns:
        The text; of characters the one that was split.

    Raises:
        ValueError: If `kind` is unknown.

    Example:
        >>> from keras_course.data import join_tokens
        >>> join_tokens(["two", "digits", ":", "a", "six", "(", "small", ")"])
        'two digits: a six (small)'
    """
    require_choice("kind", kind, KINDS)
    if kind == "characters":
        return "".join(tokens)
    parts: list[str] = []
    for token in tokens:
        if parts and token not in NO_SPACE_BEFORE and parts[-1] not in NO_SPACE_AFTER:
            parts.append(" ")
        parts.append(token)
    return "".join(parts)
