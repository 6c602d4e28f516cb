"""A language model read from disk, and the text that it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_course.arguments import require_integer, require_number
from keras_course.data.vocabulary import Vocabulary
from keras_course.export.contract import LENGTH, PROMPT, SEED, TEMPERATURE, TEXT, TOP_P

LARGEST = 2**31 - 1
WRITER_INPUTS = [
    tf.TensorSpec((None,), tf.string, name=PROMPT),
    tf.TensorSpec((), tf.int32, name=LENGTH),
    tf.TensorSpec((), tf.float32, name=TEMPERATURE),
    tf.TensorSpec((), tf.float32, name=TOP_P),
    tf.TensorSpec((), tf.int32, name=SEED),
]


@dataclass(frozen=True)
class SavedWriter:
    """An exported language model, ready to write; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel; None of a model in memory.
        function: Takes tensors `prompt` string `(batch,)`, `length` int32, `temperature` and `top_p` float32 and `seed`
            int32, each of these a single number; returns a dictionary with the tensor `text` string `(batch,)`.
        vocabulary: The tokens that it knows.

    Example:
        >>> import tempfile
        >>> from keras_course.applications.language_model import export_language_model
        >>> from keras_course.data import Vocabulary
        >>> from keras_course.export import load_saved_model
        >>> from keras_course.models import build_language_model
        >>> letters = Vocabulary("characters", ("a", "b"))
        >>> model = build_language_model(len(letters), units=4)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     writer = load_saved_model(export_language_model(model, folder, vocabulary=letters))
        ...     len(writer.write("ab", length=5))
        5
    """

    path: Path | None
    function: Callable[..., dict[str, Any]]
    vocabulary: Vocabulary

    def write(
        self, prompt: str = "", *, length: int = 400, temperature: float = 0.8, top_p: float = 0.95, seed: int = 0
    ) -> str:
        """Writes what may follow a prompt; the same seed gives the same text.

        Args:
            prompt: How the text begins. What the vocabulary lacks is read as unknown.
            length: Integer >= 1, tokens to write.
            temperature: Float >= 0, by which the logits are divided: below 1 the text is more usual, above 1 more
                surprising; 0 takes the most probable token each time.
            top_p: Float in (0, 1]. Draws among the fewest tokens that have together at least this probability.
            seed: Integer in [0, 2**31).

        Returns:
            The text after the prompt.

        Raises:
            ValueError: If an argument is out of range.
        """
        if not isinstance(prompt, str):
            raise ValueError(f"`prompt` must be a string. Received: prompt={prompt!r}")
        require_integer("length", length, at_least=1, at_most=LARGEST)
        require_number("temperature", temperature, at_least=0)
        require_number("top_p", top_p, above=0, at_most=1)
        require_integer("seed", seed, at_least=0, at_most=LARGEST)
        asked = {
            PROMPT: tf.constant([prompt.encode("utf-8", "replace")]),
            LENGTH: tf.constant(length, tf.int32),
            TEMPERATURE: tf.constant(temperature, tf.float32),
            TOP_P: tf.constant(top_p, tf.float32),
            SEED: tf.constant(seed, tf.int32),
        }
        return self.function(**asked)[TEXT].numpy()[0].decode()
