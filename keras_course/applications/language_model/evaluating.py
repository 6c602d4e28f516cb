"""How well a language model predicts documents, each token given those before it."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_course.applications.language_model.chain import check_language_model
from keras_course.data import Document, Vocabulary
from keras_course.data.text_data import require_documents, stream_of
from keras_course.data.vocabulary import PADDING, START
from keras_course.evaluation import TextEvaluation

JUDGED, CONTEXT = 512, 256  # tokens: judged at a time, and seen before them
AT_ONCE = 32  # windows


def evaluate_text(model: keras.Model, vocabulary: Vocabulary, documents: Sequence[Document]) -> TextEvaluation:
    """Computes what a language model loses on each token of some documents.

    Each is predicted from what is before it in its document and the one before, at least 256 tokens where there are as
    many; a `START` is in front of every document.

    Args:
        model: From `build_language_model`.
        vocabulary: That it was trained with.
        documents: With one token at least.

    Returns:
        The losses; of a token that is not in the vocabulary that of "unknown".

    Raises:
        ValueError: If the model doesn't fit the vocabulary, or there is no token.

    Example:
        >>> from keras_course.applications.language_model import evaluate_text
        >>> from keras_course.data import Document, Vocabulary
        >>> from keras_course.models import build_language_model
        >>> letters = Vocabulary("characters", ("a", "b"))
        >>> evaluate_text(build_language_model(len(letters), units=4), letters, [Document("one", "abba")]).num_tokens
        4

    Source: deck, chapter 10, the recurrent networks that it did not show.
    """
    check_language_model(model, vocabulary)
    require_documents("documents", documents)
    sizes = [len(vocabulary.encode(document.text)) for document in documents]
    if not sum(sizes):
        raise ValueError(f"`documents` must have a token. Received: {len(sizes)} documents without any")
    stream = stream_of(documents, vocabulary)
    losses = token_losses(model, stream)[stream[1:] != START]
    names = tuple(document.name for document in documents)
    return TextEvaluation(names, tuple(np.split(losses, np.cumsum(sizes)[:-1])))


def token_losses(model: keras.Model, stream: NDArray[np.int32]) -> NDArray[np.float32]:
    """Returns -ln of the probability of each token but the first, given those before it.

    Args:
        model: From `build_language_model`.
        stream: Ids, shape (tokens,).

    Returns:
        Shape (tokens - 1,), in nats.
    """
    seen = CONTEXT + JUDGED
    starts = np.arange(0, max(1, len(stream) - 1 - CONTEXT), JUDGED)
    windows = np.pad(stream, (0, seen), constant_values=PADDING)[starts[:, np.newaxis] + np.arange(seen + 1)]

    @tf.function(input_signature=[tf.TensorSpec((None, seen + 1), tf.int32)], autograph=False)
    def losses(windows):
        logits = tf.cast(model(windows[:, :-1], training=False), tf.float32)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(windows[:, 1:], logits)

    found = np.concatenate([losses(windows[k : k + AT_ONCE]).numpy() for k in range(0, len(windows), AT_ONCE)])
    in_order = np.concatenate([found[0, :CONTEXT], found[:, CONTEXT:].ravel()])  # the first window has nothing before
    return np.maximum(in_order[: len(stream) - 1], 0)  # rounding may have made one negative
