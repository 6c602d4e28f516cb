"""An image captioner read from disk, and the sentences that it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from keras_course.export.contract import ATTENTION, LOG_PROBABILITY, WORD_ID
from keras_course.export.framed import Framed, framed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class CaptionerPrediction:
    """What a captioner says of a batch of images; a single image is a batch of 1.

    Attributes:
        caption: A sentence for each image.
        words: For each image the words of its sentence, marks among them.
        log_probability: float32 array `(batch,)`, of the whole sentence, in nats.
        attention: float32 array `(batch, length, rows, columns)`: where the network looked at each word, over cells of
            its frame of the image, mean over the heads, summing to 1; zeros behind the end. Place `i` belongs to word
            `i`, the one behind the last word to the end.

    Example:
        >>> import numpy as np
        >>> from keras_course.export import CaptionerPrediction
        >>> attention = np.full((1, 3, 1, 1), 1, np.float32)
        >>> CaptionerPrediction(["a cat"], [["a", "cat"]], np.float32([-0.1]), attention).caption
        ['a cat']
    """

    caption: list[str]
    words: list[list[str]]
    log_probability: np.ndarray
    attention: np.ndarray


@dataclass(frozen=True)
class SavedCaptioner:
    """An image captioner read from disk, ready to predict; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel.
        function: Takes a tensor `images` uint8 `(batch, height, width, channels)` in 0..255 and returns a dictionary
            of the tensors `word_id`, `log_probability` and `attention`.
        image_shape: `(height, width, channels)`.
        class_names: The name of each word's id, the first four "<padding>", "<unknown>", "<start>" and "<end>".

    Example:
        >>> import numpy as np, tempfile
        >>> from keras_course.applications.captioning import CAPTIONING
        >>> from keras_course.export import export_saved_model, load_saved_model
        >>> from keras_course.models import build_captioner
        >>> names = ["<padding>", "<unknown>", "<start>", "<end>", "a", "cat"]
        >>> model = build_captioner((32, 32, 1), 6, units=8, length=4, width=0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = export_saved_model(model, folder, class_names=names, task=CAPTIONING)
        ...     len(load_saved_model(path).predict(np.zeros((2, 32, 32, 1), np.uint8)).caption)
        2
    """

    path: Path
    function: Callable[..., dict[str, Any]]
    image_shape: tuple[int, ...]
    class_names: list[str]

    def predict(self, images, *, resize: bool = False) -> CaptionerPrediction:
        """Describes one image or a batch.

        Args:
            images: uint8 array in 0..255, `(height, width, channels)` or `(batch, height, width, channels)`, for a
                grey model also `(height, width)`; or a PIL image, or a list of them.
            resize: Whether to take images of other sizes and PIL images of every colour mode too; they are letterboxed.

        Returns:
            A `CaptionerPrediction`, with a batch of 1 for a single image.

        Raises:
            ValueError: If shape, dtype or colour mode don't fit the model.
        """
        return self._captions_of(framed(images, self.image_shape, resize=resize))

    def draw(self, image, *, resize: bool = False) -> "Figure":
        """Draws an image once for each word of its caption and for its end, bright where the network looked.

        Args:
            image: One image as for `predict`.
            resize: As for `predict`; the picture is drawn in the frame of the network.

        Returns:
            A Matplotlib figure.

        Raises:
            ValueError: As `predict` does, or if there are several images.
        """
        from keras_course.visualization import plot_word_attention

        given = framed(image, self.image_shape, resize=resize)
        given.only_picture()
        found = self._captions_of(given)
        words = [*found.words[0], "(end)"][: found.attention.shape[1]]
        return plot_word_attention(given.batch[0], words, found.attention[0])

    def _captions_of(self, given: Framed) -> CaptionerPrediction:
        from keras_course.data.captions import vocabulary_of  # imports TensorFlow Datasets, which a call can wait for

        vocabulary = vocabulary_of(self.class_names)
        found = {name: value.numpy() for name, value in self.function(images=tf.constant(given.batch)).items()}
        captions = [vocabulary.decode(row) for row in found[WORD_ID]]
        words = [vocabulary.words_of(row) for row in found[WORD_ID]]
        return CaptionerPrediction(captions, words, found[LOG_PROBABILITY], found[ATTENTION])
